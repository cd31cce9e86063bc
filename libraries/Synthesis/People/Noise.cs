using System.Numerics;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Smooth noise in space (value noise on a lattice, Hermite-interpolated), determined by the seed.</summary>
internal readonly struct Noise(int seed)
{
    /// <summary>Returns noise in [-1, 1] with features about one unit wide.</summary>
    public float At(Vector3 p)
    {
        int x = (int)MathF.Floor(p.X), y = (int)MathF.Floor(p.Y), z = (int)MathF.Floor(p.Z);
        float u = Ramp.Ease(p.X - x), v = Ramp.Ease(p.Y - y), w = Ramp.Ease(p.Z - z);
        return float.Lerp(
            float.Lerp(float.Lerp(Lattice(x, y, z), Lattice(x + 1, y, z), u), float.Lerp(Lattice(x, y + 1, z), Lattice(x + 1, y + 1, z), u),
            v),
            float.Lerp(float.Lerp(Lattice(x, y, z + 1), Lattice(x + 1, y, z + 1), u),
            float.Lerp(Lattice(x, y + 1, z + 1), Lattice(x + 1, y + 1, z + 1), u), v),
            w);
    }

    /// <summary>Returns three octaves of noise in [-1, 1].</summary>
    public float Rough(Vector3 p) => (At(p) + 0.5f * At(2.03f * p + new Vector3(17)) + 0.25f * At(4.1f * p + new Vector3(53))) / 1.75f;

    private float Lattice(int x, int y, int z)
    {
        uint h = (uint)seed * 0x9E3779B9u;
        h = (h ^ (uint)x) * 0x85EBCA6Bu;
        h = (h ^ (h >> 13) ^ (uint)y) * 0xC2B2AE35u;
        h = (h ^ (h >> 16) ^ (uint)z) * 0x27D4EB2Fu;
        h ^= h >> 15;
        return (h & 0xFFFFFF) * (2f / 0xFFFFFF) - 1;
    }
}
