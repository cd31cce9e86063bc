using System.Numerics;
using System.Numerics.Tensors;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Composition;

/// <summary>A generator's output for one target: the picture and the three layers it is composed of.</summary>
internal sealed class TransferResult
{
    /// <summary>Allocates one result.</summary>
    /// <param name="size">S, pixels.</param>
    public TransferResult(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        Image = new float[3 * size * size];
        Color = new float[3 * size * size];
        Mask = new float[size * size];
        Background = new float[3 * size * size];
    }

    /// <summary>S, the width and height.</summary>
    public int Size { get; }

    /// <summary>The picture [3,S,S] in [-1,1]: mask * background + (1 - mask) * colour.</summary>
    public float[] Image { get; }

    /// <summary>The person's colours [3,S,S] in [-1,1].</summary>
    public float[] Color { get; }

    /// <summary>The mask [1,S,S] in [0,1]: 1 means background.</summary>
    public float[] Mask { get; }

    /// <summary>The background [3,S,S] in [-1,1].</summary>
    public float[] Background { get; }

    /// <summary>Computes image = mask * background + (1 - mask) * colour, clamped to [-1,1].</summary>
    public void Compose()
    {
        int n = Size * Size;
        ReadOnlySpan<float> mask = Mask;
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<float> color = Color.AsSpan(c * n, n), background = Background.AsSpan(c * n, n);
            Span<float> image = Image.AsSpan(c * n, n);
            int i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var own = new Vector<float>(color[i..]);
                Vector<float> mixed = own + new Vector<float>(mask[i..]) * (new Vector<float>(background[i..]) - own);
                Vector.Min(Vector.Max(mixed, -Vector<float>.One), Vector<float>.One).CopyTo(image[i..]);
            }
            for (; i < n; i++)
                image[i] = Math.Clamp(color[i] + mask[i] * (background[i] - color[i]), -1, 1);
        }
    }

    /// <summary>Composes without the clamp: backgrounds of the published release leave [-1,1].</summary>
    internal void ComposeUnclamped()
    {
        int n = Size * Size;
        for (int c = 0; c < 3; c++)
            TensorPrimitives.Lerp(Color.AsSpan(c * n, n), Background.AsSpan(c * n, n), Mask, Image.AsSpan(c * n, n));
    }

    /// <summary>Replaces the background by a colour, and composes.</summary>
    /// <param name="color">The colour.</param>
    public void ReplaceBackground(Rgb color)
    {
        int n = Size * Size;
        Background.AsSpan(0, n).Fill(color.R / 127.5f - 1);
        Background.AsSpan(n, n).Fill(color.G / 127.5f - 1);
        Background.AsSpan(2 * n, n).Fill(color.B / 127.5f - 1);
        Compose();
    }
}
