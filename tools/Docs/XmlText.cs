using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lwg.MLNet.Docs;

/// <summary>Converts the text of XML docs to HTML.</summary>
internal sealed partial class XmlText(Linker linker, Markdown markdown)
{
    /// <summary>Converts a text of one paragraph, such as a summary or a parameter.</summary>
    public string Line(XElement? element, string where) => element is null ? "" : Spaces().Replace(Inline(element, where), " ").Trim();

    /// <summary>Converts remarks, with paragraphs and tables as in Markdown.</summary>
    public string Block(XElement? element, string where)
    {
        if (element is null)
            return "";
        string[] lines = [.. Inline(element, where).Split('\n').Select(line => line.Trim())];
        return markdown.ToHtml(string.Join('\n', lines));
    }

    private string Inline(XElement element, string where)
    {
        var html = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            html.Append(node switch
            {
                XText text => Html.Text(text.Value),
                XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is { } cref => linker.To(cref.Value, where),
                XElement { Name.LocalName: "see" } see when see.Attribute("href") is { } href =>
                    Html.Link(href.Value, see.IsEmpty ? Html.Text(href.Value) : Inline(see, where)),
                XElement { Name.LocalName: "see" } see => Html.Code(see.Attribute("langword")?.Value ?? ""),
                XElement { Name.LocalName: "paramref" or "typeparamref" } parameter => Html.Code(parameter.Attribute("name")?.Value ?? ""),
                XElement { Name.LocalName: "c" } code => $"<code>{Inline(code, where)}</code>",
                XElement { Name.LocalName: "i" or "b" } mark => $"<{mark.Name.LocalName}>{Inline(mark, where)}</{mark.Name.LocalName}>",
                XElement { Name.LocalName: "para" } paragraph => $"\n\n{Inline(paragraph, where)}\n\n",
                XElement other => throw new InvalidDataException($"{where}: the element <{other.Name.LocalName}> is unknown."),
                _ => "",
            });
        }
        return html.ToString();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
