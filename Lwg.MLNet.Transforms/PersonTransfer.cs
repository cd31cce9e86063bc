using System.Runtime.ExceptionServices;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms;

/// <summary>
/// Saves models, and opens those that come from others. mlContext.Model.Load loads whatever assembly a model file names, before it looks
/// whether that holds a transformer, and believes the counts in it; here the file is looked through first, and everything that is not in a
/// fixed table is refused.
/// </summary>
public static class PersonTransfer
{
    /// <summary>Loads a model of this library's stages that need not be trusted.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The columns of the data that the model was saved with; null where it was saved without.</param>
    /// <remarks>
    /// Allowed are the stages of this library and, of ML.NET's own, chains, CopyColumns, Concatenate, SelectColumns and DropColumns, as
    /// ML.NET 5.0 saves them, in any nesting. A model with other transformers can be loaded by mlContext.Model.Load, by those who trust its
    /// maker.
    /// </remarks>
    /// <exception cref="LwgException">The file is missing or damaged, or holds what is not allowed; the message names the
    /// entry.</exception>
    public static ITransformer LoadModel(MLContext mlContext, string path, out DataViewSchema? inputSchema)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // A pipe has no length, and opening it may wait for ever.
        if (BoundedFile.Length(path) == 0)
            throw new ModelFileException(path, null, "it is empty or no regular file.");
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Load(mlContext, stream, path, out inputSchema);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, null, "it cannot be read: " + e.Message, e);
        }
    }

    /// <summary>Loads a model of this library's stages that need not be trusted: see
    /// <see cref="LoadModel(MLContext, string, out DataViewSchema?)"/>.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="stream">The model from its position 0 to its end; must be able to seek, and is left open. It must not change
    /// meanwhile.</param>
    /// <param name="inputSchema">The columns of the data that the model was saved with; null where it was saved without.</param>
    /// <exception cref="LwgException">The model is damaged or holds what is not allowed; the message names the entry.</exception>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    public static ITransformer LoadModel(MLContext mlContext, Stream stream, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be able to seek: a model is looked through before it is loaded.", nameof(stream));
        return Load(mlContext, stream, "saved model", out inputSchema);
    }

    /// <summary>
    /// Saves a model, whole or not at all. mlContext.Model.Save writes the schema as a file of data, which cannot hold images, and fails
    /// where all columns are images (ML.NET's issue 4209): then the model is saved without a schema.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The columns of the data that it was fitted to; null for none. Images are not among those that are
    /// saved.</param>
    /// <param name="path">The file, which is replaced where it exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void SaveModel(MLContext mlContext, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool canBeWritten = inputSchema?.Any(c => c.Type is not ImageDataViewType) == true;
        AtomicFile.Write(path, stream => mlContext.Model.Save(model, canBeWritten ? inputSchema : null, stream));
    }

    /// <summary>The generator of a stage GenerateTransfer: of a trained one, or of one that was loaded.</summary>
    /// <param name="stage">The stage.</param>
    public static TransferGenerator GeneratorOf(StageTransformer<GenerateTransferOptions> stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        return ((GenerateTransferTransformer)stage).Generator;
    }

    private static ITransformer Load(MLContext mlContext, Stream stream, string name, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ModelZipCheck.Run(stream, name);
        stream.Position = 0;
        try
        {
            return mlContext.Model.Load(stream, out inputSchema);
        }
        catch (Exception e) when (e is not (LwgException or OutOfMemoryException))
        {
            // ML.NET says what it met in many ways, of which a damaged file can cause any. It calls loaders by reflection: what ours has to
            // say is inside.
            for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
            {
                if (inner is LwgException)
                    ExceptionDispatchInfo.Throw(inner);
            }
            throw new ModelFileException(name, null, "it is no model that ML.NET can load: " + e.Message.ReplaceLineEndings(" "), e);
        }
    }
}
