using System.Globalization;
using System.Reflection;
using System.Text;

namespace Lwg.MLNet.Tests.PublicApi;

/// <summary>
/// What an assembly shows to others, one member a line, sorted: the same assembly gives the same text. It is written down in docs/api, so that a change is seen. With
/// LWG_UPDATE_API=1 the file is written anew; then it is for the reader of the difference to say whether the version must go up (SemVer).
/// </summary>
internal static class PublicSurface
{
    private static readonly NullabilityInfoContext s_nullability = new();

    /// <summary>Compares what an assembly shows with what is written down.</summary>
    public static void AssertIsWrittenDown(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        string path = Path.Combine(Repository.Root, "docs", "api", name + ".txt"), now = Of(assembly);
        if (Environment.GetEnvironmentVariable("LWG_UPDATE_API") == "1")
            File.WriteAllText(path, now);
        HashSet<string> written = [.. File.ReadAllLines(path)], shown = [.. now.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] gone = [.. written.Except(shown)], added = [.. shown.Except(written)];
        Assert.IsTrue(gone.Length + added.Length == 0,
            $"The public surface of {name} has changed; LWG_UPDATE_API=1 writes it down anew.\nGone:\n{string.Join('\n', gone.Take(20))}\nNew:\n{string.Join('\n', added.Take(20))}");
    }

    private static string Of(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (Type type in assembly.GetExportedTypes().Where(t => !t.FullName!.Contains('<', StringComparison.Ordinal)))
        {
            lines.Add($"{Kind(type)} {Name(type)}{Bases(type)}");
            lines.AddRange(Members(type).Select(member => $"{Name(type)}.{member}"));
        }
        return string.Concat(lines.Order(StringComparer.Ordinal).Select(line => line + "\n"));
    }

    private static string Kind(Type type) => type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    private static string Bases(Type type)
    {
        if (type.IsEnum)
            return "";
        List<Type> bases = [.. type.GetInterfaces().Where(i => i.IsPublic)];
        if (type.BaseType is { } own && own != typeof(object) && own != typeof(ValueType))
            bases.Insert(0, own);
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases.Select(Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
        {
            foreach (string name in Enum.GetNames(type))
                yield return $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}";
            yield break;
        }
        foreach (ConstructorInfo constructor in type.GetConstructors(Own).Where(Seen))
            yield return $"new({Parameters(constructor)})";
        foreach (FieldInfo field in type.GetFields(Own).Where(f => f.IsPublic || f.IsFamily))
            yield return $"{field.Name} : {Name(field.FieldType)}{(field.IsLiteral ? " = " + Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture) : "")}";
        foreach (PropertyInfo property in type.GetProperties(Own))
        {
            string accessors = string.Join(" ", property.GetAccessors(nonPublic: true).Where(Seen).Select(a => a.ReturnType == typeof(void) ? IsInit(a) ? "init;" : "set;" : "get;").Order(StringComparer.Ordinal));
            if (accessors.Length > 0)
                yield return $"{property.Name} : {Name(property.PropertyType)}{Nullable(s_nullability.Create(property).ReadState, property.PropertyType)} {{ {accessors} }}";
        }
        foreach (MethodInfo method in type.GetMethods(Own).Where(m => Seen(m) && !m.IsSpecialName && !m.Name.Contains('<') && !m.Name.Contains('.')))
            yield return $"{method.Name}{(method.IsGenericMethod ? "<" + string.Join(",", method.GetGenericArguments().Select(Name)) + ">" : "")}({Parameters(method)}) : {Name(method.ReturnType)}";
    }

    private static bool Seen(MethodBase member) => member.IsPublic || member.IsFamily || member.IsFamilyOrAssembly;

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");

    private static string Nullable(NullabilityState state, Type type) => state == NullabilityState.Nullable && !type.IsValueType ? "?" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{Name(p.ParameterType)}{Nullable(s_nullability.Create(p).WriteState, p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + Default(p) : "")}"));

    private static string Default(ParameterInfo parameter) => parameter.RawDefaultValue switch
    {
        null => "default",
        string text => $"\"{text}\"",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!) + "&";
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (System.Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        if (type.IsGenericParameter)
            return type.Name;
        var text = new StringBuilder(type.IsNested ? Name(type.DeclaringType!) + "." + type.Name : type.Namespace is "System" ? type.Name : type.FullName?.Split('[')[0] ?? type.Name);
        if (!type.IsGenericType)
            return text.ToString();
        string plain = text.ToString();
        return plain[..(plain.IndexOf('`', StringComparison.Ordinal) is >= 0 and var tick ? tick : plain.Length)] + "<" + string.Join(",", type.GetGenericArguments().Select(Name)) + ">";
    }
}
