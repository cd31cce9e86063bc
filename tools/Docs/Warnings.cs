namespace Lwg.MLNet.Docs;

/// <summary>What is wrong with the documentation: each thing once, in the order in which it was found.</summary>
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
