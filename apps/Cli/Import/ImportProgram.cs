using System.CommandLine;
using Lwg.MLNet.Importing;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Cli;

/// <summary>The commands 'import' and 'inspect'.</summary>
internal static class ImportProgram
{
    private static readonly Argument<string[]> s_sources =
        new("files") { Description = "Published files, and folders of them: checkpoints of generator, HMR and inpainter, SMPL's body, "
        + "mapper.txt, front_facial.json, head.json, smpl_part_info.json, npm packages that contain BlazePose (.tgz).",
        Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder to create: generator, estimator, inpainter, blazepose, body.npz.", HelpName = "folder",
        DefaultValueFactory = _ => "imported" };
    private static readonly Option<bool?> s_alignCorners =
        new("--align-corners") { Description =
        "Whether the generator samples with corners aligned: true for models of the ICCV version (2019), false for iPERCore's. By default "
        + "it depends on the checkpoint's format: true before PyTorch 1.6, otherwise false.", HelpName = "true|false" };
    private static readonly Option<FeatureWarping> s_warping =
        new("--warping") { Description = "Where the generator warps features, which the weights do not show.", DefaultValueFactory = _ =>
        FeatureWarping.AllLevels };
    private static readonly Option<int> s_size =
        new("--size") { Description = "Side of the pictures that the generator was trained on, 32 to 2048 pixels.", HelpName = "pixels",
        DefaultValueFactory = _ => 256 };
    private static readonly Option<bool> s_half =
        new("--half") { Description = "Stores weights as float16: half the size, slightly different pictures." };
    private static readonly Option<string> s_licence =
        new("--licence") { Description = "The licence of the files, for the manifests.", HelpName = "text",
        DefaultValueFactory = _ => ImportOptions.UnknownLicence };
    private static readonly Argument<string> s_file =
        new("file") { Description = "A checkpoint, a body, arrays, an ONNX file, or a model folder." };

    /// <summary>Builds 'import'.</summary>
    public static Command BuildImport(TextWriter output, CancellationToken cancellationToken)
    {
        var import = new Command("import",
            "Converts published files to models; they may be shared only if their licences allow it.") { s_sources, s_out,
            s_alignCorners, s_warping, s_size, s_half, s_licence, ModelsProgram.Variant };
        import.Validators.Add(command =>
        {
            if (command.GetResult(s_size) is { Implicit: false, Tokens: [{ Value: var text }] } && int.TryParse(text, out int size)
                && size is < 32 or > 2048)
                command.AddError($"--size is {size}; 32 to 2048 pixels are allowed.");
        });
        import.SetAction((parsed, _) =>
        {
            var options = new ImportOptions
            {
                AlignCorners = parsed.GetValue(s_alignCorners),
                Warping = parsed.GetValue(s_warping),
                ImageSize = parsed.GetValue(s_size),
                Storage = parsed.GetValue(s_half) ? WeightStorage.Half : WeightStorage.Full,
                Licence = parsed.GetValue(s_licence)!,
                BlazePose = parsed.GetValue(ModelsProgram.Variant),
            };
            PublishedModels.Import(parsed.GetValue(s_sources)!, parsed.GetValue(s_out)!, options, output.WriteLine, cancellationToken);
            return Task.FromResult(0);
        });
        return import;
    }

    /// <summary>Builds 'inspect'.</summary>
    public static Command BuildInspect(TextWriter output)
    {
        var inspect = new Command("inspect", "Lists the contents of a file: arrays, shapes, types, and the matching network.") { s_file };
        inspect.SetAction((parsed, _) =>
        {
            InspectRun.Run(parsed.GetValue(s_file)!, output);
            return Task.FromResult(0);
        });
        return inspect;
    }
}
