using System.CommandLine;
using System.CommandLine.Parsing;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Batch;

/// <summary>The options that describe the pictures, the models and the output; all programs that process a table of requests share
/// them.</summary>
internal static class BatchOptions
{
    private static readonly Option<string> s_pictures =
        new("--pictures") { Description = "The folder of the pictures that the table names.", HelpName = "folder", Required = true };
    private static readonly Option<int> s_size =
        new("--size") { Description = "Side of the square around a person that is processed, 32 to 2048 pixels.", HelpName = "pixels",
        DefaultValueFactory = _ => 256 };
    private static readonly Option<string> s_generator =
        new("--generator") { Description = "The generator: 'default' (built-in weights) or 'texture' (rule-based, no weights).",
        DefaultValueFactory = _ => GeneratorChoice.Default };
    private static readonly Option<string> s_estimator =
        new("--estimator") { Description =
        "The person estimator: own, blazepose, or a model folder. It is always named, so that results do not depend on the machine.",
        HelpName = "name|folder", DefaultValueFactory = _ => Models.PersonEstimators.Own };
    private static readonly Option<CameraStrategy> s_camera =
        new("--camera") { Description =
        "The person's position: the source's plus the reference's movement (smooth), the source's (source), or the reference's (copy)." };
    private static readonly Option<float> s_minimumShown =
        new("--minimum-shown") { Description =
        "The share of the target's surface, 0 to 1, that the source must show for a row to be acceptable.", HelpName = "share" };
    private static readonly Option<bool> s_refusePoor =
        new("--refuse-poor") { Description = "Refuses rows that are not acceptable; without it they are only marked." };
    private static readonly Option<bool> s_parquet = new("--parquet") { Description = "Also writes the result table as Parquet." };
    private static readonly Option<bool> s_noProvenance =
        new("--no-provenance") { Description = "Omits from the pictures' metadata that a trained network was involved." };

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in (Option[])[s_pictures, s_size, s_generator, s_estimator, s_camera, s_minimumShown, s_refusePoor,
            s_parquet, s_noProvenance, ComputeDevices.Option])
            command.Options.Add(option);
        command.Validators.Add(Validate);
    }

    /// <summary>Returns the settings of the options, without the output folder.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="requests">The path of the table.</param>
    public static BatchSettings Settings(ParseResult parsed, string requests) => new()
    {
        Requests = requests,
        Pictures = parsed.GetValue(s_pictures)!,
        Out = "",
        Size = parsed.GetValue(s_size),
        Generator = parsed.GetValue(s_generator)!,
        Estimator = parsed.GetValue(s_estimator)!,
        Camera = parsed.GetValue(s_camera),
        MinimumShown = parsed.GetValue(s_minimumShown),
        RefusePoor = parsed.GetValue(s_refusePoor),
        Parquet = parsed.GetValue(s_parquet),
        Device = parsed.GetValue(ComputeDevices.Option),
        Provenance = !parsed.GetValue(s_noProvenance),
    };

    private static void Validate(CommandResult command)
    {
        if (command.GetResult(s_size) is { Implicit: false, Tokens: [{ Value: var size }] } && int.TryParse(size, out int pixels)
            && pixels is < 32 or > 2048)
            command.AddError($"--size is {pixels}; 32 to 2048 pixels are allowed.");
        if (command.GetResult(s_minimumShown) is { Implicit: false, Tokens: [{ Value: var share }] }
            && float.TryParse(share, out float shown) && !(shown is >= 0 and <= 1))
            command.AddError($"--minimum-shown is {share}; 0 to 1 is allowed.");
        if (command.GetResult(s_generator) is { Implicit: false, Tokens: [{ Value: var generator }] }
            && !GeneratorChoice.Names.Contains(generator))
            command.AddError($"--generator is '{generator}'; allowed are {string.Join(", ", GeneratorChoice.Names)}.");
    }
}
