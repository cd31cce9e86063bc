namespace Lwg.MLNet.Docs;

/// <summary>The problems of the documentation, each once, in the order of discovery.</summary>
internal sealed class Warnings
{
    private readonly HashSet<string> _seen = [];
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(string where, string what)
    {
        string warning = $"{where}: {what}";
        if (_seen.Add(warning))
            _all.Add(warning);
    }
}
