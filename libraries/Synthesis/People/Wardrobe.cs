using System.Numerics;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Random clothes of a synthetic person: a top with sleeves of some length, optionally an open jacket over it, trousers, shorts, leggings
/// or a skirt, shoes. Points are those of SMPL's rest pose: metres, y up, facing +z, arms horizontal. Skin, face and hair are those of
/// <see cref="PersonLook"/>.
/// </summary>
internal sealed class Wardrobe
{
    private readonly HairPaint _hair;
    private readonly SkinPaint _skin;
    private readonly ClothDesign _top, _under, _bottom;
    private readonly float _sleeveEnd, _hem, _collar, _topLoose, _bottomHem, _bottomLoose, _openFront, _sleeveLoose, _beltWidth;
    private readonly float _straight;
    private readonly bool _hasHood, _bootCut;
    private readonly float _hairVolume;
    private readonly Glasses? _glasses;
    private readonly Vector3 _belt, _socks;
    private readonly Footwear _shoes;
    private readonly Variety? _variety;

    /// <summary>Draws clothes.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="variety">The additional features of the second version; null for the first version.</param>
    public Wardrobe(ref Dice dice, Variety? variety = null)
    {
        int seed = dice.Below(1 << 20);
        Look = DrawLook(ref dice, seed);
        _variety = variety;
        (_hair, _skin) = (new HairPaint(Look) { Curl = Look.HairCut == HairCut.Cropped ? variety?.Curl ?? 0 : 0 }, new SkinPaint(Look));
        _top = new ClothDesign(ref dice, seed + 1);
        _under = new ClothDesign(ref dice, seed + 2);
        _bottom = new ClothDesign(ref dice, seed + 3, trousers: true);
        float sleeves = dice.Share();
        _sleeveEnd = sleeves < 0.08f ? 0.19f : sleeves < 0.50f ? dice.Between(0.27f, 0.40f) : sleeves < 0.58f ? dice.Between(0.42f, 0.58f)
            : dice.Between(0.63f, 0.69f);
        bool jacket = _sleeveEnd > 0.6f && dice.Chance(0.4f);
        _topLoose = jacket ? dice.Between(0.009f, 0.019f) : dice.Between(0.003f, 0.013f);
        _sleeveLoose = dice.Between(0.002f, jacket ? 0.012f : 0.010f);
        _hem = dice.Between(-0.23f, -0.38f);
        TailFlare = dice.Chance(0.25f) ? 0 : dice.Between(0.002f, 0.028f);
        _collar = dice.Between(-0.04f, 0.015f);
        _hasHood = jacket && dice.Chance(0.4f);
        _openFront = jacket && dice.Chance(0.45f) ? dice.Between(0.015f, 0.07f) : 0;
        float kind = dice.Share();
        _straight = kind < 0.14f || dice.Chance(0.3f) ? 0 : dice.Between(0.004f, 0.028f);
        _bottomHem = kind < 0.68f ? dice.Between(-1.04f, -1.10f) : dice.Between(-0.58f, -0.86f);
        _bottomLoose = kind < 0.14f ? 0.002f : dice.Between(0.004f, 0.024f);
        _bootCut = dice.Chance(0.3f);
        if (kind > 0.84f)
            SkirtHem = dice.Between(-0.58f, -0.92f);
        SkirtFlare = dice.Between(0.00f, 0.14f);
        _hairVolume = dice.Chance(0.5f) ? 1 : dice.Between(0.5f, 2.4f);
        _beltWidth = dice.Chance(0.25f) ? 0.018f : 0;
        Vector3 Shade(ref Dice d) => Dice.Hsv(d.Share(), d.Chance(0.8f) ? d.Between(0, 0.2f) : d.Between(0.2f, 0.7f), d.Chance(0.6f)
            ? d.Between(0.06f, 0.3f) : d.Between(0.3f, 0.95f));
        (Vector3 shoes, _socks) = (Shade(ref dice), Dice.Hsv(dice.Share(), 0.15f, dice.Between(0.1f, 0.95f)));
        Vector3 soles = dice.Chance(0.6f) ? new Vector3(dice.Between(0.5f, 0.85f)) : new Vector3(dice.Between(0.01f, 0.1f));
        (_belt, _shoes) = (0.6f * shoes, variety?.Shoes ?? new Footwear(shoes, soles, new Noise(seed + 911)));
        IsDress = SkirtHem < 0 && dice.Chance(0.5f);
        _glasses = dice.Chance(0.2f) ? new Glasses(ref dice) : null;
        HairEnd = Look.HairCut == HairCut.Bob && dice.Chance(0.65f) ? dice.Between(0.03f, 0.24f) : null;
        if (variety is null)
            return;
        HairEnd = Look.HairCut switch
        {
            HairCut.Bob => variety.LongHairEnd ?? HairEnd,
            HairCut.Tied => variety.PonytailEnd,
            _ => null,
        };
        _straight += variety.TrouserWidth;
        if (variety.CoatHem >= 0)
            return;
        // A coat has long sleeves, and hides the tail of what is under it.
        (_sleeveEnd, _topLoose, TailFlare, IsDress) = (0.66f, MathF.Max(_topLoose, 0.012f), 0, false);
        _openFront = variety.CoatGap > 0 ? 0.1f * variety.CoatGap : 0;
        Coat = variety;
    }

