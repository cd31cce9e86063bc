namespace Lwg.MLNet.Metrics;

/// <summary>The region of a picture in which a transfer is measured.</summary>
public enum TransferRegion
{
    /// <summary>The whole picture.</summary>
    Picture,

    /// <summary>The true area of the person in the target picture.</summary>
    Person,

    /// <summary>Background that the person hides in the source and not in the target; it is not visible in the source.</summary>
    UncoveredBackground,

    /// <summary>The box of the facial front in the target picture, if it is visible.</summary>
    Face,
}

/// <summary>A measure of the difference between pictures.</summary>
public enum TransferMeasure
{
    /// <summary>Structural similarity (<see cref="StructuralSimilarity"/>): 1 for equal pictures; higher is better.</summary>
    Ssim,

    /// <summary>Peak signal-to-noise ratio over RGB in decibels; higher is better.</summary>
    Psnr,

    /// <summary>Mean absolute difference in units of [-1,1]; lower is better.</summary>
    L1,

    /// <summary>The distance of the features of a network trained on photographs, 0 to 2; lower is better. NaN if that network is not
    /// available.</summary>
    Perceptual,
}

/// <summary>Measures the difference between predicted and true pictures, row by row.</summary>
public sealed class TransferMetrics
{
    private static readonly int s_regions = Enum.GetValues<TransferRegion>().Length, s_measures = Enum.GetValues<TransferMeasure>().Length;

    // NaN if a row does not have the region.
    private readonly List<double[]> _rows = [];
    private readonly PerceptualDistance? _perceptual;

    /// <summary>Creates metrics without the perceptual distance.</summary>
    public TransferMetrics()
    {
    }

    /// <summary>Creates metrics with the perceptual distance.</summary>
    /// <param name="perceptual">The network of the perceptual distance; null for none.</param>
    internal TransferMetrics(PerceptualDistance? perceptual) => _perceptual = perceptual;

    /// <summary>The number of rows.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="predicted">The picture [3,S,S] in [-1,1].</param>
    /// <param name="actual">The true picture.</param>
    /// <param name="size">S, 11 or more.</param>
    /// <param name="person">[S,S], above 0.5 in the true area of the person; empty if unknown.</param>
    /// <param name="uncovered">[S,S], above 0.5 on uncovered background; empty if unknown.</param>
    /// <param name="face">[S,S], above 0.5 in the face's box; empty if unknown.</param>
    public void Add(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, int size, ReadOnlySpan<float> person = default,
        ReadOnlySpan<float> uncovered = default, ReadOnlySpan<float> face = default)
    {
        double[] row = new double[s_regions * s_measures];
        Measure(TransferRegion.Picture, predicted, actual, size, default, row);
        Within(TransferRegion.Person, predicted, actual, size, person, row);
        Within(TransferRegion.UncoveredBackground, predicted, actual, size, uncovered, row);
        Within(TransferRegion.Face, predicted, actual, size, face, row);
        Perceive(predicted, actual, size, [[], person.ToArray(), uncovered.ToArray(), face.ToArray()], row);
        _rows.Add(row);
    }

    /// <summary>Returns one value per row; NaN if a row does not have the region.</summary>
    public double[] Values(TransferRegion region, TransferMeasure measure) => [.. _rows.Select(row => row[Slot(region, measure)])];

    /// <summary>Returns the number of rows that have the region.</summary>
    public int Count(TransferRegion region) => Values(region, TransferMeasure.L1).Count(v => !double.IsNaN(v));

    /// <summary>Returns the mean over the rows that have the region; NaN if none does.</summary>
    public double Mean(TransferRegion region, TransferMeasure measure)
    {
        double[] values = [.. Values(region, measure).Where(v => !double.IsNaN(v))];
        return values.Length == 0 ? double.NaN : values.Average();
    }

    /// <summary>Compares these metrics with others of the same rows: the mean of (this - baseline) with its 95 % interval.</summary>
    /// <param name="baseline">The metrics of the same rows in the same order.</param>
    /// <param name="region">The region.</param>
    /// <param name="measure">The measure.</param>
    /// <exception cref="ArgumentException">The number of rows differs, or no row has the region.</exception>
    public PairedDifference Minus(TransferMetrics baseline, TransferRegion region, TransferMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        if (baseline.RowCount != RowCount)
            throw new ArgumentException($"Only the same rows can be compared, but there are {RowCount} and {baseline.RowCount} rows.",
                nameof(baseline));
        double[] differences = [.. Values(region, measure).Zip(baseline.Values(region, measure), (a, b) => a - b)
            .Where(d => !double.IsNaN(d))];
        return PairedDifference.Of(differences);
    }

    // In the order of the regions.
    private void Perceive(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, int size, float[][] masks, double[] row)
    {
        double[] distances = new double[masks.Length];
        if (_perceptual is null)
            Array.Fill(distances, double.NaN);
        else
            _perceptual.Compare(predicted, actual, size, masks, distances);
        for (int region = 0; region < masks.Length; region++)
        {
            bool measured = region == (int)TransferRegion.Picture || !double.IsNaN(row[Slot((TransferRegion)region, TransferMeasure.L1)]);
            row[Slot((TransferRegion)region, TransferMeasure.Perceptual)] = measured ? distances[region] : double.NaN;
        }
    }

    private static int Slot(TransferRegion region, TransferMeasure measure) => (int)region * s_measures + (int)measure;

    private static void Within(TransferRegion region, ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, int size,
        ReadOnlySpan<float> mask, double[] row)
    {
        if (HasWindow(mask, size))
            Measure(region, predicted, actual, size, mask, row);
        else
            row.AsSpan(Slot(region, 0), s_measures).Fill(double.NaN);
    }

    private static bool HasWindow(ReadOnlySpan<float> mask, int size)
    {
        const int Margin = StructuralSimilarity.Window / 2;
        for (int y = Margin; y < size - Margin && mask.Length > 0; y++)
        {
            foreach (float m in mask.Slice(y * size + Margin, size - 2 * Margin))
            {
                if (m > 0.5f)
                    return true;
            }
        }
        return false;
    }

    private static void Measure(TransferRegion region, ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, int size,
        ReadOnlySpan<float> mask, double[] row)
    {
        row[Slot(region, TransferMeasure.Ssim)] = StructuralSimilarity.Mean(predicted, actual, size, size, mask);
        row[Slot(region, TransferMeasure.Psnr)] = PictureError.PeakSignalToNoise(predicted, actual, mask);
        row[Slot(region, TransferMeasure.L1)] = PictureError.MeanAbsolute(predicted, actual, mask);
    }
}
