using System.Reflection;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Mono.Cecil;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests what every stage needs besides its code: an entry in the table of loaders, a catalog method, a line in the
/// documentation, and a test with <see cref="EstimatorCheck{TRow, TResult}"/>.</summary>
[TestClass]
public class StageRulesTests
{
    private static readonly string[] s_stages =
    [
        .. typeof(StageTransformer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(StageTransformer)) && !type.IsAbstract)
            .Select(type => (string)type.GetField("Name", BindingFlags.Static | BindingFlags.NonPublic
            | BindingFlags.Public)!.GetRawConstantValue()!),
    ];

    [TestMethod]
    public void EveryStageCanBeLoaded()
    {
        Assert.IsGreaterThan(15, s_stages.Length);
        Assert.AreSequenceEqual(s_stages.Order(StringComparer.Ordinal), StageTable.Stages.Keys.Order(StringComparer.Ordinal));
    }

    [TestMethod]
    public void EveryStageHasACatalogMethodOfItsName() =>
        Assert.IsEmpty(s_stages.Except(typeof(LwgTransformsCatalog).GetMethods().Select(method => method.Name)));

    [TestMethod]
    public void EveryStageIsInTheTableOfTheDocumentation()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "stages.md"));
        Assert.IsEmpty(s_stages.Where(stage =>
            !page.Split('\n').Any(line => line.StartsWith('|') && line.Contains($"`{stage}`", StringComparison.Ordinal))));
    }

    [TestMethod]
    public void EveryStageGoesThroughTheCheck()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(StageRulesTests).Assembly.Location);
        HashSet<string> checkedStages =
            [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => Calls(method).Any(IsCheck)).SelectMany(CatalogMethods)];
        Assert.IsEmpty(s_stages.Except(checkedStages));
    }

    // Returns the catalog methods that the method calls itself, or through another method of its class that creates the estimator.
    private static IEnumerable<string> CatalogMethods(MethodDefinition method) =>
        Calls(method).Where(call => call.DeclaringType == method.DeclaringType).Select(call => call.Resolve()).Prepend(method)
        .SelectMany(Calls)
            .Where(call => call.DeclaringType.Name == nameof(LwgTransformsCatalog)).Select(call => call.Name);

    private static bool IsCheck(MethodReference call) =>
        call.Name == "Run" && call.DeclaringType.GetElementType().Name == "EstimatorCheck`2";

    private static IEnumerable<MethodReference> Calls(MethodDefinition method) =>
        method.HasBody ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>() : [];
}
