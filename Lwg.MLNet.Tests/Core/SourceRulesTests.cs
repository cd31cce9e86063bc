using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Lwg.MLNet.Tests;

/// <summary>Tests the width of code and the length of the README.</summary>
[TestClass]
public class SourceRulesTests
{
    private const int LongestLine = 140, MostWordsOfReadme = 900;

    private static readonly Lazy<(string Path, SyntaxNode Root)[]> s_files = new(() =>
    [
        .. Directory.GetFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
        .Where(path => !IsBuilt(Path.GetRelativePath(Repository.Root, path)))
            .Select(path => (path, CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot())),
    ]);

    [TestMethod]
    public void LinesHaveAtMost140Columns()
    {
        // The content of raw strings and regular expressions is not code.
        string[] wide =
        [
            .. s_files.Value.SelectMany(file =>
            file.Root.SyntaxTree.GetText().Lines.Where(line => line.Span.Length > LongestLine && !IsInRawString(file.Root, line))
                .Select(line => $"{Path.GetRelativePath(Repository.Root, file.Path)}({line.LineNumber + 1}): {line.Span.Length} columns")),
        ];
        Assert.IsEmpty(wide, string.Join('\n', wide.Take(50)));
    }

    [TestMethod]
    public void TheReadmeIsShort()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.IsLessThanOrEqualTo(MostWordsOfReadme, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, "words");
    }

    // Checks the token in the last allowed column.
    private static bool IsInRawString(SyntaxNode root, TextLine line)
    {
        SyntaxToken token = root.FindToken(line.Start + LongestLine);
        return token.Text.Contains("\"\"\"", StringComparison.Ordinal) || token.Text.StartsWith("@\"", StringComparison.Ordinal)
            || token.Parent?.AncestorsAndSelf().OfType<InterpolatedStringExpressionSyntax>()
                .Any(whole => whole.StringStartToken.Text.Contains("\"\"\"", StringComparison.Ordinal)) == true;
    }

    private static bool IsBuilt(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "out" or "site");
}
