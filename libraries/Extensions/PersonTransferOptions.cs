using System.ComponentModel.DataAnnotations;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Extensions;

/// <summary>What AddPersonTransfer is told, by default in the section 'PersonTransfer' of the configuration.</summary>
public class PersonTransferOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "PersonTransfer";

    internal const string Texture = "texture";

    /// <summary>How many pictures are made at a time.</summary>
    [Range(1, 256)]
    public int Engines { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>S, the side of the square in which a person is worked on, pixels.</summary>
    [Range(32, 2048)]
    public int Size { get; set; } = 384;

    /// <summary>The estimator of people: 'own', 'blazepose', a model folder, or 'best', which is what the machine has.</summary>
    [Required]
    public string Estimator { get; set; } = PersonEstimators.BestName;

    /// <summary>What computes the networks: 'cpu', 'cuda' (the first GPU), or 'auto', the GPU where it can be used.</summary>
    [AllowedValues("cpu", "cuda", "auto")]
    public string Device { get; set; } = "cpu";

    /// <summary>'default' (our own weights) or 'texture' (by rule).</summary>
    [AllowedValues("default", Texture)]
    public string Generator { get; set; } = "default";
}
