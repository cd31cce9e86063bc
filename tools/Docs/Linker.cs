using System.Reflection;

namespace Lwg.MLNet.Docs;

/// <summary>Leads from one page to the pages of types and members.</summary>
internal sealed class Linker(Library library, string page, Warnings warnings)
{
    /// <summary>The page of a type, from the site's root.</summary>
    public static string UrlOf(Type type) =>
        $"api/{(type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.').Replace('`', '-')}.html";

    /// <summary>A member's place on its type's page.</summary>
    public static string AnchorOf(MemberInfo member)
    {
        string id = DocId.Of(member);
        string own = id[(DocId.Of(member.DeclaringType!).Length + 1)..];
        return string.Concat(own.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '-')).Trim('-');
    }

    /// <summary>A link to a type or member of this library; of other libraries the text alone.</summary>
    public string To(MemberInfo member, string html)
    {
        Type type = member as Type ?? member.DeclaringType!;
        if (type.IsGenericType)
            type = type.GetGenericTypeDefinition();
        if (!library.Types.Contains(type))
            return html;
        return Html.Link(Html.Relative(page, UrlOf(type)) + (member is Type ? "" : "#" + AnchorOf(member)), html);
    }

    /// <summary>A reference of the XML docs.</summary>
    public string To(string cref, string where)
    {
        string html = Html.Code(ShortName(cref));
        if (library.Find(cref) is { } member)
            return To(member, html);
        if (cref.StartsWith("!:", StringComparison.Ordinal) || (cref.Contains(":Lwg.", StringComparison.Ordinal) && !library.Knows(cref)))
            warnings.Add(where, $"the reference '{cref}' leads nowhere.");
        return html;
    }

    /// <summary>A link to another page, from the site's root.</summary>
    public string ToPage(string url, string html) => Html.Link(Html.Relative(page, url), html);

    // M:Space.Type.Method(System.Int32) is Type.Method; a type is its name alone.
    private static string ShortName(string cref)
    {
        string name = cref[2..].Split('(')[0];
        string[] parts = name.Split('.');
        string last = parts[^1] == "#ctor" ? parts[^2] : cref[0] is 'T' or '!' || parts.Length < 2 ? parts[^1] : $"{parts[^2]}.{parts[^1]}";
        return last.Split('`')[0];
    }
}
