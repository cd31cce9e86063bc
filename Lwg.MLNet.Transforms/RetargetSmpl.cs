using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>RetargetSmpl</c>.</summary>
public sealed class RetargetSmplOptions : StageOptions
{
    /// <summary>The output column: the target's SMPL parameters [85].</summary>
    public string OutputColumnName { get; init; } = "TargetSmpl";

    /// <summary>The input column: the source's SMPL parameters [85].</summary>
    public string SourceColumnName { get; init; } = "SourceSmpl";

    /// <summary>The input column: the reference's SMPL parameters [85].</summary>
    public string ReferenceColumnName { get; init; } = "ReferenceSmpl";

    /// <summary>The input column for <see cref="CameraStrategy.Smooth"/>: the reference's SMPL parameters [85] in its first frame;
    /// mlContext.Data.LoadMotion creates it.</summary>
    public string OriginColumnName { get; init; } = "ReferenceOrigin";

    /// <summary>How the camera of the target is chosen.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>Whether the target is the T-pose in the source's camera; no reference is read then.</summary>
    public bool TPose { get; init; }

    /// <summary>
    /// With <see cref="CameraStrategy.Copy"/>: how the reference's place and size in its picture are mapped to the source's picture. The
    /// target is placed there with its feet on the ground. Null, the default, copies the camera parameters unchanged, which is right if
    /// both cameras belong to the same square.
    /// </summary>
    public PersonPlace? Place { get; init; }

    /// <summary>The input column for <see cref="Place"/>: the source's picture, of any size, for its width and height.</summary>
    public string SourcePhotoColumnName { get; init; } = "SourcePhoto";

    /// <summary>The input column for <see cref="Place"/>: the 2 x 3 matrix [6] from CropPerson that maps pixels of the source's square to
    /// pixels of its picture.</summary>
    public string SourceCropTransformColumnName { get; init; } = "SourceCropTransform";

    /// <summary>The input column for <see cref="Place"/>: width and height [2] of the reference's picture, in pixels; null for a square
    /// of any size, such as that of a motion.</summary>
    public string? ReferenceSizeColumnName { get; init; }

    /// <summary>
    /// The input column for <see cref="Place"/> if the reference's camera belongs to a square: the 2 x 3 matrix [6] that maps pixels of
    /// the square to pixels of the picture. Null for the camera of the whole picture, [-1,1] over the square of its longer side at its
    /// top left.
    /// </summary>
    public string? ReferenceCropTransformColumnName { get; init; }

    /// <summary>S, the side of the squares, 32 to 2048 pixels; used by <see cref="Place"/>.</summary>
    public int ImageSize { get; init; } = 256;

    internal override void Check()
    {
        CheckEnum(Strategy, nameof(Strategy));
        CheckImageSize(ImageSize, nameof(ImageSize));
        if (Place is { } place)
        {
            CheckEnum(place, nameof(Place));
            if (Strategy != CameraStrategy.Copy || TPose)
                throw new ArgumentException($"{nameof(Place)} needs {nameof(CameraStrategy)}.{nameof(CameraStrategy.Copy)} and cannot be "
                    + $"used with {nameof(TPose)}.", nameof(Place));
        }
    }
}

/// <summary>Computes the target's SMPL parameters: see <see cref="Retargeting"/>.</summary>
internal sealed class RetargetSmplTransformer : StageTransformer<RetargetSmplOptions>
{
    internal const string Name = "RetargetSmpl";

    internal RetargetSmplTransformer(IHostEnvironment environment, RetargetSmplOptions options, BodyModel? body)
        : base(environment, Name, options, options.Place is null ? null : body ?? BodyModel.Default)
    {
        List<StageColumn> inputs = [StageColumn.Smpl(options.SourceColumnName)];
        if (!options.TPose)
            inputs.Add(StageColumn.Smpl(options.ReferenceColumnName));
        if (!options.TPose && options.Strategy == CameraStrategy.Smooth)
            inputs.Add(StageColumn.Smpl(options.OriginColumnName));
        if (options.Place is not null)
        {
            inputs.Add(StageColumn.Image(options.SourcePhotoColumnName));
            inputs.Add(StageColumn.Singles(options.SourceCropTransformColumnName, "6"));
            if (options.ReferenceSizeColumnName is { } referenceSize)
                inputs.Add(StageColumn.Singles(referenceSize, "2"));
            if (options.ReferenceCropTransformColumnName is { } referenceCrop)
                inputs.Add(StageColumn.Singles(referenceCrop, "6"));
        }
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = [StageColumn.Smpl(options.OutputColumnName)] };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] source = buffers.Input<float>(Options.SourceColumnName), target = buffers.Output<float>(Options.OutputColumnName);
        if (Options.TPose)
            return new StageKernel(Compute: () => Retargeting.StandInTPose(source, target));
        float[] reference = buffers.Input<float>(Options.ReferenceColumnName);
        float[] origin = Options.Strategy == CameraStrategy.Smooth ? buffers.Input<float>(Options.OriginColumnName) : [];
        if (Options.Place is { } place)
            return CreatePlacingKernel(buffers, place, source, reference, target);
        return new StageKernel(Compute: () => Retargeting.Retarget(source, reference, origin, Options.Strategy, target));
    }

    private StageKernel CreatePlacingKernel(StageBuffers buffers, PersonPlace place, float[] source, float[] reference, float[] target)
    {
        ImageInput photo = buffers.InputImage(Options.SourcePhotoColumnName);
        float[] sourceCrop = buffers.Input<float>(Options.SourceCropTransformColumnName);
        float[] size = Options.ReferenceSizeColumnName is { } sizeColumn ? buffers.Input<float>(sizeColumn) : [1, 1];
        float[] referenceCrop = Options.ReferenceCropTransformColumnName is { } cropColumn ? buffers.Input<float>(cropColumn) : [];
        var placing = new Placing(Body!);
        return new StageKernel(Compute: () =>
        {
            (int width, int height) = (photo.Image.Width, photo.Image.Height);
            if (!(size[0] >= 1 && size[1] >= 1))
                throw StageErrors.In(Title, Options.ReferenceSizeColumnName,
                    new ArgumentException($"the reference's picture is {size[0]} x {size[1]} pixels; 1 or more are allowed."));
            PictureFrame sourceFrame = Frame(width, height, sourceCrop, Options.SourceCropTransformColumnName);
            PictureFrame referenceFrame = referenceCrop.Length == 0
                ? PictureFrame.Whole(size[0], size[1])
                : Frame(size[0], size[1], referenceCrop, Options.ReferenceCropTransformColumnName!);
            Retargeting.Retarget(source, reference, [], CameraStrategy.Copy, target);
            placing.Place(source, sourceFrame, reference, referenceFrame, place, target);
        });

        PictureFrame Frame(double width, double height, float[] crop, string column)
        {
            try
            {
                CropTransform square = CropTransform.FromSpan(crop);
                return PictureFrame.Of(width, height, square.A, square.C, square.F, Options.ImageSize);
            }
            catch (ArgumentException e)
            {
                throw StageErrors.In(Title, column, e);
            }
        }
    }
}
