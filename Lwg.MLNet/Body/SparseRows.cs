namespace Lwg.MLNet.Body;

/// <summary>A sparse matrix, stored row after row (compressed sparse rows).</summary>
internal sealed class SparseRows
{
    private SparseRows(int[] starts, int[] columns, float[] values) => (Starts, Columns, Values) = (starts, columns, values);

    /// <summary>The start of each row in <see cref="Columns"/> and <see cref="Values"/>; one element more than there are rows.</summary>
    public int[] Starts { get; }

    public int[] Columns { get; }

    public float[] Values { get; }

    public static SparseRows FromDense(ReadOnlySpan<float> dense, int rows, int columns)
    {
        var starts = new int[rows + 1];
        var cs = new List<int>();
        var vs = new List<float>();
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                float value = dense[r * columns + c];
                if (value != 0)
                {
                    cs.Add(c);
                    vs.Add(value);
                }
            }
            starts[r + 1] = cs.Count;
        }
        return new SparseRows(starts, [.. cs], [.. vs]);
    }

    /// <summary>Multiplies the matrix by points [columns,3] and writes [rows,3]. Sums are in double precision, so the order of terms has
    /// little effect.</summary>
    public void MultiplyPoints(ReadOnlySpan<float> points, Span<float> into)
    {
        for (int r = 0; r < Starts.Length - 1; r++)
        {
            double x = 0, y = 0, z = 0;
            for (int i = Starts[r]; i < Starts[r + 1]; i++)
            {
                double w = Values[i];
                int p = 3 * Columns[i];
                x += w * points[p];
                y += w * points[p + 1];
                z += w * points[p + 2];
            }
            into[3 * r] = (float)x;
            into[3 * r + 1] = (float)y;
            into[3 * r + 2] = (float)z;
        }
    }
}
