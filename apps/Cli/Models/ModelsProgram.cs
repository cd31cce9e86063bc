using System.CommandLine;
using System.Globalization;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'models': regenerates the built-in files, and manages the user's store of published models.</summary>
internal static class ModelsProgram
{
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder.", HelpName = "folder", DefaultValueFactory = _ => "models" };
    private static readonly Argument<string> s_model =
        new Argument<string>("model") { Description = "The model to get: blazepose (Google's BlazePose, Apache-2.0)." }.AcceptOnlyFromAmong(
        "blazepose");
    private static readonly Option<string?> s_from =
        new("--from") { Description = "The package's file, if it is already downloaded; nothing is downloaded then.", HelpName = "tgz" };

    /// <summary>The landmark network of BlazePose.</summary>
    public static Option<BlazePoseVariant> Variant { get; } =
        new("--variant") { Description = "The landmark network of BlazePose.", DefaultValueFactory = _ => BlazePoseVariant.Full };

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var models = new Command("models",
            "Regenerates the models folder from code: body, motions, people. The result must equal the frozen files.") { s_out };
        models.SetAction((parsed, _) =>
        {
            ModelsRun.Run(parsed.GetValue(s_out)!, output, cancellationToken);
            return Task.FromResult(0);
        });
        var get = new Command("get", "Adds a published model to your model store: downloaded with npm, checked, and imported. LWG_STORE "
            + "names another folder for the store.") { s_model, Variant, s_from };
        get.SetAction(async (parsed, _) =>
        {
            await new ModelsGetRun(new ModelsGetSettings { Variant = parsed.GetValue(Variant), From = parsed.GetValue(s_from) },
                output).RunAsync(cancellationToken);
            return 0;
        });
        var list = new Command("list", "Lists the models in your model store.");
        list.SetAction((_, _) =>
        {
            List(output);
            return Task.FromResult(0);
        });
        models.Subcommands.Add(get);
        models.Subcommands.Add(list);
        return models;
    }

    private static void List(TextWriter output)
    {
        string store = ModelStore.Folder;
        output.WriteLine($"{store}:");
        string[] folders = Directory.Exists(store)
            ? [.. Directory.EnumerateDirectories(store)
            .Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal) && File.Exists(Path.Combine(f, ModelPackage.ManifestName)))
            .Order(StringComparer.Ordinal)] : [];
        foreach (string folder in folders)
        {
            string file = Path.Combine(folder, ModelPackage.ManifestName);
            ModelManifest manifest = ModelManifest.Parse(File.ReadAllBytes(file), file);
            double size = Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) / 1e6;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {Path.GetFileName(folder)}: {manifest.Kind}{(manifest.SourcePackage is { } source ? $" from {source}" : "")}, "
                + $"{manifest.Licence}, {size:0.0} MB"));
        }
        if (folders.Length == 0)
            output.WriteLine("  no models; 'models get blazepose' gets one");
    }
}
