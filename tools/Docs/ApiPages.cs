using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Lwg.MLNet.Docs;

/// <summary>The pages of the public types, and their index.</summary>
internal sealed class ApiPages(Library library, Markdown markdown, Warnings warnings)
{
    public const string IndexUrl = "api/index.html";

    private static readonly (string Title, Func<MemberInfo, bool> Holds)[] s_groups =
    [
        ("Values", m => m is FieldInfo && m.DeclaringType!.IsEnum),
        ("Constructors", m => m is ConstructorInfo),
        ("Fields", m => m is FieldInfo && !m.DeclaringType!.IsEnum),
        ("Properties", m => m is PropertyInfo),
        ("Events", m => m is EventInfo),
        ("Methods", m => m is MethodInfo),
    ];

    /// <summary>Makes all pages.</summary>
    public IEnumerable<Page> Make() => library.Types.Select(MakeType).Prepend(MakeIndex());

    private Page MakeIndex()
    {
        var linker = new Linker(library, IndexUrl, warnings);
        var text = new XmlText(linker, markdown);
        var html = new StringBuilder("<h1>API</h1>\n<p>All public types of the packages, generated from their XML docs.</p>\n");
        foreach (IGrouping<string, Type> space in library.Types.GroupBy(t => t.Namespace!))
        {
            html.Append($"<h2 id=\"{space.Key}\">{space.Key}</h2>\n");
            html.Append(Html.Table(["type", "description"],
                space.Select(type => (string[])[linker.To(type, Html.Code(ShortName(type))),
                text.Line(library.DocOf(type)?.Element("summary"), DocId.Of(type))])));
        }
        return new Page(IndexUrl, "API", html.ToString(), "XML docs");
    }

    private Page MakeType(Type type)
    {
        string url = Linker.UrlOf(type), where = DocId.Of(type);
        var linker = new Linker(library, url, warnings);
        var text = new XmlText(linker, markdown);
        var code = new CSharpText(linker);
        XElement? doc = library.DocOf(type);
        if (string.IsNullOrWhiteSpace(doc?.Element("summary")?.Value))
            warnings.Add(where, "it has no summary.");
        var html = new StringBuilder($"<h1>{Html.Text(ShortName(type))}</h1>\n");
        html.Append($"<p class=\"where\">Namespace {linker.ToPage($"{IndexUrl}#{type.Namespace}", Html.Text(type.Namespace!))}, package "
            + $"{Html.Text(type.Assembly.GetName().Name!)}</p>\n");
        html.Append($"<p class=\"lead\">{text.Line(doc?.Element("summary"), where)}</p>\n"
            + $"<pre><code>{code.Declaration(type)}</code></pre>\n");
        AppendParameters(html, text, doc, where, "typeparam");
        html.Append(text.Block(doc?.Element("remarks"), where));
        MemberInfo[] members = [.. Library.MembersOf(type)];
        foreach ((string title, Func<MemberInfo, bool> holds) in s_groups)
        {
            MemberInfo[] group = [.. members.Where(holds)];
            if (group.Length == 0)
                continue;
            html.Append($"<h2>{title}</h2>\n");
            foreach (MemberInfo member in group)
                AppendMember(html, member, linker, text, code);
        }
        return new Page(url, ShortName(type), html.ToString(), where);
    }

    private void AppendMember(StringBuilder html, MemberInfo member, Linker linker, XmlText text, CSharpText code)
    {
        string where = DocId.Of(member);
        XElement? doc = library.DocOf(member);
        string summary = text.Line(doc?.Element("summary"), where);
        if (summary.Length == 0)
            summary = Derived(member, text);
        if (summary.Length == 0)
            warnings.Add(where, "it has no summary.");
        html.Append($"<section class=\"member\" "
            + $"id=\"{Linker.AnchorOf(member)}\">\n<pre><code>{code.Declaration(member)}</code></pre>\n<p>{summary}</p>\n");
        AppendParameters(html, text, doc, where, "typeparam");
        AppendParameters(html, text, doc, where, "param");
        if (doc?.Element("returns") is { } returns)
            html.Append($"<p><b>Returns</b> {text.Line(returns, where)}</p>\n");
        html.Append(text.Block(doc?.Element("remarks"), where));
        XElement[] exceptions = [.. doc?.Elements("exception") ?? []];
        if (exceptions.Length > 0)
            html.Append(Html.Table(["error", "when"],
                exceptions.Select(e => (string[])[linker.To(e.Attribute("cref")!.Value, where), text.Line(e, where)])));
        html.Append("</section>\n");
    }

    private static void AppendParameters(StringBuilder html, XmlText text, XElement? doc, string where, string kind)
    {
        XElement[] parameters = [.. doc?.Elements(kind) ?? []];
        if (parameters.Length > 0)
            html.Append($"<dl>{string.Concat(parameters.Select(p => $"<dt><code>{Html.Text(p.Attribute("name")!.Value)}</code></dt>"
                + $"<dd>{text.Line(p, where)}</dd>"))}</dl>\n");
    }

    // The summary of a member without its own: a record's property has the text of its parameter.
    private string Derived(MemberInfo member, XmlText text)
    {
        Type type = member.DeclaringType!;
        if (member is PropertyInfo && library.DocOf(type)?.Elements("param")
            .FirstOrDefault(p => p.Attribute("name")!.Value == member.Name) is { } parameter)
            return text.Line(parameter, DocId.Of(member));
        if (member is ConstructorInfo constructor && constructor.GetParameters() is var parameters
            && (parameters.Length == 0 || library.DocOf(type)?.Element("param") is not null))
            return parameters.Length == 0 ? "Creates an instance with default values." : "Creates an instance.";
        return library.IsInherited(member) ? "See the member that it overrides or implements." : "";
    }

    private static string ShortName(Type type) =>
        (type.IsNested ? type.DeclaringType!.Name + "." : "") + type.Name.Split('`')[0]
        + (type.IsGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(a => a.Name))}>" : "");
}
