using System.Runtime.Intrinsics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Heads;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Copies rigid parts (head and feet) from the photograph as pieces: the pixels of the person's mask nearest to the part (hair, hats,
/// shoes) are moved, turned and scaled like the part of the body. The less the part turns out of the picture plane, the higher the weight
/// of the piece. Beside a head that turns to its other side, the hair is that of the mirrored photograph (<see cref="HeadFromBehind"/>).
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class PartPieces
{
    // The maximum size of the maps on which pieces are laid out.
    private const int MapSize = 256;

    // Half of the width over which a piece fades into the rest of the body, as a share of the person's height.
    private const float Fade = 0.015f;

    // The limits for a part that turns out of the picture plane: the error of its points when moved as a piece, as a share of the part's
    // size. Up to the first the piece has full weight, from the second on no weight. Between them both parts are half visible, so the
    // limits are near to each other. For a head the error is 0.64 times the sine of its turn: 53 and 56 degrees.
    private const float TurnedLittle = 0.51f, TurnedFar = 0.53f;

    // The same for a head seen from behind, whose mirrored outline has no depth: 22 and 36 degrees.
    private const float BehindLittle = 0.24f, BehindFar = 0.38f;

    // The share of the visible head that is facial front: a source with less than the first shows no face, and a target with more than the
    // last shows one. Seen from the front it is about 0.6, from the side 0.3.
    private const float SourceFace = 0.2f, HiddenFace = 0.08f, ShownFace = 0.2f;

    // As shares of the person's height: a piece that moves less than the first is left to NearSource, one that moves by the second has full
    // weight.
    private const float MovedLeast = 0.004f, MovedFully = 0.012f;

    // The power of a piece's weight with which the generator's output beside it gives way: output that is half visible is a ghost.
    private const float ClearsPower = 24;

    // What the generator drew of the part itself gives way if the part turns less than the first; from the second on, what the turned
    // piece no longer covers is a side of the part that the photograph does not show.
    private const float SameSide = 0.15f, OtherSide = 0.3f;

    // The share of a foot that its piece covers with the person: below the first a displaced body or another leg has cut the piece, and the
    // generator's foot stays.
    private const float CoveredLeast = 0.55f, CoveredFully = 0.65f;

    // The least number of map pixels of a part; a part whose scale leaves the range moves towards the viewer or away.
    private const int LeastPixels = 12;
    private const float LeastScale = 0.6f, LargestScale = 1.6f;

    // The range of the estimator's mask over which a pixel becomes the person.
    private const float PersonFrom = 0.3f, PersonSurely = 0.7f;

    private static readonly PartRule[] s_parts =
    [
        new(BodyPart.LeftFoot, BodyPart.LeftLeg, Reach: 0.03f, Clears: 0.01f, Around: 0),
        new(BodyPart.RightFoot, BodyPart.RightLeg, Reach: 0.03f, Clears: 0.01f, Around: 0),
        new(BodyPart.Head, BodyPart.Torso, Reach: 0.08f, Clears: 0.05f, Around: 0.05f),
    ];

    private readonly int _size, _small;
    private readonly int[] _partOfFace;
    private readonly int[][] _facesOfPart;
    private readonly bool[]?[] _cleanFaces;
    private readonly PixelPicker _picker;
    private readonly NearestPixels _search;
    private readonly int[] _sourceFaces, _targetFaces, _nearPart, _nearRest;
    private readonly float[] _sourceWeights, _mask, _smallMask, _cleared, _grown;
    private readonly PartsInFront _front;
    private readonly bool[] _chosen;
    private readonly Piece?[] _pieces = new Piece?[s_parts.Length];
    private readonly HeadFaces? _head;
    private readonly HeadFromBehind? _behind;
    private float _height;
    private bool _behindIsPainted;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    /// <param name="body">A body with marked parts.</param>
    public PartPieces(int size, BodyModel body)
    {
        (_size, _small) = (size, Math.Min(size, MapSize));
        _partOfFace = body.Surface.Part.ToArray();
        _facesOfPart = [.. s_parts.Select(p => Enumerable.Range(0, body.FaceCount).Where(f => _partOfFace[f] == (int)p.Part).ToArray())];
        int n = _small * _small;
        (_picker, _search) = (new PixelPicker(size, _small), new NearestPixels(_small));
        (_sourceFaces, _targetFaces, _nearPart, _nearRest) = (new int[n], new int[n], new int[n], new int[n]);
        (_sourceWeights, _mask, _smallMask, _cleared, _grown, _chosen) =
            (new float[3 * n], new float[size * size], new float[n], new float[n], new float[n], new bool[n]);
        _front = new PartsInFront(_small, body);
        _head = HeadFaces.Of(body);
        _behind = _head is null ? null : new HeadFromBehind(size, body, _head);
        // The head is replaced above the neck only.
        _cleanFaces = [.. s_parts.Select(rule => rule.Part == BodyPart.Head ? _head?.Head
            : _partOfFace.Select(part => part == (int)rule.Part).ToArray())];
    }

    /// <summary>Sets a source and cuts it into pieces.</summary>
    /// <param name="faceIndex">Its face index map [S,S].</param>
    /// <param name="weights">Its weight map [S,S,3].</param>
    /// <param name="personMask">An estimator's person mask [G,G]; if it is empty, there are no pieces.</param>
    public void Prepare(ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, ReadOnlySpan<float> personMask)
    {
        Array.Clear(_pieces);
        if (personMask.IsEmpty)
            return;
        _picker.Pick(faceIndex, 1, _sourceFaces.AsSpan());
        _picker.Pick(weights, 3, _sourceWeights.AsSpan());
        MaskGrid.Resize(personMask, _mask, _size);
        _picker.Pick<float>(_mask, 1, _smallMask.AsSpan());
        (int top, int bottom) = (_small, -1);
        for (int i = 0; i < _sourceFaces.Length; i++)
        {
            _chosen[i] = _sourceFaces[i] >= 0;
            if (_chosen[i])
                (top, bottom) = (Math.Min(top, i / _small), Math.Max(bottom, i / _small));
        }
        if (!PersonPixels.LiesOn(_smallMask, _chosen))
            return;
        _height = bottom - top + 1;
        _behindIsPainted = false;
        _behind?.Prepare(faceIndex);
        for (int p = 0; p < s_parts.Length; p++)
            _pieces[p] = Cut(p);
    }

    /// <summary>Copies the pieces into a picture.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="sourcePoints">The picture points of the source's faces [F,3,2].</param>
    /// <param name="targetPoints">The picture points of the target's faces [F,3,2].</param>
    /// <param name="targetFaceIndex">The target's face index map [S,S].</param>
    /// <param name="result">The result; its colours, mask and picture are changed.</param>
    public void Apply(ReadOnlySpan<float> picture, ReadOnlySpan<float> sourcePoints, ReadOnlySpan<float> targetPoints,
        ReadOnlySpan<int> targetFaceIndex, TransferResult result)
    {
        bool picked = false;
        for (int p = 0; p < s_parts.Length; p++)
        {
            if (_pieces[p] is not { } piece || Move(p, piece, sourcePoints, targetPoints) is not { Weight: > 0 } move)
                continue;
            if (!picked)
                _picker.Pick(targetFaceIndex, 1, _targetFaces.AsSpan());
            picked = true;
            if (move.IsMirrored)
                move = move with { Weight = move.Weight * FromBehind() };
            else if (s_parts[p].Part != BodyPart.Head)
                move = move with { Weight = move.Weight * Ramp.Smooth(CoveredLeast, CoveredFully, Covered(_cleanFaces[p]!, piece, move)) };
            if (move.Weight <= 0)
                continue;
            // A part other than this one and the one it is attached to is in front.
            _front.Mark(_targetFaces, PartsInFront.All & ~PartsInFront.Bit(s_parts[p].Part) & ~PartsInFront.Bit(s_parts[p].Next));
            Clear(_cleanFaces[p], move, s_parts[p].Around * _height, result);
            if (move.IsMirrored)
                Grow(move.Weight, s_parts[p].Reach * 1.5f * _height);
            Put(move.IsMirrored ? Behind(picture, piece) : picture, piece, move, result);
        }
    }

    // The share of a part of the target where its piece shows the person.
    private float Covered(bool[] faces, Piece piece, PieceMove move)
    {
        float unit = 2f / _small, covered = 0;
        int whole = 0;
        PlaneAffine back = move.ToTarget.Inverse();
        for (int i = 0; i < _targetFaces.Length; i++)
        {
            if (_targetFaces[i] < 0 || !faces[_targetFaces[i]])
                continue;
            whole++;
            (float x, float y) = _picker.Centre(i);
            (float u, float v) = back.Apply(x, y);
            (float column, float row) = ((u + 1) / unit - 0.5f, (v + 1) / unit - 0.5f);
            if (!(column >= 0 && row >= 0 && column <= _small - 1 && row <= _small - 1))
                continue;
            Vector128<float> share = MapSampler.Bilinear(piece.Shares, _small, column, row);
            covered += 1 - share[0] * (1 - share[1]);
        }
        return whole == 0 ? 1 : covered / whole;
    }

    // Hair beside a head from behind: the lower the weight, the nearer to the head it ends. Half visible, it would be a ghost.
    private void Grow(float weight, float reach)
    {
        float end = weight * (reach + Fade * _height);
        for (int i = 0; i < _grown.Length; i++)
            _grown[i] = _targetFaces[i] >= 0 ? 0 : 1 - Ramp.Smooth(end - Fade * _height, end, Distance(i, _nearPart));
    }

    // Fades what the generator drew of a part, and around it, to the background: the piece replaces it.
    private void Clear(bool[]? faces, PieceMove move, float around, TransferResult result)
    {
        if (faces is null)
            return;
        for (int i = 0; i < _chosen.Length; i++)
            _chosen[i] = _targetFaces[i] >= 0 && faces[_targetFaces[i]];
        _search.Find(_chosen, _nearPart);
        (int left, int top, int right, int bottom) = (_small, _small, -1, -1);
        for (int i = 0; i < _chosen.Length; i++)
        {
            _cleared[i] = _chosen[i] ? move.ClearsPart : around == 0 || _targetFaces[i] >= 0 ? 0
                : move.Clears * (1 - Ramp.Smooth(0.6f * around, around, Distance(i, _nearPart)));
            if (_cleared[i] > 0)
                (left, top, right, bottom) = (Math.Min(left, i % _small), Math.Min(top, i / _small), Math.Max(right, i % _small),
                    Math.Max(bottom, i / _small));
        }
        float scale = (float)_small / _size;
        for (int y = (int)(top / scale); y < Math.Min((bottom + 1) / scale, _size); y++)
        {
            for (int x = (int)(left / scale); x < Math.Min((right + 1) / scale, _size); x++)
                Clear(y * _size + x, (x + 0.5f) * scale, (y + 0.5f) * scale, result);
        }
    }

    private void Clear(int pixel, float x, float y, TransferResult result)
    {
        float cleared = MapSampler.Bilinear(_cleared, _small, x, y);
        if (cleared <= 0.002f)
            return;
        cleared *= _front.Free(x, y);
        result.Mask[pixel] = float.Lerp(result.Mask[pixel], 1, cleared);
        for (int k = pixel; k < result.Image.Length; k += _size * _size)
            result.Image[k] = float.Lerp(result.Image[k], result.Background[k], cleared);
    }

    // How surely the target shows the back of a head whose face the source shows.
    private float FromBehind() => FaceShare(_sourceFaces) < SourceFace ? 0
        : 1 - Ramp.Smooth(HiddenFace, ShownFace, FaceShare(_targetFaces));

    private float FaceShare(int[] faceIndex)
    {
        (int head, int face) = (0, 0);
        foreach (int f in faceIndex)
        {
            if (f < 0 || _partOfFace[f] != (int)BodyPart.Head)
                continue;
            head++;
            face += _head!.Face[f] ? 1 : 0;
        }
        return head == 0 ? 0 : (float)face / head;
    }

    private float[] Behind(ReadOnlySpan<float> picture, Piece piece)
    {
        float scale = (float)_size / _small;
        if (!_behindIsPainted)
            _behind!.Paint(picture, _mask, ((int)(piece.Left * scale), (int)(piece.Top * scale), (int)((piece.Right + 1) * scale),
                (int)((piece.Bottom + 1) * scale)));
        _behindIsPainted = true;
        return _behind!.Picture;
    }

    // Computes the weight of a part for each pixel of the source: 1 within it and beside it, fading towards other parts and with
    // distance.
    private Piece? Cut(int p)
    {
        int part = (int)s_parts[p].Part, count = 0;
        for (int i = 0; i < _chosen.Length; i++)
        {
            _chosen[i] = _sourceFaces[i] >= 0 && _partOfFace[_sourceFaces[i]] == part;
            count += _chosen[i] && _smallMask[i] > PersonPixels.PersonFrom ? 1 : 0;
        }
        if (count < LeastPixels)
            return null;
        _search.Find(_chosen, _nearPart);
        for (int i = 0; i < _chosen.Length; i++)
            _chosen[i] = _sourceFaces[i] >= 0 && _partOfFace[_sourceFaces[i]] != part;
        _search.Find(_chosen, _nearRest);
        var piece = new Piece(_small * _small);
        (piece.Left, piece.Top, piece.Right, piece.Bottom) = (_small, _small, -1, -1);
        for (int i = 0; i < _chosen.Length; i++)
        {
            float own = Distance(i, _nearPart), other = Distance(i, _nearRest);
            float share = Ramp.Smooth(-Fade * _height, Fade * _height, other - own)
                * (1 - Ramp.Smooth(s_parts[p].Reach * _height, 1.5f * s_parts[p].Reach * _height, own));
            float clears = 1 - Ramp.Smooth(s_parts[p].Clears * _height, 1.5f * s_parts[p].Clears * _height, own);
            piece.Shares[i] = Vector128.Create(share, Ramp.Smooth(PersonFrom, PersonSurely, _smallMask[i]), clears, 0);
            if (share > 0)
                (piece.Left, piece.Top, piece.Right, piece.Bottom) =
                    (Math.Min(piece.Left, i % _small), Math.Min(piece.Top, i / _small), Math.Max(piece.Right, i % _small),
                    Math.Max(piece.Bottom, i / _small));
        }
        return piece;
    }

    private float Distance(int pixel, int[] nearest)
    {
        int near = nearest[pixel];
        if (near < 0)
            return _small;
        int dx = pixel % _small - near % _small, dy = pixel / _small - near / _small;
        return MathF.Sqrt(dx * dx + dy * dy);
    }

    // The affine map from the source's pixels of a part to their places in the target. Its weight depends on how well the whole part
    // moves like a flat piece.
    private PieceMove? Move(int p, Piece piece, ReadOnlySpan<float> sourcePoints, ReadOnlySpan<float> targetPoints)
    {
        bool mayMirror = s_parts[p].Part == BodyPart.Head && _behind is not null;
        float turned = Turned(_facesOfPart[p], sourcePoints, targetPoints, mayMirror, out float scale, out bool mirrored);
        (float little, float far) = mirrored ? (BehindLittle, BehindFar) : (TurnedLittle, TurnedFar);
        float weight = 1 - Ramp.Smooth(little, far, turned);
        if (weight <= 0 || scale is < LeastScale or > LargestScale)
            return null;
        var fit = new AffineFit();
        if (mirrored)
        {
            foreach (int face in _facesOfPart[p])
            {
                for (int k = 6 * face; k < 6 * face + 6; k += 2)
                    fit.Add(sourcePoints[k], sourcePoints[k + 1], targetPoints[k], targetPoints[k + 1]);
            }
            return fit.Solve(mirrored) is { } toBack ? new PieceMove(weight, toBack, turned, IsMirrored: true) : null;
        }
        int part = (int)s_parts[p].Part;
        for (int y = piece.Top; y <= piece.Bottom; y++)
        {
            for (int x = piece.Left, i = y * _small + x; x <= piece.Right; x++, i++)
            {
                int face = _sourceFaces[i];
                if (face < 0 || _partOfFace[face] != part)
                    continue;
                ReadOnlySpan<float> t = targetPoints.Slice(6 * face, 6), w = _sourceWeights.AsSpan(3 * i, 3);
                (float sx, float sy) = _picker.Centre(i);
                fit.Add(sx, sy, w[0] * t[0] + w[1] * t[2] + w[2] * t[4], w[0] * t[1] + w[1] * t[3] + w[2] * t[5]);
            }
        }
        if (fit.Solve() is not { } toTarget)
            return null;
        return new PieceMove(weight * Ramp.Smooth(MovedLeast * _height, MovedFully * _height,
            Farthest(piece, toTarget)), toTarget, turned, IsMirrored: false);
    }

    // The largest move of a corner of a piece's box, in pixels of the map.
    private float Farthest(Piece piece, PlaneAffine toTarget)
    {
        float unit = 2f / _small, farthest = 0;
        foreach ((int x, int y) in piece.Corners)
        {
            (float px, float py) = (x * unit - 1, y * unit - 1);
            (float u, float v) = toTarget.Apply(px, py);
            farthest = MathF.Max(farthest, MathF.Sqrt((u - px) * (u - px) + (v - py) * (v - py)) / unit);
        }
        return farthest;
    }

    // The deviation of the part's points from the target's after the best move, turn, scale and, if allowed, reflection within the
    // picture, as a share of the part's own spread.
    private static float Turned(int[] faces, ReadOnlySpan<float> source, ReadOnlySpan<float> target, bool mayMirror, out float scale,
        out bool mirrored)
    {
        double sx = 0, sy = 0, tx = 0, ty = 0;
        foreach (int face in faces)
        {
            for (int k = 6 * face; k < 6 * face + 6; k += 2)
                (sx, sy, tx, ty) = (sx + source[k], sy + source[k + 1], tx + target[k], ty + target[k + 1]);
        }
        double n = 3.0 * faces.Length, spread = 0, wanted = 0, along = 0, across = 0, back = 0, backAcross = 0;
        (sx, sy, tx, ty) = (sx / n, sy / n, tx / n, ty / n);
        foreach (int face in faces)
        {
            for (int k = 6 * face; k < 6 * face + 6; k += 2)
            {
                double ax = source[k] - sx, ay = source[k + 1] - sy, bx = target[k] - tx, by = target[k + 1] - ty;
                spread += ax * ax + ay * ay;
                wanted += bx * bx + by * by;
                along += ax * bx + ay * by;
                across += ax * by - ay * bx;
                back += ay * by - ax * bx;
                backAcross += ax * by + ay * bx;
            }
        }
        double turn = Math.Sqrt(along * along + across * across), reflected = Math.Sqrt(back * back + backAcross * backAcross);
        mirrored = mayMirror && reflected > turn;
        turn = mirrored ? reflected : turn;
        scale = spread > 0 ? (float)(turn / spread) : 0;
        return wanted > 0 && spread > 0 ? (float)Math.Sqrt(Math.Max(0, 1 - turn * turn / (spread * wanted))) : 1;
    }

    private void Put(ReadOnlySpan<float> picture, Piece piece, PieceMove move, TransferResult result)
    {
        float unit = 2f / _size, scale = (float)_small / _size;
        (float left, float top, float right, float bottom) = Bounds(piece, move.ToTarget);
        PlaneAffine back = move.ToTarget.Inverse();
        for (int y = (int)MathF.Max(top, 0); y <= MathF.Min(bottom, _size - 1); y++)
        {
            for (int x = (int)MathF.Max(left, 0); x <= MathF.Min(right, _size - 1); x++)
            {
                // From the centre of the target's pixel to the source, in pixels of size S.
                (float u, float v) = back.Apply((x + 0.5f) * unit - 1, (y + 0.5f) * unit - 1);
                (float sx, float sy) = ((u + 1) / unit - 0.5f, (v + 1) / unit - 0.5f);
                if (!(sx >= 0 && sy >= 0 && sx <= _size - 1 && sy <= _size - 1))
                    continue;
                Vector128<float> share = MapSampler.Bilinear(piece.Shares, _small, Math.Clamp((sx + 0.5f) * scale - 0.5f, 0, _small - 1),
                    Math.Clamp((sy + 0.5f) * scale - 0.5f, 0, _small - 1));
                float shown = move.IsMirrored ? share[0] : share[0] * move.Weight;
                if (shown <= 0.002f)
                    continue;
                shown *= _front.Free((x + 0.5f) * scale, (y + 0.5f) * scale);
                // On the body itself the generator draws the hair in its colour, the neck and the back; the photograph shows a front.
                if (move.IsMirrored)
                    shown *= MapSampler.Bilinear(_grown, _small, (x + 0.5f) * scale, (y + 0.5f) * scale);
                PieceBlend.Mix(picture, sx, sy, y * _size + x, shown, share[1], share[2] * move.Clears, result);
            }
        }
    }

    // The bounding box of a piece in the target, in pixels of size S.
    private (float Left, float Top, float Right, float Bottom) Bounds(Piece piece, PlaneAffine toTarget)
    {
        float unit = 2f / _small, half = _size / 2f;
        (float left, float top, float right, float bottom) =
            (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        foreach ((int x, int y) in piece.Corners)
        {
            (float u, float v) = toTarget.Apply(x * unit - 1, y * unit - 1);
            (left, top, right, bottom) = (MathF.Min(left, (u + 1) * half), MathF.Min(top, (v + 1) * half), MathF.Max(right, (u + 1) * half),
                MathF.Max(bottom, (v + 1) * half));
        }
        return (left - 1, top - 1, right + 1, bottom + 1);
    }

    // A part; the part it is attached to, which does not hide it; and, as shares of the person's height: how far around the body its
    // piece reaches, how far the generator's output fades to the background where the photograph shows no person, and how far it fades
    // around the part of the target, 0 for the part alone. All fade out over half that distance again, or its last part.
    private sealed record PartRule(BodyPart Part, BodyPart Next, float Reach, float Clears, float Around);

    // For each pixel of the source's map: the weight of the part, the certainty of the person, and how far the generator's output fades
    // around it.
    private sealed class Piece(int pixels)
    {
        public Vector128<float>[] Shares { get; } = new Vector128<float>[pixels];

        public int Left, Top, Right, Bottom;

        public (int X, int Y)[] Corners => [(Left, Top), (Right + 1, Top), (Left, Bottom + 1), (Right + 1, Bottom + 1)];
    }

    private sealed record PieceMove(float Weight, PlaneAffine ToTarget, float Turned, bool IsMirrored)
    {
        /// <summary>How far the generator's output beside the piece gives way to the background. Beside a piece that is only half
        /// visible, the generator's own part must remain.</summary>
        public float Clears => MathF.Pow(Weight, ClearsPower);

        /// <summary>The same for the generator's own part.</summary>
        public float ClearsPart => IsMirrored ? 0 : Clears * (1 - Ramp.Smooth(SameSide, OtherSide, Turned));
    }
}
