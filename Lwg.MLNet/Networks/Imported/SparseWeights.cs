namespace Lwg.MLNet.Networks.Imported;

/// <summary>
/// Sparse weights, of which only some blocks are stored (TensorFlow Lite's SparsityParameters, after Kjolstad et al. 2017): dimensions in
/// a separate order, divided into blocks, each level either complete or listed by its indices.
/// </summary>
internal sealed class SparseWeights
{
    private const int MostLevels = 8;

    private readonly int[] _shape, _order, _blockOf, _index;
    private readonly Level[] _levels;
    private readonly float[] _stored, _dense;
    private int _read;
    private long _visits;

    private SparseWeights(int[] shape, int[] order, int[] blockOf, Level[] levels, float[] stored)
    {
        (_shape, _order, _blockOf, _levels, _stored) = (shape, order, blockOf, levels, stored);
        _index = new int[levels.Length];
        _dense = new float[shape.Aggregate(1, (product, side) => checked(product * side))];
    }

    /// <summary>Expands sparse weights with zeros.</summary>
    /// <param name="parameters">The table SparsityParameters.</param>
    /// <param name="shape">The dense shape.</param>
    /// <param name="stored">The stored values.</param>
    /// <exception cref="InvalidDataException">The parameters contradict themselves or the shape.</exception>
    public static float[] Expand(FlatTable parameters, int[] shape, float[] stored)
    {
        int[] order = parameters.Ints<int>(0), blockOf = parameters.Ints<int>(1);
        Level[] levels = [.. parameters.Children(2, MostLevels).Select(Level.Read)];
        if (levels.Length != shape.Length + blockOf.Length || order.Length != levels.Length
            || !order.Order().SequenceEqual(Enumerable.Range(0, levels.Length)))
            throw new InvalidDataException("the order of its dimensions is invalid.");
        // The format requires that blocks follow all dimensions and are complete.
        if (order.Take(shape.Length).Any(d => d >= shape.Length) || Array.Exists(blockOf, d => d < 0 || d >= shape.Length)
            || levels.Skip(shape.Length).Any(l => l.Indices is not null))
            throw new InvalidDataException("its blocks belong to no dimension.");
        var weights = new SparseWeights(shape, order, blockOf, levels, stored);
        weights.Fill(0, 0);
        return weights._read == stored.Length ? weights._dense
            : throw new InvalidDataException($"{weights._read} of its {stored.Length} values have a position.");
    }

    private void Fill(int depth, long before)
    {
        // Limits the traversal of levels without values, which could take years.
        if (++_visits > (MostLevels + 1) * (_dense.Length + 1L))
            throw new InvalidDataException("it has more positions than its shape.");
        if (depth == _levels.Length)
        {
            Place();
            return;
        }
        Level level = _levels[depth];
        if (level.Indices is null)
        {
            for (int i = 0; i < level.Size; i++)
            {
                _index[depth] = i;
                Fill(depth + 1, before * level.Size + i);
            }
            return;
        }
        if (before + 1 >= level.Segments!.Length || level.Segments[before] is var first && level.Segments[before + 1] is var end
            && (first < 0 || end < first || end > level.Indices.Length))
            throw new InvalidDataException("its segments point outside of its indices.");
        for (int i = level.Segments[before]; i < level.Segments[before + 1]; i++)
        {
            _index[depth] = level.Indices[i];
            Fill(depth + 1, i);
        }
    }

    private void Place()
    {
        if (_read == _stored.Length)
            throw new InvalidDataException($"it has more positions than its {_stored.Length} values.");
        Span<int> at = stackalloc int[_shape.Length];
        for (int level = 0; level < _levels.Length; level++)
        {
            if (level < _shape.Length)
            {
                at[_order[level]] = _index[level];
                continue;
            }
            int block = _order[level] - _shape.Length, dimension = _blockOf[block];
            at[dimension] = checked(at[dimension] * _levels[level].Size + _index[level]);
        }
        int flat = 0;
        for (int d = 0; d < at.Length; d++)
        {
            if (at[d] < 0 || at[d] >= _shape[d])
                throw new InvalidDataException($"an index {at[d]} is outside of dimension {d}.");
            flat = flat * _shape[d] + at[d];
        }
        _dense[flat] = _stored[_read++];
    }

    /// <summary>A level: all of its Size indices, or the indices between two segments.</summary>
    private sealed record Level(int Size, int[]? Segments, int[]? Indices)
    {
        public static Level Read(FlatTable table)
        {
            const byte Dense = 0, Sparse = 1;
            return table.Byte(0) switch
            {
                Dense when table.Int(1) is > 0 and <= LayerGraph.LargestSide and var size => new Level(size, null, null),
                Sparse => new Level(0, Numbers(table, 2), Numbers(table, 4)),
                _ => throw new InvalidDataException("the format of a dimension is invalid."),
            };
        }

        // A union: the width of the integers, then the table with the values.
        private static int[] Numbers(FlatTable table, int field) => (table.Byte(field), table.Child(field + 1)) switch
        {
            (1, { } wide) => wide.Ints<int>(0),
            (2, { } middle) => middle.Ints<ushort>(0),
            (3, { } narrow) => narrow.Ints<byte>(0),
            _ => throw new InvalidDataException("a dimension lists no indices."),
        };
    }
}
