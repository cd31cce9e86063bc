using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Skin and the face: eyes, brows, nose, lips, and the colours of cheeks, ears and beard.</summary>
internal sealed class SkinPaint(PersonLook look)
{
    private const float EyeX = 0.0320f, EyeY = 0.3995f, EyeHalfWidth = 0.0160f, MouthY = 0.3358f, MouthHalfWidth = 0.0250f;

    private static readonly Vector3 s_lash = new(0.012f, 0.008f, 0.007f), s_white = new(0.70f, 0.67f, 0.64f);

    private readonly Noise _noise = new(look.Seed + 7);
    private readonly Vector3 _skin = look.Skin.Linear, _lips = look.Lips.Linear, _iris = look.Eyes.Linear, _hair = look.Hair.Linear;

    /// <summary>Returns the material at a point of the skin.</summary>
    /// <param name="p">The point at rest.</param>
    /// <param name="insideHairline">Its distance inside the hairline, metres.</param>
    public Material At(Vector3 p, float insideHairline)
    {
        float x = MathF.Abs(p.X);
        Vector3 color = _skin * (1 + 0.035f * _noise.Rough(p * 45));
        float gloss = 0.10f, sharpness = 22;
        Vector3 flushed = _skin * new Vector3(0.98f, 0.70f, 0.66f);
        // Hands are redder towards the fingers, elbows slightly.
        if (p.Y > 0.1f)
            Blend.Over(ref color, flushed, 0.30f * Blend.Step(0.70f, 0.80f, x) + 0.20f * Blend.Spot(MathF.Abs(x - 0.435f), 0.05f)
                * Blend.Step(-0.02f, -0.07f, p.Z));
        if (p.Y > 0.26f && x < 0.2f)
        {
            if (p.Z > 0.03f)
                Face(p, x, flushed, ref color, ref gloss, ref sharpness);
            Blend.Over(ref color, flushed, 0.45f * Blend.Step(0.070f, 0.082f, x) * Blend.Spot(MathF.Abs(p.Y - 0.386f), 0.06f));
            // The tint of the hair at the hairline.
            Blend.Over(ref color, _hair, 0.35f * Blend.Step(-0.010f, 0, insideHairline));
        }
        return new Material(Vector3.Max(color, Vector3.Zero), gloss, sharpness, 0.30f, Vector3.Zero);
    }

    private void Face(Vector3 p, float x, Vector3 flushed, ref Vector3 color, ref float gloss, ref float sharpness)
    {
        float y = p.Y;
        Vector3 shaded = _skin * new Vector3(0.50f, 0.40f, 0.38f);
        Blend.Over(ref color, flushed, 0.55f * Blend.Spot(Distance(x, y, 0.044f, 0.370f), 0.032f));
        Blend.Over(ref color, flushed, 0.50f * Blend.Spot(Distance(x, y, 0, 0.364f), 0.018f));
        Blend.Over(ref color, shaded, 0.30f * Blend.Spot(Distance(x, 1.6f * y, EyeX, 1.6f * 0.3885f), 0.016f));
        Blend.Over(ref color, shaded, 0.35f * Blend.Spot(Distance(x, y, 0.017f, 0.402f), 0.010f));
        // From the wings of the nose to the corners of the mouth.
        Blend.Over(ref color, shaded, 0.28f
            * Blend.Spot(ToSegment(x, y, new Vector2(0.0175f, 0.363f), new Vector2(0.031f, 0.342f)), 0.004f));
        Blend.Over(ref color, shaded, 0.25f * Blend.Spot(Distance(0.6f * x, 1.5f * y, 0, 1.5f * 0.3240f), 0.010f));
        Blend.Over(ref color, shaded, 0.22f
            * Blend.Spot(ToSegment(x, y, new Vector2(0.0035f, 0.352f), new Vector2(0.0035f, 0.345f)), 0.003f));
        Beard(p, x, ref color);
        if (p.Z > 0.104f)
            Blend.Over(ref color, shaded * 0.25f, 0.85f
                * Blend.Spot(Distance(0.7f * x, 1.3f * y, 0.7f * 0.0085f, 1.3f * 0.3575f), 0.0042f));
        Brow(p, x, ref color);
        if (p.Z > 0.08f)
            Mouth(x, y, shaded, ref color, ref gloss, ref sharpness);
        if (p.Z > 0.06f)
            Eye(p.X, x, y, shaded, ref color, ref gloss, ref sharpness);
    }

    private void Beard(Vector3 p, float x, ref Vector3 color)
    {
        float jaw = Blend.Step(0.362f, 0.345f, p.Y + 0.10f * MathF.Max(0.075f - p.Z, 0)) * Blend.Step(0.27f, 0.29f, p.Y);
        float lip = Blend.Step(0.358f, 0.350f, p.Y) * Blend.Step(0.030f, 0.022f, x);
        float grain = 0.75f + 0.25f * _noise.At(p * 900);
        Blend.Over(ref color, Vector3.Lerp(_hair, _skin, 0.25f), look.Stubble * MathF.Max(jaw, lip) * grain);
    }

