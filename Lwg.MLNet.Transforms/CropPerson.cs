using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>CropPerson</c>. Exactly one column locates the person: key points, box or projected joints.</summary>
public sealed class CropPersonOptions : StageOptions
{
    /// <summary>The output column: the square image around the person, S x S.</summary>
    public string OutputColumnName { get; init; } = "Image";

    /// <summary>The output column: the 2 x 3 matrix [6] that maps pixels of the square to pixels of the picture.</summary>
    public string CropTransformColumnName { get; init; } = "CropTransform";

    /// <summary>The output column if key points are read: the same key points [17,3] in pixels of the square.</summary>
    public string KeypointsColumnName { get; init; } = "Keypoints";

    /// <summary>The input column: the picture, of any size.</summary>
    public string PhotoColumnName { get; init; } = "Photo";

    /// <summary>The input column: key points [17,3] in the COCO order, x and y in pixels of the picture, confidence in [0,1].</summary>
    public string? PhotoKeypointsColumnName { get; init; }

    /// <summary>The input column: the person's box [4], (minX, maxX, minY, maxY) in pixels of the picture.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The input column: projected key points [19,2] in [-1,1] over the square of the picture's longer side at its top left, as
    /// created by PoseBody.</summary>
    public string? Joints2DColumnName { get; init; }

    /// <summary>The input column: a further box [4], (minX, maxX, minY, maxY) in pixels of the picture, that the square must contain too,
    /// for example the new place of the person; all 0 for none. Null, the default, for no such column.</summary>
    public string? RoomBoxColumnName { get; init; }

    /// <summary>Whether a row whose box is all 0, which EstimateSmpl returns if it finds no person, gets the square of the whole picture;
    /// otherwise such a row is an error.</summary>
    public bool WholeWithoutBox { get; init; }

    /// <summary>S, the size of the square image, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The margin on every side as a share of the person's extent, 0 to 2.</summary>
    public float Margin { get; init; } = SquareCrop.DefaultMargin;

    internal override void Check()
    {
        CheckImageSize(ImageSize, nameof(ImageSize));
        if (!(Margin is >= 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "The margin must be 0 to 2.");
        if (new[] { PhotoKeypointsColumnName, BoxColumnName, Joints2DColumnName }.Count(c => c is not null) != 1)
            throw new ArgumentException("Exactly one of PhotoKeypointsColumnName, BoxColumnName and Joints2DColumnName must be given.",
                nameof(PhotoKeypointsColumnName));
    }
}

/// <summary>Crops the square around a person from a picture: see <see cref="SquareCrop"/>.</summary>
internal sealed class CropPersonTransformer : StageTransformer<CropPersonOptions>
{
    internal const string Name = "CropPerson";

    internal CropPersonTransformer(IHostEnvironment environment, CropPersonOptions options) : base(environment, Name, options)
    {
        List<StageColumn> outputs = [StageColumn.Image(options.OutputColumnName, "S,S"),
            StageColumn.Singles(options.CropTransformColumnName, "6")];
        if (options.PhotoKeypointsColumnName is not null)
            outputs.Add(StageColumn.Keypoints(options.KeypointsColumnName));
        StageColumn where = options.PhotoKeypointsColumnName is { } keypoints ? StageColumn.Keypoints(keypoints)
            : options.BoxColumnName is { } box ? StageColumn.Singles(box, "4")
            : StageColumn.Singles(options.Joints2DColumnName!, "19,2");
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = options.RoomBoxColumnName is { } room
            ? [StageColumn.Image(options.PhotoColumnName), where, StageColumn.Singles(room, "4")]
            : [StageColumn.Image(options.PhotoColumnName), where],
            Outputs = outputs,
            Sizes = new Dictionary<string, int> { ["S"] = options.ImageSize },
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput photo = buffers.InputImage(Options.PhotoColumnName);
        float[] where = buffers.Input<float>(Signature.Inputs[1].Name), transform = buffers.Output<float>(Options.CropTransformColumnName);
        float[] room = Options.RoomBoxColumnName is { } roomColumn ? buffers.Input<float>(roomColumn) : [];
        float[] keypoints = Options.PhotoKeypointsColumnName is null ? [] : buffers.Output<float>(Options.KeypointsColumnName);
        ImageOutput image = buffers.OutputImage(Options.OutputColumnName);
        var square = new float[3 * Options.ImageSize * Options.ImageSize];
        image.From(square, Options.ImageSize);
        return new StageKernel(Compute: () =>
        {
            PixelBuffer pixels = photo.ToPixels();
            CropTransform crop;
            try
            {
                crop = Locate(pixels, where, keypoints);
            }
            catch (Exception e) when (e is KeypointInputException or ArgumentException)
            {
                throw StageErrors.In(Title, Signature.Inputs[1].Name, e);
            }
            if (room.AsSpan().ContainsAnyExcept(0f))
                crop = WithRoom(crop, room, keypoints);
            crop.CopyTo(transform);
            SquareCrop.Crop(pixels, crop, Options.ImageSize, square);
        });
    }

    // Returns a square that contains the person's square and the room, with the same margin around the room.
    private CropTransform WithRoom(in CropTransform person, float[] room, Span<float> squareKeypoints)
    {
        float side = person.A * Options.ImageSize, free = Options.Margin * Math.Max(room[1] - room[0], room[3] - room[2]);
        CropTransform both;
        try
        {
            if (!(room[0] < room[1] && room[2] < room[3]))
                throw new ArgumentException($"The box from ({room[0]}, {room[2]}) to ({room[1]}, {room[3]}) is empty or not finite.");
            both = SquareCrop.AroundBox(
                Math.Min(person.C, room[0] - free), Math.Min(person.F, room[2] - free), Math.Max(person.C + side, room[1] + free),
                Math.Max(person.F + side, room[3] + free), Options.ImageSize, margin: 0);
        }
        catch (ArgumentException e)
        {
            throw StageErrors.In(Title, Options.RoomBoxColumnName, e);
        }
        if (both.A * Options.ImageSize <= side + 1)
            return person;
        CropTransform toBoth = both.Inverse();
        for (int k = 0; k < squareKeypoints.Length; k += 3)
        {
            (float x, float y) = person.Apply(squareKeypoints[k], squareKeypoints[k + 1]);
            (squareKeypoints[k], squareKeypoints[k + 1]) = toBoth.Apply(x, y);
        }
        return both;
    }

    private CropTransform Locate(PixelBuffer picture, float[] where, Span<float> squareKeypoints)
    {
        int size = Options.ImageSize;
        if (Options.PhotoKeypointsColumnName is not null)
        {
            KeypointSet keypoints = KeypointSet.Create(where);
            keypoints.RequireInside(picture.Width, picture.Height);
            CropTransform crop = keypoints.SquareAround(size, Options.Margin);
            keypoints.Transform(crop.Inverse()).Values.CopyTo(squareKeypoints);
            return crop;
        }
        if (Options.WholeWithoutBox && Options.BoxColumnName is not null && !where.AsSpan().ContainsAnyExcept(0f))
            return SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, size, margin: 0);
        return Options.BoxColumnName is not null
            ? SquareCrop.AroundBox(where[0], where[2], where[1], where[3], size, Options.Margin)
            : SquareCrop.AroundProjection(where, Math.Max(picture.Width, picture.Height), size, Options.Margin);
    }
}
