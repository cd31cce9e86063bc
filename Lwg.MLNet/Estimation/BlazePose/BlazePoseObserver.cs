using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>Finds a person with BlazePose: the detector tells the regions, the landmark network looks twice. Serves one thread at a time.</summary>
internal sealed class BlazePoseObserver : IPersonObserver
{
    // The landmarks of COCO's 17 key points, then of the further ones: heels, toes, hands (the middle of two knuckles).
    private static readonly int[] s_coco = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];
    private static readonly (int First, int Second)[] s_further = [(29, 29), (30, 30), (31, 31), (32, 32), (17, 19), (18, 20)];

    // The ears' landmarks lie too far inward by a fifth of their distance on either side.
    private const float EarSpread = 1.45f;
    private const int LeftEar = 3, RightEar = 4;

    // A hidden landmark is a guess: it counts by so much.
    private const float HiddenConfidence = 0.35f;

    // Another person counts from so much of the size of the one who is meant; a detection is the one who is meant from so much overlap.
    private const float ProminentFrom = 0.5f, LeastOverlap = 0.3f;

    private readonly PersonSearch _search;
    private readonly LandmarkReader _reader;
    private readonly PicturePyramid _picture = new();
    private readonly PersonFindingOptions _options;

    public BlazePoseObserver(PersonDetector detector, LandmarkReader reader, PersonFindingOptions options)
    {
        (_search, _reader, _options) = (new PersonSearch(detector), reader, options);
        Seen = new PersonObservation(LandmarkReader.Size, LandmarkReader.Size) { Landmarks = new BodyLandmarks() };
    }

    public PersonObservation Seen { get; }

    public bool Observe(PixelBuffer picture, CropTransform? where)
    {
        _picture.Load(picture);
        Seen.Crop = where ?? SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, LandmarkReader.Size, margin: 0);
        if (Choose(where) is not { } region)
        {
            Seen.Confidence = 0;
            return false;
        }
        _reader.Read(_picture, region);
        if (_reader.Presence >= _options.MinimumPresence)
        {
            BodyRegion next = _reader.NextRegion;
            if (next.Side > 1 && float.IsFinite(next.Side + next.Angle))
                _reader.Read(_picture, next);
        }
        Seen.Presence = Seen.Confidence = MathF.Min(Seen.Presence, _reader.Presence);
        if (Seen.Presence < _options.MinimumPresence)
            return false;
        Tell();
        return true;
    }

    public void Dispose()
    {
        _search.Dispose();
        _reader.Dispose();
    }

    private BodyRegion? Choose(CropTransform? where) => where is { } square ? ChooseIn(square) : ChooseAnywhere();

    // Of several the most prominent: large, sure, and not at the edge.
    private BodyRegion? ChooseAnywhere()
    {
        List<PersonDetection> people = _search.Everywhere(_picture);
        PersonDetection? most = people.MaxBy(p => p.Score * p.Region.Side * Centrality(p.Region));
        (Seen.People, Seen.Presence) = (people.Count(p => p.Region.Side > ProminentFrom * most!.Region.Side), most?.Score ?? 0);
        return most?.Region;
    }

    private float Centrality(in BodyRegion region)
    {
        float x = 2 * region.CentreX / _picture.Width - 1, y = 2 * region.CentreY / _picture.Height - 1;
        return 1 - 0.4f * MathF.Min(MathF.Sqrt(x * x + y * y), 1);
    }

    // Of several the one who fills the square best; where the detector sees none of that place and size, the landmark network looks at the square itself.
    private BodyRegion ChooseIn(in CropTransform square)
    {
        (float x, float y) = square.Apply(LandmarkReader.Size / 2f, LandmarkReader.Size / 2f);
        float side = square.A * LandmarkReader.Size;
        var expected = new BodyRegion(x, y, side, 0);
        List<PersonDetection> people = _search.Around(_picture, x, y, side);
        PersonDetection? nearest = people.MaxBy(p => p.Region.Overlap(expected));
        Seen.People = people.Count(p => p.Region.Side > ProminentFrom * side && p.Region.Overlap(expected) > LeastOverlap);
        if (nearest is not null && nearest.Region.Overlap(expected) > LeastOverlap)
        {
            Seen.Presence = nearest.Score;
            return nearest.Region;
        }
        (Seen.Presence, Seen.People) = (1, 1);
        return expected;
    }

    private void Tell()
    {
        for (int k = 0; k < s_coco.Length; k++)
            Put(s_coco[k], s_coco[k], Seen.Keypoints.AsSpan(3 * k, 3), out Seen.Landmarks!.InSpace[k]);
        for (int k = 0; k < s_further.Length; k++)
            Put(s_further[k].First, s_further[k].Second, Seen.Landmarks!.Further.AsSpan(3 * k, 3), out Seen.Landmarks.InSpace[s_coco.Length + k]);
        SpreadEars();
        FindBox();
    }

    private void Put(int first, int second, Span<float> point, out Vector3D inSpace)
    {
        (float ax, float ay) = _reader.At(first);
        (float bx, float by) = _reader.At(second);
        (point[0], point[1]) = ((ax + bx) / 2, (ay + by) / 2);
        inSpace = 0.5 * (_reader.InSpace(first) + _reader.InSpace(second));
        float seen = MathF.Min(_reader.Visibility(first), _reader.Visibility(second)), there = MathF.Min(_reader.InSquare(first), _reader.InSquare(second));
        // Landmarks beyond the picture's edge are guesses that keep a high visibility.
        bool inside = point[0] >= 0 && point[1] >= 0 && point[0] <= _picture.Width && point[1] <= _picture.Height;
        point[2] = inside && there > 0.5f ? MathF.Max(HiddenConfidence, seen) : 0;
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

    // The mask tells how far head, hair and clothes reach beyond the points.
    private void FindBox()
    {
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        foreach (float[] points in (float[][])[Seen.Keypoints, Seen.Landmarks!.Further])
        {
            for (int k = 0; k < points.Length; k += 3)
            {
                if (points[k + 2] > 0)
                    (minX, maxX, minY, maxY) = (MathF.Min(minX, points[k]), MathF.Max(maxX, points[k]), MathF.Min(minY, points[k + 1]), MathF.Max(maxY, points[k + 1]));
            }
        }
        if (!(maxX - minX + (maxY - minY) > 4))
        {
            (Seen.People, Seen.Box) = (0, default);
            return;
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
    }
}
