using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>EstimateSmpl</c>. Key points or a box can locate the person; without them the whole image is used, which is
/// right for images from CropPerson.</summary>
public sealed class EstimateSmplOptions : StageOptions
{
    /// <summary>The output column: SMPL parameters [85]; the camera is that of the image, [-1,1] over the square of its longer side at
    /// its top left.</summary>
    public string OutputColumnName { get; init; } = "Smpl";

    /// <summary>The output column of estimators that also return key points: [17,3] in the COCO order, x and y in pixels of the image,
    /// confidence.</summary>
    public string EstimatedKeypointsColumnName { get; init; } = "EstimatedKeypoints";

    /// <summary>The output column of estimators that find people: the SMPL parameters [85] before the body is fitted to key points and
    /// mask.</summary>
    public string UnrefinedColumnName { get; init; } = "UnrefinedSmpl";

    /// <summary>The output column of estimators that find people: the person's box [4], (minX, maxX, minY, maxY) in pixels of the
    /// image.</summary>
    public string EstimatedBoxColumnName { get; init; } = "EstimatedBox";

    /// <summary>
    /// The output column of estimators that find people: the probability, 0 to 1, that each point of a grid [<see cref="MaskSize"/>,
    /// <see cref="MaskSize"/>] is on the person, including hair and clothes; the grid covers the square of the image's longer side at its
    /// top left.
    /// </summary>
    public string PersonMaskColumnName { get; init; } = "PersonMask";

    /// <summary>The output column of estimators that find people: the confidence that a visible person was found, 0 to 1.</summary>
    public string ConfidenceColumnName { get; init; } = "Confidence";

    /// <summary>
    /// The output column of estimators that find people: a <see cref="PersonFindingStatus"/> as a key with these names (1 is Found;
    /// MapKeyToValue gives the text). It is missing if <see cref="OnUnclear"/> is <see cref="UnclearPerson.Report"/> and the row has no
    /// picture, or one that cannot be read.
    /// </summary>
    public string StatusColumnName { get; init; } = "PersonStatus";

    // False in models saved by earlier versions, which keep the type Int32.
    [JsonInclude]
    internal bool StatusIsKey { get; init; } = true;

    /// <summary>The output column of estimators that find people: the number of people, Int32. The other columns describe the most
    /// prominent person.</summary>
    public string PeopleCountColumnName { get; init; } = "PeopleCount";

    /// <summary>The input column: the status of an earlier estimate. A status other than <see cref="PersonFindingStatus.Found"/> is kept
    /// if this estimate has no problem. Null for none.</summary>
    public string? EarlierStatusColumnName { get; init; }

    // The input columns if an earlier estimate on the whole photograph selects the person: the person's key points there, [17,3], and the
    // crop transform [6] of the image.
    [JsonInclude]
    internal string? EarlierKeypointsColumnName { get; init; }

    [JsonInclude]
    internal string? EarlierCropTransformColumnName { get; init; }

    /// <summary>The side of the mask grid, 16 to 1024.</summary>
    public int MaskSize { get; init; } = 128;

    /// <summary>
    /// How to handle a row in which no person is found, too little of the person is visible, or there are several people: as an error
    /// (<see cref="PersonNotFoundException"/>), or as a row whose status reports it. If no person is found, all numeric values are 0. A
    /// row whose picture is missing or cannot be read is handled in the same way; mlContext.Log reports the reason.
    /// </summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>How people are found, and whether the body is fitted to key points and mask.</summary>
    public PersonFindingOptions Finding { get; init; } = new();

    /// <summary>The input column: the image, of any size.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The input column: key points [17,3] in the COCO order, x and y in pixels of the image, confidence in [0,1]. Null for
    /// none; excludes <see cref="BoxColumnName"/>.</summary>
    public string? KeypointsColumnName { get; init; }

    /// <summary>The input column: the person's box [4], (minX, maxX, minY, maxY) in pixels of the image. Null for none; excludes
    /// <see cref="KeypointsColumnName"/>.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The margin on every side of key points or box as a share of the person's extent, 0 to 2; null for the margin that the
    /// estimator was trained with.</summary>
    public float? Margin { get; init; }

