using System.Collections.Concurrent;

namespace Lwg.MLNet.Service;

/// <summary>How far the requests inside are; clients that give theirs a ticket can ask.</summary>
internal sealed class RequestProgress
{
    /// <summary>The header with the ticket, a GUID of the client's.</summary>
    public const string Header = "X-Ticket";

    private readonly ConcurrentDictionary<Guid, Entry> _entries = [];

    /// <summary>Begins a request that has a place; the entry goes when it is disposed of.</summary>
    public Entry Begin(HttpRequest request)
    {
        var entry = new Entry(this, Guid.TryParse(request.Headers[Header].ToString(), out Guid ticket) ? ticket : Guid.NewGuid());
        // Whoever uses a ticket twice hears of the later request.
        _entries[entry.Ticket] = entry;
        return entry;
    }

    /// <summary>How far a request is; a ticket that is not known is no error, since the request may not have come in yet.</summary>
    public object Of(Guid ticket) =>
        _entries.TryGetValue(ticket, out Entry? entry) ? new { phase = entry.Phase, done = entry.Done, count = entry.Count }
        : new { phase = "none", done = 0, count = 0 };

    /// <summary>A request that is inside.</summary>
    internal sealed class Entry(RequestProgress progress, Guid ticket) : IDisposable
    {
        private volatile string _phase = "upload";
        private volatile int _done;
        private volatile int _count;

        public Guid Ticket => ticket;

        /// <summary>upload, wait (for an engine) or work.</summary>
        public string Phase => _phase;

        /// <summary>How many pictures are made.</summary>
        public int Done => _done;

        /// <summary>How many there will be.</summary>
        public int Count => _count;

        public void Wait(int count) => (_phase, _count) = ("wait", count);

        public void Work(int done) => (_phase, _done) = ("work", done);

        public void Dispose() => progress._entries.TryRemove(new KeyValuePair<Guid, Entry>(ticket, this));
    }
}
