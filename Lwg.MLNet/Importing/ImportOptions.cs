using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Importing;

/// <summary>Options of <see cref="PublishedModels.Import"/>.</summary>
public sealed record ImportOptions
{
    /// <summary>The licence in manifests if no licence is named.</summary>
    internal const string UnknownLicence = "that of the files it was made from";

    /// <summary>Whether the generator samples with aligned corners: true for models of 2019, false for iPERCore's. Null decides by the
    /// format of the checkpoint: true before PyTorch 1.6, otherwise false.</summary>
    public bool? AlignCorners { get; init; }

    /// <summary>Where the generator warps features. The weights do not contain this.</summary>
    public FeatureWarping Warping { get; init; } = FeatureWarping.AllLevels;

    /// <summary>The side of the generator's training pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>How weights are stored.</summary>
    public WeightStorage Storage { get; init; }

    /// <summary>The licence of the files, for the manifests.</summary>
    public string Licence { get; init; } = UnknownLicence;

    /// <summary>The landmark network to extract from a BlazePose package.</summary>
    public BlazePoseVariant BlazePose { get; init; } = BlazePoseVariant.Full;

    internal void Check()
    {
        if (ImageSize is < 32 or > 2048)
            throw new ArgumentOutOfRangeException(nameof(ImageSize), ImageSize, "The image size must be 32 to 2048 pixels.");
        ArgumentException.ThrowIfNullOrWhiteSpace(Licence);
        CheckEnum(Warping, nameof(Warping));
        CheckEnum(Storage, nameof(Storage));
        CheckEnum(BlazePose, nameof(BlazePose));
    }

    private static void CheckEnum<T>(T value, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"It must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
