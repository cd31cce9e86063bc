using Lwg.MLNet.Generation;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>The fixtures' inputs, one row of the batch.</summary>
internal sealed record GeneratorInputs(float[] Image, float[] Background, float[] Foreground, float[] Transfer, float[] Flow)
{
    /// <summary>The side of the inputs.</summary>
    public const int Side = 64;

    private const int Plane = Side * Side;

    public static GeneratorInputs Of(int row) =>
        new(Part("image", 3, row), Part("bg", 4, row), Part("src", 6, row), Part("tsf", 6, row),
        Fixture.Singles("networks/generator_T.npy")[(row * 2 * Plane)..][..(2 * Plane)]);

    public TransferFrame Frame => new() { SourceImage = Image, BackgroundInput = Background, ForegroundInput = Foreground,
        TransferInput = Transfer, Flow = Flow };

    public TransferFrame WithReference(int row) => new()
    {
        SourceImage = Image, BackgroundInput = Background, ForegroundInput = Foreground, TransferInput = Transfer, Flow = Flow,
        ReferenceForegroundInput = Part("src2", 6, row), ReferenceFlow = Fixture.Singles("networks/generator_T2.npy")
        .AsSpan(row * 2 * Plane, 2 * Plane),
    };

    private static float[] Part(string name, int channels, int row) =>
        FormulaWeights.Input(name, 2 * channels * Plane)[(row * channels * Plane)..][..(channels * Plane)];
}
