using System.ComponentModel.DataAnnotations;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Extensions;

/// <summary>Options of AddPersonTransfer, by default bound to the configuration section 'PersonTransfer'.</summary>
public class PersonTransferOptions
{
    /// <summary>The name of the default section.</summary>
    public const string Section = "PersonTransfer";

    internal const string Texture = "texture";

    /// <summary>The number of pictures that are created concurrently, 1 to 256; half the number of processor cores by default.</summary>
    [Range(1, 256)]
    public int Engines { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>S, the side of the square crop around a person, 32 to 2048 pixels.</summary>
    [Range(32, 2048)]
    public int Size { get; set; } = 384;

    /// <summary>The estimator of people: 'own', 'blazepose', a model folder, or 'best' for the best one installed on the
    /// machine.</summary>
    [Required]
    public string Estimator { get; set; } = PersonEstimators.BestName;

    /// <summary>The device that runs the networks: 'cpu', 'cuda' (the first GPU), or 'auto' (the GPU if it can be used).</summary>
    [AllowedValues("cpu", "cuda", "auto")]
    public string Device { get; set; } = "cpu";

    /// <summary>The generator: 'default' (the built-in trained generator) or 'texture' (rule-based).</summary>
    [AllowedValues("default", Texture)]
    public string Generator { get; set; } = "default";
}
