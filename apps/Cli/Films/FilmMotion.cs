using System.Globalization;
using System.Runtime.InteropServices;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>
/// The motion of the person in a film: estimated frame by frame, interpolated where the person is unclear, and smoothed. Frames are
/// processed one by one; only the 85 SMPL parameters of each are kept, also in a journal, so that no frame is estimated twice.
/// </summary>
internal sealed class FilmMotion(Film film, ModelChoice models, int size, FilmSettings settings, TextWriter output)
{
    /// <summary>The journal's key for the number of frames.</summary>
    private const int End = -1;

    // The number of frames for which the person is followed before the whole frame is searched again. Estimates restart there, so that a
    // resumed run gives the same values.
    private const int FollowFrames = 30;

    // The smoothing ignores values whose distance from their neighbours is more than this multiple of the usual distance.
    private const double OutlierFactor = 6;

    /// <summary>The inputs that the estimates depend on.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; } = new Dictionary<string, string>
    {
        ["--reference"] = film.Hash(),
        ["--estimator"] = models.EstimatorHash,
        ["--body"] = models.Body.Hash,
        ["the program"] = ContentHash.OfProgram(),
    };

    /// <summary>Returns one row for each frame.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="folder">The folder of the journal.</param>
    /// <param name="cancellationToken">Stops the estimation between two frames.</param>
    /// <exception cref="PersonNotFoundException">The person is unclear in more frames than may be filled in.</exception>
    public IReadOnlyList<MotionRow> Read(MLContext mlContext, ResultFolder folder, CancellationToken cancellationToken)
    {
        using var journal = new Journal(Path.Combine(folder.Work, "reference.journal"), Inputs);
        if (journal[End] is null)
            Estimate(mlContext, journal, folder, cancellationToken);
        var frames = new List<float[]>();
        var known = new List<bool>();
        int unclear = 0;
        while (journal[frames.Count] is { } entry)
        {
            (float[] smpl, PersonFindingStatus status) = Parse(entry);
            unclear = status == PersonFindingStatus.Found ? 0 : unclear + 1;
            CheckGap(frames.Count, status, unclear);
            frames.Add(smpl);
            known.Add(status == PersonFindingStatus.Found);
        }
        if (!known.Contains(true))
            throw new PersonNotFoundException($"'{film.Path}': the person is not clear in any frame.");
        if (known.Contains(false))
            output.WriteLine($"Not clear, and filled in from the frames around: {Ranges(known)}");
        return Smooth(mlContext, [.. SmplGaps.Fill(frames, known)
            .Select((smpl, i) => new MotionRow { ReferenceFrame = i, ReferenceSmpl = smpl })]);
    }

    private void Estimate(MLContext mlContext, Journal journal, ResultFolder folder, CancellationToken cancellationToken)
    {
        int kept = journal.Count, number = kept / FollowFrames * FollowFrames, unclear = 0, side = 0;
        IDataView frames = mlContext.Data.LoadFromEnumerable(Rows(number));
        IDataView estimates = Pipeline(mlContext).Fit(frames).Transform(frames);
        FrameProgress.Run(output, film.ExpectedFrames, "Estimated frame", report =>
        {
            foreach (FilmEstimate estimate in mlContext.Data.CreateEnumerable<FilmEstimate>(estimates, reuseRowObject: true,
                ignoreMissingColumns: true))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (number < kept)
                {
                    number++;
                    continue;
                }
                PersonFindingStatus status = models.FindsPeople ? (PersonFindingStatus)(estimate.PersonStatus - 1)
                    : PersonFindingStatus.Found;
                if (estimate.ReferenceCropTransform is { } crop)
                    SmplEstimation.ToPicture(new Smpl(estimate.ReferenceSmpl), CropTransform.FromSpan(crop), size, side);
                journal.Add(number, $"{(int)status} {Convert.ToBase64String(MemoryMarshal.AsBytes(estimate.ReferenceSmpl.AsSpan()))}");
                folder.Keeps = true;
                unclear = status == PersonFindingStatus.Found ? 0 : unclear + 1;
                CheckGap(number, status, unclear);
                report(Math.Min(++number, film.ExpectedFrames));
            }
        });
        journal.Add(End, number.ToString(CultureInfo.InvariantCulture));

