namespace Lwg.MLNet.Generation;

/// <summary>A source picture analysed by a <see cref="TextureWarpGenerator"/>: its layers, its background and the visibility of each
/// vertex. Immutable.</summary>
internal sealed class TextureWarpSource
{
    /// <summary>Red, green and blue spread outwards, matte, silhouette.</summary>
    internal const int LayerCount = 5;

    internal TextureWarpSource(TextureWarpGenerator generator, int size, float[] layers, float[] plate, float[] points, float[] quality,
        float[] seen, float[] colours) =>
        (Generator, Size, Layers, Plate, Points, Quality, Seen, Colours) = (generator, size, layers, plate, points, quality, seen, colours);

    /// <summary>The generator that analysed the picture.</summary>
    public TextureWarpGenerator Generator { get; }

    /// <summary>S, the picture's width and height.</summary>
    public int Size { get; }

    /// <summary>The background without the person [3,S,S] in [-1,1].</summary>
    public ReadOnlySpan<float> Background => Plate;

    /// <summary>The share of each pixel that the person covers [S,S], 1 on the person.</summary>
    public ReadOnlySpan<float> Matte => Layers.AsSpan(3 * Size * Size, Size * Size);

    internal float[] Layers { get; }

    internal float[] Plate { get; }

    /// <summary>The position of each vertex in the picture [V,2].</summary>
    internal float[] Points { get; }

    /// <summary>The quality of each vertex's colour [V], 0 to 1.</summary>
    internal float[] Quality { get; }

    /// <summary>Whether each vertex is seen, even at the outline [V], 0 to 1.</summary>
    internal float[] Seen { get; }

    /// <summary>Whether each vertex faces the viewer behind another part of the body [V], 0 to 1.</summary>
    internal required float[] Covered { get; init; }

    /// <summary>The mean deviation of the hair's brightness in the picture; 0 if it is not known.</summary>
    internal float Strands { get; init; }

    /// <summary>A colour for each vertex [3,V].</summary>
    internal float[] Colours { get; }
}
