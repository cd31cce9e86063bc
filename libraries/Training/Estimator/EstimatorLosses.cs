namespace Lwg.MLNet.Training;

/// <summary>The losses of one step of an estimator's training, unweighted.</summary>
/// <param name="Samples">Samples seen, this step's included.</param>
/// <param name="Size">S of the step's pictures.</param>
/// <param name="Map">Cross-entropy of the key points' maps.</param>
/// <param name="Place">Mean distance of the key points along an axis, halves of the picture's side.</param>
/// <param name="Seen">Binary cross-entropy of what is seen.</param>
/// <param name="Mask">Binary cross-entropy of the mask.</param>
/// <param name="Rotation">Mean square of the rotations' elements.</param>
/// <param name="Camera">Mean distance of the camera's numbers.</param>
/// <param name="Shape">Mean square of the shape numbers.</param>
/// <param name="Gradient">The gradient's length.</param>
internal sealed record EstimatorLosses(long Samples, int Size, double Map, double Place, double Seen, double Mask, double Rotation,
    double Camera, double Shape, double Gradient)
{
    /// <summary>The losses by name, for logs.</summary>
    public IReadOnlyList<(string Name, double Value)> Named =>
        [("map", Map), ("place", Place), ("seen", Seen), ("mask", Mask), ("rotation", Rotation), ("camera", Camera), ("shape", Shape),
            ("gradient", Gradient)];

    /// <summary>Whether all are numbers.</summary>
    public bool IsFinite => Named.All(n => double.IsFinite(n.Value));
}
