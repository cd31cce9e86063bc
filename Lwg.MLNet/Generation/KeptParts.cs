using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Restores the source's own pixels where its parts are kept in an appearance transfer: the pose is the source's, so they have not moved.
/// This includes pixels outside the silhouette that are nearer to a kept part than to others, so that hair stays with the head. Holds
/// scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class KeptParts
{
    // Half the width of the seam between kept and replaced parts, as a share of S.
    private const float Seam = 1f / 128;

    // Above this matte a pixel is fully the person.
    private const float Opaque = 0.9f;

    private readonly int _size;
    private readonly float[] _image, _color, _matte, _toKept, _toTaken, _hole;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public KeptParts(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        int n = size * size;
        _size = size;
        (_image, _color, _matte) = (new float[3 * n], new float[3 * n], new float[n]);
        (_toKept, _toTaken, _hole) = (new float[n], new float[n], new float[n]);
    }

    /// <summary>Sets the source.</summary>
    /// <param name="image">Its picture [3,S,S] in [-1,1].</param>
    /// <param name="matte">The share of each pixel that the person covers [S,S] (<see cref="PersonMatte"/>).</param>
    public void Prepare(ReadOnlySpan<float> image, ReadOnlySpan<float> matte)
    {
        int n = _size * _size;
        if (image.Length != 3 * n || matte.Length != n)
            throw new ArgumentException($"For S = {_size} the picture has {3 * n} elements and the matte {n}, but {image.Length} and "
                + $"{matte.Length} were given.", nameof(image));
        image.CopyTo(_image);
        matte.CopyTo(_matte);
        for (int i = 0; i < n; i++)
            _hole[i] = matte[i] < Opaque ? 1 : 0;
        BackgroundPlate.Spread(image, _hole, _size, _color);
    }

    /// <summary>Writes the source's own pixels into a result: changes colour, mask and background, and composes the picture
    /// again.</summary>
    /// <param name="faceIndex">The source's face index map [S,S].</param>
    /// <param name="kept">The map of the kept parts [1,S,S].</param>
    /// <param name="result">A generator's result for the reference in the source's pose.</param>
    public void Apply(ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> kept, TransferResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        int n = _size * _size;
        if (faceIndex.Length != n || kept.Length != n || result.Size != _size)
            throw new ArgumentException($"Inputs must be of size S = {_size}, but the maps have {faceIndex.Length} and "
                + $"{kept.Length} elements and the result {result.Size}.", nameof(faceIndex));
        DistanceMap.Compute(_size, kept, 1, _toKept);
        for (int i = 0; i < n; i++)
            _toTaken[i] = faceIndex[i] >= 0 && kept[i] == 0 ? 1 : 0;
        DistanceMap.Compute(_size, _toTaken, 1, _toTaken);
        float seam = Math.Max(Seam * _size, 1);
        for (int i = 0; i < n; i++)
        {
            float keep = Ramp.Smooth(-seam, seam, _toTaken[i] - _toKept[i]), matte = _matte[i];
            if (keep == 0)
                continue;
            // Premultiplied, so that the colour of transparent pixels has no weight.
            float own = keep * matte, borrowed = (1 - keep) * (1 - result.Mask[i]), alpha = own + borrowed;
            for (int k = i; k < 3 * n; k += n)
            {
                // Under the person's soft rim the background is chosen so that rim and background together give the picture.
                float color = matte < Opaque ? _color[k] : _image[k];
                float wanted = matte < 1 ? (_image[k] - matte * color) / (1 - matte)
                    : result.Background[k], behind = Math.Clamp(wanted, -1, 1);
                // Where that background is outside [-1,1], the colour is adjusted instead.
                if (behind != wanted && matte > 0)
                    color = (_image[k] - (1 - matte) * behind) / matte;
                result.Background[k] += keep * (behind - result.Background[k]);
                if (alpha > 0)
                    result.Color[k] = (own * color + borrowed * result.Color[k]) / alpha;
            }
            result.Mask[i] = 1 - alpha;
        }
        result.Compose();
    }
}
