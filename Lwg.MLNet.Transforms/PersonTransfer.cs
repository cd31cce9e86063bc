using System.Runtime.ExceptionServices;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Transforms;

/// <summary>
/// Saves models, and loads models from untrusted sources. mlContext.Model.Load loads any assembly that a model file names, before it
/// checks whether the assembly contains a transformer, and trusts the counts in the file. LoadModel validates the file first, and rejects
/// everything that is not in a fixed table.
/// </summary>
public static class PersonTransfer
{
    /// <summary>Loads a model of this library's stages from an untrusted file.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema that was saved with the model; null if there is none.</param>
    /// <remarks>A model can contain the stages of this library and, from ML.NET, chains, CopyColumns, Concatenate, SelectColumns and
    /// DropColumns, as saved by ML.NET 5.0, in any nesting. Models with other transformers can be loaded with mlContext.Model.Load if
    /// their source is trusted.</remarks>
    /// <exception cref="LwgException">The file is missing or damaged, or contains something that is not allowed; the message names the
    /// entry.</exception>
    public static ITransformer LoadModel(MLContext mlContext, string path, out DataViewSchema? inputSchema)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // A pipe has no length, and opening it can block permanently.
        if (BoundedFile.Length(path) == 0)
            throw new ModelFileException(path, null, "it is empty or not a regular file.");
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

    /// <summary>Loads a model of this library's stages from an untrusted stream: see
    /// <see cref="LoadModel(MLContext, string, out DataViewSchema?)"/>.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="stream">The stream with the model, from position 0 to the end. It must be seekable, must not change during the call,
    /// and is left open.</param>
    /// <param name="inputSchema">The schema that was saved with the model; null if there is none.</param>
    /// <exception cref="LwgException">The model is damaged or contains something that is not allowed; the message names the
    /// entry.</exception>
    /// <exception cref="ArgumentException">The stream is not seekable.</exception>
    public static ITransformer LoadModel(MLContext mlContext, Stream stream, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be seekable: a model is validated before it is loaded.", nameof(stream));
        return Load(mlContext, stream, "saved model", out inputSchema);
    }

    /// <summary>Saves a model atomically. mlContext.Model.Save writes the schema as a data file, which cannot contain images, and fails
    /// if all columns are images (ML.NET issue 4209). In that case the model is saved without a schema.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of the data that the model was fitted to; null for none. Image columns are not saved.</param>
    /// <param name="path">The file; an existing file is replaced.</param>
    /// <exception cref="IOException">The file cannot be written; an existing file is unchanged.</exception>
    /// <exception cref="NotSupportedException">A stage has a custom generator or estimator, which cannot be saved.</exception>
    public static void SaveModel(MLContext mlContext, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool canBeWritten = inputSchema?.Any(c => c.Type is not ImageDataViewType) == true;
        AtomicFile.Write(path, stream => mlContext.Model.Save(model, canBeWritten ? inputSchema : null, stream));
    }

    /// <summary>Returns the generator of a trained or loaded GenerateTransfer stage.</summary>
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
            // ML.NET throws many types of exceptions for a damaged file. It calls loaders by reflection, so exceptions of this library
            // are inner exceptions.
            for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
            {
                if (inner is LwgException)
                    ExceptionDispatchInfo.Throw(inner);
            }
            throw new ModelFileException(name, null, "it is not a model that ML.NET can load: " + e.Message.ReplaceLineEndings(" "), e);
        }
    }
}
