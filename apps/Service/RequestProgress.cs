using System.Collections.Concurrent;

namespace Lwg.MLNet.Service;

/// <summary>The progress of the requests that hold a place. Clients that send a ticket can query it.</summary>
internal sealed class RequestProgress
{
    /// <summary>The header with the ticket, a GUID chosen by the client.</summary>
    public const string Header = "X-Ticket";

    private readonly ConcurrentDictionary<Guid, Entry> _entries = [];

    /// <summary>Adds a request that holds a place. Disposing of the entry removes it.</summary>
    public Entry Begin(HttpRequest request)
    {
        var entry = new Entry(this, Guid.TryParse(request.Headers[Header].ToString(), out Guid ticket) ? ticket : Guid.NewGuid());
        // If a ticket is used twice, it reports the later request.
        _entries[entry.Ticket] = entry;
        return entry;
    }

    /// <summary>Returns the progress of a request. An unknown ticket is not an error, because the request may not have arrived
    /// yet.</summary>
    public object Of(Guid ticket) =>
        _entries.TryGetValue(ticket, out Entry? entry) ? new { phase = entry.Phase, done = entry.Done, count = entry.Count }
        : new { phase = "none", done = 0, count = 0 };

    /// <summary>A request that holds a place.</summary>
    internal sealed class Entry(RequestProgress progress, Guid ticket) : IDisposable
    {
        private volatile string _phase = "upload";
        private volatile int _done;
        private volatile int _count;

        public Guid Ticket => ticket;

        /// <summary>upload, wait (for an engine) or work.</summary>
        public string Phase => _phase;

        /// <summary>The number of pictures that are made.</summary>
        public int Done => _done;

        /// <summary>The number of pictures of the request.</summary>
        public int Count => _count;

        public void Wait(int count) => (_phase, _count) = ("wait", count);

        public void Work(int done) => (_phase, _done) = ("work", done);

        public void Dispose() => progress._entries.TryRemove(new KeyValuePair<Guid, Entry>(ticket, this));
    }
}
