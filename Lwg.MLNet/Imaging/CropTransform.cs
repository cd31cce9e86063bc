namespace Lwg.MLNet.Imaging;

/// <summary>
/// Maps pixel coordinates of a square to those of the full picture. Both are continuous, with the origin at the top left <i>corner</i> of
/// the top left pixel (the centre of pixel p is at p + 0.5): X = A x + B y + C, Y = D x + E y + F. As six values it is the 2 x 3 matrix
/// in row-major order: A, B, C, D, E, F. Key points use the same coordinates.
/// </summary>
/// <param name="A">Picture x per square x.</param>
/// <param name="B">Picture x per square y; 0 in the crops of this library.</param>
/// <param name="C">Picture x of the top left corner of the square.</param>
/// <param name="D">Picture y per square x; 0 in the crops of this library.</param>
/// <param name="E">Picture y per square y.</param>
/// <param name="F">Picture y of the top left corner of the square.</param>
internal readonly record struct CropTransform(float A, float B, float C, float D, float E, float F)
{
    /// <summary>The number of values of a transform.</summary>
    public const int Length = 6;

    /// <summary>The transform of a square that equals the picture.</summary>
    public static CropTransform Identity { get; } = new(1, 0, 0, 0, 1, 0);

    /// <summary>Reads a transform from six values.</summary>
    /// <param name="values">The 2 x 3 matrix in row-major order.</param>
    /// <exception cref="ArgumentException">The length is wrong, a value is not finite, or the matrix has no inverse.</exception>
    public static CropTransform FromSpan(ReadOnlySpan<float> values)
    {
        if (values.Length != Length)
            throw new ArgumentException($"A crop transform has {Length} values (2 x 3, row by row), but {values.Length} were given.",
                nameof(values));
        var result = new CropTransform(values[0], values[1], values[2], values[3], values[4], values[5]);
        if (!float.IsFinite(result.C + result.F) || !float.IsFinite(1 / result.Determinant))
            throw new ArgumentException($"The crop transform {result} is not finite or has no inverse.", nameof(values));
        return result;
    }

    /// <summary>Writes the six values, the 2 x 3 matrix in row-major order.</summary>
    /// <param name="values">Receives the values; at least 6 elements.</param>
    public void CopyTo(Span<float> values) => (values[5], values[4], values[3], values[2], values[1], values[0]) = (F, E, D, C, B, A);

    /// <summary>Maps a point of the square to picture coordinates.</summary>
    public (float X, float Y) Apply(float x, float y) => (A * x + B * y + C, D * x + E * y + F);

    /// <summary>Returns the inverse, which maps picture coordinates to those of the square.</summary>
    public CropTransform Inverse()
    {
        double determinant = (double)A * E - (double)B * D;
        double a = E / determinant, b = -B / determinant, d = -D / determinant, e = A / determinant;
        return new((float)a, (float)b, (float)-(a * C + b * F), (float)d, (float)e, (float)-(d * C + e * F));
    }

    /// <summary>Returns the transform of the same square with another number of pixels.</summary>
    /// <param name="fromSize">The side of the square for this transform, pixels.</param>
    /// <param name="toSize">The side of the square for the result, pixels.</param>
    public CropTransform ForSize(int fromSize, int toSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(toSize, 1);
        float ratio = (float)fromSize / toSize;
        return this with { A = A * ratio, B = B * ratio, D = D * ratio, E = E * ratio };
    }

    /// <summary>Whether the sides of the square are parallel to those of the picture and not mirrored.</summary>
    public bool IsUpright => B == 0 && D == 0 && A > 0 && E > 0;

    private float Determinant => A * E - B * D;
}
