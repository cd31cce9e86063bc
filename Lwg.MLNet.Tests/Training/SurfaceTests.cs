using System.Reflection;
using System.Xml.Linq;
using Lwg.MLNet.Body;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Models;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Training.Tests;

/// <summary>Tests the size of the packages' public APIs. The API of each package is in its PublicAPI.Shipped.txt, which an analyzer
/// checks during the build.</summary>
[TestClass]
public sealed class SurfaceTests
{
    private const int Most = 130;

    private static readonly Assembly[] s_packages =
    [
        typeof(BodyModel).Assembly, typeof(CropPersonOptions).Assembly, typeof(OwnModels).Assembly, typeof(PersonTransferPool).Assembly,
        typeof(SyntheticPeople).Assembly, typeof(SubjectTuner).Assembly,
    ];

    [TestMethod]
    public void AllPackagesTogetherShowAtMost130Types()
    {
        // Nested types count too; types that the compiler generates for extension members have names that are impossible in code.
        var counts = s_packages.ToDictionary(p => p.GetName().Name!, p =>
            p.GetExportedTypes().Count(t => !t.FullName!.Contains('<', StringComparison.Ordinal)));
        string all = string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"));
        Assert.IsLessThanOrEqualTo(Most, counts.Values.Sum(), $"A type that no user needs is internal. There are {all}.");
        Assert.IsTrue(counts.Values.All(c => c > 0), all);
    }

    [TestMethod]
    public void EveryPackedLibraryIsCounted()
    {
        IEnumerable<string> packed = Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(p => XDocument.Load(p) is var project && Has(project, "IsPackable", "true") && !Has(project, "OutputType", "Exe"))
            .Select(p => Path.GetFileNameWithoutExtension(p)!);
        Assert.AreSequenceEqual(packed.Order(StringComparer.Ordinal), s_packages.Select(p => p.GetName().Name!)
            .Order(StringComparer.Ordinal));

        static bool Has(XDocument project, string name, string value) => project.Descendants(name).Any(e => e.Value == value);
    }
}
