using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>RetargetSmpl</c>.</summary>
public sealed class RetargetSmplOptions : StageOptions
{
    /// <summary>The output column: the target's SMPL numbers [85].</summary>
    public string OutputColumnName { get; init; } = "TargetSmpl";

    /// <summary>The input column: the source's SMPL numbers [85].</summary>
    public string SourceColumnName { get; init; } = "SourceSmpl";

    /// <summary>The input column: the reference's SMPL numbers [85].</summary>
    public string ReferenceColumnName { get; init; } = "ReferenceSmpl";

    /// <summary>The column that <see cref="CameraStrategy.Smooth"/> reads: the reference's SMPL numbers at its first frame [85]; the
    /// loaders write it.</summary>
    public string OriginColumnName { get; init; } = "ReferenceOrigin";

    /// <summary>Which camera the target gets.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>Whether the target stands in the T-pose before the source's camera instead; then no reference is read.</summary>
    public bool TPose { get; init; }

    /// <summary>
    /// With <see cref="CameraStrategy.Copy"/>: how the reference's place and size in its picture are brought into the source's picture, so
    /// that the target stands there, feet on the ground. Null, the default, copies the camera's numbers as they are, which is right where
    /// both cameras are of the same square.
    /// </summary>
    public PersonPlace? Place { get; init; }

    /// <summary>The column that <see cref="Place"/> reads: the source's picture, of any size, for its width and height.</summary>
    public string SourcePhotoColumnName { get; init; } = "SourcePhoto";

    /// <summary>The column that <see cref="Place"/> reads: the 2 x 3 matrix [6] that takes the pixels of the source's square to its
    /// picture's, as CropPerson makes it.</summary>
    public string SourceCropTransformColumnName { get; init; } = "SourceCropTransform";

    /// <summary>The column that <see cref="Place"/> reads: width and height [2] of the reference's picture, pixels; null where it is a
    /// square of any size, as a motion's is.</summary>
    public string? ReferenceSizeColumnName { get; init; }

    /// <summary>
    /// The column that <see cref="Place"/> reads where the reference's camera is that of a square: the 2 x 3 matrix [6] that takes the
    /// square's pixels to the picture's. Null where it is that of the whole picture, [-1,1] over the square of its longer side at its top
    /// left.
    /// </summary>
    public string? ReferenceCropTransformColumnName { get; init; }

    /// <summary>S, the side of the squares, 32 to 2048 pixels; <see cref="Place"/> needs it.</summary>
    public int ImageSize { get; init; } = 256;

    internal override void Check()
    {
        CheckEnum(Strategy, nameof(Strategy));
        CheckImageSize(ImageSize, nameof(ImageSize));
        if (Place is { } place)
        {
            CheckEnum(place, nameof(Place));
            if (Strategy != CameraStrategy.Copy || TPose)
                throw new ArgumentException($"{nameof(Place)} goes with {nameof(CameraStrategy)}.{nameof(CameraStrategy.Copy)} only, and "
                    + $"not with {nameof(TPose)}.", nameof(Place));
        }
    }
}

/// <summary>Makes the target's SMPL numbers: see <see cref="Retargeting"/>.</summary>
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
                throw StageErrors.In(Name, Options.ReferenceSizeColumnName,
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
                throw StageErrors.In(Name, column, e);
            }
        }
    }
}
