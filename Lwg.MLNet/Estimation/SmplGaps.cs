using Lwg.MLNet.Body;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Fills the frames of a sequence in which the person was not seen from those around: cameras and shapes on the straight line between the
/// frames before and after, rotations on the shortest way between theirs (Shoemake 1985). Before the first and after the last frame that is
/// known, that one is repeated.
/// </summary>
internal static class SmplGaps
{
    /// <summary>Fills the gaps.</summary>
    /// <param name="frames">The <see cref="SmplLayout.ParameterCount"/> numbers of each frame, in order; of frames that are not known they
    /// are not looked at.</param>
    /// <param name="known">Which frames are known, as many; one at least.</param>
    /// <returns>As many frames; those that are known have their numbers.</returns>
    /// <exception cref="ArgumentException">The counts differ, no frame is known, or a known frame does not have 85 numbers.</exception>
    public static float[][] Fill(IReadOnlyList<float[]> frames, IReadOnlyList<bool> known)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(known);
        if (frames.Count != known.Count)
            throw new ArgumentException($"Of each of the {frames.Count} frames it must be told whether it is known, but "
                + $"{known.Count} were.", nameof(known));
        int[] sure = [.. Enumerable.Range(0, known.Count).Where(i => known[i])];
        if (sure.Length == 0)
            throw new ArgumentException("One frame at least must be known.", nameof(known));
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
