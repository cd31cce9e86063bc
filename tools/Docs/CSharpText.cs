using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lwg.MLNet.Docs;

/// <summary>Formats types and members as C# code in HTML, with links.</summary>
internal sealed class CSharpText(Linker linker)
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char", [typeof(short)] = "short",
            [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
            [typeof(decimal)] = "decimal",
        [typeof(string)] = "string", [typeof(object)] = "object", [typeof(void)] = "void",
    };

    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>Returns the name of a type.</summary>
    public string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        if (s_keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true)
            return $"({string.Join(", ", type.GetGenericArguments().Select(Name))})";
        string own = type.Name.Split('`')[0];
        string html = linker.To(type, Html.Text(type.IsNested ? type.DeclaringType!.Name + "." + own : own));
        return type.IsGenericType ? $"{html}&lt;{string.Join(", ", type.GetGenericArguments().Select(Name))}&gt;" : html;
    }

    /// <summary>Returns the type of a property.</summary>
    public string TypeOf(PropertyInfo property) => Annotated(property.PropertyType, _nullability.Create(property).ReadState);

    /// <summary>Returns the declaration of a type, without its members.</summary>
    public string Declaration(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed
            ? "sealed class" : "class";
        List<Type> bases = [.. type.IsEnum ? []
            : type.GetInterfaces().Where(i =>
            i.IsPublic && !i.Name.StartsWith("IEquatable", StringComparison.Ordinal) && i.Name != "ISerializable")];
        if (type.BaseType is { } above && above != typeof(object) && above != typeof(ValueType) && !type.IsEnum)
            bases.Insert(0, above);
        return $"public {kind} {Html.Text(type.Name.Split('`')[0])}"
            + $"{Generics(type.IsGenericTypeDefinition ? type.GetGenericArguments() : [])}"
            + $"{(bases.Count > 0 ? " : " + string.Join(", ", bases.Select(Name)) : "")}";
    }

    /// <summary>Returns the declaration of a member.</summary>
    public string Declaration(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field => field.DeclaringType!.IsEnum
            ? $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}"
            : $"const {Name(field.FieldType)} {field.Name} = {Html.Text(Literal(field.GetRawConstantValue()))}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}"
            + $"{Annotated(field.FieldType, _nullability.Create(field).ReadState)} {field.Name}",
        PropertyInfo property => Property(property),
        ConstructorInfo constructor => $"{Html.Text(constructor.DeclaringType!.Name.Split('`')[0])}({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "")}"
            + $"{Annotated(method.ReturnType, _nullability.Create(method.ReturnParameter).ReadState)} {Html.Text(method.Name)}"
            + $"{Generics(method.GetGenericArguments())}({Parameters(method)})",
        EventInfo happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => Html.Text(member.Name),
    };

    /// <summary>Returns a call of a catalog's method.</summary>
    public string Call(MethodInfo method, string catalog) =>
        $"{catalog}.{Html.Text(method.Name)}({string.Join(", ", method.GetParameters().Skip(1).Select(Parameter))})";

    /// <summary>Returns a value as a C# literal.</summary>
    public static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool yes => yes ? "true" : "false",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private string Property(PropertyInfo property)
    {
        MethodInfo? getter = property.GetMethod, setter = property.SetMethod;
        string accessors = (getter is { IsPublic: true } or { IsFamily: true } ? "get; " : "")
            + (setter is { IsPublic: true } or { IsFamily: true }
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Any(m => m == typeof(IsExternalInit)) ? "init; " : "set; " : "");
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string name = property.GetIndexParameters() is { Length: > 0 } index ? $"this[{string.Join(", ", index.Select(Parameter))}]"
            : property.Name;
        return $"{((getter ?? setter)!.IsStatic ? "static " : "")}{required}{TypeOf(property)} {name} {{ {accessors}}}";
    }

    private string Parameters(MethodBase method)
    {
        string list = string.Join(", ", method.GetParameters().Select(Parameter));
        return method.IsDefined(typeof(ExtensionAttribute)) ? "this " + list : list;
    }

    private string Parameter(ParameterInfo parameter)
    {
        string way = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string fallback = !parameter.HasDefaultValue ? ""
            : parameter.RawDefaultValue is null ? parameter.ParameterType.IsValueType
            && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? " = default" : " = null"
            : parameter.ParameterType.IsEnum
            ? $" = {parameter.ParameterType.Name}.{Enum.ToObject(parameter.ParameterType, parameter.RawDefaultValue)}"
            : " = " + Html.Text(Literal(parameter.RawDefaultValue));
        return $"{way}{Annotated(parameter.ParameterType, _nullability.Create(parameter).WriteState)} {parameter.Name}{fallback}";
    }

    private string Annotated(Type type, NullabilityState state) =>
        Name(type) + (state == NullabilityState.Nullable && !type.IsValueType ? "?" : "");

    private string Generics(Type[] arguments) => arguments.Length == 0 ? "" : $"&lt;{string.Join(", ", arguments.Select(Name))}&gt;";
}
