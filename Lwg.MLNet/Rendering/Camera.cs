namespace Lwg.MLNet.Rendering;

/// <summary>The weak-perspective camera of SMPL estimators, followed by a fixed camera in front of the scene. Together they are an
/// orthographic projection.</summary>
internal static class Camera
{
    /// <summary>The distance of the body's origin from the viewer's plane: 1 / tan 30 degrees + 1.</summary>
    public const float Distance = 1.7320508075688772f + 1f;

    /// <summary>Projects vertices: (s (x + tx), -s (y + ty), z + <see cref="Distance"/>).</summary>
    /// <param name="vertices">The posed vertices [V,3] in the camera frame (y down).</param>
    /// <param name="camera">The camera (s, tx, ty).</param>
    /// <param name="points">Receives x right and y UP in [-1,1] over the picture, and depth, [V,3].</param>
    public static void Project(ReadOnlySpan<float> vertices, ReadOnlySpan<float> camera, Span<float> points)
    {
        if (camera.Length != 3)
            throw new ArgumentException($"A camera has 3 values (s, tx, ty), but {camera.Length} were given.", nameof(camera));
        if (points.Length != vertices.Length || vertices.Length % 3 != 0)
            throw new ArgumentException($"{vertices.Length} vertex coordinates need as many projected ones, but there is room for "
                + $"{points.Length}.", nameof(points));
        float s = camera[0], tx = camera[1], ty = camera[2];
        for (int i = 0; i + 2 < vertices.Length; i += 3)
        {
            points[i] = s * (vertices[i] + tx);
            points[i + 1] = -(s * (vertices[i + 1] + ty));
            points[i + 2] = vertices[i + 2] + Distance;
        }
    }

    /// <summary>Computes the picture points of the corners of each face [F,3,2], x right and y DOWN, from which a transformation flow is
    /// computed.</summary>
    /// <param name="points">Projected vertices [V,3], from <see cref="Project"/>.</param>
    /// <param name="faces">The faces [F,3].</param>
    /// <param name="facePoints">Receives the points [F,3,2].</param>
    public static void FacePoints(ReadOnlySpan<float> points, ReadOnlySpan<int> faces, Span<float> facePoints)
    {
        if (facePoints.Length != 2 * faces.Length)
            throw new ArgumentException($"{faces.Length / 3} faces need {2 * faces.Length} values, but there is room for "
                + $"{facePoints.Length}.", nameof(facePoints));
        for (int i = 0; i < faces.Length; i++)
        {
            int p = 3 * faces[i];
            facePoints[2 * i] = points[p];
            facePoints[2 * i + 1] = -points[p + 1];
        }
    }
}
