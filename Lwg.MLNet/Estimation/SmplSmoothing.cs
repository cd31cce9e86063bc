using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Estimation;

/// <summary>The options for smoothing a sequence of one person.</summary>
public sealed record SmplSmoothingOptions
{
    /// <summary>The number of frames per second, above 0.</summary>
    public double FramesPerSecond { get; init; } = 25;

    /// <summary>
    /// The standard deviation of the weights in time, in seconds, 0 to 10. The default keeps 99 % of motion at 1 Hz and 91 % at 2 Hz, and
    /// halves the noise between frames at 25 frames per second. 0 leaves poses and cameras unchanged.
    /// </summary>
    public double Bandwidth { get; init; } = 0.08;

    /// <summary>Whether all frames get one shape: the interquartile mean of each parameter.</summary>
    public bool ShareShape { get; init; } = true;

    /// <summary>
    /// Joints and cameras whose distance from their neighbours in time exceeds this multiple of the sequence's median distance are
    /// excluded and filled in from the others; at least 2, and 6 is a good start. Null keeps them all.
    /// </summary>
    public double? OutlierFactor { get; init; }

    internal void Check()
    {
        if (!(FramesPerSecond > 0 && double.IsFinite(FramesPerSecond)))
            throw new ArgumentOutOfRangeException(nameof(FramesPerSecond), FramesPerSecond, "There must be more than 0 frames per second.");
        if (!(Bandwidth is >= 0 and <= 10))
            throw new ArgumentOutOfRangeException(nameof(Bandwidth), Bandwidth, "The bandwidth must be 0 to 10 seconds.");
        if (OutlierFactor is { } factor && !(factor >= 2 && double.IsFinite(factor)))
            throw new ArgumentOutOfRangeException(nameof(OutlierFactor), factor, "The outlier factor must be at least 2.");
    }
}

/// <summary>
/// Smooths the SMPL parameters of one person in a sequence whose frames were estimated independently and therefore jitter. At each frame,
/// each joint's rotation (as a quaternion) and the camera become the value of the parabola that best fits the frames around, weighted by
/// a Gaussian in time (local regression, Cleveland 1979). The weights are symmetric in time, so there is no lag; steady motion and
/// acceleration are preserved, at the sequence's ends too.
/// </summary>
internal static class SmplSmoothing
{
    /// <summary>Smooths a sequence.</summary>
    /// <param name="frames">The <see cref="SmplLayout.ParameterCount"/> SMPL parameters of each frame, in order.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The same number of frames. Axis-angle vectors are continuous, and so may be longer than pi.</returns>
    /// <exception cref="ArgumentException">A frame does not have 85 finite parameters, or an option is not allowed.</exception>
    public static float[][] Smooth(IReadOnlyList<float[]> frames, SmplSmoothingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        options ??= new SmplSmoothingOptions();
        options.Check();
        foreach (float[] frame in frames)
            SmplLayout.Check(frame, nameof(frames));
        float[][] smoothed = [.. frames.Select(f => (float[])f.Clone())];
        if (frames.Count == 0)
            return smoothed;
        if (options.ShareShape)
            ShareShape(smoothed);
        Camera(frames, options, smoothed);
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
            Rotations(frames, joint, options, smoothed);
        return smoothed;
    }

    private static void ShareShape(float[][] frames)
    {
        int cut = frames.Length / 4;
        for (int k = 0; k < SmplLayout.ShapeCount; k++)
        {
            float mean = (float)frames.Select(f => (double)new ReadOnlySmpl(f).Shape[k]).Order().Skip(cut)
                .Take(frames.Length - 2 * cut).Average();
            foreach (float[] frame in frames)
                new Smpl(frame).Shape[k] = mean;
        }
    }

    private static void Camera(IReadOnlyList<float[]> frames, SmplSmoothingOptions options, float[][] smoothed)
    {
        bool[] kept = TimeOutliers.Kept(frames.Count, (a, b) =>
            CameraDistance(frames[a], frames[b]), TimeOutliers.CameraFloor, options.OutlierFactor);
        var regression = new LocalRegression(kept, options.Bandwidth * options.FramesPerSecond);
        for (int t = 0; t < frames.Count; t++)
        {
            if (!regression.At(t))
                continue;
            for (int k = 0; k < SmplLayout.CameraCount; k++)
                new Smpl(smoothed[t]).Camera[k] = (float)regression.Sum(i => new ReadOnlySmpl(frames[i]).Camera[k]);
        }
    }

    private static void Rotations(IReadOnlyList<float[]> frames, int joint, SmplSmoothingOptions options, float[][] smoothed)
    {
        Quaternion[] rotations = [.. frames.Select(f => AxisAngle.ToQuaternion(new ReadOnlySmpl(f).Joint(joint)))];
        bool[] kept = TimeOutliers.Kept(rotations.Length, (a, b) =>
            Angle(rotations[a], rotations[b]), TimeOutliers.AngleFloor, options.OutlierFactor);
        // q and -q are the same rotation; the one nearer to the frame before is used.
        Quaternion before = rotations[Array.IndexOf(kept, true)];
        for (int t = 0; t < rotations.Length; t++)
        {
            if (Quaternion.Dot(rotations[t], before) < 0)
                rotations[t] = -rotations[t];
            if (kept[t])
                before = rotations[t];
        }
        var regression = new LocalRegression(kept, options.Bandwidth * options.FramesPerSecond);
        var near = new Vector3(new ReadOnlySmpl(frames[0]).Joint(joint));
        for (int t = 0; t < rotations.Length; t++)
        {
            Quaternion rotation = rotations[t];
            if (regression.At(t))
            {
                rotation = Quaternion.Normalize(
                    new Quaternion((float)regression.Sum(i => rotations[i].X), (float)regression.Sum(i => rotations[i].Y),
                    (float)regression.Sum(i => rotations[i].Z), (float)regression.Sum(i => rotations[i].W)));
            }
            near = AxisAngle.FromQuaternion(rotation, near);
            near.CopyTo(new Smpl(smoothed[t]).Joint(joint));
        }
    }

    private static double Angle(Quaternion a, Quaternion b) => 2 * Math.Acos(Math.Min(1, Math.Abs((double)Quaternion.Dot(a, b))));

    // The relative change of the scale, and the translation in units of the picture at scale 1.
    private static double CameraDistance(float[] a, float[] b)
    {
        ReadOnlySmpl one = new(a), other = new(b);
        double scale = Math.Log(Math.Max(Math.Abs(one.Scale), 1e-6) / Math.Max(Math.Abs(other.Scale), 1e-6)),
            x = one.TranslationX - other.TranslationX, y = one.TranslationY - other.TranslationY;
        return Math.Sqrt(scale * scale + x * x + y * y);
    }
}
