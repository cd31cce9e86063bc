using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Appearance transfer: two photographs in, one picture out.</summary>
internal sealed class SwapRun(SwapSettings settings, TextWriter output)
{
    private const string PictureName = "swap.png";
    private const string SheetName = "swap_sheet.png";

    /// <summary>Builds the pipeline from two photographs to the source's, with the source in the reference's clothes.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="size">S, the side of the people's squares.</param>
    /// <param name="models">Generator, body, and optionally an estimator.</param>
    /// <param name="parts">The parts that are taken from the reference.</param>
    /// <param name="source">The source's photograph.</param>
    /// <param name="reference">The reference's photograph.</param>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, int size, ModelChoice models, IReadOnlyList<string> parts,
        MarkedPhoto source, MarkedPhoto reference) =>
        // Both photographs give the squares around the people, SourceImage and ReferenceImage, and their bodies' SMPL parameters,
        // SourceSmpl and ReferenceSmpl.
        Imitation.Person(mlContext, "Source", size, models, source.Keypoints is not null)
            .Append(Imitation.Person(mlContext, "Reference", size, models, reference.Keypoints is not null))
            // These give TargetImage, the source in the reference's clothes.
            .Append(mlContext.Transforms.TransferAppearance(models.Generator,
            new TransferAppearanceOptions { ImageSize = size, Parts = parts, AsPublished = models.AsPublished, KeptParts = models.FrontWarp,
            PersonMaskColumnName = models.MaskColumn("Source", source.Keypoints is not null),
            ReferencePersonMaskColumnName = models.MaskColumn("Reference", reference.Keypoints is not null) }, models.Body))
            // Puts TargetImage back into the source's photograph: TargetPhoto.
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: size));

    /// <summary>Makes the picture and writes the results.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        Stills.TellLeftOut(output, settings.Source, settings.Reference);
        MarkedPhoto source = settings.LoadSource(), reference = settings.LoadReference();
        using ModelChoice models = ModelChoice.Load(settings, output);
        int size = settings.Size ?? models.PreferredSize;
        if (File.Exists(settings.Out))
            throw new LwgException($"'{settings.Out}' is a file; --out needs a folder.");

        IDataView rows = mlContext.Data.LoadFromEnumerable([new SwapRow(source, reference)]);
        IDataView result = Pipeline(mlContext, size, models, settings.Parts, source, reference).Fit(rows).Transform(rows);
        var sheet = new ContactSheet(columns: 3, size, size);
        foreach (string column in (string[])["SourceImage", "ReferenceImage", "TargetImage"])
            sheet.Add(Picture(result, column));
        PixelBuffer picture = Picture(result, "TargetPhoto");
        cancellationToken.ThrowIfCancellationRequested();

        string folder = Directory.CreateDirectory(settings.Out).FullName;
        ImageCodec.SavePng(picture, Path.Combine(folder, PictureName), settings.Provenance);
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, SheetName), settings.Provenance);
        output.WriteLine(Path.Combine(folder, PictureName));
        output.WriteLine(Path.Combine(folder, SheetName));
    }

    private static PixelBuffer Picture(IDataView data, string column)
    {
        using MLImage image = data.GetColumn<MLImage>(column).Single();
        return ImageCodec.ToPixels(image);
    }
}
