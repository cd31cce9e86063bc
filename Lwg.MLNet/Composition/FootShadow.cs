namespace Lwg.MLNet.Composition;

/// <summary>The shadow around a foot: the light that the floor loses, a Gaussian. Lengths in metres of the body in the picture.</summary>
/// <param name="Darkness">The share of the light that is lost in the middle, 0 to 1.</param>
/// <param name="Right">How far the middle is to the right of the sole's.</param>
/// <param name="Down">How far the middle is below the sole's.</param>
/// <param name="Width">The standard deviation along rows.</param>
/// <param name="Depth">The standard deviation along columns.</param>
internal readonly record struct FootShadow(float Darkness, float Right, float Down, float Width, float Depth)
{
    /// <summary>The distance, in standard deviations, from which on the shadow is invisible.</summary>
    public const float Reach = 3.5f;
}
