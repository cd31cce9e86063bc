using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>AssembleForegroundInput</c>.</summary>
public sealed class AssembleForegroundInputOptions : StageOptions
{
    /// <summary>The output column: the foreground input [6,S,S].</summary>
    public string OutputColumnName { get; init; } = "SourceForegroundInput";

    /// <summary>The output column: the crop mask [1,S,S], 1 on background.</summary>
    public string CropMaskColumnName { get; init; } = "SourceCropMask";

    /// <summary>The input column: the picture, S x S.</summary>
    public string ImageColumnName { get; init; } = "SourceImage";

    /// <summary>The input column: the person's condition map [3,S,S].</summary>
    public string ConditionColumnName { get; init; } = "SourceCondition";

    /// <summary>
    /// The input column: an estimator's person mask, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for none. Each pixel
    /// outside the mask is replaced by the nearest pixel inside, unless the mask covers less than 60 % of the body's silhouette.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    // False in models that earlier versions saved: with them the mask replaces no pixels.
    [JsonInclude]
    internal bool KeepsToPersonMask { get; init; } = true;

    /// <summary>Whether pixels inside the mask but outside the body are also part of the input. The networks were trained without
    /// them.</summary>
    public bool ShowBesideBody { get; init; } = true;

    internal override void Check() { }
}

/// <summary>Assembles the source's foreground input: see <see cref="InputAssembler.Foreground"/>.</summary>
internal sealed class AssembleForegroundInputTransformer : StageTransformer<AssembleForegroundInputOptions>
{
    internal const string Name = "AssembleForegroundInput";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    internal AssembleForegroundInputTransformer(IHostEnvironment environment, AssembleForegroundInputOptions options)
        : base(environment, Name, options) =>
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Singles(options.ConditionColumnName, "3,S,S", MapFacts, ofSource: true),
            StageColumn.Image(options.ImageColumnName, "S,S", ofSource: true), .. StageColumn.PersonMask(options.PersonMaskColumnName)],
            Outputs = [StageColumn.Singles(options.OutputColumnName, "6,S,S", MapFacts),
            StageColumn.Singles(options.CropMaskColumnName, "1,S,S", MapFacts)],
        };

    internal override StageSignature Signature { get; }

    internal static void CompleteOptions(JsonObject options) =>
        options.TryAdd(nameof(AssembleForegroundInputOptions.KeepsToPersonMask), false);

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] condition = buffers.Input<float>(Options.ConditionColumnName);
        float[] input = buffers.Output<float>(Options.OutputColumnName), cropMask = buffers.Output<float>(Options.CropMaskColumnName);
        float[] person = Options.PersonMaskColumnName is { } mask ? buffers.Input<float>(mask) : [];
        int size = buffers.Binding.Size("S");
        var assembler = new InputAssembler(size);
        var source = new PersonSource(size, masked: person.Length > 0 && Options.KeepsToPersonMask);
        return new StageKernel(
            Prepare: () => source.Take(image, person, condition),
            Compute: () => assembler.Foreground(source.Person, condition, input, cropMask, Options.ShowBesideBody ? person : []));
    }
}
