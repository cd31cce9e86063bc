using System.Reflection;
using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The versions of ML.NET that this library was tested with. Custom stages depend on internals that other versions may have
/// changed.</summary>
internal static class MLNetVersion
{
    private static readonly Version s_first = new(5, 0, 1), s_next = new(5, 1);

    private static readonly Lazy<string?> s_problem =
        new(() => ProblemOf(typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));

    /// <summary>Throws if an untested version is loaded.</summary>
    /// <exception cref="LwgException">An untested version is loaded.</exception>
    public static void Require()
    {
        if (s_problem.Value is { } problem)
            throw new LwgException(problem);
    }

    /// <summary>Returns the problem with a version, or null if there is none.</summary>
    /// <param name="informational">The informational version of the assembly: 5.0.1+hash, 5.1.0-preview.1...</param>
    internal static string? ProblemOf(string? informational)
    {
        string number = (informational ?? "").Split('+', '-')[0];
        return Version.TryParse(number, out Version? version) && version >= s_first && version < s_next
            ? null
            : $"Microsoft.ML {(informational is null ? "of an unknown version" : informational.Split('+')[0])} is loaded, but this "
            + $"version of Lwg.MLNet was tested with {s_first} and later versions below {s_next}; reference one of those, or a "
            + $"version of Lwg.MLNet that was tested with yours.";
    }
}
