using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>A place where a foot stands.</summary>
/// <param name="Land">The frame at which it touches the floor.</param>
/// <param name="Lift">The frame at which it leaves the floor.</param>
/// <param name="X">The ankle's position on the floor, metres to the left.</param>
/// <param name="Z">The ankle's position on the floor, metres to the front.</param>
/// <param name="Yaw">The direction of the toes, degrees to the left of +z.</param>
internal readonly record struct Footstep(float Land, float Lift, float X, float Z, float Yaw);

/// <summary>The path of one foot over the floor: still at each place, and on a smooth arc between two places.</summary>
/// <param name="steps">The places in order of time.</param>
/// <param name="lift">The largest height of the sole, metres.</param>
internal sealed class Footsteps(Footstep[] steps, float lift = 0.05f)
{
    /// <summary>Returns the foot's position at a frame: (x, height of the sole, z) and the direction of the toes in degrees.</summary>
    public (Vector3 Place, float Yaw) At(float frame)
    {
        int i = 0;
        while (i < steps.Length - 1 && frame >= steps[i + 1].Land)
            i++;
        Footstep from = steps[i];
        if (frame <= from.Lift || i == steps.Length - 1)
            return (new Vector3(from.X, 0, from.Z), from.Yaw);
        Footstep to = steps[i + 1];
        float t = (frame - from.Lift) / (to.Land - from.Lift);
        // Minimum jerk (Flash and Hogan 1985): rest, speed up, slow down, rest.
        float s = t * t * t * (10 + t * (6 * t - 15));
        float arc = MathF.Sin(MathF.PI * t);
        return (new Vector3(float.Lerp(from.X, to.X, s), lift * arc * arc, float.Lerp(from.Z, to.Z, s)), float.Lerp(from.Yaw, to.Yaw, s));
    }
}
