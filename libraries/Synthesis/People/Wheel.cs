using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A wheel, seen from any side: a ring with or without spokes, or a disc with a rim.</summary>
internal readonly struct Wheel : IStencil
{
    private readonly Vector3 _rimColor, _discColor;
    private readonly Vector2 _centre, _radii;
    private readonly float _rim;
    private readonly int _size, _spokes;
    private readonly bool _isDisc;

    /// <summary>Creates a random wheel of a seat.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="size">S, the picture's side in pixels.</param>
    /// <param name="hips">The person's hips in pixels.</param>
    /// <param name="trunk">The length of the person's trunk in pixels.</param>
    public Wheel(ref Dice dice, int size, Vector2 hips, float trunk)
    {
        float radius = trunk * dice.Between(0.35f, 0.75f);
        _size = size;
        _radii = new Vector2(radius * (dice.Chance(0.5f) ? 1 : dice.Between(0.15f, 1)), radius);
        _centre = new Vector2(hips.X + 0.4f * trunk * dice.Normal(), hips.Y + trunk * dice.Between(0.1f, 0.7f));
        _rim = dice.Between(0.06f, 0.2f);
        _spokes = dice.Chance(0.7f) ? 3 + dice.Below(12) : 0;
        _isDisc = dice.Chance(0.3f);
        _rimColor = new Vector3(dice.Between(-1, 0.6f)) + 0.1f * new Vector3(dice.Normal(), dice.Normal(), dice.Normal());
        _discColor = new Vector3(dice.Between(-1, 1), dice.Between(-1, 1), dice.Between(-1, 1));
    }

    /// <inheritdoc/>
    public (int Left, int Top, int Right, int Bottom) Bounds => ((int)(_centre.X - _radii.X) - 1, (int)(_centre.Y - _radii.Y) - 1,
        (int)(_centre.X + _radii.X) + 2, (int)(_centre.Y + _radii.Y) + 2);

    /// <summary>Paints the wheel.</summary>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    /// <param name="mask">The mask of the person that it hides [S,S]; null for none.</param>
    /// <param name="keypoints">The key points [17,3] that it hides; null for none.</param>
    public void Paint(Span<float> image, float[]? mask, float[]? keypoints) => Stencil.Paint(this, _size, image, mask, keypoints);

    /// <inheritdoc/>
    public float Cover(float x, float y, out Vector3 color)
    {
        Vector2 from = (new Vector2(x, y) - _centre) / _radii;
        float distance = from.Length(), least = MathF.Min(_radii.X, _radii.Y), inside = Math.Clamp((1 - distance) * least + 0.5f, 0, 1);
        float rim = inside * Math.Clamp((distance - 1 + _rim) * least + 0.5f, 0, 1);
        color = _isDisc && rim <= 0.5f ? _discColor : _rimColor;
        if (_isDisc)
            return inside;
        float angle = _spokes * MathF.Atan2(from.Y, from.X) / 2;
        float spoke = _spokes == 0 ? 0 : inside * Math.Clamp(1.3f - MathF.Abs(MathF.Sin(angle)) * 2 * distance * least / _spokes, 0, 1);
        return MathF.Max(rim, spoke);
    }
}
