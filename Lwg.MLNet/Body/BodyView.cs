namespace Lwg.MLNet.Body;

/// <summary>A body seen from another side: its vertices are turned, the camera stays.</summary>
internal static class BodyView
{
    /// <summary>vertices * R + translation with R = Rz * Ry * Rx, row vectors (the viewer of Liquid Warping GAN).</summary>
    /// <param name="vertices">The vertices [V,3] in the camera frame, metres.</param>
    /// <param name="angles">The angles about x, y and z, degrees; finite.</param>
    /// <param name="translation">What is added afterwards [3], metres; empty for nothing.</param>
    /// <param name="result">Receives the turned vertices [V,3]; may be <paramref name="vertices"/>.</param>
    /// <exception cref="ArgumentException">A wrong length, or an angle that is not finite.</exception>
    public static void Rotate(ReadOnlySpan<float> vertices, ReadOnlySpan<float> angles, ReadOnlySpan<float> translation, Span<float> result)
    {
        if (angles.Length != 3 || !float.IsFinite(angles[0] + angles[1] + angles[2]))
            throw new ArgumentException("A view is three finite angles about x, y and z, in degrees.", nameof(angles));
        if (translation.Length is not (0 or 3))
            throw new ArgumentException($"A translation is 3 numbers or none, but {translation.Length} were given.", nameof(translation));
        if (result.Length != vertices.Length || vertices.Length % 3 != 0)
            throw new ArgumentException($"{vertices.Length} coordinates need as many turned ones, but there is room for {result.Length}.",
                nameof(result));
        Span<float> r = stackalloc float[9], t = stackalloc float[3];
        t.Clear();
        translation.CopyTo(t);
        Rotations.FromEuler(Radians(angles[0]), Radians(angles[1]), Radians(angles[2]), r);
        for (int i = 0; i < vertices.Length; i += 3)
        {
            float x = vertices[i], y = vertices[i + 1], z = vertices[i + 2];
            for (int c = 0; c < 3; c++)
                result[i + c] = x * r[c] + y * r[3 + c] + z * r[6 + c] + t[c];
        }
    }

    // Whole turns are taken off first, so that they change nothing at all.
    private static double Radians(float degrees) => double.DegreesToRadians(Math.IEEERemainder(degrees, 360));
}
