using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>
/// The weights of several networks in one tensor, each a view of it, so that Adam (Kingma and Ba 2015), the running average and
/// checkpoints process a single tensor.
/// </summary>
internal sealed class LearnedWeights : IDisposable
{
    private const double Beta2 = 0.999, Epsilon = 1e-8;

    private readonly double _beta1;

    private readonly List<(GraphTensor Weight, long Start, Tensor Leaf)> _leaves = [];
    private readonly Tensor _flat, _first, _second, _average;
    private readonly Dictionary<string, Tensor> _byName = [];
    private Tensor? _rates;

    /// <summary>Initialises weights: convolutions from a normal distribution, scales 1, shifts and biases 0.</summary>
    /// <param name="graphs">The networks.</param>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="beta1">Adam's first beta.</param>
    /// <param name="deviation">The standard deviation of the normal distribution; null for the one that preserves the scale of
    /// activations (He et al. 2015).</param>
    /// <param name="device">The device; null for the CPU.</param>
    public LearnedWeights(IReadOnlyList<NetworkGraph> graphs, int seed, double beta1, double? deviation, Device? device = null)
    {
        _beta1 = beta1;
        var seen = new HashSet<string>();
        GraphTensor[] weights = [.. graphs.SelectMany(g => g.Weights).Where(w => seen.Add(w.Name))];
        Count = weights.Sum(w => w.Count);
        float[] start = new float[Count];
        long at = 0;
        foreach (GraphTensor weight in weights)
        {
            Span<float> values = start.AsSpan((int)at, (int)weight.Count);
            if (weight.Shape.Length > 1)
                Normal(values, deviation ?? Math.Sqrt(2.0 * weight.Shape[0] / weight.Count),
                    new Random(unchecked(seed * 397 ^ (int)Fnv(weight.Name))));
            else if (weight.Name.EndsWith(".weight", StringComparison.Ordinal))
                values.Fill(1);
            at += weight.Count;
        }
        _flat = AlignedTensor.Of(start, device).DetachFromDisposeScope();
        (_first, _second, _average) = (zeros_like(_flat).DetachFromDisposeScope(), zeros_like(_flat).DetachFromDisposeScope(), _flat.clone()
            .DetachFromDisposeScope());
        at = 0;
        foreach (GraphTensor weight in weights)
        {
            Tensor leaf = _flat.narrow(0, at, weight.Count).view([.. weight.Shape.Select(s => (long)s)]).detach().requires_grad_(true)
                .DetachFromDisposeScope();
            _leaves.Add((weight, at, leaf));
            _byName[weight.Name] = leaf;
            at += weight.Count;
        }
    }

    /// <summary>Sets weights and average to weights that were learned before.</summary>
    /// <param name="learned">All of these weights by name.</param>
    public void Begin(INamedWeights learned)
    {
        float[] values = new float[Count];
        foreach ((GraphTensor weight, long start, _) in _leaves)
            learned.Read(weight.Name, values.AsSpan((int)start, (int)weight.Count));
        using var frozen = no_grad();
        using Tensor begin = tensor(values);
        _flat.copy_(begin);
        _average.copy_(begin);
    }

