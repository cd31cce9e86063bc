using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>Finds a person with an estimator that gives key points and a mask of a square: runs it on the whole picture, then on
/// smaller squares around the person. Use an instance on one thread at a time.</summary>
internal sealed class LearnedPersonObserver : IPersonObserver
{
    private const int Looks = 3;

    // From this overlap of the squares of two runs (intersection over union), a third would give the same result.
    private const float Settled = 0.8f;

    private const float MaskShare = 0.5f;

    // From this aspect ratio on, parts of a picture are searched if the whole shows no person, up to this number of parts.
    private const float LongFrom = 1.5f;
    private const int MostParts = 16;

    private static readonly PersonDoubts s_doubts = new(FitError: 0.045f, BodyOverlap: 0.3f, Disagreement: 0.0275f);

    private readonly SmplEstimator _estimator;
    private readonly ISmplWorker _worker;
    private readonly PersonFindingOptions _options;
    private readonly KeypointConsensus _consensus = new();

    public LearnedPersonObserver(SmplEstimator estimator, PersonFindingOptions options)
    {
        (_estimator, _worker, _options) = (estimator, estimator.CreateWorker(), options);
        Seen = new PersonObservation(estimator.PictureSize, estimator.MaskSize) { Guess = new float[SmplLayout.ParameterCount],
            Doubts = s_doubts };
    }

    public PersonObservation Seen { get; }

