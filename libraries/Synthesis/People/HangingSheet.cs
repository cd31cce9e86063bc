namespace Lwg.MLNet.Synthesis.People;

/// <summary>A hanging grid of vertices: rings one below the other, closed or open, drawn from outside or from both sides.</summary>
/// <param name="around">Columns.</param>
/// <param name="down">Rows of quads.</param>
/// <param name="closed">Whether the last column connects to the first.</param>
/// <param name="lined">Whether there is a second grid of the same shape, visible from inside.</param>
internal sealed class HangingSheet(int around, int down, bool closed, bool lined)
{
    /// <summary>Columns.</summary>
    public int Around => around;

    /// <summary>Rows of quads; there is one more row of vertices.</summary>
    public int Down => down;

    /// <summary>The number of vertices of the outer grid.</summary>
    public int OuterCount => around * (down + 1);

    /// <summary>The number of vertices.</summary>
    public int VertexCount => OuterCount * (lined ? 2 : 1);

    /// <summary>The number of faces.</summary>
    public int FaceCount => 2 * down * Columns * (lined ? 2 : 1);

    private int Columns => closed ? around : around - 1;

    /// <summary>Writes the faces.</summary>
    /// <param name="first">The index of the first vertex.</param>
    /// <param name="faces">Receives the faces [FaceCount,3].</param>
    public void Faces(int first, Span<int> faces)
    {
        int at = 0;
        for (int side = 0; side < (lined ? 2 : 1); side++)
        {
            int start = first + side * OuterCount;
            for (int ring = 0; ring < down; ring++)
            {
                for (int i = 0; i < Columns; i++)
                {
                    int a = start + ring * around + i, b = start + ring * around + (i + 1) % around;
                    (int low, int high) = side == 0 ? (a + around, b) : (b, a + around);
                    (faces[at], faces[at + 1], faces[at + 2]) = (a, low, high);
                    (faces[at + 3], faces[at + 4], faces[at + 5]) = (b + around, high, low);
                    at += 6;
                }
            }
        }
    }
}
