using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Estimation;

/// <summary>How a <see cref="PersonFinder"/> works.</summary>
public sealed record PersonFindingOptions
{
    /// <summary>Whether the body is fitted to the key points and the mask that the network tells (<see cref="KeypointFit"/>). Default true.</summary>
    public bool Refine { get; init; } = true;

    /// <summary>How sure it must be that somebody is there, 0 to 1.</summary>
    public float MinimumPresence { get; init; } = 0.5f;

    /// <summary>From which confidence on a key point counts, 0 to 1.</summary>
    public float MinimumConfidence { get; init; } = 0.2f;

    /// <summary>From how sure it is of a second person on there are several, 0 to 1.</summary>
    public float SeveralFrom { get; init; } = 0.85f;

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Check()
    {
        foreach ((float value, string name) in new[] { (MinimumPresence, nameof(MinimumPresence)), (MinimumConfidence, nameof(MinimumConfidence)), (SeveralFrom, nameof(SeveralFrom)) })
        {
            if (!(value is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, value, "0 to 1 are allowed.");
        }
    }
}

/// <summary>
/// Finds the person in a picture with an estimator that tells key points and a mask: looks at the whole picture, then closer and closer at where the
/// person is, and fits the body to what it saw there. Serves one thread at a time.
/// </summary>
public sealed class PersonFinder : IDisposable
{
    private const int Looks = 3;

    // Where two looks agree by so much (intersection over union of the squares), a third would say the same.
    private const float Settled = 0.8f;

    private const float MaskShare = 0.5f, LeastScale = 0.01f;

    private readonly ISmplEstimator _estimator;
    private readonly ISmplWorker _worker;
    private readonly PersonFindingOptions _options;
    private readonly KeypointFit? _fit;
    private readonly float[] _silhouette;

    /// <summary>Prepares.</summary>
    /// <param name="estimator">An estimator that tells key points and a mask.</param>
    /// <param name="body">The body that is fitted.</param>
    /// <param name="options">How to work; null for the defaults.</param>
    /// <exception cref="ArgumentException">The estimator tells no key points or no mask, or an option is outside its range.</exception>
    /// <exception cref="BodyMismatchException">The body has no key points.</exception>
    public PersonFinder(ISmplEstimator estimator, BodyModel body, PersonFindingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(body);
        if (!estimator.EstimatesKeypoints || estimator.MaskSize == 0)
            throw new ArgumentException("A finder needs an estimator that tells key points and a mask.", nameof(estimator));
        _options = options ?? new PersonFindingOptions();
        _options.Check();
        (_estimator, _worker) = (estimator, estimator.CreateWorker());
        _fit = _options.Refine ? new KeypointFit(body) : null;
        _silhouette = new float[estimator.PictureSize * estimator.PictureSize];
        Finding = new PersonFinding(estimator.MaskSize);
    }

    /// <summary>What was found last.</summary>
    public PersonFinding Finding { get; }

    /// <summary>Looks for the person.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave numbers that are none, or that are no person.</exception>
    public PersonFinding Find(PixelBuffer picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Find(picture, SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, _estimator.PictureSize, margin: 0));
    }

    /// <summary>Looks for the person around a place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="where">The first square to look at: maps its pixels to the picture's.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave numbers that are none, or that are no person.</exception>
    public PersonFinding Find(PixelBuffer picture, CropTransform where)
    {
        ArgumentNullException.ThrowIfNull(picture);
        for (int look = 1; ; look++)
        {
            SquareCrop.Crop(picture, where, _estimator.PictureSize, _worker.Picture(0));
            _worker.Run();
            RequireNumbers();
            if (!TryLocate(where, out (float MinX, float MinY, float MaxX, float MaxY) box))
                return Nobody(where);
            CropTransform closer = SquareCrop.AroundBox(box.MinX, box.MinY, box.MaxX, box.MaxY, _estimator.PictureSize, _estimator.Margin);
            if (look == Looks || Overlap(where, closer) > Settled)
            {
                Finding.Box = box;
                break;
            }
            where = closer;
        }
        Tell(picture, where);
        return Finding;
    }

    /// <summary>Lets go of the network.</summary>
    public void Dispose() => _worker.Dispose();

    // Who does not tell whether somebody is there leaves it to the key points.
    private (float Somebody, float Several) Presence => _worker.Presence(0) is { IsEmpty: false } told ? (told[0], told[1]) : (1, 0);

    // A number that is none would fail every comparison, and look as if nobody were there.
    private void RequireNumbers()
    {
        RequireNumbers(_worker.Keypoints(0), "key points");
        RequireNumbers(_worker.Mask(0), "mask");
        RequireNumbers(_worker.Presence(0), "presence");
    }