    public bool Observe(PixelBuffer picture, CropTransform? where, ReadOnlySpan<float> earlier)
    {
        if (where is { } square)
            return LookCloser(picture, square);
        return LookCloser(picture, SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, _estimator.PictureSize, margin: 0))
            || (BestPart(picture) is { } part && LookCloser(picture, part));
    }

    // In a picture that is much longer in one direction people are small, so squares along it are searched at higher resolution.
    private CropTransform? BestPart(PixelBuffer picture)
    {
        int side = Math.Min(picture.Width, picture.Height), length = Math.Max(picture.Width, picture.Height);
        if (length < LongFrom * side)
            return null;
        int parts = Math.Min(2 * length / side, MostParts);
        (CropTransform? best, float most) = (null, 0);
        for (int part = 0; part < parts; part++)
        {
            float at = (float)part / (parts - 1) * (length - side);
            (float x, float y) = picture.Width > picture.Height ? (at, 0f) : (0f, at);
            CropTransform square = SquareCrop.AroundBox(x, y, x + side, y + side, _estimator.PictureSize, margin: 0);
            Look(picture, square);
            if (TryLocate(square, out _) && Certainty() > most)
                (best, most) = (square, Certainty());
        }
        return best;
    }

    private void Look(PixelBuffer picture, in CropTransform square)
    {
        SquareCrop.Crop(picture, square, _estimator.PictureSize, _worker.Picture(0));
        _worker.Run();
        RequireNumbers();
    }

    private bool LookCloser(PixelBuffer picture, CropTransform square)
    {
        _consensus.Clear();
        for (int look = 1; ; look++)
        {
            Look(picture, square);
            _worker.Keypoints(0).CopyTo(Seen.Keypoints);
            (Seen.Crop, Seen.Presence, Seen.People, Seen.Confidence) = (square, Presence.Somebody, 0, Certainty());
            if (!TryLocate(square, out (float MinX, float MinY, float MaxX, float MaxY) box))
                return false;
            _consensus.Add(Seen.Keypoints, square);
            CropTransform closer = SquareCrop.AroundBox(box.MinX, box.MinY, box.MaxX, box.MaxY, _estimator.PictureSize, _estimator.Margin);
            if (look == Looks || Overlap(square, closer) > Settled)
            {
                Seen.Box = box;
                break;
            }
            square = closer;
        }
        Seen.People = Presence.Several >= _options.SeveralFrom ? 2 : 1;
        _worker.Mask(0).CopyTo(Seen.Mask);
        _worker.Smpl(0).CopyTo(Seen.Guess);
        for (int k = 0; k < Seen.Keypoints.Length; k += 3)
            (Seen.Keypoints[k], Seen.Keypoints[k + 1]) = square.Apply(Seen.Keypoints[k], Seen.Keypoints[k + 1]);
        Seen.Disagreement = 0;
        if (_options.Refine && _options.AveragesEstimates)
        {
            LookInMirror(square);
            Seen.Disagreement = _consensus.Combine(Seen.Keypoints, _options.MinimumConfidence);
        }
        return true;
    }

    // A reliable network finds the same in the mirrored picture. The means are more accurate than each estimate.
    private void LookInMirror(in CropTransform square)
    {
        int size = _estimator.PictureSize, grid = _estimator.MaskSize;
        Span<float> picture = _worker.Picture(0);
        for (int row = 0; row < 3 * size; row++)
            picture.Slice(row * size, size).Reverse();
        _worker.Run();
        RequireNumbers();
        _consensus.Add(_worker.Keypoints(0), square, size);
        ReadOnlySpan<float> mask = _worker.Mask(0);
        for (int i = 0; i < mask.Length; i++)
            Seen.Mask[i] = (Seen.Mask[i] + mask[i / grid * grid + grid - 1 - i % grid]) / 2;
    }

    public void Dispose() => _worker.Dispose();

    // For an estimator without presence the key points decide.
    private (float Somebody, float Several) Presence => _worker.Presence(0) is { IsEmpty: false } told ? (told[0], told[1]) : (1, 0);

    // A person seen from behind has a hidden face, so 0.8 of the key points is the maximum.
    private float Certainty()
    {
        float sum = 0;
        for (int k = 2; k < Seen.Keypoints.Length; k += 3)
            sum += Seen.Keypoints[k];
        return Presence.Somebody * MathF.Min(sum / CocoSkeleton.KeypointCount / 0.8f, 1);
    }

    // NaN would fail every comparison, and look as if there were no person.
    private void RequireNumbers()
    {
        RequireNumbers(_worker.Keypoints(0), "key points");
        RequireNumbers(_worker.Mask(0), "mask");
        RequireNumbers(_worker.Presence(0), "presence");
        RequireNumbers(_worker.Smpl(0), "SMPL parameters");
    }

    private static void RequireNumbers(ReadOnlySpan<float> numbers, string what)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
                throw new LwgException($"The estimator gave {number} for a person's {what}; all must be finite.");
        }
    }

    // Head and feet extend beyond the key points; the mask gives the rest.
    private bool TryLocate(in CropTransform where, out (float MinX, float MinY, float MaxX, float MaxY) box)
    {
        ReadOnlySpan<float> keypoints = _worker.Keypoints(0), mask = _worker.Mask(0);
        float minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        int count = 0;
        for (int k = 0; k < keypoints.Length; k += 3)
        {
            if (keypoints[k + 2] < _options.MinimumConfidence)
                continue;
            count++;
            (minX, maxX, minY, maxY) = (MathF.Min(minX, keypoints[k]), MathF.Max(maxX, keypoints[k]), MathF.Min(minY, keypoints[k + 1]),
                MathF.Max(maxY, keypoints[k + 1]));
        }
        box = default;
        if (count < 3 || Presence.Somebody < _options.MinimumPresence)
            return false;
        float reach = maxY - minY;
        (minY, maxY) = (minY - reach / 10, maxY + reach / 16);
        // The mask widens the box where it is close to the box.
        int grid = _estimator.MaskSize;
        float step = (float)_estimator.PictureSize / grid, near = 0.15f * MathF.Max(maxX - minX, maxY - minY);
        (float left, float top, float right, float bottom) = (minX - near, minY - near, maxX + near, maxY + near);
        for (int i = 0; i < mask.Length; i++)
        {
            float x = (i % grid + 0.5f) * step, y = (i / grid + 0.5f) * step;
            if (mask[i] > MaskShare && x > left && x < right && y > top && y < bottom)
                (minX, maxX, minY, maxY) = (MathF.Min(minX, x), MathF.Max(maxX, x), MathF.Min(minY, y), MathF.Max(maxY, y));
        }
        (float ax, float ay) = where.Apply(minX, minY);
        (float bx, float by) = where.Apply(maxX, maxY);
        box = (ax, ay, bx, by);
        return bx - ax >= 4 && by - ay >= 4;
    }

    private float Overlap(in CropTransform a, in CropTransform b)
    {
        float size = _estimator.PictureSize, sideA = a.A * size, sideB = b.A * size;
        float width = MathF.Min(a.C + sideA, b.C + sideB) - MathF.Max(a.C, b.C), height = MathF.Min(a.F + sideA, b.F + sideB)
            - MathF.Max(a.F, b.F);
        float both = MathF.Max(width, 0) * MathF.Max(height, 0);
        return both / (sideA * sideA + sideB * sideB - both);
    }
}
