using Lwg.MLNet.Body;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Fills the frames of a sequence in which the person is unknown from the frames around: linear interpolation of cameras and shapes,
/// spherical interpolation of rotations (Shoemake 1985). Before the first and after the last known frame, that frame is repeated.
/// </summary>
internal static class SmplGaps
{
    /// <summary>Fills the gaps.</summary>
    /// <param name="frames">The <see cref="SmplLayout.ParameterCount"/> SMPL parameters of each frame, in order; those of unknown frames
    /// are ignored.</param>
    /// <param name="known">Whether each frame is known; at least one is.</param>
    /// <returns>The same number of frames; known frames are unchanged.</returns>
    /// <exception cref="ArgumentException">The counts differ, no frame is known, or a known frame does not have 85
    /// parameters.</exception>
    public static float[][] Fill(IReadOnlyList<float[]> frames, IReadOnlyList<bool> known)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(known);
        if (frames.Count != known.Count)
            throw new ArgumentException($"Each of the {frames.Count} frames needs a known flag, but "
                + $"{known.Count} were given.", nameof(known));
        int[] sure = [.. Enumerable.Range(0, known.Count).Where(i => known[i])];
        if (sure.Length == 0)
            throw new ArgumentException("At least one frame must be known.", nameof(known));
        foreach (int frame in sure)
            SmplLayout.Check(frames[frame], nameof(frames));
        float[][] filled = new float[frames.Count][];
        int next = 0;
        for (int t = 0; t < filled.Length; t++)
        {
            while (next < sure.Length - 1 && sure[next] < t)
                next++;
            int after = sure[next], before = after > t && next > 0 ? sure[next - 1] : after;
            filled[t] = before == after ? (float[])frames[after].Clone()
                : Between(frames[before], frames[after], (float)(t - before) / (after - before));
        }
        return filled;
    }

    private static float[] Between(float[] before, float[] after, float share)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        for (int k = 0; k < smpl.Length; k++)
            smpl[k] = float.Lerp(before[k], after[k], share);
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
            AxisAngle.Between(new ReadOnlySmpl(before).Joint(joint), new ReadOnlySmpl(after).Joint(joint), share,
                new Smpl(smpl).Joint(joint));
        return smpl;
    }
}
