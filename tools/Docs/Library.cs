using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Xml.Linq;
using Lwg.MLNet.Body;
using Lwg.MLNet.Models;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Docs;

/// <summary>The public types of the built library, and their XML docs.</summary>
internal sealed class Library
{
    private readonly Dictionary<string, XElement> _docs = [];
    private readonly Dictionary<string, MemberInfo> _members = [];

    private Library(IReadOnlyList<Assembly> assemblies)
    {
        Assemblies = assemblies;
        Types = [.. assemblies.SelectMany(a => a.GetExportedTypes()).Where(t => !t.FullName!.Contains('<', StringComparison.Ordinal))
            .OrderBy(t => t.Namespace, StringComparer.Ordinal).ThenBy(t => t.FullName, StringComparer.Ordinal)];
        foreach (Assembly assembly in assemblies)
        {
            foreach (XElement member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"), LoadOptions.PreserveWhitespace)
                .Descendants("member"))
                _docs[member.Attribute("name")!.Value] = member;
        }
        foreach (Type type in Types)
        {
            _members[DocId.Of(type)] = type;
            foreach (MemberInfo member in MembersOf(type))
                _members[DocId.Of(member)] = member;
        }
    }

    public IReadOnlyList<Assembly> Assemblies { get; }

    /// <summary>All public types, by namespace and name.</summary>
    public IReadOnlyList<Type> Types { get; }

    /// <summary>Loads the core, the stages, the models, the synthesis, and the trainer if it is built (it requires libtorch).</summary>
    public static Library Load(string root)
    {
        List<Assembly> assemblies = [typeof(BodyModel).Assembly, typeof(CropPersonOptions).Assembly, typeof(OwnModels).Assembly,
            typeof(PersonPainter).Assembly];
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string trainer = Path.Combine(root, "apps", "Training.Cli", "bin", own.Parent!.Name, own.Name);
        if (File.Exists(Path.Combine(trainer, "Lwg.MLNet.Training.dll")) && File.Exists(Path.Combine(trainer, "Lwg.MLNet.Training.xml")))
        {
            AssemblyLoadContext.Default.Resolving += (context, name) =>
                Path.Combine(trainer, name.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
            assemblies.Add(Assembly.LoadFrom(Path.Combine(trainer, "Lwg.MLNet.Training.dll")));
        }
        return new Library(assemblies);
    }

    /// <summary>Returns the public and protected members of a type, ordered by kind and name.</summary>
    public static IEnumerable<MemberInfo> MembersOf(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
            | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static);
        if (typeof(Delegate).IsAssignableFrom(type))
            return [];
        return type.GetMembers(Own).Where(IsSeen).OrderBy(Rank).ThenBy(m => m.Name, StringComparer.Ordinal)
            .ThenBy(DocId.Of, StringComparer.Ordinal);
    }

    /// <summary>Returns whether the member belongs to this library, public or not.</summary>
    public bool Knows(string docId) => _docs.ContainsKey(docId) || _members.ContainsKey(docId);

    /// <summary>Returns the public member of a name; null if there is none.</summary>
    public MemberInfo? Find(string docId) => _members.GetValueOrDefault(docId);

    /// <summary>Returns the docs of a member, with 'inheritdoc' those of the member that it overrides or implements; null if there are
    /// none.</summary>
    public XElement? DocOf(MemberInfo member)
    {
        XElement? doc = _docs.GetValueOrDefault(DocId.Of(member));
        if (doc?.Element("inheritdoc") is not { } inherit)
            return doc;
        if (inherit.Attribute("cref")?.Value is { } other)
            return _docs.GetValueOrDefault(other);
        return Ancestors(member).Select(DocOf).FirstOrDefault(d => d is not null);
    }

    /// <summary>Returns whether the member inherits its docs.</summary>
    public bool IsInherited(MemberInfo member) => _docs.GetValueOrDefault(DocId.Of(member))?.Element("inheritdoc") is not null;

    private static IEnumerable<MemberInfo> Ancestors(MemberInfo member)
    {
        Type type = member as Type ?? member.DeclaringType!;
        List<Type> above = [.. type.GetInterfaces()];
        for (Type? ancestor = type.BaseType; ancestor is not null; ancestor = ancestor.BaseType)
            above.Insert(above.Count - type.GetInterfaces().Length, ancestor);
        foreach (Type ancestor in above.Select(a => a.IsGenericType ? a.GetGenericTypeDefinition() : a))
        {
            if (member is Type)
                yield return ancestor;
            else if (MembersOf(ancestor).FirstOrDefault(m =>
            m.Name == member.Name && m.MemberType == member.MemberType && Count(m) == Count(member)) is { } same)
                yield return same;
        }
    }

    private static int Count(MemberInfo member) => member is MethodBase method ? method.GetParameters().Length : 0;

    private static int Rank(MemberInfo member) =>
        member switch { ConstructorInfo => 0, FieldInfo => 1, PropertyInfo => 2, EventInfo => 3, _ => 4 };

    private static bool IsSeen(MemberInfo member) =>
        member.Name[0] != '<' && member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && member switch
    {
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsSeenMethod) && property.Name != "EqualityContract",
        EventInfo happening => IsSeenMethod(happening.AddMethod!),
        ConstructorInfo constructor => IsSeenMethod(constructor) && !IsCopy(constructor),
        MethodInfo method => IsSeenMethod(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
            && !method.Name.Contains('.', StringComparison.Ordinal),
        _ => false,
    };

    private static bool IsSeenMethod(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType;
}
