using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>Motion imitation as an ordinary ML.NET pipeline: this is the file to read if you want to use the library.</summary>
internal static class Imitation
{
    /// <summary>
    /// From a photograph and a pose to the photograph in which the person has that pose. Every row has both, the same photograph again and again;
    /// still the person is cut out, fitted and drawn once only: a stage whose inputs hold what they held in the row before does not compute again.
    /// So one model holds the whole way, and who loads it needs to know nothing but its columns.
    /// </summary>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, int size) =>
        // SourcePhoto and SourcePhotoKeypoints become SourceImage, the square around the person...
        mlContext.Transforms.CropPerson("Source", size)
            // ...and SourceSmpl, the body in it.
            .Append(mlContext.Transforms.FitSmplToKeypoints("Source"))
            // With ReferenceSmpl they become TargetImage, the person in the reference's pose...
            .Append(mlContext.Transforms.ImitateMotion(new MotionImitationOptions { ImageSize = size, WithLayers = true }))
            // ...and that is put back into the photograph: TargetPhoto.
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: size));

    /// <summary>The photograph, paired with every frame of a motion.</summary>
    public static IDataView Rows(MLContext mlContext, MarkedPhoto source, IDataView motion) =>
        mlContext.Data.PairWithMotion(mlContext.Data.LoadFromEnumerable([new SourceRow(source)]), motion);

    /// <summary>The pose of a person in another photograph, as a motion of one frame.</summary>
    public static IDataView PoseOf(MLContext mlContext, MarkedPhoto reference, int size)
    {
        IDataView photo = mlContext.Data.LoadFromEnumerable([new ReferenceRow(reference)]);
        ITransformer fit = mlContext.Transforms.CropPerson("Reference", size)
            .Append(mlContext.Transforms.FitSmplToKeypoints("Reference"))
            .Fit(photo);
        float[] smpl = fit.Transform(photo).GetColumn<float[]>("ReferenceSmpl").Single();
        return mlContext.Data.LoadFromEnumerable([new MotionRow { ReferenceSmpl = smpl, ReferenceOrigin = smpl }]);
    }

    /// <summary>Saves the model, whole or not at all.</summary>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string path) =>
        AtomicFile.Write(path, stream => mlContext.Model.Save(model, inputSchema, stream));

    /// <summary>Loads a model.</summary>
    /// <exception cref="ModelFileException">It is missing or no ML.NET model.</exception>
    public static ITransformer Load(MLContext mlContext, string path)
    {
        try
        {
            return mlContext.Model.Load(path, out _);
        }
        catch (Exception e) when (e is not (LwgException or OutOfMemoryException))
        {
            // ML.NET says what it met in many ways, of which a damaged file can cause any.
            throw new ModelFileException(path, null, $"the model cannot be loaded: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