        IEnumerable<FilmRow> Rows(int first)
        {
            foreach (PixelBuffer picture in film.Frames().Skip(first))
            {
                side = Math.Max(picture.Width, picture.Height);
                using MLImage image = ImageCodec.ToImage(picture);
                yield return new FilmRow { ReferencePhoto = image };
            }
        }
    }

    /// <summary>Searches the whole frame, then closer and closer around the person. The camera stays that of the whole frame, so that the
    /// person's path through it is kept.</summary>
    private IEstimator<ITransformer> Pipeline(MLContext mlContext) => models.FindsPeople
        ? mlContext.Transforms.EstimateSmpl(
            new EstimateSmplOptions { OutputColumnName = "ReferenceSmpl", ImageColumnName = "ReferencePhoto",
            OnUnclear = UnclearPerson.Report, Finding = new PersonFindingOptions { FollowFrames = FollowFrames } }, models.Estimator,
            models.Body)
        : Imitation.Person(mlContext, "Reference", size, models, marked: false);

    private void CheckGap(int number, PersonFindingStatus status, int unclear)
    {
        if (unclear <= settings.FillGaps)
            return;
        string why = status switch
        {
            PersonFindingStatus.Nobody => "no person is found",
            PersonFindingStatus.CutOff => "too little of the person is visible",
            PersonFindingStatus.Unclear => "the findings about the person contradict each other",
            _ => "there is more than one person",
        };
        throw new PersonNotFoundException(string.Create(CultureInfo.InvariantCulture,
            $"'{film.Path}', frame {number} (at {number / film.Rate.Value:0.00} s): {why}; --fill-gaps {unclear} allows {unclear} such "
            + $"consecutive frames to be filled in from those around."));
    }

    private IReadOnlyList<MotionRow> Smooth(MLContext mlContext, MotionRow[] rows)
    {
        if (settings.Smooth > 0)
        {
            var options = new SmplSmoothingOptions { FramesPerSecond = film.Rate.Value, Bandwidth = settings.Smooth,
                OutlierFactor = OutlierFactor };
            IDataView smoothed = mlContext.Data.SmoothSmpl(mlContext.Data.LoadFromEnumerable(rows), "ReferenceSmpl", options: options);
            rows = [.. mlContext.Data.CreateEnumerable<MotionRow>(smoothed, reuseRowObject: false)];
        }
        foreach (MotionRow row in rows)
            row.ReferenceOrigin = rows[0].ReferenceSmpl;
        return rows;
    }

    private static (float[] Smpl, PersonFindingStatus Status) Parse(string entry)
    {
        string[] parts = entry.Split(' ');
        return (MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(parts[1])).ToArray(),
            (PersonFindingStatus)int.Parse(parts[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Formats the unknown frames as 3, 8-10.</summary>
    private static string Ranges(List<bool> known)
    {
        var ranges = new List<string>();
        for (int i = 0; i < known.Count; i++)
        {
            int first = i;
            while (i < known.Count && !known[i])
                i++;
            if (i > first)
                ranges.Add(i == first + 1 ? $"{first}" : $"{first}-{i - 1}");
        }
        return string.Join(", ", ranges);
    }

    private sealed class FilmRow
    {
        [AnySizeImage]
        public required MLImage ReferencePhoto { get; init; }

        /// <summary>All 0: films have no key points.</summary>
        [VectorType(17, 3)]
        public float[] ReferencePhotoKeypoints { get; } = new float[KeypointSet.Length];
    }

    /// <summary>The columns of the estimates. An imported HMR has no status, and its camera is that of the square.</summary>
    private sealed class FilmEstimate
    {
        [VectorType(SmplLayout.ParameterCount)]
        public float[] ReferenceSmpl { get; set; } = [];

        [KeyType((int)PersonFindingStatus.Unclear + 1)]
        public uint PersonStatus { get; set; }

        [VectorType(CropTransform.Length)]
        public float[]? ReferenceCropTransform { get; set; }
    }
}
