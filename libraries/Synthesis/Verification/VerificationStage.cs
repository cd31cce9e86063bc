namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>One stage of the computation, from tensors of a dump to other tensors.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Inputs">The tensors that it reads.</param>
/// <param name="Outputs">The tensors that it computes, with their tolerances.</param>
/// <param name="Compute">Computes one row and fills the outputs.</param>
internal sealed record VerificationStage(string Name, string[] Inputs, StageOutput[] Outputs, Action<TensorDump, int, float[][]> Compute)
{
    /// <summary>What the stage needs besides tensors, if that is missing.</summary>
    public string? Lacks { get; init; }

    /// <summary>The same stage with other settings, each with a description; tried if the stage differs.</summary>
    public IReadOnlyList<(string Setting, Action<TensorDump, int, float[][]> Compute)> Variants { get; init; } = [];

    /// <summary>Checks the stage against a dump.</summary>
    public StageVerdict Check(TensorDump dump)
    {
        string[] made = [.. Outputs.Select(o => o.Tensor).Where(dump.Contains)];
        string? missing = made.Length == 0 ? string.Join(" or ", Outputs.Select(o => $"'{o.Tensor}'"))
            : Inputs.Any(i => !dump.Contains(i)) ? string.Join(" and ", Inputs.Where(i => !dump.Contains(i)).Select(i => $"'{i}'"))
            : Lacks;
        if (missing is not null)
            return new StageVerdict(Name, [], missing);
        TensorDifference[] differences = Compare(dump, Compute);
        string? hint = null;
        if (!differences.All(d => d.Agrees))
            hint = Variants.FirstOrDefault(v => Compare(dump, v.Compute).All(d => d.Agrees)).Setting;
        return new StageVerdict(Name, differences, Hint: hint);
    }

    private TensorDifference[] Compare(TensorDump dump, Action<TensorDump, int, float[][]> compute)
    {
        StageOutput[] present = [.. Outputs.Where(o => dump.Contains(o.Tensor))];
        var sums = present.Select(o => new DifferenceSum(o, Range(dump, o))).ToArray();
        float[][]? results = null;
        for (int row = 0; row < dump.RowCount; row++)
        {
            // Outputs that are not in the dump have an unknown length and are not filled.
            results ??= [.. Outputs.Select(o => dump.Contains(o.Tensor) ? new float[dump.Row(o.Tensor, 0).Length] : [])];
            compute(dump, row, results);
            foreach (DifferenceSum sum in sums)
                sum.Add(dump.Row(sum.Output.Tensor, row), results[Array.IndexOf(Outputs, sum.Output)]);
        }
        return [.. sums.Select(s => s.Result)];
    }

    private static double Range(TensorDump dump, StageOutput output)
    {
        if (!output.OfRange)
            return 1;
        float low = float.MaxValue, high = float.MinValue;
        for (int row = 0; row < dump.RowCount; row++)
        {
            foreach (float value in dump.Row(output.Tensor, row))
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        return high - (double)low;
    }

    private sealed class DifferenceSum(StageOutput output, double range)
    {
        private double _largest, _sum;
        private long _count, _outside;

        public StageOutput Output => output;

        public TensorDifference Result =>
            new(output.Tensor, _largest, _sum / _count, output.Tolerance * range, (double)_outside / _count, output.Share);

        public void Add(ReadOnlySpan<float> dumped, ReadOnlySpan<float> computed)
        {
            for (int i = 0; i < dumped.Length; i++)
            {
                double difference = Math.Abs((double)dumped[i] - computed[i]);
                // A value that is not a number counts as different.
                if (!(difference <= output.Tolerance * range))
                    _outside++;
                _largest = Math.Max(_largest, difference);
                _sum += difference;
            }
            _count += dumped.Length;
        }
    }
}

/// <summary>An output of a stage.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Tolerance">The difference allowed for an element.</param>
/// <param name="OfRange">Whether the tolerance is a share of the tensor's range (max - min).</param>
/// <param name="Share">The share of elements that may exceed the tolerance: pixels on the edges of faces.</param>
internal sealed record StageOutput(string Tensor, double Tolerance, bool OfRange = false, double Share = 0);
