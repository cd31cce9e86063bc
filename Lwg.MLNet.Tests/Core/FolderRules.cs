using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Lwg.MLNet.Tests;

/// <summary>
/// The uses between the folders of an assembly, read from the compiled types, including method bodies. A folder is the part of the
/// namespace after the assembly's name; types without such a part are in the folder "/". Constants leave no trace in compiled code.
/// </summary>
internal sealed class FolderRules
{
    private readonly ModuleDefinition _module;
    private readonly string _root;
    private readonly SortedDictionary<string, SortedSet<string>> _uses = new(StringComparer.Ordinal);

    private FolderRules(ModuleDefinition module)
    {
        (_module, _root) = (module, module.Assembly.Name.Name);
        foreach (TypeDefinition type in module.GetTypes().Where(IsOurs))
            Read(type, FolderOf(type));
    }

    /// <summary>Reads an assembly: "folder -> folder" with the types that do so, "type: type".</summary>
    public static IReadOnlyDictionary<string, SortedSet<string>> Read(string assembly)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly);
        return new FolderRules(module)._uses;
    }

    private void Read(TypeDefinition type, string folder)
    {
        foreach (TypeReference used in UsedBy(type).SelectMany(Parts).Where(IsOurs))
        {
            if (FolderOf(used) is var other && other != folder)
                Note($"{folder} -> {other}", $"{Outer(type).Name}: {Outer(used).Name}");
        }
    }

    private static IEnumerable<TypeReference?> UsedBy(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(i => i.InterfaceType),
        .. type.Fields.Select(f => f.FieldType),
        .. type.CustomAttributes.Select(a => a.AttributeType),
        .. type.Methods.SelectMany(UsedBySignature),
        .. type.Methods.Where(m => m.HasBody).SelectMany(m => UsedBy(m.Body)),
    ];

    private static IEnumerable<TypeReference?> UsedBy(MethodBody body) =>
    [
        .. body.Variables.Select(v => v.VariableType),
        .. body.ExceptionHandlers.Select(h => h.CatchType),
        .. body.Instructions.SelectMany(i => UsedByOperand(i.Operand)),
    ];

    private static IEnumerable<TypeReference?> UsedByOperand(object? operand) => operand switch
    {
        TypeReference used => [used],
        MethodReference method => [method.DeclaringType, .. UsedBySignature(method)],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference?> UsedBySignature(MethodReference method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(p => p.ParameterType),
        .. (method as GenericInstanceMethod)?.GenericArguments ?? [],
    ];

    // A type itself, or what an array, a reference or a generic type is made of.
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [.. generic.GenericArguments.SelectMany(Parts), .. Parts(generic.ElementType)],
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private void Note(string edge, string types)
    {
        if (!_uses.TryGetValue(edge, out SortedSet<string>? noted))
            _uses[edge] = noted = new SortedSet<string>(StringComparer.Ordinal);
        noted.Add(types);
    }

    private bool IsOurs(TypeReference type) =>
        Outer(type) is var outer && outer.Scope == _module && outer.Namespace.StartsWith(_root, StringComparison.Ordinal);

    private string FolderOf(TypeReference type) =>
        Outer(type).Namespace[_root.Length..].TrimStart('.').Split('.')[0] is { Length: > 0 } folder ? folder : "/";

    private static TypeReference Outer(TypeReference type)
    {
        while (type.DeclaringType is not null)
            type = type.DeclaringType;
        return type;
    }
}
