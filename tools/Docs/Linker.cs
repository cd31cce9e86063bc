using System.Reflection;

namespace Lwg.MLNet.Docs;

/// <summary>Makes the links of a page to types and members.</summary>
internal sealed class Linker(Library library, string page, Warnings warnings)
{
    /// <summary>The page of a type, from the site's root.</summary>
    public static string UrlOf(Type type) =>
        $"api/{(type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.').Replace('`', '-')}.html";

    /// <summary>Returns the anchor of a member on its type's page.</summary>
    public static string AnchorOf(MemberInfo member)
    {
        string id = DocId.Of(member);
        string own = id[(DocId.Of(member.DeclaringType!).Length + 1)..];
        return string.Concat(own.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '-')).Trim('-');
    }

    /// <summary>Returns a link to a type or member of this library; only the text for other libraries.</summary>
    public string To(MemberInfo member, string html)
    {
        Type type = member as Type ?? member.DeclaringType!;
        if (type.IsGenericType)
            type = type.GetGenericTypeDefinition();
        if (!library.Types.Contains(type))
            return html;
        return Html.Link(Html.Relative(page, UrlOf(type)) + (member is Type ? "" : "#" + AnchorOf(member)), html);
    }

    /// <summary>Returns the link of a reference in the XML docs.</summary>
    public string To(string cref, string where)
    {
        string html = Html.Code(ShortName(cref));
        if (library.Find(cref) is { } member)
            return To(member, html);
        if (cref.StartsWith("!:", StringComparison.Ordinal) || (cref.Contains(":Lwg.", StringComparison.Ordinal) && !library.Knows(cref)))
            warnings.Add(where, $"the reference '{cref}' is broken.");
        return html;
    }

    /// <summary>Returns a link to another page, given relative to the site's root.</summary>
    public string ToPage(string url, string html) => Html.Link(Html.Relative(page, url), html);

    // Type.Method for M:Space.Type.Method(System.Int32); only the name for a type.
    private static string ShortName(string cref)
    {
        string name = cref[2..].Split('(')[0];
        string[] parts = name.Split('.');
        string last = parts[^1] == "#ctor" ? parts[^2] : cref[0] is 'T' or '!' || parts.Length < 2 ? parts[^1] : $"{parts[^2]}.{parts[^1]}";
        return last.Split('`')[0];
    }
}
