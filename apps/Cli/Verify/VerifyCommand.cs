using System.CommandLine;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.Verification;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'verify': compares another implementation's tensors with those of this library, stage by stage
/// (docs/verify.md).</summary>
internal static class VerifyCommand
{
    private const int DefaultKernel = 13;

    private static readonly Argument<string> s_dump =
        new("dump") { Description = "The tensors, a .npz file; docs/verify.md describes how to make it." };
    private static readonly Option<string?> s_body = new("--body") { Description = "The body model.", HelpName = "file" };
    private static readonly Option<string?> s_mapper =
        new("--mapper") { Description = "The body's texture coordinates, if its file has none: mapper.txt.", HelpName = "txt" };
    private static readonly Option<string?> s_generator =
        new("--generator") { Description = "The generator's model folder.", HelpName = "folder" };
    private static readonly Option<string?> s_estimator =
        new("--estimator") { Description = "The SMPL estimator's model folder.", HelpName = "folder" };
    private static readonly Option<bool?> s_align =
        new("--align-corners") { Description = "How the source picture was sampled; by default as in the generator's model, or true.",
        HelpName = "true|false" };
    private static readonly Option<string?> s_front =
        new("--front") { Description = "The body's facial front, if its file has none: front_facial.json; needs --mapper.",
        HelpName = "json" };
    private static readonly Option<CameraStrategy> s_camera =
        new("--camera") { Description = "How the target's camera was chosen: smooth (default), source or copy.", DefaultValueFactory = _ =>
        CameraStrategy.Smooth, HelpName = "strategy" };
    private static readonly Option<int?> s_kernel =
        new("--background-kernel") { Description =
        $"The erosion of the background, an odd number of pixels; by default as in the generator's model, or {DefaultKernel}.",
        HelpName = "pixels" };

    public static Command Build(TextWriter output)
    {
        var command = new Command("verify",
            "Computes the stages of a run of another implementation again, and reports which of them differ.") { s_dump, s_body, s_mapper,
            s_front, s_generator, s_estimator, s_align, s_kernel, s_camera, ComputeDevices.Option };
        command.Validators.Add(result =>
        {
            if (result.GetValue(s_kernel) is int kernel && (kernel is < 1 or > 255 || kernel % 2 == 0))
                result.AddError($"--background-kernel is {kernel}; odd numbers from 1 to 255 are allowed.");
            if (result.GetValue(s_mapper) is not null && result.GetValue(s_body) is null)
                result.AddError("--mapper needs --body, which was not given.");
            if (result.GetValue(s_front) is not null && result.GetValue(s_mapper) is null)
                result.AddError("--front needs --mapper, which was not given.");
        });
        command.SetAction(parsed => Run(parsed, output));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output)
    {
        NetworkRuntimeOptions runtime = parsed.GetValue(ComputeDevices.Option).Runtime(output);
        BodyModel? body = parsed.GetValue(s_body) is { } bodyFile ? BodyModel.Load(bodyFile) : null;
        if (parsed.GetValue(s_mapper) is { } mapper)
            body = body!.WithSurfaceFiles(mapper, parsed.GetValue(s_front));
        using LiquidWarpingGenerator? generator = parsed.GetValue(s_generator) is { } generatorFolder
            ? LiquidWarpingGenerator.Load(generatorFolder, runtime) : null;
        using LearnedSmplEstimator? estimator = parsed.GetValue(s_estimator) is { } estimatorFolder
            ? LearnedSmplEstimator.Load(estimatorFolder, runtime) : null;
        string path = parsed.GetValue(s_dump)!;
        IReadOnlyList<StageVerdict> verdicts = DumpVerification.Run(new TensorDump(path, body), new VerificationSettings
        {
            Body = body,
            Generator = generator,
            Estimator = estimator,
            AlignCorners = parsed.GetValue(s_align) ?? generator?.Shape.AlignCorners ?? true,
            Strategy = parsed.GetValue(s_camera),
            BackgroundKernel = parsed.GetValue(s_kernel) ?? generator?.Package.Manifest.BackgroundKernel ?? DefaultKernel,
        });
        if (!verdicts.Any(v => v.Checked))
            throw new ModelFileException(path, null,
                "nothing in it can be checked: no stage has its inputs, a result and everything else that it needs.");
        output.Write(VerificationText.Of(verdicts));
        return verdicts.All(v => v.Agrees) ? 0 : 1;
    }
}