    /// <summary>Sets some weights and their average to weights that were learned before.</summary>
    /// <param name="learned">Weights by name.</param>
    /// <param name="prefix">Precedes their names here.</param>
    public void Begin(ArrayWeights learned, string prefix)
    {
        using var frozen = no_grad();
        foreach ((GraphTensor weight, long start, _) in _leaves.Where(l => l.Weight.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            float[] values = new float[weight.Count];
            learned.Read(weight.Name[prefix.Length..], values);
            using Tensor begin = tensor(values);
            foreach (Tensor to in (Tensor[])[_flat, _average])
                to.narrow(0, start, weight.Count).copy_(begin);
        }
    }

    /// <summary>Lets weights learn more slowly.</summary>
    /// <param name="prefix">The start of their names.</param>
    /// <param name="share">Their share of the learning rate.</param>
    public void Slow(string prefix, double share)
    {
        using var frozen = no_grad();
        _rates ??= ones_like(_flat).DetachFromDisposeScope();
        foreach ((GraphTensor weight, long start, _) in _leaves.Where(l => l.Weight.Name.StartsWith(prefix, StringComparison.Ordinal)))
            _rates.narrow(0, start, weight.Count).fill_(share);
    }

    /// <summary>Excludes weights from training.</summary>
    /// <param name="weights">Some of these weights.</param>
    public void Freeze(IEnumerable<GraphTensor> weights)
    {
        foreach (GraphTensor weight in weights)
            _byName[weight.Name].requires_grad_(false);
    }

    /// <summary>The number of values.</summary>
    public long Count { get; }

    /// <summary>The weights by name, which receive gradients.</summary>
    public IReadOnlyDictionary<string, Tensor> ByName => _byName;

    /// <summary>Adam's steps so far.</summary>
    public long Steps { get; set; }

    /// <summary>Clears the gradients.</summary>
    public void ClearGradients()
    {
        foreach ((_, _, Tensor leaf) in _leaves)
            leaf.grad?.zero_();
    }

    /// <summary>Performs one step of Adam.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="gradientLimit">The largest norm of the gradient.</param>
    /// <param name="averageDecay">The decay of the running average.</param>
    /// <returns>The norm of the gradient before it was limited.</returns>
    public double Step(double rate, double gradientLimit, double averageDecay)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor gradient = cat([.. _leaves.Select(l => l.Leaf.grad is { } g ? g.reshape(-1) : zeros(l.Weight.Count, device: _flat.device))]);
        double length = gradient.norm().item<float>();
        if (!double.IsFinite(length))
            return length;
        if (length > gradientLimit)
            gradient.mul_(gradientLimit / length);
        Steps++;
        _first.mul_(_beta1).add_(gradient, alpha: 1 - _beta1);
        _second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        double step = rate / (1 - Math.Pow(_beta1, Steps)), unbias = Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        Tensor divisor = _second.sqrt().div_(unbias).add_(Epsilon);
        if (_rates is not null)
            divisor.div_(_rates);
        _flat.addcdiv_(_first, divisor, -step);
        // Early in a training, the average must not retain the random initial weights.
        double decay = Math.Min(averageDecay, (1.0 + Steps) / (10.0 + Steps));
        // In this form, a value that does not change equals its average exactly.
        _average.lerp_(_flat, 1 - decay);
        return length;
    }

    /// <summary>Returns the averaged weights for export.</summary>
    public INamedWeights Average()
    {
        float[] values = ValuesOf(_average);
        var weights = new ArrayWeights();
        foreach ((GraphTensor weight, long start, _) in _leaves)
            weights.Set(weight.Name, weight.Shape, values[(int)start..(int)(start + weight.Count)]);
        return weights;
    }

    /// <summary>Copies the averaged weights of other networks that are among these to the weights and the average; Adam starts from
    /// scratch there.</summary>
    public void Take(LearnedWeights other)
    {
        using var frozen = no_grad();
        foreach ((GraphTensor weight, long start, _) in _leaves)
        {
            if (other._leaves.Find(l => l.Weight.Name == weight.Name) is not { Leaf: not null } found)
                continue;
            foreach (Tensor to in (Tensor[])[_flat, _average])
                to.narrow(0, start, weight.Count).copy_(other._average.narrow(0, found.Start, weight.Count));
            foreach (Tensor to in (Tensor[])[_first, _second])
                to.narrow(0, start, weight.Count).zero_();
        }
    }

    /// <summary>Returns the averaged weights by name, as tensors without gradients.</summary>
    public IReadOnlyDictionary<string, Tensor> AverageByName() =>
        _leaves.ToDictionary(l => l.Weight.Name, l =>
        _average.narrow(0, l.Start, l.Weight.Count).view([.. l.Weight.Shape.Select(s => (long)s)]));

    /// <summary>Returns the state for a checkpoint.</summary>
    public IReadOnlyList<float[]> Save() => [.. State.Select(ValuesOf)];

    /// <summary>Restores the state of a checkpoint.</summary>
    public void Load(IReadOnlyList<float[]> state, long steps)
    {
        using var frozen = no_grad();
        foreach ((Tensor to, float[] from) in State.Zip(state))
        {
            using Tensor values = tensor(from);
            to.copy_(values);
        }
        Steps = steps;
    }

    private static float[] ValuesOf(Tensor t)
    {
        using Tensor here = t.cpu();
        return here.data<float>().ToArray();
    }

    public const int StateCount = 4;

    private Tensor[] State => [_flat, _first, _second, _average];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, _, Tensor leaf) in _leaves)
            leaf.Dispose();
        foreach (Tensor t in State)
            t.Dispose();
        _rates?.Dispose();
    }

    private static void Normal(Span<float> values, double deviation, Random random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    private static uint Fnv(string text) => text.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
}
