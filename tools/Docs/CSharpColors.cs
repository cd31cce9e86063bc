using System.Text.RegularExpressions;

namespace Lwg.MLNet.Docs;

/// <summary>Marks comments, strings and keywords in C# code that is already HTML.</summary>
internal static partial class CSharpColors
{
    public static string Paint(string html) => Tokens().Replace(html, token =>
        $"<span class=\"{(token.Groups["comment"].Success ? "cm" : token.Groups["text"].Success ? "st" : "kw")}\">{token.Value}</span>");

    [GeneratedRegex(@"(?<comment>//[^\n]*)|(?<text>\$?&quot;.*?&quot;)|(?<word>\b(?:using|namespace|internal|public|private|sealed|static|class|required|get|set|init|new|var|const|int|float|string|void|foreach|in|is|for|if|else|return|out|true|false|null|await)\b)")]
    private static partial Regex Tokens();
}
