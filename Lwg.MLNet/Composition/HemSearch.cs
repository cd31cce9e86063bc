namespace Lwg.MLNet.Composition;

/// <summary>
/// Finds out whether clothes hang around both legs, and where they end. There are two signs: the mask fills the gap between the legs of
/// the body; or the mask is wider than the legs and becomes narrower at once, at the hem. Trousers show neither: their gap is open, or
/// their width stays. Measured on 60 photographs of one clear person, with BlazePose's key points and masks: clothes are found on 6 of 7
/// standing people in skirts, dresses or long coats, on none of 2 such people in motion, and by mistake on 2 people in wide shorts.
/// </summary>
/// <param name="rows">The rows across the legs.</param>
/// <param name="height">The person's height, [-1,1].</param>
/// <param name="at">What the source shows at a point.</param>
internal sealed class HemSearch(LegRows rows, float height, Func<float, float, HemSearch.Sample> at)
{
    // Rows down the legs, and samples across the pair.
    private const float RowStep = 0.05f, LastRow = 2;
    private const int Samples = 41;

    // A gap has at least this many samples, and is filled from this share of them in the mask on. Errors at single rows do not end the
    // clothes.
    private const int LeastGap = 3, OpenRows = 2;
    private const float FilledFrom = 0.85f;

    // An estimator's mask closes narrow gaps. This many rows must be filled over a gap as wide as this share of the height.
    private const int LeastRows = 6;
    private const float WideGap = 0.04f;

    // As shares of the height: how much narrower the mask becomes at a hem, both sides together, within a tenth of the leg. A shoe's or
    // sleeve's edge is less.
    private const float LeastStep = 0.03f;

    // The least share of the step on its smaller side: a bag or a hand is on one side only.
    private const float LeastSide = 0.2f;

    // A hem that only its step shows lies between these: above, it may be that of shorts.
    private const float StepFrom = 0.7f, StepTo = 1.8f;

    // A skirt down to the feet stands off the legs by this share of the height around the knees.
    private const float LeastFlare = 0.08f, FlareFrom = 0.8f, FlareTo = 1.6f;

    private readonly record struct Row(float T, int Gap, int Filled, float GapWidth, Side Left, Side Right)
    {
        public bool IsFilled => Filled >= FilledFrom * Gap;
    }

    // How far the mask reaches beyond an edge of the pair of legs, and beyond the body's own outline there.
    private readonly record struct Side(float Reach, float Excess);

    /// <summary>Where the clothes end, as t of <see cref="LegRows"/>.</summary>
    public float Hem { get; private set; }

    /// <summary>How far beyond the legs they reach, [-1,1].</summary>
    public float Beyond { get; private set; }

    /// <summary>Searches.</summary>
    /// <param name="reach">How far beyond the legs is searched, as a share of the height.</param>
    /// <returns>Whether clothes hang around both legs.</returns>
    public bool Find(float reach)
    {
        List<Row> measured = [];
        for (int k = 2; k * RowStep <= LastRow; k++)
            measured.Add(Measure(k * RowStep, reach * height));
        (int wide, float end) = FilledGap(measured);
        float step = FromStep(measured, end);
        // A gap that is filled down to the feet may be that of a coarse mask: without a step or flare it is no skirt.
        Hem = wide >= LeastRows && (end < LastRow || step > 0 || Flare(measured) >= LeastFlare * height) ? Math.Max(end, step) : step;
        if (Hem == 0)
            return false;
        Beyond = measured.Where(row => row.T <= Hem).Max(row => MathF.Max(row.Left.Reach, row.Right.Reach));
        return true;
    }

    // How far the mask stands off the legs around the knees, both sides together.
    private static float Flare(List<Row> measured) =>
        measured.Where(row => row.T is > FlareFrom and < FlareTo).Average(row => row.Left.Excess + row.Right.Excess);

    // The number of rows with a wide gap that is filled, and where the gap opens.
    private (int Wide, float End) FilledGap(List<Row> measured)
    {
        (int wide, int open, float end) = (0, 0, LastRow);
        foreach (Row row in measured)
        {
            if (row.Gap < LeastGap)
                continue;
            if (row.IsFilled)
                (wide, open) = (wide + (row.GapWidth >= WideGap * height ? 1 : 0), 0);
            else if (++open == 1)
                end = row.T;
            if (open >= OpenRows)
                return (wide, end);
            if (open == 0)
                end = LastRow;
        }
        return (wide, end);
    }

    // The largest step, above the first open gap.
    private float FromStep(List<Row> measured, float end)
    {
        (float best, float hem) = (LeastStep * height, 0);
        for (int k = 3; k + 4 < measured.Count; k++)
        {
            float t = measured[k].T;
            if (t < StepFrom || t > MathF.Min(StepTo, end + 2 * RowStep))
                continue;
            (float left, float right) = (Step(k, row => row.Left.Excess), Step(k, row => row.Right.Excess));
            if (left + right > best && MathF.Min(left, right) >= LeastSide * (left + right))
                (best, hem) = (left + right, t + RowStep);
        }
        return hem;

        float Step(int k, Func<Row, float> beyond) =>
            (beyond(measured[k - 1]) + beyond(measured[k - 2]) + beyond(measured[k - 3]) - beyond(measured[k + 2]) - beyond(measured[k + 3])
            - beyond(measured[k + 4])) / 3;
    }

    private Row Measure(float t, float reach)
    {
        Span<Sample> samples = stackalloc Sample[Samples];
        (int first, int last) = (Samples, -1);
        for (int k = 0; k < Samples; k++)
        {
            (float x, float y) = rows.Point(t, 2f * k / (Samples - 1) - 1, 0);
            samples[k] = at(x, y);
            if (samples[k].IsBody && !samples[k].IsArm)
                (first, last) = (Math.Min(first, k), k);
        }
        (int gap, int filled) = (0, 0);
        for (int k = first; k <= last; k++)
        {
            if (samples[k].IsBody)
                continue;
            gap++;
            filled += samples[k].IsPerson ? 1 : 0;
        }
        return new Row(t, gap, filled, gap * 2 * rows.HalfWidthAt(t) / (Samples - 1), Outwards(t, -1, reach), Outwards(t, 1, reach));
    }

    // From inside the leg outwards to the end of the mask; an arm ends it.
    private Side Outwards(float t, int side, float reach)
    {
        float step = reach / 40, from = -rows.HalfWidthAt(t) / 5, beyond = from, body = from;
        for (; beyond < reach; beyond += step)
        {
            (float x, float y) = rows.Point(t, side, side * (beyond + step));
            Sample sample = at(x, y);
            if (sample.IsArm || (!sample.IsPerson && !sample.IsBody))
                break;
            if (sample.IsBody)
                body = beyond + step;
        }
        return new Side(MathF.Max(beyond, 0), beyond - body);
    }

    /// <summary>What a picture shows at a point.</summary>
    /// <param name="IsBody">Whether the body's silhouette is there.</param>
    /// <param name="IsArm">Whether that is an arm or a hand.</param>
    /// <param name="IsPerson">Whether the mask is there.</param>
    internal readonly record struct Sample(bool IsBody, bool IsArm, bool IsPerson);
}
