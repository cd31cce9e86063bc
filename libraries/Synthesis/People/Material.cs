using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>How a point of the surface answers to light.</summary>
/// <param name="Albedo">The share of light that it scatters, linear RGB.</param>
/// <param name="Gloss">How strong its highlight is, 0 to 1.</param>
/// <param name="Sharpness">The highlight's exponent.</param>
/// <param name="Softness">How far light creeps around the terminator, 0 to 1: skin's translucence.</param>
/// <param name="Relief">The bump's gradient at rest, without a unit: folds and strands.</param>
internal readonly record struct Material(Vector3 Albedo, float Gloss, float Sharpness, float Softness, Vector3 Relief);