    /// <summary>Creates options with prefixed column names.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="photo">"Photo" for the first estimate on a whole photograph: its column names contain it, and its body is not
    /// fitted.</param>
    internal static EstimateSmplOptions For(string prefix, string photo = "") => new()
    {
        OutputColumnName = prefix + photo + "Smpl",
        EstimatedKeypointsColumnName = prefix + photo + "EstimatedKeypoints",
        UnrefinedColumnName = prefix + photo + "UnrefinedSmpl",
        EstimatedBoxColumnName = prefix + photo + "EstimatedBox",
        PersonMaskColumnName = prefix + photo + "PersonMask",
        ConfidenceColumnName = prefix + photo + "Confidence",
        StatusColumnName = prefix + photo + "PersonStatus",
        PeopleCountColumnName = prefix + photo + "PeopleCount",
        ImageColumnName = prefix + (photo.Length > 0 ? photo : "Image"),
        Finding = new PersonFindingOptions { Refine = photo.Length == 0 },
    };

    /// <summary>Creates a copy of the options with the settings of FindPerson.</summary>
    internal EstimateSmplOptions With(
        UnclearPerson onUnclear, PersonFindingOptions finding, string? boxColumnName = null, string? earlierStatusColumnName = null,
        string? earlierKeypointsColumnName = null, string? earlierCropTransformColumnName = null) => new()
    {
        OutputColumnName = OutputColumnName,
        EstimatedKeypointsColumnName = EstimatedKeypointsColumnName,
        UnrefinedColumnName = UnrefinedColumnName,
        EstimatedBoxColumnName = EstimatedBoxColumnName,
        PersonMaskColumnName = PersonMaskColumnName,
        ConfidenceColumnName = ConfidenceColumnName,
        StatusColumnName = StatusColumnName,
        PeopleCountColumnName = PeopleCountColumnName,
        ImageColumnName = ImageColumnName,
        MaskSize = MaskSize,
        BoxColumnName = boxColumnName,
        EarlierStatusColumnName = earlierStatusColumnName,
        EarlierKeypointsColumnName = earlierKeypointsColumnName,
        EarlierCropTransformColumnName = earlierCropTransformColumnName,
        OnUnclear = onUnclear,
        Finding = finding,
    };

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaskSize, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaskSize, 1024);
        ArgumentNullException.ThrowIfNull(Finding);
        Finding.Check();
        CheckEnum(OnUnclear, nameof(OnUnclear));
        if (Margin is not (null or (>= 0 and <= 2)))
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "The margin must be 0 to 2.");
        if (KeypointsColumnName is not null && BoxColumnName is not null)
            throw new ArgumentException("At most one of KeypointsColumnName and BoxColumnName may be given.", nameof(BoxColumnName));
    }
}

/// <summary>How to handle rows that do not show exactly one person clearly.</summary>
public enum UnclearPerson
{
    /// <summary>Such rows are errors.</summary>
    Refuse,

    /// <summary>Such rows are returned, and their status reports the reason.</summary>
    Report,

    /// <summary>Such rows are returned if a body was found, and their status reports the reason; rows without a body or a picture are
    /// errors.</summary>
    Accept,
}

/// <summary>Estimates the pose, shape and camera of a person: see <see cref="SmplEstimation"/> and, for estimators that find people,
/// <see cref="PersonFinder"/>.</summary>
/// <remarks>The network runs once per row. A mapper processes one row, and a cursor that reads ahead would have to keep all other columns
/// of the buffered rows, including images, to save at most a tenth of the time (HMR: 41 ms per picture alone, 37 ms in batches of
/// four).</remarks>
internal sealed class EstimateSmplTransformer : StageTransformer<EstimateSmplOptions>
{
    internal const string Name = "EstimateSmpl";

    private readonly SmplEstimator _estimator;

