using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// The room of a person: a wall with a skirting board and a floor of boards. The person is drawn without perspective; the floor is seen
/// from a distance of 4 m at chest height, which has the person's scale at the feet.
/// </summary>
internal sealed class Room
{
    private const float Distance = 4, ToWall = 1.25f, SkirtingHeight = 0.085f, BoardWidth = 0.125f;

    private readonly Noise _noise;
    private readonly Vector3 _wall, _floor;
    private readonly float _scale, _tx, _floorY, _feetZ, _horizon, _drop;

    /// <summary>Builds the room around the person's feet.</summary>
    /// <param name="look">The colours.</param>
    /// <param name="scale">The camera's scale: picture units per metre.</param>
    /// <param name="tx">The camera's tx, metres.</param>
    /// <param name="ty">The camera's ty, metres, y down.</param>
    /// <param name="floorY">The floor's height in the world (y up).</param>
    /// <param name="feetZ">The z of the feet (z towards the viewer).</param>
    public Room(PersonLook look, float scale, float tx, float ty, float floorY, float feetZ)
    {
        (_noise, _wall, _floor) = (new Noise(look.Seed + 997), look.Wall.Linear, look.Floor.Linear);
        (_scale, _tx, _floorY, _feetZ) = (scale, tx, floorY, feetZ);
        float feet = scale * (ty - floorY);
        _horizon = feet - 1.0f * scale;
        _drop = (feet - _horizon) * Distance;
        Edge = _horizon + _drop / (Distance + ToWall);
    }

    /// <summary>The y of the edge between wall and floor, picture units, y down.</summary>
    public float Edge { get; }

    /// <summary>Returns the point of wall or floor at a position in the picture, and its normal; y down, picture units.</summary>
    public (Vector3 Point, Vector3 Normal) At(float x, float y)
    {
        if (y <= Edge)
        {
            float far = (Distance + ToWall) / Distance;
            return (new Vector3(x / _scale * far - _tx, _floorY + (Edge - y) / _scale * far, _feetZ - ToWall), Vector3.UnitZ);
        }
        float away = _drop / (y - _horizon);
        return (new Vector3(x / _scale * away / Distance - _tx, _floorY, _feetZ + Distance - away), Vector3.UnitY);
    }

    /// <summary>Returns the colour of a point of the room.</summary>
    public Vector3 Albedo(Vector3 p)
    {
        if (p.Y <= _floorY + 1e-5f)
            return Boards(p);
        float height = p.Y - _floorY;
        if (height < SkirtingHeight)
        {
            Vector3 paint = new(0.72f, 0.71f, 0.68f);
            paint *= 1 - 0.22f * Blend.Spot(MathF.Abs(height - 0.066f), 0.006f) + 0.10f * Blend.Step(0.076f, SkirtingHeight, height);
            return paint * (1 - 0.55f * Blend.Step(0.010f, 0, height));
        }
        Vector3 color = _wall * (1 + 0.025f * _noise.Rough(p * 2.2f) + 0.018f * _noise.Rough(p * 60));
        return color * (1 - 0.22f * Blend.Step(SkirtingHeight + 0.03f, SkirtingHeight, height));
    }

    private Vector3 Boards(Vector3 p)
    {
        // Boards run towards the viewer, with a joint about every metre and slightly different colours.
        float across = p.X / BoardWidth;
        int board = (int)MathF.Floor(across);
        float along = p.Z + 0.77f * _noise.At(new Vector3(7.3f * board, 0.5f, 0.5f));
        float joint = along / 1.1f;
        float tone = _noise.At(new Vector3(board * 5.7f + 0.5f, MathF.Floor(joint) * 3.1f + 0.5f, 9.5f));
        float grain = _noise.Rough(new Vector3(p.X * 75, board * 3.7f, p.Z * 5));
        float edge = MathF.Min(MathF.Abs(across - MathF.Round(across)) * BoardWidth, MathF.Abs(joint - MathF.Round(joint)) * 1.1f);
        Vector3 color = _floor * (1 + 0.16f * tone + 0.12f * grain);
        color *= 1 - 0.45f * Blend.Step(0.004f, 0.001f, edge);
        return color * (1 - 0.35f * Blend.Step(-ToWall + 0.12f, -ToWall, p.Z - _feetZ));
    }
}