    /// <summary>The coat; null without one.</summary>
    public Variety? Coat { get; }

    /// <summary>How far long hair hangs over the front of the shoulders, 0 (not at all) to 1.</summary>
    public float FrontLocks => _variety?.FrontLocks ?? 0;

    /// <summary>Skin, face and hair.</summary>
    public PersonLook Look { get; }

    /// <summary>The y of the skirt's hem; 0 without a skirt.</summary>
    public float SkirtHem { get; }

    /// <summary>The additional width of the skirt at its hem, metres.</summary>
    public float SkirtFlare { get; }

    /// <summary>The y of the top's hem.</summary>
    public float Hem => _hem;

    /// <summary>The distance of the top's tail from the hips at its hem, metres; 0 if it is tight.</summary>
    public float TailFlare { get; }

    /// <summary>The y of the end of long hair or of a ponytail; null for short hair or a knot.</summary>
    public float? HairEnd { get; }

    /// <summary>Whether skirt and top have the same cloth.</summary>
    public bool IsDress { get; }

    /// <summary>Returns the cover of a point and its thickness on the skin, metres.</summary>
    public (Layer Layer, float Thickness) CoverAt(Vector3 p)
    {
        float x = MathF.Abs(p.X), y = p.Y;
        if (_shoes.Thickness(p) is float shoe)
            return (Layer.Shoes, shoe);
        float aboveCollar = AboveCollar(p);
        if (y > _hem && aboveCollar < 0 && x < _sleeveEnd)
        {
            bool sleeve = x > 0.2f;
            // With a separate tail the top is tight; without one it bulges over the waist.
            float hanging = TailFlare > 0 ? -0.6f * _topLoose * Blend.Step(-0.08f, -0.18f, y)
                : 0.016f * Blend.Bell((y + 0.10f) / 0.13f) + 0.006f * Blend.Step(-0.18f, _hem, y);
            float stand = sleeve ? _sleeveLoose * Blend.Step(0.18f, 0.30f, x) + WideSleeve(x) : hanging * (1 - Blend.Step(0.15f, 0.2f, x));
            float edge = 0.4f + 0.6f * Blend.Step(0, -0.03f, aboveCollar);
            float hood = _hasHood && p.Z < 0 && y > 0.16f && x < 0.16f ? 0.030f * Blend.Spot(MathF.Abs(y - 0.22f), 0.07f) : 0;
            return (Layer.Top, (_topLoose + stand) * edge + hood);
        }
        if (y <= _hem + 0.03f && y > _bottomHem)
        {
            float below = 0.6f * _bottomLoose * Blend.Step(-0.42f, -0.60f, y) + (_straight + (_bootCut ? 1.2f * _bottomLoose : 0))
                * Blend.Step(-0.74f, -1.03f, y);
            return (Layer.Trousers, 0.4f * _bottomLoose + 0.002f + below);
        }
        if (y < -1.02f && !_shoes.IsOpen)
            return (Layer.Shoes, 0.003f);
        if (IsCap(p))
            return (Layer.Hair, 0.016f);
        return x < 0.2f && y > 0.26f && _hair.InsideHairline(p) > 0 ? (Layer.Hair, _hairVolume * _hair.Thickness(p)) : (Layer.Skin, 0);
    }

    /// <summary>Returns the offset of a point of the head at rest by hanging hair.</summary>
    public Vector3 Hanging(Vector3 p) => p.Y > 0.26f && MathF.Abs(p.X) < 0.2f && CoverAt(p).Layer == Layer.Hair ? _hair.ToShell(p)
        : Vector3.Zero;

    /// <summary>Returns the material at a point.</summary>
    public Material MaterialAt(Vector3 p, Vector3 n)
    {
        switch (CoverAt(p).Layer)
        {
            case Layer.Hair:
                return IsCap(p) ? Knitted(p) : _hair.At(p);
            case Layer.Top:
                return TopAt(p, n);
            case Layer.Trousers:
                Material trousers = _bottom.At(p, n, sleeve: false);
                if (_beltWidth > 0 && MathF.Abs(p.Y + 0.27f) < _beltWidth)
                    return trousers with { Albedo = _belt };
                return trousers;
            case Layer.Shoes:
                return _shoes.Thickness(p) is null ? new Material(_socks, 0.02f, 8, 0.1f, Vector3.Zero) : _shoes.At(p);
            default:
                Material skin = _skin.At(p, p.Y > 0.26f ? _hair.InsideHairline(p) : -1);
                return _glasses?.On(p) is Material glasses ? glasses : skin;
        }
    }

