using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using static Lwg.MLNet.Keypoints.CocoSkeleton;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>Finds a person with BlazePose: the detector gives the regions, the landmark network runs twice. Use an instance on one thread
/// at a time.</summary>
internal sealed class BlazePoseObserver : IPersonObserver
{
    // The landmarks of COCO's 17 key points, then of the additional ones: heels, toes, hands (the midpoint of two knuckles).
    private static readonly int[] s_coco = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];
    private static readonly (int First, int Second)[] s_further = [(29, 29), (30, 30), (31, 31), (32, 32), (17, 19), (18, 20)];

    // The ears' landmarks are too far inward by about a fifth of their distance on either side.
    private const float EarSpread = 1.45f;

    // The confidence of a hidden landmark, which is a guess.
    private const float HiddenConfidence = 0.35f;

    // The confidence of a landmark beyond the picture's edge, if bodies that are cut off are fitted.
    private const float GuessedConfidence = 0.2f;

    // The least relative size of another prominent person, and the least overlap of a detection with the intended person.
    private const float ProminentFrom = 0.5f, LeastOverlap = 0.3f;

    // Landmarks that differ on average by less than this share of the region's side belong to the same person.
    private const float SameDistance = 0.05f;

    // Key points that move by this share of the region between two runs reduce the likelihood of a hypothesis by a factor of e.
    private const float Steady = 0.03f;

    private static readonly PersonDoubts s_doubts = new(FitError: 0.045f, BodyOverlap: 0.45f, Disagreement: 1);

    private readonly PersonSearch _search;
    private readonly LandmarkReader _reader;
    private readonly PicturePyramid _picture = new();
    private readonly PersonFindingOptions _options;
    private BodyRegion? _followed;
    private int _frame;

    public BlazePoseObserver(PersonDetector detector, LandmarkReader reader, PersonFindingOptions options)
    {
        (_search, _reader, _options) = (new PersonSearch(detector), reader, options);
        Seen = new PersonObservation(LandmarkReader.Size, LandmarkReader.Size) { Landmarks = new BodyLandmarks(), Doubts = s_doubts };
    }

    public PersonObservation Seen { get; }

    public bool Observe(PixelBuffer picture, CropTransform? where, ReadOnlySpan<float> earlier)
    {
        _picture.Load(picture);
        Seen.Crop = where ?? SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, LandmarkReader.Size, margin: 0);
        bool found = where is { } square ? ReadIn(square)
            : BodyRegion.Around(earlier) is { } region ? ReadAgain(region, earlier)
            : Follow() || (_options.PersonIndex is { } index ? ReadOneOf(index) : ReadAnywhere());
        Seen.Confidence = Seen.Presence;
        found = found && Tell();
        (_followed, _frame) = (found ? _reader.NextRegion : null, _frame + 1);
        if (!found)
            Seen.People = 0;
        return found;
    }

    public void Dispose()
    {
        _search.Dispose();
        _reader.Dispose();
    }

    // In a film the last frame's landmarks give the region; the detector runs at a fixed interval of frames, and when the person is lost.
    private bool Follow()
    {
        if (_options.FollowFrames == 0 || _frame % _options.FollowFrames == 0 || _followed is not { Side: > 1 } region
            || !float.IsFinite(region.Side + region.Angle))
            return false;
        _reader.Read(_picture, region);
        (Seen.People, Seen.Presence) = (1, _reader.Presence);
        return Seen.Presence >= _options.MinimumPresence;
    }

    // Chooses the most prominent of several people: large, certain, and not at the edge.
    private bool ReadAnywhere()
    {
        List<PersonDetection> people = _search.Everywhere(_picture);
        if (people.MaxBy(Prominence) is not { } most)
        {
            Seen.Presence = 0;
            return false;
        }
        Seen.People = people.Count(p => p.Region.Side > ProminentFrom * most.Region.Side);
        ReadUntilSettled(most.Region);
        Seen.Presence = MathF.Min(most.Score, _reader.Presence);
        return Seen.Presence >= _options.MinimumPresence;
    }

    // The detector may detect one person more than once, and the landmarks of a detection may belong to a neighbour, so people are
    // distinguished by their landmarks.
    private bool ReadOneOf(int index)
    {
        var known = new List<(float X, float Y)[]>();
        var regions = new List<(BodyRegion Region, float Presence)>();
        foreach (PersonDetection person in _search.Everyone(_picture).OrderByDescending(Prominence))
        {
            ReadUntilSettled(person.Region);
            float presence = MathF.Min(person.Score, _reader.Presence);
            (float, float)[] points = [.. s_coco.Select(_reader.At)];
            if (presence < _options.MinimumPresence || known.Any(other => Distance(points, other) < SameDistance * _reader.Region.Side))
                continue;
            known.Add(points);
            regions.Add((_reader.Region, presence));
        }
        Seen.People = regions.Count;
        if (index >= regions.Count)
        {
            Seen.Presence = 0;
            return false;
        }
        _reader.Read(_picture, regions[index].Region);
        Seen.Presence = regions[index].Presence;
        return true;
    }

    private static float Distance(ReadOnlySpan<(float X, float Y)> points, ReadOnlySpan<(float X, float Y)> others)
    {
        float sum = 0;
        for (int k = 0; k < points.Length; k++)
            sum += MathF.Sqrt((points[k].X - others[k].X) * (points[k].X - others[k].X) + (points[k].Y - others[k].Y)
                * (points[k].Y - others[k].Y));
        return sum / points.Length;
    }

    // Reads a person from an earlier observation, now at higher resolution. The candidates are the expected region, the region given by
    // its landmarks, and the detections around it; the candidate with the landmarks nearest to the earlier ones is chosen.
    private bool ReadAgain(in BodyRegion expected, ReadOnlySpan<float> earlier)
    {
        Seen.People = 1;
        _reader.Read(_picture, expected);
        (BodyRegion best, float nearest) = (expected, Distance(earlier));
        Try(_reader.NextRegion, earlier, ref best, ref nearest);
        if (nearest > SameDistance * expected.Side)
        {
            foreach (PersonDetection person in _search.Around(_picture, expected.CentreX, expected.CentreY, expected.Side))
                Try(person.Region, earlier, ref best, ref nearest);
        }
        if (best != _reader.Region)
            _reader.Read(_picture, best);
        // The earlier observation already shows that there is a person.
        Seen.Presence = _reader.Presence;
        return Seen.Presence >= _options.MinimumPresence / 2;
    }

    private void Try(in BodyRegion region, ReadOnlySpan<float> earlier, ref BodyRegion best, ref float nearest)
    {
        if (!Sees(region))
            return;
        _reader.Read(_picture, region);
        if (Distance(earlier) is var distance && distance < nearest)
            (best, nearest) = (region, distance);
    }

    // The mean distance of the landmarks from the key points of an earlier observation, in pixels.
    private float Distance(ReadOnlySpan<float> earlier)
    {
        (float sum, int count) = (0, 0);
        for (int k = 0; k < s_coco.Length; k++)
        {
            if (!(earlier[3 * k + 2] > 0) || k is LeftEar or RightEar)
                continue;
            (float x, float y) = _reader.At(s_coco[k]);
            sum += MathF.Sqrt((x - earlier[3 * k]) * (x - earlier[3 * k]) + (y - earlier[3 * k + 1]) * (y - earlier[3 * k + 1]));
            count++;
        }
        return count == 0 ? float.PositiveInfinity : sum / count;
    }

    private float Prominence(PersonDetection person) => person.Score * person.Region.Side * Centrality(person.Region);

    private float Centrality(in BodyRegion region)
    {
        float x = 2 * region.CentreX / _picture.Width - 1, y = 2 * region.CentreY / _picture.Height - 1;
        return 1 - 0.4f * MathF.Min(MathF.Sqrt(x * x + y * y), 1);
    }

    // Reads the person in a square. The candidates are detections of similar place and size and the square itself; the one whose
    // landmarks best fill the square is chosen.
    private bool ReadIn(in CropTransform square)
    {
        float side = square.A * LandmarkReader.Size;
        (float x, float y) = square.Apply(LandmarkReader.Size / 2f, LandmarkReader.Size / 2f);
        var expected = new BodyRegion(x, y, side, 0);
        List<BodyRegion> regions = [.. _search.Around(_picture, x, y, side).Select(p => p.Region)
            .Where(r => r.Overlap(expected) > LeastOverlap)];
        Seen.People = Math.Max(1, regions.Count(r => r.Side > ProminentFrom * side));
        regions.Add(expected);
        (BodyRegion best, float most) = (expected, -1);
        foreach (BodyRegion region in regions)
        {
            float moved = ReadTwice(region), worth = _reader.Presence * Filled(square) * MathF.Exp(-moved / Steady);
            if (worth > most)
                (best, most) = (_reader.Region, worth);
        }
        if (best != _reader.Region)
            _reader.Read(_picture, best);
        Seen.Presence = _reader.Presence;
        return Seen.Presence >= _options.MinimumPresence;
    }

    // The overlap of the box of the 17 key points with the inside of a square around a person: intersection over union.
    private float Filled(in CropTransform square)
    {
        float inset = LandmarkReader.Size * BlazePoseEstimator.PersonMargin / (1 + 2 * BlazePoseEstimator.PersonMargin);
        (float left, float top) = square.Apply(inset, inset);
        (float right, float bottom) = square.Apply(LandmarkReader.Size - inset, LandmarkReader.Size - inset);
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        foreach (int landmark in s_coco)
        {
            (float x, float y) = _reader.At(landmark);
            (minX, maxX, minY, maxY) = (MathF.Min(minX, x), MathF.Max(maxX, x), MathF.Min(minY, y), MathF.Max(maxY, y));
        }
        // The square only gives the longer side of the person, so the extent along that side is compared.
        bool tall = maxY - minY > maxX - minX;
        (float a, float b, float c, float d) = tall ? (minY, maxY, top, bottom) : (minX, maxX, left, right);
        float both = MathF.Min(b, d) - MathF.Max(a, c), across = tall ? MathF.Abs((minX + maxX) / 2 - (left + right) / 2) / (right - left)
            : MathF.Abs((minY + maxY) / 2 - (top + bottom) / 2) / (bottom - top);
        return MathF.Max(0, both) / (MathF.Max(b, d) - MathF.Min(a, c)) * MathF.Max(0, 1 - 2 * across);
    }

    // The second run refines a rough region; if the landmarks confirm the region, it would give the same result.
    private void ReadUntilSettled(in BodyRegion region)
    {
        _reader.Read(_picture, region);
        BodyRegion next = _reader.NextRegion;
        if (Sees(next) && !next.IsLike(region))
            _reader.Read(_picture, next);
    }

    private bool Sees(in BodyRegion next) =>
        _reader.Presence >= _options.MinimumPresence && next.Side > 1 && float.IsFinite(next.Side + next.Angle);

    // The move of the key points from the first to the second run, as a share of the region's side: correct key points do not move.
    private float ReadTwice(in BodyRegion region)
    {
        _reader.Read(_picture, region);
        BodyRegion next = _reader.NextRegion;
        if (!Sees(next))
            return 0;
        Span<(float X, float Y)> before = stackalloc (float, float)[s_coco.Length];
        for (int k = 0; k < before.Length; k++)
            before[k] = _reader.At(s_coco[k]);
        _reader.Read(_picture, next);
        Span<(float X, float Y)> after = stackalloc (float, float)[s_coco.Length];
        for (int k = 0; k < after.Length; k++)
            after[k] = _reader.At(s_coco[k]);
        return Distance(before, after) / next.Side;
    }

    private bool Tell()
    {
        for (int k = 0; k < s_coco.Length; k++)
            Put(s_coco[k], s_coco[k], Seen.Keypoints.AsSpan(3 * k, 3), out Seen.Landmarks!.InSpace[k]);
        for (int k = 0; k < s_further.Length; k++)
            Put(s_further[k].First, s_further[k].Second, Seen.Landmarks!.Further.AsSpan(3 * k, 3),
                out Seen.Landmarks.InSpace[s_coco.Length + k]);
        Seen.IsCutOff = IsOut(LeftKnee) && IsOut(RightKnee) && IsOut(LeftAnkle) && IsOut(RightAnkle) || IsOut(LeftShoulder)
            && IsOut(RightShoulder) || IsOut(LeftHip) && IsOut(RightHip);
        SpreadEars();
        return FindBox();
    }

    private void Put(int first, int second, Span<float> point, out Vector3D inSpace)
    {
        (float ax, float ay) = _reader.At(first);
        (float bx, float by) = _reader.At(second);
        (point[0], point[1]) = ((ax + bx) / 2, (ay + by) / 2);
        inSpace = 0.5 * (_reader.InSpace(first) + _reader.InSpace(second));
        float seen = MathF.Min(_reader.Visibility(first), _reader.Visibility(second)),
            there = MathF.Min(_reader.InSquare(first), _reader.InSquare(second));
        // Landmarks beyond the picture's edge are guesses with a high visibility.
        bool inside = point[0] >= 0 && point[1] >= 0 && point[0] <= _picture.Width && point[1] <= _picture.Height;
        point[2] = inside && there > 0.5f ? MathF.Max(HiddenConfidence, seen) : _options.FitCutOff ? GuessedConfidence : 0;
    }

    private bool IsOut(int keypoint)
    {
        (float x, float y) = (Seen.Keypoints[3 * keypoint], Seen.Keypoints[3 * keypoint + 1]);
        return Seen.Keypoints[3 * keypoint + 2] == 0 || !(x >= 0 && y >= 0 && x <= _picture.Width && y <= _picture.Height);
    }

    private void SpreadEars()
    {
        Span<float> left = Seen.Keypoints.AsSpan(3 * LeftEar, 2), right = Seen.Keypoints.AsSpan(3 * RightEar, 2);
        for (int c = 0; c < 2; c++)
        {
            float middle = (left[c] + right[c]) / 2, half = (left[c] - right[c]) / 2 * EarSpread;
            (left[c], right[c]) = (middle + half, middle - half);
        }
    }

    // The mask gives the extent of head, hair and clothes beyond the points.
    private bool FindBox()
    {
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        foreach (float[] points in (float[][])[Seen.Keypoints, Seen.Landmarks!.Further])
        {
            for (int k = 0; k < points.Length; k += 3)
            {
                if (points[k + 2] > 0)
                    (minX, maxX, minY, maxY) = (MathF.Min(minX, points[k]), MathF.Max(maxX, points[k]), MathF.Min(minY, points[k + 1]),
                        MathF.Max(maxY, points[k + 1]));
            }
        }
        if (!(maxX - minX + (maxY - minY) > 4))
        {
            (Seen.People, Seen.Box) = (0, default);
            return false;
        }
        float reach = 0.2f * MathF.Max(maxX - minX, maxY - minY);
        CropTransform square = SquareCrop.AroundBox(minX - reach, minY - reach, maxX + reach, maxY + reach, LandmarkReader.Size, margin: 0);
        _reader.CopyMask(square, LandmarkReader.Size, Seen.Mask);
        for (int i = 0; i < Seen.Mask.Length; i++)
        {
            (float x, float y) = square.Apply(i % LandmarkReader.Size + 0.5f, i / LandmarkReader.Size + 0.5f);
            if (x < 0 || y < 0 || x > _picture.Width || y > _picture.Height)
                Seen.Mask[i] = 0;
            else if (Seen.Mask[i] > 0.5f)
                (minX, maxX, minY, maxY) = (MathF.Min(minX, x), MathF.Max(maxX, x), MathF.Min(minY, y), MathF.Max(maxY, y));
        }
        Seen.Box = (minX, minY, maxX, maxY);
        Seen.Crop = SquareCrop.AroundBox(minX, minY, maxX, maxY, LandmarkReader.Size, BlazePoseEstimator.PersonMargin);
        _reader.CopyMask(Seen.Crop, LandmarkReader.Size, Seen.Mask);
        return true;
    }
}
