using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;
using Microsoft.ML;

namespace Lwg.MLNet.Docs;

/// <summary>The pages of the stages: table, picture, calls, options and errors of each.</summary>
internal sealed class StagePages(Library library, Markdown markdown, string root, Warnings warnings)
{
    public const string IndexUrl = "stages/index.html";

    private static readonly string[] s_rows = ["Trains on the data?", "Input", "Output", "Additional packages"];

    private static readonly (string Group, string[] Stages)[] s_order =
    [
        ("The person", ["FindPerson", "CropPerson", "DetectKeypoints", "EstimateSmpl", "FitSmplToKeypoints"]),
        ("The body", ["RetargetSmpl", "PoseBody", "RotateBody", "RenderBodyMesh", "LocateHeadAndBody"]),
        ("Flows and inputs", ["ComputeTransformationFlow", "ComputeAppearanceFlow", "AssembleBackgroundInput", "AssembleForegroundInput",
        "AssembleTransferInput"]),
        ("The picture", ["GenerateTransfer", "ComposeIntoImage", "MeasureTransferQuality"]),
        ("The jobs", ["ImitateMotion", "TransferAppearance", "SynthesizeView", "ImpersonateSubject"]),
        ("Training", ["RecoverBodyFlow", "TrainLiquidWarpingGenerator"]),
    ];

    private readonly Dictionary<string,
        MethodInfo[]> _stages = library.Types.Where(t => t is { IsAbstract: true, IsSealed: true, Namespace: "Microsoft.ML" })
        .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
        .Where(m => m.IsDefined(typeof(ExtensionAttribute)) && m.GetParameters()[0].ParameterType == typeof(TransformsCatalog)
        && IsEstimator(m.ReturnType))
        .GroupBy(m => m.Name).ToDictionary(g => g.Key, g =>
        g.OrderBy(m => m.GetParameters().Any(p => IsOptions(p.ParameterType))).ToArray());

