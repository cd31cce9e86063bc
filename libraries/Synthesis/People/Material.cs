using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>The reflection properties of a surface point.</summary>
/// <param name="Albedo">The share of light that is scattered, linear RGB.</param>
/// <param name="Gloss">The strength of the highlight, 0 to 1.</param>
/// <param name="Sharpness">The highlight's exponent.</param>
/// <param name="Softness">How far light extends beyond the terminator, 0 to 1: the translucency of skin.</param>
/// <param name="Relief">The gradient of the bump map at rest, without a unit: folds and strands.</param>
internal readonly record struct Material(Vector3 Albedo, float Gloss, float Sharpness, float Softness, Vector3 Relief);