    /// <summary>Returns the material at a point of a hanging sheet.</summary>
    public Material HangingAt(HangingKind kind, Vector3 p, Vector3 n) => kind switch
    {
        HangingKind.Skirt => (IsDress ? _top : _bottom).At(p, n, sleeve: false),
        HangingKind.Coat => CoatAt(p, n),
        HangingKind.Hair => _hair.At(p with { Y = MathF.Max(p.Y, 0.32f) }),
        _ => TopAt(p, n),
    };

    private Material TopAt(Vector3 p, Vector3 n)
    {
        float open = _openFront > 0 && p.Z > 0 ? _openFront * (0.6f + 1.2f * Blend.Step(0.25f, -0.3f, p.Y)) - MathF.Abs(p.X) : -1;
        if (open > 0)
            return _under.At(p, n, MathF.Abs(p.X) > 0.2f);
        Material cloth = _top.At(p, n, IsSleeve(p));
        float border = MathF.Min(MathF.Min(_sleeveEnd - MathF.Abs(p.X), -AboveCollar(p)), MathF.Abs(p.X) < 0.25f ? p.Y - _hem : 1);
        float zip = _openFront == 0 && _hasHood && p.Z > 0 ? MathF.Abs(p.X) : open > -1 ? -open : 1;
        float dark = 0.35f * Blend.Step(0.004f, 0.001f, MathF.Abs(border - 0.018f)) + 0.5f * Blend.Step(0.006f, 0.002f, zip);
        return cloth with { Albedo = cloth.Albedo * (1 - MathF.Min(dark, 0.8f)) };
    }

    private Material CoatAt(Vector3 p, Vector3 n)
    {
        Material cloth = _top.At(p, n, sleeve: false);
        float hem = MathF.Abs(p.Y - Coat!.CoatHem - 0.02f);
        bool button = Coat.CoatGap < 0 && p.Z > 0 && MathF.Abs(p.X - 0.012f) < 0.008f && (p.Y + 2) % 0.11f < 0.016f;
        return cloth with { Albedo = cloth.Albedo * (button ? 0.3f : 1 - 0.35f * Blend.Step(0.004f, 0.001f, hem)) };
    }

    private bool IsCap(Vector3 p) => _variety?.Cap is not null && p.Y > 0.425f + 0.25f * MathF.Min(p.Z, 0.06f)
        && MathF.Abs(p.X) < 0.2f;

    // Ribs from the crown to the edge.
    private Material Knitted(Vector3 p) =>
        new(_variety!.Cap!.Value * (0.88f + 0.12f * MathF.Sin(36 * MathF.Atan2(p.X, p.Z + 0.02f))), 0.01f, 8, 0.2f, Vector3.Zero);

    private float WideSleeve(float x) => _sleeveEnd > 0.6f ? (_variety?.SleeveWidth ?? 0) * Blend.Step(0.35f, 0.62f, x) : 0;

    private static bool IsSleeve(Vector3 p) => MathF.Abs(p.X) - 0.180f + 0.30f * (p.Y - 0.20f) > 0;

    private float AboveCollar(Vector3 p) => Outfit.AboveCollar(p) - _collar;

    private static PersonLook DrawLook(ref Dice dice, int seed)
    {
        // Human skin tones between two extremes, with a red or yellow tint.
        float dark = dice.Share();
        var tone = Vector3.Lerp(new Vector3(240, 200, 176), new Vector3(84, 54, 40), dark * dark * 0.4f + dark * 0.6f);
        tone += new Vector3(dice.Between(-8, 8), dice.Between(-5, 5), dice.Between(-12, 8));
        float hairKind = dice.Share();
        Vector3 hair = hairKind < 0.45f ? new Vector3(30, 24, 22) * dice.Between(0.5f, 1.4f)
            : hairKind < 0.75f ? new Vector3(88, 56, 36) * dice.Between(0.5f, 1.4f)
            : hairKind < 0.90f ? new Vector3(190, 150, 96) * dice.Between(0.7f, 1.15f)
            : hairKind < 0.97f ? new Vector3(dice.Between(110, 210)) : new Vector3(150, 66, 36);
        Rgb Color(Vector3 v) => new((byte)Math.Clamp(v.X, 6, 250), (byte)Math.Clamp(v.Y, 6, 250), (byte)Math.Clamp(v.Z, 6, 250));
        return new PersonLook
        {
            Seed = seed,
            Skin = Color(tone),
            Lips = Color(tone * new Vector3(0.86f, 0.60f, 0.60f) + new Vector3(dice.Between(0, 24), 0, 0)),
            Eyes = Color(dice.Chance(0.7f) ? new Vector3(64, 42, 28) : new Vector3(90, 110, 120)),
            Hair = Color(hair),
            HairCut = dice.Of(HairCut.Cropped, HairCut.Cropped, HairCut.Bob, HairCut.Tied),
            Brows = dice.Between(0.5f, 1.2f),
            Stubble = dice.Chance(0.25f) ? dice.Between(0.1f, 0.8f) : 0,
        };
    }
}
