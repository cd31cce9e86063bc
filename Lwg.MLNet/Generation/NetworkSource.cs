using Lwg.MLNet.Imaging;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// The inputs of a generator's networks that depend on a source picture, at the networks' size N; used by the generator and the trainer.
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class NetworkSource
{
    // Above this matte a pixel contains more person than background.
    private const float PersonInMatte = 0.5f;

    // Pixels within the fitted body with a matte below these values are background.
    private const float MissingBelow = 0.01f, MissingTo = 0.08f;

    private readonly TextureWarpGenerator _warp;
    private readonly InputAssembler _assembler;
    private readonly int _size;

    /// <summary>Allocates buffers.</summary>
    /// <param name="warp">Separates the person from the picture.</param>
    /// <param name="assembler">Assembles inputs of size N.</param>
    public NetworkSource(TextureWarpGenerator warp, InputAssembler assembler)
    {
        (_warp, _assembler, _size) = (warp, assembler, assembler.Size);
        int n = _size * _size;
        (Person, Condition, CropMask, ForegroundInput, BackgroundInput) =
            (new float[3 * n], new float[3 * n], new float[n], new float[6 * n], new float[4 * n]);
    }

    /// <summary>The picture [3,N,N], with the person's colours extended over the whole fitted body.</summary>
    public float[] Person { get; }

    /// <summary>The body's condition map [3,N,N].</summary>
    public float[] Condition { get; }

    /// <summary>The crop mask [1,N,N], 1 on background.</summary>
    public float[] CropMask { get; }

    /// <summary>The foreground input [6,N,N].</summary>
    public float[] ForegroundInput { get; }

    /// <summary>The background input [4,N,N], with its hole marked.</summary>
    public float[] BackgroundInput { get; }

    /// <summary>Sets the picture.</summary>
    /// <param name="picture">The picture [3,N,N] in [-1,1].</param>
    /// <param name="personPicture">The picture [3,N,N] that the person is read from: the same, or the one without background.</param>
    /// <param name="faceIndex">The body's face index map [N,N].</param>
    /// <param name="source">The result of the texture warp for them.</param>
    /// <param name="kernel">The side of the square by which the background is eroded.</param>
    /// <param name="mask">An estimator's person mask [G,G]; empty for none.</param>
    public void Take(ReadOnlySpan<float> picture, ReadOnlySpan<float> personPicture, ReadOnlySpan<int> faceIndex, TextureWarpSource source,
        int kernel, ReadOnlySpan<float> mask)
    {
        Dress(picture, personPicture, faceIndex, source);
        BodyMaps.Condition(faceIndex, _warp.Body.Surface, Condition);
        _assembler.Background(picture, Condition, kernel, BackgroundInput);
        OpenHole(mask.IsEmpty ? source.Matte : TextureWarpGenerator.Hole(source.Matte, faceIndex, _size, mask));
        _assembler.Foreground(Person, Condition, ForegroundInput, CropMask);
    }

    // Opens the hole over hair and clothes outside the body, which the network might otherwise keep. The network should have to invent
    // little, so only an estimator's mask opens the hole generously.
    private void OpenHole(ReadOnlySpan<float> hole)
    {
        for (int i = 0; i < hole.Length; i++)
        {
            if (hole[i] <= PersonInMatte)
                continue;
            for (int c = i; c < 4 * hole.Length; c += hole.Length)
                BackgroundInput[c] = 0;
        }
    }

    /// <summary>Extends the person's colours where the fitted body is wider than the person, so that the network does not read background
    /// as skin or cloth.</summary>
    private void Dress(ReadOnlySpan<float> picture, ReadOnlySpan<float> personPicture, ReadOnlySpan<int> faceIndex,
        TextureWarpSource source)
    {
        int n = _size * _size;
        for (int i = 0; i < n; i++)
        {
            float missing = faceIndex[i] >= 0 ? 1 - Ramp.Smooth(MissingBelow, MissingTo, source.Matte[i]) : 0;
            // Beside the body a network reads the picture unchanged: see PersonPixels.PaintBody.
            ReadOnlySpan<float> shown = faceIndex[i] >= 0 ? personPicture : picture;
            for (int c = i; c < 3 * n; c += n)
                Person[c] = float.Lerp(shown[c], source.Layers[c], missing);
        }
    }
}
