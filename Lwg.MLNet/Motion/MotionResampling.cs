using System.Globalization;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>Resamples motions to other rates.</summary>
internal static class MotionResampling
{
    // The tolerance, in frames, by which a new frame may exceed the last frame because of rounding.
    private const double Rounding = 1e-4;

    // The number of frames that any motion may be resampled to, and the number per frame of longer motions.
    private const int AlwaysAllowed = 10_000, AllowedEach = 100;

    /// <summary>See <see cref="MotionClip.Resample"/>.</summary>
    public static MotionClip Resample(MotionClip clip, float framesPerSecond)
    {
        double step = (double)clip.FramesPerSecond / framesPerSecond;
        int last = clip.FrameCount - 1, count = last == 0 ? 1 : Count(clip, framesPerSecond, Math.Floor((last + Rounding) / step) + 1);
        float[] poses = new float[count * SmplLayout.PoseCount], translations = new float[3 * count];
        for (int i = 0; i < count; i++)
        {
            double at = Math.Min(i * step, last);
            int before = (int)at, after = Math.Min(before + 1, last);
            float share = (float)(at - before);
            ReadOnlySpan<float> from = clip.Pose(before), to = clip.Pose(after);
            Span<float> pose = poses.AsSpan(i * SmplLayout.PoseCount, SmplLayout.PoseCount);
            for (int k = 0; k < pose.Length; k += 3)
                AxisAngle.Between(from.Slice(k, 3), to.Slice(k, 3), share, pose.Slice(k, 3));
            for (int k = 0; k < 3; k++)
                translations[3 * i + k] = float.Lerp(clip.Translation(before)[k], clip.Translation(after)[k], share);
        }
        return new MotionClip(clip.Name, framesPerSecond, poses, translations, clip.Shape) { Format = clip.Format };
    }

    private static int Count(MotionClip clip, float framesPerSecond, double count)
    {
        long allowed = Math.Min(MotionFile.MaxFrames, Math.Max(AlwaysAllowed, (long)AllowedEach * clip.FrameCount));
        return count <= allowed ? (int)count : throw new LwgException(string.Create(
            CultureInfo.InvariantCulture,
            $"The motion '{clip.Name}' has {clip.FrameCount} frames at {clip.FramesPerSecond} a second; at {framesPerSecond} a second it "
            + $"would have {count:G6}, but at most {allowed} are allowed."));
    }
}
