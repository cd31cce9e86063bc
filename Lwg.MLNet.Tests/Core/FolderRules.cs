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
        Use(type.BaseType);
        foreach (InterfaceImplementation implemented in type.Interfaces)
            Use(implemented.InterfaceType);
        foreach (FieldDefinition field in type.Fields)
            Use(field.FieldType);
        foreach (CustomAttribute attribute in type.CustomAttributes)
            Use(attribute.AttributeType);
        foreach (MethodDefinition method in type.Methods)
        {
            UseSignature(method);
            if (method.HasBody)
                ReadBody(method.Body);
        }

        void ReadBody(MethodBody body)
        {
            foreach (VariableDefinition variable in body.Variables)
                Use(variable.VariableType);
            foreach (ExceptionHandler handler in body.ExceptionHandlers)
                Use(handler.CatchType);
            foreach (Instruction instruction in body.Instructions)
                UseOperand(instruction.Operand);
        }

        void UseOperand(object? operand)
        {
            switch (operand)
            {
                case TypeReference used:
                    Use(used);
                    break;
                case MethodReference method:
                    Use(method.DeclaringType);
                    UseSignature(method);
                    break;
                case FieldReference field:
                    Use(field.DeclaringType);
                    Use(field.FieldType);
                    break;
            }
        }

        void UseSignature(MethodReference method)
        {
            Use(method.ReturnType);
            foreach (ParameterDefinition parameter in method.Parameters)
                Use(parameter.ParameterType);
            if (method is GenericInstanceMethod generic)
            {
                foreach (TypeReference argument in generic.GenericArguments)
                    Use(argument);
            }
        }

        void Use(TypeReference? used)
        {
            if (used is GenericInstanceType generic)
            {
                foreach (TypeReference argument in generic.GenericArguments)
                    Use(argument);
            }
            if (used is TypeSpecification specification)
                Use(specification.ElementType);
            else if (used is not (null or GenericParameter) && IsOurs(used) && FolderOf(used) is var other && other != folder)
                Note($"{folder} -> {other}", $"{Outer(type).Name}: {Outer(used).Name}");
        }
    }

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
