using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>
/// Options of <c>EstimateSmpl</c>. Key points or a box may say where the person is; without them the whole image is looked at, which is
/// right for images that CropPerson made.
/// </summary>
public sealed class EstimateSmplOptions : StageOptions
{
    /// <summary>The column that is made: SMPL numbers [85]; the camera is that of the image, [-1,1] over the square of its longer side at
    /// its top left.</summary>
    public string OutputColumnName { get; init; } = "Smpl";

    /// <summary>The column that is made by estimators that tell key points, too: [17,3] in the COCO order, x and y in pixels of the image,
    /// confidence.</summary>
    public string EstimatedKeypointsColumnName { get; init; } = "EstimatedKeypoints";

    /// <summary>The column that is made by estimators that find people: the numbers [85] before the body was fitted to key points and
    /// mask.</summary>
    public string UnrefinedColumnName { get; init; } = "UnrefinedSmpl";

    /// <summary>The column that is made by estimators that find people: the person's box [4], (minX, maxX, minY, maxY) in pixels of the
    /// image.</summary>
    public string EstimatedBoxColumnName { get; init; } = "EstimatedBox";

    /// <summary>
    /// The column that is made by estimators that find people: how surely each point of a grid [<see cref="MaskSize"/>,
    /// <see cref="MaskSize"/>] is on the person, hair and clothes included, 0 to 1; the grid lies over the square of the image's longer
    /// side at its top left.
    /// </summary>
    public string PersonMaskColumnName { get; init; } = "PersonMask";

    /// <summary>The column that is made by estimators that find people: how sure it is that a person is there and seen, 0 to 1.</summary>
    public string ConfidenceColumnName { get; init; } = "Confidence";

    /// <summary>
    /// The column that is made by estimators that find people: a <see cref="PersonFindingStatus"/> as a key with these names (1 is Found;
    /// MapKeyToValue gives the text). It is missing where <see cref="OnUnclear"/> is <see cref="UnclearPerson.Report"/> and the row has no
    /// picture, or one that cannot be read.
    /// </summary>
    public string StatusColumnName { get; init; } = "PersonStatus";

    // False in models that earlier versions saved: they go on making Int32.
    [JsonInclude]
    internal bool StatusIsKey { get; init; } = true;

    /// <summary>The column that is made by estimators that find people: how many people there are, Int32. The other columns are about the
    /// most prominent.</summary>
    public string PeopleCountColumnName { get; init; } = "PeopleCount";

    /// <summary>
    /// The column that is read: a status that an earlier look gave. Where it is not <see cref="PersonFindingStatus.Found"/> and this look
    /// finds nothing wrong, it stays. Null for none.
    /// </summary>
    public string? EarlierStatusColumnName { get; init; }

    // The columns that are read where an earlier look at the whole photograph tells who is meant: the person's key points there, [17,3],
    // and the crop transform [6] of the image.
    [JsonInclude]
    internal string? EarlierKeypointsColumnName { get; init; }

    [JsonInclude]
    internal string? EarlierCropTransformColumnName { get; init; }

    /// <summary>The side of the mask's grid, 16 to 1024.</summary>
    public int MaskSize { get; init; } = 128;

    /// <summary>
    /// What becomes of a row in which nobody is found, too little is seen of the person, or there are several people: an error
    /// (<see cref="PersonNotFoundException"/>), or a row whose status tells. Where nobody is found all its numbers are 0. A row whose
    /// picture is missing or cannot be read is treated likewise; mlContext.Log says why.
    /// </summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>How people are found, and whether the body is fitted to what is seen.</summary>
    public PersonFindingOptions Finding { get; init; } = new();

    /// <summary>The column that is read: the image, of any size.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The column that is read: key points [17,3] in the COCO order, x and y in pixels of the image, confidence in
    /// [0,1].</summary>
    public string? KeypointsColumnName { get; init; }

    /// <summary>The column that is read: the person's box [4], (minX, maxX, minY, maxY) in pixels of the image.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The share of the person's extent that is kept free on every side of key points or box, 0 to 2; null for what the estimator
    /// was trained on.</summary>
    public float? Margin { get; init; }

    /// <summary>Column names with a prefix.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="photo">"Photo" for a first look at a whole photograph, whose columns have that in their names, too, and whose body is
    /// not fitted.</param>
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

    /// <summary>The same with what FindPerson is asked for.</summary>
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
        if (Margin is not (null or (>= 0 and <= 2)))
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "The margin must be 0 to 2.");
        if (KeypointsColumnName is not null && BoxColumnName is not null)
            throw new ArgumentException("At most one of KeypointsColumnName and BoxColumnName may be given.", nameof(BoxColumnName));
    }
}

/// <summary>What becomes of rows in which no single person is seen well enough.</summary>
public enum UnclearPerson
{
    /// <summary>They are errors.</summary>
    Refuse,

    /// <summary>They go through, and their status tells.</summary>
    Report,

    /// <summary>They go through where a body was found, and their status tells; those without a body, or without a picture, are
    /// errors.</summary>
    Accept,
}

/// <summary>Estimates pose, shape and camera of a person: see <see cref="SmplEstimation"/> and, for the library's own estimator,
/// <see cref="PersonFinder"/>.</summary>
/// <remarks>
/// The network runs once a row: a mapper sees one row, and a cursor that looked ahead would have to keep all other columns of the rows in
/// between, images too, for a tenth of the time at most (HMR: 41 ms a picture alone, 37 in batches of four). Programs that have their
/// pictures together batch by themselves with <see cref="SmplEstimation"/>.
/// </remarks>
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

    // Models that were saved before bodies were doubted go on without doubts, and those before statuses were keys with numbers.
    internal static void CompleteOptions(JsonObject options)
    {
        (options[nameof(EstimateSmplOptions.Finding)] as JsonObject)?.TryAdd(nameof(PersonFindingOptions.Doubts), false);
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
                    throw StageErrors.In(Title, Options.ImageColumnName, new PersonNotFoundException(finding.Explain()), WayOut);
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

    // Key points of the photograph, brought into the square that was cut out of it.
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
                $"Stage '{Title}' can be saved with the library's own estimators only, but it has a {_estimator.GetType().Name}.");
    }

    private string WayOut =>
        $"With {nameof(EstimateSmplOptions.OnUnclear)} = {nameof(UnclearPerson)}.{nameof(UnclearPerson.Report)} among the options of "
        + $"{Options.ChainName ?? StageName} such rows go through, and their status tells.";

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
