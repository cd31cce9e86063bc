using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Service;

/// <summary>The available motions, loaded once.</summary>
internal static class Motions
{
    private static readonly Dictionary<string, (MotionClip Clip, float[] Smpl)> s_all =
        MotionClip.BuiltInNames.Select(MotionClip.Load).ToDictionary(clip => clip.Name, clip => (clip, clip.ToSmpl()));

    public static IEnumerable<MotionClip> All => MotionClip.BuiltInNames.Select(name => s_all[name].Clip);

    /// <summary>Returns a motion; null if there is none with the name.</summary>
    public static MotionClip? Find(string name) => s_all.TryGetValue(name, out var motion) ? motion.Clip : null;

    /// <summary>Returns the SMPL parameters [85] of a frame.</summary>
    public static float[] Pose(MotionClip motion, int frame) =>
        s_all[motion.Name].Smpl[(frame * SmplLayout.ParameterCount)..((frame + 1) * SmplLayout.ParameterCount)];
}
