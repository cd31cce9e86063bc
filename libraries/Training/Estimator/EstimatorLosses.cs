namespace Lwg.MLNet.Training;

/// <summary>The losses of one step of an estimator's training, unweighted.</summary>
/// <param name="Samples">Samples processed, including this step.</param>
/// <param name="Size">S of the step's pictures.</param>
/// <param name="Map">Cross-entropy of the key point maps.</param>
/// <param name="Place">Mean distance of the key points along an axis, in halves of the picture's side.</param>
/// <param name="Seen">Binary cross-entropy of the visibility.</param>
/// <param name="Mask">Binary cross-entropy of the mask.</param>
/// <param name="Rotation">Mean square error of the rotation matrices' elements.</param>
/// <param name="Camera">Mean absolute error of the camera parameters.</param>
/// <param name="Shape">Mean square error of the shape parameters.</param>
/// <param name="Gradient">The norm of the gradient.</param>
internal sealed record EstimatorLosses(long Samples, int Size, double Map, double Place, double Seen, double Mask, double Rotation,
    double Camera, double Shape, double Gradient)
{
    /// <summary>The losses by name, for logs.</summary>
    public IReadOnlyList<(string Name, double Value)> Named =>
        [("map", Map), ("place", Place), ("seen", Seen), ("mask", Mask), ("rotation", Rotation), ("camera", Camera), ("shape", Shape),
            ("gradient", Gradient)];

    /// <summary>Whether all losses are finite.</summary>
    public bool IsFinite => Named.All(n => double.IsFinite(n.Value));
}