    internal EstimateSmplTransformer(IHostEnvironment environment, EstimateSmplOptions options, SmplEstimator estimator, BodyModel? body)
        : base(environment, Name, options, FindsPeople(estimator) ? body ?? BodyModel.Default : null, estimator.Package is { } package
        ? new StageNetwork(package, estimator.Runtime ?? new Lwg.MLNet.Networks.NetworkRuntimeOptions()) : null)
    {
        _estimator = estimator;
        Report(estimator.Description);
        StageColumn image = StageColumn.Image(options.ImageColumnName);
        List<StageColumn> inputs = [options.OnUnclear == UnclearPerson.Report && options.StatusIsKey && FindsPeople(estimator)
            ? image.Missable() : image];
        List<StageColumn> outputs = [StageColumn.Smpl(options.OutputColumnName)];
        if (options.KeypointsColumnName is { } keypoints)
            inputs.Add(StageColumn.Keypoints(keypoints));
        if (options.BoxColumnName is { } box)
            inputs.Add(StageColumn.Singles(box, "4"));
        if (options.EarlierStatusColumnName is { } earlier && FindsPeople(estimator))
            inputs.Add(StageColumn.Status(earlier));
        if (options.EarlierKeypointsColumnName is { } earlierKeypoints)
        {
            inputs.Add(StageColumn.Keypoints(earlierKeypoints));
            inputs.Add(StageColumn.Singles(options.EarlierCropTransformColumnName!, "6"));
        }
        if (estimator.EstimatesKeypoints)
            outputs.Add(StageColumn.Keypoints(options.EstimatedKeypointsColumnName));
        if (FindsPeople(estimator))
        {
            outputs.Add(StageColumn.Smpl(options.UnrefinedColumnName));
            outputs.Add(StageColumn.Singles(options.EstimatedBoxColumnName, "4"));
            outputs.Add(StageColumn.Singles(options.PersonMaskColumnName, $"{options.MaskSize},{options.MaskSize}"));
            outputs.Add(StageColumn.Singles(options.ConfidenceColumnName, ""));
            outputs.Add(StageColumn.Status(options.StatusColumnName, asNumber: !options.StatusIsKey));
            outputs.Add(StageColumn.Integers(options.PeopleCountColumnName, ""));
        }
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = outputs };
    }

    internal override StageSignature Signature { get; }

    // Models saved before the options Doubts and AveragesEstimates existed keep them off; models saved before statuses were keys keep
    // numbers.
    internal static void CompleteOptions(JsonObject options)
    {
        if (options[nameof(EstimateSmplOptions.Finding)] is JsonObject finding)
        {
            finding.TryAdd(nameof(PersonFindingOptions.Doubts), false);
            finding.TryAdd(nameof(PersonFindingOptions.AveragesEstimates), false);
        }
        options.TryAdd(nameof(EstimateSmplOptions.StatusIsKey), false);
    }

    internal override StageKernel CreateKernel(StageBuffers buffers) =>
        FindsPeople(_estimator) ? CreateFindingKernel(buffers) : CreateEstimatingKernel(buffers);

    private static bool FindsPeople(SmplEstimator estimator) => estimator.EstimatesKeypoints && estimator.MaskSize > 0;

    private StageKernel CreateFindingKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] where = WhereColumn is { } whereColumn ? buffers.Input<float>(whereColumn) : [];
        IntegerInput? earlier = Options.EarlierStatusColumnName is { } earlierColumn ? buffers.InputInteger(earlierColumn) : null;
        float[] earlierKeypoints = Options.EarlierKeypointsColumnName is { } known ? buffers.Input<float>(known)
            : [], seen = new float[earlierKeypoints.Length];
        float[] cutOut = Options.EarlierKeypointsColumnName is null ? [] : buffers.Input<float>(Options.EarlierCropTransformColumnName!);
        float[] smpl = buffers.Output<float>(Options.OutputColumnName), unrefined = buffers.Output<float>(Options.UnrefinedColumnName);
        float[] keypoints = buffers.Output<float>(Options.EstimatedKeypointsColumnName),
            box = buffers.Output<float>(Options.EstimatedBoxColumnName), mask = buffers.Output<float>(Options.PersonMaskColumnName);
        ScalarOutput<float> confidence = buffers.OutputScalar<float>(Options.ConfidenceColumnName);
        ScalarOutput<uint>? key = Options.StatusIsKey ? buffers.OutputScalar<uint>(Options.StatusColumnName) : null;
        ScalarOutput<int>? number = Options.StatusIsKey ? null : buffers.OutputScalar<int>(Options.StatusColumnName);
        ScalarOutput<int> people = buffers.OutputScalar<int>(Options.PeopleCountColumnName);
        var finder = new PersonFinder(_estimator, Body!, Options.Finding);
        return new StageKernel(
            Compute: () =>
            {
                PixelBuffer picture = image.ToPixels();
                CropTransform? place = WhereColumn is null ? null : Locate(picture, where);
                PersonFinding finding;
                try
                {
                    if (seen.Length > 0)
                        ToSquare(earlierKeypoints, cutOut, seen);
                    finding = finder.Find(picture, place, seen);
                }
                catch (LwgException e)
                {
                    throw StageErrors.In(Title, Options.ImageColumnName, e);
                }
                PersonFindingStatus verdict = finding.Status == PersonFindingStatus.Found && earlier is not null
                    ? (PersonFindingStatus)earlier.Value : finding.Status;
                bool refuses = Options.OnUnclear == UnclearPerson.Refuse
                    || (Options.OnUnclear == UnclearPerson.Accept && new ReadOnlySmpl(finding.Smpl).Scale == 0);
                if (verdict != PersonFindingStatus.Found && refuses)
                    throw StageErrors.In(Title, Options.ImageColumnName, new PersonNotFoundException(Reason(finding, verdict)), WayOut);
                finding.Smpl.CopyTo(smpl, 0);
                finding.UnrefinedSmpl.CopyTo(unrefined, 0);
                finding.Keypoints.CopyTo(keypoints, 0);
                (box[0], box[1], box[2], box[3]) = (finding.Box.MinX, finding.Box.MaxX, finding.Box.MinY, finding.Box.MaxY);
                finding.CopyMask(_estimator.PictureSize, Math.Max(picture.Width, picture.Height), mask, Options.MaskSize);
                (confidence.Value, people.Value) = (finding.Confidence, finding.PeopleCount);
                if (key is not null)
                    key.Value = PersonStatuses.ToKey(verdict);
                if (number is not null)
                    number.Value = (int)verdict;
            },
            Owned: finder);
    }

    // Maps key points of the photograph to the square cropped from it.
    private static void ToSquare(float[] keypoints, float[] cutOut, float[] inSquare)
    {
        CropTransform toSquare = CropTransform.FromSpan(cutOut).Inverse();
        keypoints.CopyTo(inSquare, 0);
        for (int k = 0; k < inSquare.Length; k += 3)
            (inSquare[k], inSquare[k + 1]) = toSquare.Apply(keypoints[k], keypoints[k + 1]);
    }

    private StageKernel CreateEstimatingKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] where = WhereColumn is { } whereColumn ? buffers.Input<float>(whereColumn) : [];
        float[] smpl = buffers.Output<float>(Options.OutputColumnName);
        float[] keypoints = _estimator.EstimatesKeypoints ? buffers.Output<float>(Options.EstimatedKeypointsColumnName) : [];
        var estimation = new SmplEstimation(_estimator);
        return new StageKernel(
            Compute: () =>
            {
                PixelBuffer picture = image.ToPixels();
                estimation.Clear();
                estimation.Add(picture, Locate(picture, where));
                estimation.Run();
                try
                {
                    estimation.CopySmpl(0, smpl);
                }
                catch (LwgException e)
                {
                    throw StageErrors.In(Title, Options.ImageColumnName, e);
                }
                estimation.CopyKeypoints(0, keypoints);
            },
            Owned: estimation);
    }

    internal override void CheckSavable()
    {
        if (_estimator.Package is null)
            throw new NotSupportedException(
                $"Stage '{Title}' can be saved with built-in estimator types only, but it has a {_estimator.GetType().Name}.");
    }

    private string WayOut =>
        $"With {nameof(EstimateSmplOptions.OnUnclear)} = {nameof(UnclearPerson)}.{nameof(UnclearPerson.Report)} among the options of "
        + $"{Options.ChainName ?? StageName} such rows are returned, and their status reports the reason.";

    // The earlier finding, on the whole photograph, is known by its status only.
    private static string Reason(PersonFinding finding, PersonFindingStatus verdict) =>
        verdict == finding.Status ? finding.Explain() : verdict switch
        {
            PersonFindingStatus.Nobody => "No person is found in the whole photograph.",
            PersonFindingStatus.CutOff => "Too little of the person is seen in the whole photograph.",
            PersonFindingStatus.SeveralPeople => "There is more than one person in the photograph; exactly one is required.",
            _ => "There is a person in the photograph, but the result for the whole photograph is doubtful.",
        };

    private string? WhereColumn => Options.KeypointsColumnName ?? Options.BoxColumnName;

    private CropTransform Locate(PixelBuffer picture, float[] where)
    {
        float margin = Options.Margin ?? _estimator.Margin;
        try
        {
            if (Options.BoxColumnName is not null)
                return SquareCrop.AroundBox(where[0], where[2], where[1], where[3], _estimator.PictureSize, margin);
            if (Options.KeypointsColumnName is null)
                return SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, _estimator.PictureSize, margin: 0);
            KeypointSet keypoints = KeypointSet.Create(where);
            keypoints.RequireInside(picture.Width, picture.Height);
            return keypoints.SquareAround(_estimator.PictureSize, margin);
        }
        catch (Exception e) when (e is KeypointInputException or ArgumentException)
        {
            throw StageErrors.In(Title, WhereColumn, e);
        }
    }
}
