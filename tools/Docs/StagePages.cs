using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML;

namespace Lwg.MLNet.Docs;

/// <summary>A Markdown page for each stage, for docfx: its summary, a picture, its table, its options with their defaults.</summary>
internal sealed partial class StagePages
{
    private readonly SortedDictionary<string, MethodInfo> _stages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XElement> _docs = [];

    /// <summary>Finds the stages: extension methods of mlContext.Transforms that return an estimator.</summary>
    /// <param name="assemblies">Where to look; the XML docs are beside them.</param>
    public StagePages(params Assembly[] assemblies)
    {
        foreach (Assembly assembly in assemblies)
        {
            foreach (XElement member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
                _docs[member.Attribute("name")!.Value] = member;
            foreach (MethodInfo method in assembly.GetExportedTypes().Where(type => type.Namespace == "Microsoft.ML")
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static)).Where(IsStage))
                _stages[method.Name] = method;
        }
    }

    public IReadOnlyCollection<string> Stages => _stages.Keys;

    /// <summary>Makes the page of a stage.</summary>
    public string Page(string stage)
    {
        string call = $"{_stages[stage].DeclaringType!.FullName}.{stage}";
        XElement[] docs = [.. _docs.Where(doc => doc.Key.StartsWith($"M:{call}(", StringComparison.Ordinal)).Select(doc => doc.Value)];
        var page = new StringBuilder($"# {stage}\n\n{Line(docs[0].Element("summary"))}\n\n");
        page.Append($"![{stage}: an example](../../../../{StagePictures.Folder}/{stage}.png)\n\n*{StagePictures.CaptionOf(stage)}*\n\n");
        page.Append(Block(docs.Select(doc => doc.Element("remarks")).FirstOrDefault(remarks => remarks is not null))).Append("\n\n");
        page.Append($"Parameters and exceptions: [`{stage}`](xref:{call}*).\n");
        if (OptionsOf(stage) is { } options)
            page.Append($"\n## Options\n\nThe properties of [`{options.Name}`](xref:{options.FullName}).\n\n{Table(options)}");
        return page.ToString();
    }

    private static bool IsStage(MethodInfo method) =>
        method.IsDefined(typeof(ExtensionAttribute)) && method.GetParameters()[0].ParameterType == typeof(TransformsCatalog)
        && method.ReturnType.GetInterfaces().Append(method.ReturnType)
            .Any(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEstimator<>));

    private Type? OptionsOf(string stage) => _stages[stage].DeclaringType!.GetMethods().Where(method => method.Name == stage)
        .SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType)
        .FirstOrDefault(type => type.Name == stage + "Options");

    private string Table(Type options)
    {
        object defaults = Activator.CreateInstance(options)!;
        var table = new StringBuilder("| option | default | |\n|---|---|---|\n");
        foreach (PropertyInfo option in options.GetProperties().Where(option => option.SetMethod is not null))
        {
            string uid = $"{option.DeclaringType!.FullName}.{option.Name}";
            table.Append($"| [`{option.Name}`](xref:{uid}) | {Literal(option.GetValue(defaults))} "
                + $"| {Line(_docs.GetValueOrDefault("P:" + uid)?.Element("summary")).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        return table.ToString();
    }

    private static string Literal(object? value) => value switch
    {
        null => "`null`",
        string text => $"`\"{text}\"`",
        bool yes => yes ? "`true`" : "`false`",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Literal)) is { Length: > 0 } items ? items : "none",
        _ => "its defaults",
    };

    private static string Line(XElement? element) => Spaces().Replace(Markdown(element), " ").Trim();

    // Keeps the lines: remarks contain tables.
    private static string Block(XElement? element) => string.Join('\n', Markdown(element).Split('\n').Select(line => line.Trim())).Trim();

    private static string Markdown(XElement? element) => string.Concat((element?.Nodes() ?? []).Select(node => node switch
    {
        XText text => WebUtility.HtmlEncode(text.Value),
        XElement link when link.Attribute("cref") is { } cref =>
            $"<xref href=\"{Uri.EscapeDataString(cref.Value[2..])}\" data-throw-if-not-resolved=\"false\"></xref>",
        XElement code when (code.Attribute("name") ?? code.Attribute("langword"))?.Value is { } word => $"`{word}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "para" } paragraph => $"\n\n{Markdown(paragraph)}\n\n",
        XElement other => throw new InvalidDataException($"The XML docs of a stage contain <{other.Name}>, which is not supported here."),
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
