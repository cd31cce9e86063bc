namespace Lwg.MLNet.Body;

/// <summary>Transfers the place and size of a person from the reference picture to the source picture. Holds posed bodies; an instance
/// must be used by one thread at a time.</summary>
internal sealed class Placing(BodyModel body)
{
    private readonly PosedBody _source = new(body), _reference = new(body), _target = new(body);

    /// <summary>Computes the camera of a target that stands in the source picture as the reference stands in its picture, with the feet
    /// on the ground.</summary>
    /// <param name="source">The 85 SMPL parameters of the source.</param>
    /// <param name="sourceFrame">The frame of the source's camera.</param>
    /// <param name="reference">The 85 SMPL parameters of the reference.</param>
    /// <param name="referenceFrame">The frame of the reference's camera.</param>
    /// <param name="place">How sizes are compared.</param>
    /// <param name="target">The 85 SMPL parameters of the target, with the reference's pose and the source's shape. Receives the camera,
    /// in the source's frame.</param>
    public void Place(ReadOnlySpan<float> source, in PictureFrame sourceFrame, ReadOnlySpan<float> reference,
        in PictureFrame referenceFrame, PersonPlace place, Span<float> target)
    {
        double ratio = place == PersonPlace.Width ? sourceFrame.Width / referenceFrame.Width : sourceFrame.Height / referenceFrame.Height;
        // Pixels per metre, and the pixel of the body's origin.
        ReadOnlySmpl its = new(reference), own = new(source);
        double metre = its.Scale * referenceFrame.Unit, x = metre * its.TranslationX + referenceFrame.OriginX,
            y = metre * its.TranslationY + referenceFrame.OriginY;
        double referenceFeet = Lowest(reference, _reference), targetFeet = Lowest(target, _target);
        double feet = ratio * (y + metre * referenceFeet - referenceFrame.Height / 2) + sourceFrame.Height / 2;
        if (place == PersonPlace.Feet)
        {
            double sourceMetre = own.Scale * sourceFrame.Unit;
            feet = sourceMetre * (own.TranslationY + Lowest(source, _source)) + sourceFrame.OriginY;
        }
        metre *= ratio;
        x = ratio * (x - referenceFrame.Width / 2) + sourceFrame.Width / 2;
        // The legs of the two bodies differ in length, so the position of the feet is transferred.
        y = feet - metre * targetFeet;
        new Smpl(target).SetCamera((float)(metre / sourceFrame.Unit), (float)((x - sourceFrame.OriginX) / metre),
            (float)((y - sourceFrame.OriginY) / metre));
    }

    /// <summary>Computes the box of a body [4], (minX, maxX, minY, maxY), in pixels of its picture.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="frame">The frame of their camera.</param>
    /// <param name="box">Receives the box.</param>
    public void Box(ReadOnlySpan<float> smpl, in PictureFrame frame, Span<float> box)
    {
        body.Pose(smpl, _target);
        (float minX, float maxX, float minY, float maxY) =
            (float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, float.NegativeInfinity);
        ReadOnlySpan<float> vertices = _target.Vertices;
        for (int i = 0; i < vertices.Length; i += 3)
            (minX, maxX, minY, maxY) = (MathF.Min(minX, vertices[i]), MathF.Max(maxX, vertices[i]), MathF.Min(minY, vertices[i + 1]),
                MathF.Max(maxY, vertices[i + 1]));
        var person = new ReadOnlySmpl(smpl);
        double metre = person.Scale * frame.Unit;
        float x = person.TranslationX, y = person.TranslationY;
        (box[0], box[1]) = ((float)(metre * (minX + x) + frame.OriginX), (float)(metre * (maxX + x) + frame.OriginX));
        (box[2], box[3]) = ((float)(metre * (minY + y) + frame.OriginY), (float)(metre * (maxY + y) + frame.OriginY));
    }

    // Returns the lowest point of the body, metres below its origin (y is down).
    private double Lowest(ReadOnlySpan<float> smpl, PosedBody posed)
    {
        body.Pose(smpl, posed);
        float lowest = float.NegativeInfinity;
        ReadOnlySpan<float> vertices = posed.Vertices;
        for (int i = 1; i < vertices.Length; i += 3)
            lowest = MathF.Max(lowest, vertices[i]);
        return lowest;
    }
}
