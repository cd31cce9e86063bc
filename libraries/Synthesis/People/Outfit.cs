using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>The cover of a point of the body.</summary>
internal enum Layer
{
    Skin,
    Hair,
    Top,
    Trousers,
    Shoes,
}

/// <summary>
/// Dresses a body: returns the cover of each surface point at rest, its thickness and its material. Points are those of SMPL's rest pose:
/// metres, y up, facing +z, arms horizontal.
/// </summary>
internal sealed class Outfit(PersonLook look)
{
    private const float WaistHem = -0.295f, TrouserHem = -1.072f, SoleTop = -1.146f;

    private readonly HairPaint _hair = new(look);
    private readonly SkinPaint _skin = new(look);
    private readonly ClothPaint _cloth = new(look);

    /// <summary>The end of the sleeves along the horizontal arm.</summary>
    private float SleeveEnd => look.Top == TopKind.TShirt ? 0.335f : 0.668f;

    /// <summary>Returns the cover of a point.</summary>
    public Layer LayerAt(Vector3 p)
    {
        float x = MathF.Abs(p.X);
        if (p.Y < TrouserHem)
            return Layer.Shoes;
        if (p.Y < WaistHem + 0.002f * MathF.Sin(7 * MathF.Atan2(p.X, p.Z)))
            return Layer.Trousers;
        if (AboveCollar(p) < 0 && x < SleeveEnd)
            return Layer.Top;
        return x < 0.2f && _hair.InsideHairline(p) > 0 ? Layer.Hair : Layer.Skin;
    }

    /// <summary>Returns the thickness of the cover on the skin, metres.</summary>
    public float Thickness(Vector3 p)
    {
        float x = MathF.Abs(p.X);
        switch (LayerAt(p))
        {
            case Layer.Hair:
                return _hair.Thickness(p);
            case Layer.Top:
                bool shirt = look.Top == TopKind.TShirt;
                float loose = shirt ? 0.008f : 0.012f;
                // Cloth hangs straight over the waist, is wide at the hem and in the sleeves, and tight at collar and cuffs.
                float waist = 0.012f * MathF.Exp(-MathF.Pow((p.Y + 0.10f) / 0.12f, 2)) * (1 - Blend.Step(0.15f, 0.2f, x));
                float sleeve = shirt ? 0.010f * Blend.Step(0.20f, 0.32f, x)
                    : 0.004f * Blend.Step(0.25f, 0.5f, x) - 0.008f * Blend.Step(0.60f, 0.65f, x);
                float collar = Blend.Step(0, -0.03f, AboveCollar(p));
                return (loose + waist + sleeve) * (0.35f + 0.65f * collar) + 0.004f * Blend.Step(-0.22f, -0.29f, p.Y);
            case Layer.Trousers:
                return 0.007f + 0.005f * Blend.Step(-0.42f, -0.60f, p.Y) + 0.008f * Blend.Spot(MathF.Abs(p.Y + 0.67f), 0.12f) + 0.016f
                    * Blend.Step(-0.82f, -1.03f, p.Y);
            case Layer.Shoes:
                return 0.007f + 0.004f * Blend.Step(SoleTop + 0.01f, SoleTop - 0.01f, p.Y);
            default:
                return 0;
        }
    }

    /// <summary>Returns the offset of a point of the head at rest by hanging hair, in addition to <see cref="Thickness"/>.</summary>
    public Vector3 Hanging(Vector3 p) => LayerAt(p) == Layer.Hair ? _hair.ToShell(p) : Vector3.Zero;

    /// <summary>Returns the material at a point.</summary>
    /// <param name="p">The point at rest.</param>
    /// <param name="n">The surface normal at rest.</param>
    public Material MaterialAt(Vector3 p, Vector3 n) => LayerAt(p) switch
    {
        Layer.Hair => _hair.At(p),
        Layer.Top => _cloth.Top(p, n, AboveCollar(p), SleeveEnd - MathF.Abs(p.X), p.Y - WaistHem),
        Layer.Trousers => _cloth.Trousers(p, p.Y - TrouserHem),
        Layer.Shoes => _cloth.Shoes(p, SoleTop),
        _ => _skin.At(p, _hair.InsideHairline(p)),
    };

    /// <summary>Returns the height above a round collar: lower in front, higher behind, rising to the sides of the neck.</summary>
    internal static float AboveCollar(Vector3 p)
    {
        float z = p.Z + 0.015f;
        return p.Y - 0.258f + 0.45f * MathF.Max(z, 0) + 0.25f * MathF.Min(z, 0) - 7 * MathF.Min(p.X * p.X, 0.02f);
    }
}
