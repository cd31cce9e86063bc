namespace Lwg.MLNet.Checkpoints;

/// <summary>Weights by name: a checkpoint, a training run, or arrays in memory.</summary>
internal interface INamedWeights
{
    /// <summary>The names, as in the published checkpoints ('tsf_model.encoders.0.0.weight').</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Gets the shape of the weights with a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">Receives the shape, outermost dimension first; empty for a scalar.</param>
    /// <returns>False if there are no weights with this name.</returns>
    bool TryGetShape(string name, out int[] shape);

    /// <summary>Reads the values of the weights with a name, in C order.</summary>
    /// <param name="name">The name.</param>
    /// <param name="destination">Receives all elements of the shape.</param>
    /// <exception cref="ModelFileException">The weights are missing or damaged.</exception>
    void Read(string name, Span<float> destination);
}

/// <summary>Weights in memory.</summary>
internal sealed class ArrayWeights : INamedWeights
{
    private readonly Dictionary<string, (int[] Shape, float[] Values)> _arrays = [];

    /// <summary>Adds or replaces weights.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="values">The values in C order; kept, not copied.</param>
    public void Set(string name, int[] shape, float[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        long count = shape.Aggregate(1L, (product, side) => product * side);
        if (values.Length != count)
            throw new ArgumentException($"Weights '{name}' of shape [{string.Join(",", shape)}] have {count} elements, but "
                + $"{values.Length} were given.", nameof(values));
        _arrays[name] = (shape, values);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _arrays.Keys;

    /// <inheritdoc/>
    public bool TryGetShape(string name, out int[] shape)
    {
        bool found = _arrays.TryGetValue(name, out (int[] Shape, float[] Values) array);
        shape = found ? array.Shape : [];
        return found;
    }

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        if (!_arrays.TryGetValue(name, out (int[] Shape, float[] Values) array))
            throw new ModelFileException("weights in memory", name, "there are no weights of this name.");
        array.Values.CopyTo(destination);
    }
}
