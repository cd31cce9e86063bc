using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>ComposeIntoImage</c>.</summary>
public sealed class ComposeIntoImageOptions : StageOptions
{
    /// <summary>The output column: the full picture with the square inserted.</summary>
    public string OutputColumnName { get; init; } = "TargetPhoto";

    /// <summary>The input column: the full picture.</summary>
    public string PhotoColumnName { get; init; } = "SourcePhoto";

    /// <summary>The input column: the square image to insert.</summary>
    public string ImageColumnName { get; init; } = "TargetImage";

    /// <summary>The input column: the 2 x 3 matrix [6] from CropPerson.</summary>
    public string CropTransformColumnName { get; init; } = "SourceCropTransform";

    /// <summary>S, the size of the square when it was cropped, 32 to 2048 pixels; the image to insert may have another size.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The width of the soft seam as a share of the square's side, 0 to 0.5.</summary>
    public float Feather { get; init; } = SquareCrop.DefaultFeather;

    internal override void Check()
    {
        CheckImageSize(ImageSize, nameof(ImageSize));
        if (!(Feather is >= 0 and <= 0.5f))
            throw new ArgumentOutOfRangeException(nameof(Feather), Feather, "The seam's width must be 0 to 0.5 of the square's side.");
    }
}

/// <summary>Inserts a square result into the full picture: see <see cref="SquareCrop.Compose"/>.</summary>
internal sealed class ComposeIntoImageTransformer : StageTransformer<ComposeIntoImageOptions>
{
    internal const string Name = "ComposeIntoImage";

    internal ComposeIntoImageTransformer(IHostEnvironment environment, ComposeIntoImageOptions options)
        : base(environment, Name, options) =>
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs =
            [
                StageColumn.Image(options.PhotoColumnName, "H,W", ofSource: true),
                StageColumn.Image(options.ImageColumnName),
                StageColumn.Singles(options.CropTransformColumnName, "6"),
            ],
            Outputs = [StageColumn.Image(options.OutputColumnName, "H,W")],
        };

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput photo = buffers.InputImage(Options.PhotoColumnName), image = buffers.InputImage(Options.ImageColumnName);
        float[] transform = buffers.Input<float>(Options.CropTransformColumnName);
        PixelBuffer? picture = null, composed = null;
        float[] square = [];
        buffers.OutputImage(Options.OutputColumnName).Make = () => ImageCodec.ToImage(composed!);
        return new StageKernel(
            Prepare: () => picture = ImageCodec.ToPixels(photo.Image, AlphaMode.Keep),
            Compute: () =>
            {
                int size = image.Image.Width;
                if (image.Image.Height != size)
                    throw new ImageInputException($"Stage '{Title}': column '{Options.ImageColumnName}' has an image of {size} x "
                        + $"{image.Image.Height} pixels, but a square one is needed.");
                if (square.Length != 3 * size * size)
                    square = new float[3 * size * size];
                image.ToTensor(square);
                composed = Compose(picture!, square, size, transform);
            });
    }

    private PixelBuffer Compose(PixelBuffer picture, ReadOnlySpan<float> square, int size, ReadOnlySpan<float> transform)
    {
        try
        {
            CropTransform crop = CropTransform.FromSpan(transform).ForSize(Options.ImageSize, size);
            return SquareCrop.Compose(picture, square, size, crop, feather: Options.Feather);
        }
        catch (ArgumentException e)
        {
            throw StageErrors.In(Title, Options.CropTransformColumnName, e);
        }
    }
}