    private static void RequireNumbers(ReadOnlySpan<float> numbers, string what)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
                throw new LwgException($"The estimator gave {number} for a person's {what}; all must be finite.");
        }
    }

    // Head and feet reach beyond the key points; the mask tells the rest.
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
            (minX, maxX, minY, maxY) = (MathF.Min(minX, keypoints[k]), MathF.Max(maxX, keypoints[k]), MathF.Min(minY, keypoints[k + 1]), MathF.Max(maxY, keypoints[k + 1]));
        }
        box = default;
        if (count < 3 || Presence.Somebody < _options.MinimumPresence)
            return false;
        float reach = maxY - minY;
        (minY, maxY) = (minY - reach / 10, maxY + reach / 16);
        // The mask widens the box where it goes on from it.
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

    private PersonFinding Nobody(in CropTransform where)
    {
        (Finding.Status, Finding.Confidence, Finding.Crop, Finding.Box, Finding.FitError) = (PersonFindingStatus.Nobody, Certainty(), where, default, 0);
        Array.Clear(Finding.Smpl);
        Array.Clear(Finding.UnrefinedSmpl);
        Array.Clear(Finding.Keypoints);
        Array.Clear(Finding.Mask);
        return Finding;
    }

    // An unhidden person seen from behind has a face that is not seen: 0.8 of the key points is all that can be asked for.
    private float Certainty()
    {
        ReadOnlySpan<float> keypoints = _worker.Keypoints(0);
        float sum = 0;
        for (int k = 2; k < keypoints.Length; k += 3)
            sum += keypoints[k];
        return Presence.Somebody * MathF.Min(sum / Skeleton.CocoKeypointCount / 0.8f, 1);
    }

    private void Tell(PixelBuffer picture, in CropTransform where)
    {
        int size = _estimator.PictureSize, side = Math.Max(picture.Width, picture.Height);
        float[] marks = _worker.Keypoints(0).ToArray();
        int seen = 0;
        for (int k = 0; k < marks.Length; k += 3)
        {
            if (marks[k + 2] >= _options.MinimumConfidence)
                seen++;
            else
                marks[k + 2] = 0;
            (Finding.Keypoints[k], Finding.Keypoints[k + 1]) = where.Apply(marks[k], marks[k + 1]);
            Finding.Keypoints[k + 2] = marks[k + 2];
        }
        bool Seen(int k) => marks[3 * k + 2] > 0;
        bool enough = seen >= KeypointFit.MinimumVisible && (Seen(5) || Seen(6)) && (Seen(11) || Seen(12));
        (Finding.Crop, Finding.Confidence, Finding.FitError) = (where, Certainty(), 0);
        Finding.Status = !enough ? PersonFindingStatus.CutOff : Presence.Several >= _options.SeveralFrom ? PersonFindingStatus.SeveralPeople : PersonFindingStatus.Found;
        _worker.Mask(0).CopyTo(Finding.Mask);
        _worker.Smpl(0).CopyTo(Finding.UnrefinedSmpl);
        RequireNumbers(Finding.UnrefinedSmpl, "SMPL numbers");
        if (_fit is not null && enough)
        {
            KeypointSet keypoints = KeypointSet.Create(marks);
            MaskGrid.Resize(Finding.Mask, _silhouette, size);
            KeypointFitResult result = _fit.FitNear(Finding.UnrefinedSmpl, keypoints, _silhouette, size);
            result.Smpl.CopyTo(Finding.Smpl, 0);
            Finding.FitError = result.Error;
        }
        else
        {
            Finding.UnrefinedSmpl.CopyTo(Finding.Smpl, 0);
        }
        // Who is so small where it was looked closest is nobody.
        if (!(Finding.Smpl[0] >= LeastScale && Finding.UnrefinedSmpl[0] >= LeastScale))
        {
            Nobody(where);
            return;
        }
        SmplEstimation.ToPicture(Finding.Smpl.AsSpan(0, SmplLayout.CameraCount), where, size, side);
        SmplEstimation.ToPicture(Finding.UnrefinedSmpl.AsSpan(0, SmplLayout.CameraCount), where, size, side);
    }

    private float Overlap(in CropTransform a, in CropTransform b)
    {
        float size = _estimator.PictureSize, sideA = a.A * size, sideB = b.A * size;
        float width = MathF.Min(a.C + sideA, b.C + sideB) - MathF.Max(a.C, b.C), height = MathF.Min(a.F + sideA, b.F + sideB) - MathF.Max(a.F, b.F);
        float both = MathF.Max(width, 0) * MathF.Max(height, 0);
        return both / (sideA * sideA + sideB * sideB - both);
    }
}