    private static bool IsEstimator(Type type) =>
        type.GetInterfaces().Append(type).Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEstimator<>));

    /// <summary>Returns the stages in groups, in the order of a pipeline.</summary>
    public IReadOnlyList<(string Group, IReadOnlyList<string> Stages)> Order()
    {
        foreach (string stage in _stages.Keys.Except(s_order.SelectMany(o => o.Stages)))
            warnings.Add(stage, "the stage is in none of the groups.");
        return [.. s_order.Select(o => (o.Group, (IReadOnlyList<string>)[.. o.Stages.Where(_stages.ContainsKey)]))
            .Where(o => o.Item2.Count > 0)];
    }

    public static string UrlOf(string stage) => $"stages/{stage}.html";

    /// <summary>Makes all pages.</summary>
    public IEnumerable<Page> Make() => Order().SelectMany(o => o.Stages).Select(MakeStage).Prepend(MakeIndex());

    private Page MakeIndex()
    {
        var linker = new Linker(library, IndexUrl, warnings);
        var text = new XmlText(linker, markdown);
        var html = new StringBuilder("<h1>Stages</h1>\n<p>All stages are extension methods of <code>mlContext.Transforms</code>. Their "
            + "default column names match: a prefix for the person (Source, Reference, Target) and a part. <code>S</code> is the side of "
            + "the square picture, by default 256.</p>\n");
        foreach ((string group, IReadOnlyList<string> stages) in Order())
        {
            html.Append($"<h2>{group}</h2>\n");
            html.Append(Html.Table(["stage", "what it does"],
                stages.Select(s => (string[])[linker.ToPage(UrlOf(s), Html.Code(s)),
                text.Line(DocOf(_stages[s][0])?.Element("summary"), s)])));
        }
        return new Page(IndexUrl, "Stages", html.ToString(), "XML docs");
    }

    private Page MakeStage(string stage)
    {
        string url = UrlOf(stage);
        MethodInfo[] calls = _stages[stage];
        var linker = new Linker(library, url, warnings);
        var text = new XmlText(linker, markdown);
        var code = new CSharpText(linker);
        var html = new StringBuilder($"<h1>{stage}</h1>\n<p class=\"lead\">{text.Line(DocOf(calls[0])?.Element("summary"), stage)}</p>\n");
        AppendPicture(html, stage, url);

        XElement? remarks = calls.Select(c => DocOf(c)?.Element("remarks")).FirstOrDefault(r => r is not null);
        foreach (string row in s_rows.Where(row => remarks?.Value.Contains($"| {row} |", StringComparison.Ordinal) != true))
            warnings.Add(stage, $"the stage's table has no row '{row}'.");
        html.Append("<h2>At a glance</h2>\n").Append(text.Block(remarks, stage));

        html.Append("<h2>Calls</h2>\n");
        foreach (MethodInfo call in calls)
        {
            XElement? doc = DocOf(call);
            html.Append($"<section "
                + $"class=\"member\">\n<pre><code>{code.Call(call, "mlContext.Transforms")}</code></pre>\n"
                + $"<p>{text.Line(doc?.Element("summary"), stage)}</p>\n<dl>");
            foreach (XElement parameter in (doc?.Elements("param") ?? []).Where(p => p.Attribute("name")!.Value != "catalog"))
                html.Append($"<dt><code>{Html.Text(parameter.Attribute("name")!.Value)}</code></dt><dd>{text.Line(parameter, stage)}</dd>");
            html.Append("</dl>\n</section>\n");
        }

        Type? options = calls.SelectMany(c => c.GetParameters()).Select(p => p.ParameterType).FirstOrDefault(IsOptions);
        if (options is not null)
            AppendOptions(html, options, linker, text, code);
        AppendErrors(html, calls, linker, text);
        if (options is not null)
            html.Append($"<h2>Types</h2>\n<p>{linker.To(options, Html.Code(options.Name))}</p>\n");
        return new Page(url, stage, html.ToString(), stage);
    }

    private void AppendPicture(StringBuilder html, string stage, string url)
    {
        string file = $"{StagePictures.Folder}/{stage}.png";
        if (File.Exists(Path.Combine(root, file)))
            html.Append($"<figure><img src=\"{Html.Relative(url, MarkdownFiles.PictureUrl(file))}\" alt=\"{stage}: an "
                + $"example\"><figcaption>{Html.Text(StagePictures.CaptionOf(stage))}</figcaption></figure>\n");
        else
            warnings.Add(stage, $"the stage has no example picture '{file}'; --pictures paints them.");
    }

    private void AppendOptions(StringBuilder html, Type options, Linker linker, XmlText text, CSharpText code)
    {
        object defaults = Activator.CreateInstance(options)!;
        html.Append("<h2>Options</h2>\n");
        html.Append(Html.Table(["option", "type", "default", "description"], options.GetProperties().Where(p => p.SetMethod is not null)
            .Select(p => (string[])
        [
            linker.To(p, Html.Code(p.Name)), code.TypeOf(p), Default(p.GetValue(defaults)),
            text.Line(library.DocOf(p)?.Element("summary"), DocId.Of(p)),
        ])));
    }

    private void AppendErrors(StringBuilder html, MethodInfo[] calls, Linker linker, XmlText text)
    {
        string[] general = ["M:Lwg.MLNet.Transforms.Stages.StageEstimator`1.Fit(Microsoft.ML.IDataView)",
            "M:Lwg.MLNet.Transforms.Stages.StageTransformer.Transform(Microsoft.ML.IDataView)"];
        IEnumerable<MemberInfo> sources = [.. calls, .. general.Select(library.Find).OfType<MemberInfo>()];
        (string Error, string When)[] errors = [.. sources.SelectMany(m => library.DocOf(m)?.Elements("exception") ?? [])
            .Select(e => (linker.To(e.Attribute("cref")!.Value, calls[0].Name), text.Line(e, calls[0].Name))).Distinct()];
        html.Append("<h2>Errors</h2>\n");
        html.Append(Html.Table(["error", "when"], errors.Select(e => (string[])[e.Error, e.When])
            .Append([linker.To("T:Lwg.MLNet.LwgException", calls[0].Name),
            "A row cannot be computed; the message names the stage, the column, and what is allowed."])));
    }

    private XElement? DocOf(MethodInfo method) => library.DocOf(method);

    private static bool IsOptions(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)
        && type.Name != "NetworkRuntimeOptions" && type.GetConstructor([]) is not null;

    private static string Default(object? value) => value switch
    {
        null => Html.Code("null"),
        string or bool or Enum or IFormattable => Html.Code(CSharpText.Literal(value)),
        IEnumerable list => Html.Code($"[{string.Join(", ", list.Cast<object?>().Select(CSharpText.Literal))}]"),
        _ => "its defaults",
    };
}
