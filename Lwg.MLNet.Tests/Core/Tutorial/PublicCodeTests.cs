using Mono.Cecil;

namespace Lwg.MLNet.Tests.Tutorial;

/// <summary>Tests that the documentation's programs use only public types: the test projects can access internal types of the
/// packages.</summary>
[TestClass]
public sealed class PublicCodeTests
{
    [TestMethod]
    [DataRow("Lwg.MLNet.Tests.Tutorial.TutorialCode")]
    [DataRow("Lwg.MLNet.Tests.Readme.ReadmeExample")]
    public void ItCallsPublicMembersOnly(string name)
    {
        string own = typeof(PublicCodeTests).Assembly.Location;
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(own));
        using ModuleDefinition module = ModuleDefinition.ReadModule(own, new ReaderParameters { AssemblyResolver = resolver });
        MemberReference[] used = [.. Types(module.GetType(name)).SelectMany(t => t.Methods).Where(m => m.HasBody)
            .SelectMany(m => m.Body.Instructions).Select(i => i.Operand).OfType<MemberReference>().Where(IsOurs)];
        Assert.IsNotEmpty(used);
        string[] hidden = [.. used.Where(m => !IsPublic(m)).Select(m => m.FullName).Distinct()];
        Assert.IsEmpty(hidden, "internal members in the documentation's code:\n" + string.Join('\n', hidden));
    }

    private static IEnumerable<TypeDefinition> Types(TypeDefinition type) => type.NestedTypes.SelectMany(Types).Prepend(type);

    private static bool IsOurs(MemberReference member) =>
        (member as TypeReference ?? member.DeclaringType)?.GetElementType().Scope is AssemblyNameReference { Name: var assembly }
        && assembly.StartsWith("Lwg.MLNet", StringComparison.Ordinal)
        && !assembly.StartsWith("Lwg.MLNet.Tests", StringComparison.Ordinal);

    private static bool IsPublic(MemberReference member) => member switch
    {
        TypeReference type => IsPublicType(type.Resolve()),
        MethodReference method => method.Resolve() is { IsPublic: true } found && IsPublicType(found.DeclaringType),
        FieldReference field => field.Resolve() is { IsPublic: true } found && IsPublicType(found.DeclaringType),
        _ => throw new InvalidOperationException(member.FullName),
    };

    private static bool IsPublicType(TypeDefinition? type) =>
        type is not null && (type.IsPublic || (type.IsNestedPublic && IsPublicType(type.DeclaringType)));
}
