using Lwg.MLNet.Body;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>Converts the output of <see cref="PersonNetwork"/> to SMPL parameters.</summary>
internal static class PersonNumbers
{
    /// <summary>Orthogonalizes the two columns of each rotation; the third is their cross product (Zhou et al. 2019, section
    /// 4.2).</summary>
    /// <param name="cameraAndShape">(s, s tx, s ty) and the shape, 13 values.</param>
    /// <param name="rotations">[24,6].</param>
    /// <param name="smpl">Receives the 85 SMPL parameters.</param>
    public static void ToSmpl(ReadOnlySpan<float> cameraAndShape, ReadOnlySpan<float> rotations, Span<float> smpl)
    {
        var person = new Smpl(smpl);
        float scale = cameraAndShape[0];
        person.SetCamera(scale, cameraAndShape[1] / scale, cameraAndShape[2] / scale);
        Span<float> matrix = stackalloc float[9];
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            ReadOnlySpan<float> columns = rotations.Slice(6 * j, 6);
            Vector3D first = new Vector3D(columns[0], columns[1], columns[2]).Normalized, second = new(columns[3], columns[4], columns[5]);
            second = (second - Vector3D.Dot(first, second) * first).Normalized;
            Vector3D third = Vector3D.Cross(first, second);
            for (int row = 0; row < 3; row++)
                (matrix[3 * row], matrix[3 * row + 1], matrix[3 * row + 2]) = ((float)first[row], (float)second[row], (float)third[row]);
            Rotations.ToAxisAngle(matrix, person.Joint(j));
        }
        cameraAndShape[SmplLayout.CameraCount..].CopyTo(person.Shape);
    }
}
