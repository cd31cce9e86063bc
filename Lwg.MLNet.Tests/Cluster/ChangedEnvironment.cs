namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Changes environment variables of this process temporarily.</summary>
internal sealed class ChangedEnvironment : IDisposable
{
    private readonly (string Name, string? Value)[] _before;

    public ChangedEnvironment(params (string Name, string? Value)[] variables)
    {
        _before = [.. variables.Select(v => (v.Name, Environment.GetEnvironmentVariable(v.Name)))];
        Set(variables);
    }

    public void Dispose() => Set(_before);

    private static void Set((string Name, string? Value)[] variables)
    {
        foreach ((string name, string? value) in variables)
            Environment.SetEnvironmentVariable(name, value);
    }
}
