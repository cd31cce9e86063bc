using System.CommandLine;
using System.CommandLine.Parsing;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The options that all commands about a person share, and helpers for their validation.</summary>
internal static class PersonOptions
{
    public static readonly Option<string> Person =
        new("--person") { Description = "The person to show without --source: one of the painted people.", DefaultValueFactory = _ =>
        SamplePeople.Names[0] };
    public static readonly Option<string?> Source = new("--source") { Description = "A photograph of the person.", HelpName = "photo" };
    public static readonly Option<string?> Keypoints =
        new("--keypoints") { Description = "The person's 17 key points in it, as COCO JSON; without it the estimator finds the person.",
        HelpName = "json" };
    public static readonly Option<string?> ReferenceKeypoints =
        new("--reference-keypoints") { Description = "The key points of the person in the reference's photograph.", HelpName = "json" };
    public static readonly Option<string> Out =
        new("--out") { Description = "The folder for the results.", HelpName = "folder", DefaultValueFactory = _ => "out" };
    public static readonly Option<int?> Size =
        new("--size") { Description = "Side of the square around the person that is processed, 32 to 2048 pixels; by default as the "
        + "generator was trained.", HelpName = "pixels" };
    public static readonly Option<string> Generator =
        new("--generator") { Description =
        $"The generator: '{ModelChoice.Texture}' (rule-based, no weights), '{ModelChoice.Default}' (built-in weights), or the folder of a "
        + $"model, for example one created by 'import'.", HelpName = "name|folder", DefaultValueFactory = _ => ModelChoice.Default };
    public static readonly Option<NetworkPrecision> Precision =
        new("--precision") { Description =
        "The numeric precision of a learned generator: quantized (8 bits) is faster and slightly different; the model must be "
        + "calibrated, as the built-in one is." };
    public static readonly Option<string?> Body =
        new("--body") { Description = "The body: .npz, or SMPL's .pkl in any flavour; by default that of the generator's folder, or the "
        + "built-in one.", HelpName = "file" };
    public static readonly Option<string?> Estimator =
        new("--estimator") { Description =
        "The body estimator: best, own, blazepose, HMR's checkpoint, or a model folder; by default the best that is "
        + "installed.", HelpName = "name|file|folder" };
    public static readonly Option<bool> AcceptUnclear =
        new("--accept-unclear") { Description =
        "Accepts a person who is cut off, one of several, or uncertain, if a body was found." };
    public static readonly Option<float[]> Box =
        new("--box") { Description = "The box of the person in --source: left, top, right and lower edge in pixels.",
        HelpName = "pixels", Arity = new ArgumentArity(0, 4), AllowMultipleArgumentsPerToken = true };
    public static readonly Option<int?> PersonIndex =
        new("--person-index") { Description = "The index of the person in --source, 0 for the most prominent.",
        HelpName = "number" };
    public static readonly Option<string> Background =
        new("--background") { Description =
        $"The background: '{Backdrop.Keep}' for the photograph's, a colour (#rrggbb), or a picture; with a colour or a picture, the "
        + $"result is the square around the person.", HelpName = "keep|colour|picture", DefaultValueFactory = _ => Backdrop.Keep };
    public static readonly Option<bool> Gif = new("--gif") { Description = "Also writes an animated GIF." };
    public static readonly Option<bool> NoProvenance =
        new("--no-provenance") { Description = "Omits from the pictures' metadata that a trained network was involved." };

    /// <summary>The options of every command about a person.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [Person, Source, Keypoints, Out, Size, Generator, Precision, Body, Estimator, Box, PersonIndex, AcceptUnclear, NoProvenance,
            ComputeDevices.Option];

    /// <summary>Reads the options.</summary>
    public static PersonSettings Read(ParseResult parsed) => new()
    {
        Person = parsed.GetValue(Person)!,
        Source = parsed.GetValue(Source),
        Keypoints = parsed.GetValue(Keypoints),
        Out = parsed.GetValue(Out)!,
        Size = parsed.GetValue(Size),
        Generator = parsed.GetValue(Generator)!,
        Precision = parsed.GetValue(Precision),
        Body = parsed.GetValue(Body),
        Device = parsed.GetValue(ComputeDevices.Option),
        Estimator = parsed.GetValue(Estimator),
        PersonIndex = parsed.GetValue(PersonIndex),
        AcceptUnclear = parsed.GetValue(AcceptUnclear),
        Box = parsed.GetValue(Box) is { Length: 4 } box ? [box[0], box[2], box[1], box[3]] : null,
        Provenance = parsed.GetValue(NoProvenance) ? null : Provenance.CompositeWithTrainedAlgorithms,
    };

    /// <summary>Checks what the parser does not check.</summary>
    public static void Validate(CommandResult command)
    {
        command.Needs(Keypoints, Source);
        command.Needs(Box, Source);
        command.Needs(PersonIndex, Source);
        command.Apart(PersonIndex, Box, "a box selects the person");
        command.Within(PersonIndex, 0, 100);
        command.Apart(Keypoints, Box, "key points select the person");
        if (command.Given(Box) && !(command.GetValue(Box) is [var left, var top, var right, var bottom] && left < right && top < bottom))
            command.AddError($"{Box.Name} needs four numbers: left, top, right and lower edge, the left one below the right one and the "
                + $"top one below the lower one.");
        command.Apart(Person, Source, "either a painted person or a photograph is used");
        command.Within(Size, 32, 2048, " pixels");
        command.OneOf(Person, SamplePeople.Names);
    }

    /// <summary>Returns whether an option was given, not taken from its default.</summary>
    public static bool Given(this CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };

    public static void Needs(this CommandResult command, Option first, Option second)
    {
        if (command.Given(first) && !command.Given(second))
            command.AddError($"{first.Name} needs {second.Name}, which was not given.");
    }

    public static void Apart(this CommandResult command, Option first, Option second, string reason)
    {
        if (command.Given(first) && command.Given(second))
            command.AddError($"{first.Name} and {second.Name} exclude each other: {reason}.");
    }

    public static void Within(this CommandResult command, Option option, int low, int high, string unit = "")
    {
        if (command.GetResult(option) is { Implicit: false, Tokens: [{ Value: var text }] } && int.TryParse(text, out int value)
            && (value < low || value > high))
            command.AddError($"{option.Name} is {value}; {low} to {high}{unit} are allowed.");
    }

    public static void OneOf(this CommandResult command, Option option, IReadOnlyList<string> people)
    {
        if (command.GetResult(option) is { Implicit: false, Tokens: [{ Value: var person }] } && !people.Contains(person))
            command.AddError($"{option.Name} is '{person}'; the painted people are {string.Join(", ", people)}.");
    }
}
