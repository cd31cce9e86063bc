namespace Lwg.MLNet.Body;

/// <summary>The camera of the target in motion imitation.</summary>
public enum CameraStrategy
{
    /// <summary>The source's camera, with t shifted by the change of the reference's t since its first frame.</summary>
    Smooth,

    /// <summary>The source's camera.</summary>
    Source,

    /// <summary>The reference's camera.</summary>
    Copy,
}

/// <summary>Computes the SMPL parameters of the target: camera by strategy, pose of the reference, shape of the source.</summary>
internal static class Retargeting
{
    /// <summary>Retargets one frame.</summary>
    /// <param name="source">The 85 SMPL parameters of the source.</param>
    /// <param name="reference">The 85 SMPL parameters of the reference.</param>
    /// <param name="origin">The 85 SMPL parameters of the first frame of the reference; used by <see cref="CameraStrategy.Smooth"/>
    /// only.</param>
    /// <param name="strategy">The camera strategy.</param>
    /// <param name="target">Receives 85 SMPL parameters.</param>
    public static void Retarget(ReadOnlySpan<float> source, ReadOnlySpan<float> reference, ReadOnlySpan<float> origin,
        CameraStrategy strategy, Span<float> target)
    {
        SmplLayout.Check(source, nameof(source));
        SmplLayout.Check(reference, nameof(reference));
        if (!Enum.IsDefined(strategy))
            throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "The camera strategy must be Smooth, Source or Copy.");
        reference.CopyTo(target);
        var from = new ReadOnlySmpl(source);
        var to = new Smpl(target);
        from.Shape.CopyTo(to.Shape);
        if (strategy == CameraStrategy.Copy)
            return;
        from.Camera.CopyTo(to.Camera);
        if (strategy == CameraStrategy.Smooth)
        {
            SmplLayout.Check(origin, nameof(origin));
            ReadOnlySmpl now = new(reference), first = new(origin);
            to.TranslationX += now.TranslationX - first.TranslationX;
            to.TranslationY += now.TranslationY - first.TranslationY;
        }
    }

    /// <summary>Puts a person in the T-pose: upright, facing the viewer, arms level, with the source's camera and shape.</summary>
    /// <param name="source">The 85 SMPL parameters of the source.</param>
    /// <param name="target">Receives 85 SMPL parameters.</param>
    public static void StandInTPose(ReadOnlySpan<float> source, Span<float> target)
    {
        SmplLayout.Check(source, nameof(source));
        source.CopyTo(target);
        Span<float> pose = new Smpl(target).Pose;
        pose.Clear();
        // The body's y is up, the camera's is down: half a turn of the root about x.
        pose[0] = MathF.PI;
    }

    /// <summary>
    /// Returns the box that the bodies of a motion occupy in the source picture when they are placed by <see cref="PersonPlace"/>. The
    /// square around the source must include it. The bodies have the reference's shape, which differs little from the source's.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="reference">The 85 SMPL parameters of each frame of the reference. Their cameras are those of whole pictures: [-1,1]
    /// over the square of the longer side at the top left.</param>
    /// <param name="referenceSize">Width and height of the reference pictures; 1 and 1 for a motion.</param>
    /// <param name="sourceSize">Width and height of the source picture, pixels.</param>
    /// <param name="place">How the place is transferred.</param>
    /// <returns>The box [4], (minX, maxX, minY, maxY), in pixels of the source picture; all 0 if there are no frames.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the place is undefined.</exception>
    public static float[] RoomOf(BodyModel body, IEnumerable<float[]> reference, (int Width, int Height) referenceSize,
        (int Width, int Height) sourceSize, PersonPlace place)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(reference);
        foreach (int side in (ReadOnlySpan<int>)[referenceSize.Width, referenceSize.Height, sourceSize.Width, sourceSize.Height])
            ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        if (!Enum.IsDefined(place))
            throw new ArgumentOutOfRangeException(nameof(place), place,
                $"The place must be one of {string.Join(", ", Enum.GetNames<PersonPlace>())}.");
        var placing = new Placing(body);
        PictureFrame source = PictureFrame.Whole(sourceSize.Width, sourceSize.Height),
            seen = PictureFrame.Whole(referenceSize.Width, referenceSize.Height);
        float[] room = [float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, float.NegativeInfinity],
            smpl = new float[SmplLayout.ParameterCount], box = new float[4];
        foreach (float[] frame in reference)
        {
            SmplLayout.Check(frame, nameof(reference));
            frame.CopyTo(smpl, 0);
            placing.Place(frame, source, frame, seen, place == PersonPlace.Width ? PersonPlace.Width : PersonPlace.Height, smpl);
            placing.Box(smpl, source, box);
            (room[0], room[1], room[2], room[3]) =
                (MathF.Min(room[0], box[0]), MathF.Max(room[1], box[1]), MathF.Min(room[2], box[2]), MathF.Max(room[3], box[3]));
        }
        // The feet keep their line, so the source picture limits the vertical range.
        if (place == PersonPlace.Feet)
            (room[2], room[3]) = (MathF.Max(room[2], 0), MathF.Min(room[3], sourceSize.Height));
        return room[0] < room[1] && room[2] < room[3] ? room : new float[4];
    }
}
