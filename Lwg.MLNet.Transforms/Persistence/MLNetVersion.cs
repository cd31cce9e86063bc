using System.Reflection;
using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The versions of ML.NET that this library was tried with: custom stages rest on parts of it that other versions may have
/// changed.</summary>
internal static class MLNetVersion
{
    private static readonly Version s_first = new(5, 0, 1), s_next = new(5, 1);

    private static readonly Lazy<string?> s_problem =
        new(() => ProblemOf(typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));

    /// <summary>Refuses another version than those.</summary>
    /// <exception cref="LwgException">Another version is loaded.</exception>
    public static void Require()
    {
        if (s_problem.Value is { } problem)
            throw new LwgException(problem);
    }

    /// <summary>What is wrong with a version; null where nothing is.</summary>
    /// <param name="informational">As the assembly says it: 5.0.1+hash, 5.1.0-preview.1...</param>
    internal static string? ProblemOf(string? informational)
    {
        string number = (informational ?? "").Split('+', '-')[0];
        return Version.TryParse(number, out Version? version) && version >= s_first && version < s_next
            ? null
            : $"Microsoft.ML {(informational is null ? "of an unknown version" : informational.Split('+')[0])} is loaded, but this "
            + $"version of Lwg.MLNet was tried with {s_first} and up to below {s_next}; reference one of those, or a version of "
            + $"Lwg.MLNet that was tried with yours.";
    }
}