    private void Brow(Vector3 p, float x, ref Vector3 color)
    {
        float middle = 0.4170f + 0.0050f * Blend.Step(0.012f, 0.036f, x) - 0.0060f * Blend.Step(0.036f, 0.054f, x);
        float half = look.Brows * float.Lerp(0.0038f, 0.0014f, Blend.Step(0.022f, 0.052f, x));
        float across = Blend.Step(half, 0.45f * half, MathF.Abs(p.Y - middle));
        float ends = Blend.Step(0.010f, 0.016f, x) * Blend.Step(0.053f, 0.045f, x);
        Blend.Over(ref color, _hair * 0.75f, (0.82f + 0.15f * _noise.At(p * 700)) * across * ends);
    }

    private void Mouth(float x, float y, Vector3 shaded, ref Vector3 color, ref float gloss, ref float sharpness)
    {
        float t = MathF.Min(x / MouthHalfWidth, 1.2f), round = MathF.Max(1 - t * t, 0);
        // The corners are slightly raised for a friendly face.
        float line = MouthY + 0.0035f * t * t;
        float upper = line + 0.0062f * MathF.Pow(round, 0.8f) - 0.0015f * MathF.Exp(-MathF.Pow(x / 0.0035f, 2));
        float lower = line - 0.0082f * round;
        float inside = Blend.Step(-0.0008f, 0.0008f, MathF.Min(upper - y, y - lower));
        Blend.Over(ref color, y > line ? _lips * 0.82f : _lips, 0.85f * inside * Blend.Step(1.02f, 0.9f, t));
        if (inside > 0.5f && y < line)
            (gloss, sharpness) = (0.30f, 30);
        Blend.Over(ref color, shaded * 0.35f, 0.80f * Blend.Step(0.0013f, 0.0005f, MathF.Abs(y - line)) * Blend.Step(1.12f, 0.95f, t));
    }

    private void Eye(float signedX, float x, float y, Vector3 shaded, ref Vector3 color, ref float gloss, ref float sharpness)
    {
        float t = (x - EyeX) / EyeHalfWidth, round = 1 - t * t, tilt = EyeY + 0.0012f * t;
        float upper = tilt + 0.0074f * MathF.Sqrt(MathF.Max(round, 0)), lower = tilt - 0.0056f * MathF.Max(round, 0);
        // The crease of the lid above, then the eyeball, then the lashes over it.
        if (MathF.Abs(t) < 1.1f)
            Blend.Over(ref color, shaded * 0.8f, 0.45f * Blend.Spot(MathF.Abs(y - upper - 0.0034f), 0.0018f));
        float open = MathF.Abs(t) < 1 ? Blend.Step(-0.0004f, 0.0006f, MathF.Min(upper - y, y - lower)) : 0;
        if (open > 0)
        {
            Vector3 ball = s_white * (1 - 0.35f * Blend.Step(0.004f, 0, upper - y)) * (1 - 0.25f * Blend.Step(0.6f, 1, MathF.Abs(t)));
            float r = Distance(x, y, EyeX, EyeY + 0.0008f);
            Vector3 iris = Vector3.Lerp(_iris * 1.25f, _iris * 0.35f, Blend.Step(0.0040f, 0.0066f, r));
            Blend.Over(ref ball, iris, Blend.Step(0.0070f, 0.0063f, r));
            Blend.Over(ref ball, new Vector3(0.004f), Blend.Step(0.0031f, 0.0025f, r));
            float side = signedX - MathF.Sign(signedX) * EyeX;
            Blend.Over(ref ball, new Vector3(1.6f), Blend.Step(0.0020f, 0.0012f, Distance(side, y, -0.0024f, EyeY + 0.0030f)));
            Blend.Over(ref color, ball, open);
            (gloss, sharpness) = (0.05f, 60);
        }
        float lashes = Blend.Step(0.0018f, 0.0006f, MathF.Abs(y - upper - 0.0003f)) * Blend.Step(1.12f, 1.0f, MathF.Abs(t));
        Blend.Over(ref color, s_lash, 0.88f * lashes);
        Blend.Over(ref color, shaded * 0.4f, 0.55f * Blend.Step(0.0012f, 0.0004f, MathF.Abs(y - lower))
            * Blend.Step(1.02f, 0.9f, MathF.Abs(t)));
    }

    private static float Distance(float x, float y, float toX, float toY) => MathF.Sqrt((x - toX) * (x - toX) + (y - toY) * (y - toY));

    private static float ToSegment(float x, float y, Vector2 a, Vector2 b)
    {
        Vector2 p = new(x, y);
        float t = Math.Clamp(Vector2.Dot(p - a, b - a) / (b - a).LengthSquared(), 0, 1);
        return Vector2.Distance(p, a + t * (b - a));
    }
}
