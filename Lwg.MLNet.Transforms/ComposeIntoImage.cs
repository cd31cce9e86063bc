using System.Text.Json.Nodes;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
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

    /// <summary>
    /// Whether the photograph keeps its own pixels, in its full resolution, where the square shows it unchanged. Compares the square with
    /// the crop of the photograph; the limit is 10 of 255 in any channel. False in models saved before this option existed.
    /// </summary>
    public bool KeepsUnchanged { get; init; } = true;

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

    // Before the option existed, the whole square was inserted.
    internal static void CompleteOptions(JsonObject options) => options.TryAdd(nameof(ComposeIntoImageOptions.KeepsUnchanged), false);

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        var worker = new Worker(this, buffers);
        return new StageKernel(Compute: worker.Compute, Prepare: worker.Prepare);
    }

    // Holds the buffers of a cursor.
    private sealed class Worker
    {
        private readonly ComposeIntoImageTransformer _stage;
        private readonly ImageInput _photo, _image;
        private readonly float[] _transform;
        private PixelBuffer? _picture, _composed;
        private UnchangedPixels? _unchanged;
        private float[] _square = [], _original = [];
        private CropTransform? _cropped;

        public Worker(ComposeIntoImageTransformer stage, StageBuffers buffers)
        {
            (_stage, _photo, _image) = (stage, buffers.InputImage(stage.Options.PhotoColumnName),
                buffers.InputImage(stage.Options.ImageColumnName));
            _transform = buffers.Input<float>(stage.Options.CropTransformColumnName);
            buffers.OutputImage(stage.Options.OutputColumnName).Make = () => ImageCodec.ToImage(_composed!);
        }

        public void Prepare() => (_picture, _cropped) = (ImageCodec.ToPixels(_photo.Image, AlphaMode.Keep), null);

        public void Compute()
        {
            int size = _image.Image.Width;
            if (_image.Image.Height != size)
                throw new ImageInputException($"Stage '{_stage.Title}': column '{_stage.Options.ImageColumnName}' has an image of {size} x "
                    + $"{_image.Image.Height} pixels, but a square one is needed.");
            if (_square.Length != 3 * size * size)
                (_square, _original, _unchanged, _cropped) =
                    (new float[3 * size * size], new float[3 * size * size], new UnchangedPixels(size), null);
            _image.ToTensor(_square);
            try
            {
                CropTransform crop = CropTransform.FromSpan(_transform).ForSize(_stage.Options.ImageSize, size);
                _composed = SquareCrop.Compose(_picture!, _square, size, crop, Changed(crop, size), _stage.Options.Feather);
            }
            catch (ArgumentException e)
            {
                throw StageErrors.In(_stage.Title, _stage.Options.CropTransformColumnName, e);
            }
        }

        private float[] Changed(in CropTransform crop, int size)
        {
            if (!_stage.Options.KeepsUnchanged)
                return [];
            if (_cropped != crop)
                SquareCrop.Crop(_picture!, crop, size, _original);
            _cropped = crop;
            _unchanged!.Compare(_square, _original);
            return _unchanged.Weights;
        }
    }
}
