using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Service;

/// <summary>The motions that can be asked for, loaded once.</summary>
internal static class Motions
{
    private static readonly Dictionary<string, (MotionClip Clip, float[] Smpl)> s_all =
        MotionClip.BuiltInNames.Select(MotionClip.Load).ToDictionary(clip => clip.Name, clip => (clip, clip.ToSmpl()));

    public static IEnumerable<MotionClip> All => MotionClip.BuiltInNames.Select(name => s_all[name].Clip);

    /// <summary>A motion; null if there is none of the name.</summary>
    public static MotionClip? Find(string name) => s_all.TryGetValue(name, out var motion) ? motion.Clip : null;

    /// <summary>A frame's SMPL numbers [85].</summary>
    public static float[] Pose(MotionClip motion, int frame) =>
        s_all[motion.Name].Smpl[(frame * SmplLayout.ParameterCount)..((frame + 1) * SmplLayout.ParameterCount)];
}
