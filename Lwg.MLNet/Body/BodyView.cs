namespace Lwg.MLNet.Body;

/// <summary>Rotates the vertices of a body to show it from another side. The camera does not change.</summary>
internal static class BodyView
{
    /// <summary>Computes vertices * R + translation with R = Rz * Ry * Rx and row vectors (as in Liquid Warping GAN).</summary>
    /// <param name="vertices">The vertices [V,3] in the camera frame, metres.</param>
    /// <param name="angles">The angles about x, y and z in degrees; finite.</param>
    /// <param name="translation">The translation after the rotation [3], metres; empty for none.</param>
    /// <param name="result">Receives the rotated vertices [V,3]; may be <paramref name="vertices"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong, or an angle is not finite.</exception>
    public static void Rotate(ReadOnlySpan<float> vertices, ReadOnlySpan<float> angles, ReadOnlySpan<float> translation, Span<float> result)
    {
        if (angles.Length != 3 || !float.IsFinite(angles[0] + angles[1] + angles[2]))
            throw new ArgumentException("A view is three finite angles about x, y and z, in degrees.", nameof(angles));
        if (translation.Length is not (0 or 3))
            throw new ArgumentException($"A translation has 3 values or none, but {translation.Length} were given.", nameof(translation));
        if (result.Length != vertices.Length || vertices.Length % 3 != 0)
            throw new ArgumentException($"{vertices.Length} coordinates need as many results, but there is room for {result.Length}.",
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

    // Full turns are removed first so that they have no effect on the result.
    private static double Radians(float degrees) => double.DegreesToRadians(Math.IEEERemainder(degrees, 360));
}
