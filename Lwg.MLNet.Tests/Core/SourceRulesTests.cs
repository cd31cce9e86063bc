using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Lwg.MLNet.Tests;

/// <summary>How wide code may be, and how long methods and the README, so that they can be read.</summary>
[TestClass]
public class SourceRulesTests
{
    private const int LongestLine = 140, LongestMethod = 60, MostWordsOfReadme = 900;

    // Longer methods, each with the reason why it is better in one piece.
    private static readonly Dictionary<string, string> s_longMethods = new()
    {
        ["TutorialCode.Run"] = "the cells of the tutorial are one program",
        ["FrozenModels.Cases"] = "a list of cases",
        ["AdversarialMesh.Corners"] = "a list of cases",
        ["MotionDialectTests.PicklesOfOtherToolsGiveTheSameMotion"] = "a list of cases",
        ["HostileNetworkTests.TensorFlowJsFilesThatAreNotAsTheyShouldBeAreRefused"] = "a list of cases",
        ["FlowFixtureTests.TheWholeChainAgrees"] = "one stage after another, each compared with the other implementation",
        ["EstimatorStepTests.TheLossesFollowTheirDefinitions"] = "one formula after another, over the same outputs",
    };

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
    public void MethodsHaveAtMost60Lines()
    {
        string[] measured = [.. s_files.Value.SelectMany(file => Methods(file.Root)).Where(method => method.Lines > LongestMethod)
            .Select(method => method.Name)];
        Assert.IsNotEmpty(measured, "no method was measured");
        Assert.IsEmpty(measured.Except(s_longMethods.Keys), "longer methods: " + string.Join(", ", measured.Except(s_longMethods.Keys)));
        Assert.IsEmpty(s_longMethods.Keys.Except(measured), "no longer long: " + string.Join(", ", s_longMethods.Keys.Except(measured)));
    }

    [TestMethod]
    public void TheSolutionListsEachProjectOnce()
    {
        string[] listed = [.. File.ReadLines(Path.Combine(Repository.Root, "Lwg.MLNet.sln")).Where(line => line.StartsWith("Project("))
            .Select(line => line.Split('"')[5].Replace('\\', '/')).Where(path => path.EndsWith(".csproj")).Order()];
        string[] present = [.. Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')).Where(path => !IsBuilt(path)).Order()];
        CollectionAssert.AreEqual(present, listed);
    }

    // Tests may count: they check the layout against other implementations.
    [TestMethod]
    public void OnlySmplFilesUseIndicesOfTheParameters()
    {
        string[] known = ["Smpl.cs", "SmplLayout.cs"];
        string[] raw =
        [
            .. from file in s_files.Value
               let path = Path.GetRelativePath(Repository.Root, file.Path)
               where !path.StartsWith("Lwg.MLNet.Tests", StringComparison.Ordinal) && !known.Contains(Path.GetFileName(path))
               from node in file.Root.DescendantNodes()
               where IsOffset(node) || IsRawNumber(node)
               select $"{path}({node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): {node}",
        ];
        Assert.IsEmpty(raw, "to be read and written through ReadOnlySmpl and Smpl:\n" + string.Join('\n', raw));

        static bool IsOffset(SyntaxNode node) => node is MemberAccessExpressionSyntax
        {
            Expression: IdentifierNameSyntax { Identifier.Text: "SmplLayout" },
            Name.Identifier.Text: "CameraOffset" or "PoseOffset" or "ShapeOffset",
        };

        // smpl[0], finding.Smpl[1].
        static bool IsRawNumber(SyntaxNode node) => node is ElementAccessExpressionSyntax access
            && access.Expression.ToString().EndsWith("smpl", StringComparison.OrdinalIgnoreCase)
            && access.ArgumentList.Arguments is [{ Expression: LiteralExpressionSyntax }];
    }

    [TestMethod]
    public void TheReadmeIsShort()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.IsLessThanOrEqualTo(MostWordsOfReadme, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, "words");
    }

    // A method's lines, with those of its local functions: it is read as a whole. Attributes and comments before it do not count.
    private static IEnumerable<(string Name, int Lines)> Methods(SyntaxNode root) =>
        from node in root.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or PropertyDeclarationSyntax { ExpressionBody: not null }
        select (NameOf(node), Lines(node));

    private static string NameOf(SyntaxNode node)
    {
        string type = node.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Identifier.Text ?? "Program";
        return $"{type}.{node switch
        {
            MethodDeclarationSyntax method => method.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } => property.Identifier.Text,
            _ => node.Kind().ToString(),
        }}";
    }

    private static int Lines(SyntaxNode node)
    {
        SyntaxToken first = node.ChildNodesAndTokens().Where(child => !child.IsKind(SyntaxKind.AttributeList))
            .Select(child => child.IsToken ? child.AsToken() : child.AsNode()!.GetFirstToken()).First();
        FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(TextSpan.FromBounds(first.SpanStart, node.Span.End));
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
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
