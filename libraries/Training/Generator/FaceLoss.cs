using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Generator;

/// <summary>The distance of faces in the features of a face recognition network, L1 (Liu et al. 2019, section 3.3, equation 6).</summary>
internal sealed class FaceLoss : IDisposable
{
    private readonly FrozenNetwork _network;

    /// <param name="weights">The weights of <see cref="FaceNetwork"/>.</param>
    /// <param name="source">The name of the weights in error messages.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    /// <exception cref="ModelFileException">Weights are missing or have another shape.</exception>
    public FaceLoss(INamedWeights weights, string source, Device? device = null, CheckedConvolutions? convolutions = null) =>
        _network = new FrozenNetwork(FaceNetwork.Build(), weights, source, device, convolutions);

    /// <summary>Reads the weights from a PyTorch checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    /// <exception cref="ModelFileException">The file is missing, corrupt, or contains another network.</exception>
    public static FaceLoss Load(string path, Device? device = null, CheckedConvolutions? convolutions = null)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        return new FaceLoss(checkpoint, path, device, convolutions);
    }

    /// <summary>Computes the loss; 0 if no face is visible.</summary>
    /// <param name="predicted">[N,3,S,S] in [-1,1].</param>
    /// <param name="actual">[N,3,S,S] in [-1,1].</param>
    /// <param name="boxes">The boxes of the N faces (<see cref="Warping.BodyBoxes.Face"/>), four values each; null for a face that is not
    /// visible.</param>
    public Tensor Compare(Tensor predicted, Tensor actual, IReadOnlyList<float[]?> boxes)
    {
        long[] seen = [.. Enumerable.Range(0, boxes.Count).Where(i => boxes[i] is not null).Select(i => (long)i)];
        if (seen.Length == 0)
            return zeros(1, device: predicted.device);
        using Tensor rows = tensor(seen, device: predicted.device);
        Tensor points = Points([.. seen.Select(i => boxes[(int)i]!)], predicted.shape[3]).to(predicted.device);
        Tensor found = Features(predicted.index_select(0, rows), points), wanted;
        using (no_grad())
            wanted = Features(actual.index_select(0, rows), points);
        return Losses.L1(found, wanted);
    }

    public void Dispose() => _network.Dispose();

    private Tensor Features(Tensor pictures, Tensor points)
    {
        Tensor faces = nn.functional.grid_sample(pictures, points, mode: GridSampleMode.Bilinear,
            padding_mode: GridSamplePaddingMode.Border, align_corners: false);
        return _network.Forward(faces.flip(1) * FaceNetwork.Scale)[FaceNetwork.Features];
    }

    // The centres of the network's pixels in pictures whose edges are at -1 and 1.
    private static Tensor Points(float[][] boxes, long size)
    {
        Tensor x = Along(0, FaceNetwork.Width).unsqueeze(1).expand(-1, FaceNetwork.Height, -1), y = Along(2, FaceNetwork.Height)
            .unsqueeze(2).expand(-1, -1, FaceNetwork.Width);
        return stack([x, y], 3);

        Tensor Along(int first, int count)
        {
            float[] all = [.. boxes.SelectMany(box =>
                Enumerable.Range(0, count).Select(i =>
                2 * (box[first] + (box[first + 1] + 1 - box[first]) * (i + 0.5f) / count) / size - 1))];
            return AlignedTensor.Of(all).reshape(boxes.Length, count);
        }
    }
}
