using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;

namespace Microsoft.ML;

/// <summary>Loads motions, photographs and views as data, and processes sequences.</summary>
public static class LwgDataCatalog
{
    /// <summary>Loads a motion: one row per frame with the columns ReferenceMotion, ReferenceFrame, ReferenceSmpl [85] and
    /// ReferenceOrigin [85].</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="nameOrFile">One of <see cref="MotionClip.BuiltInNames"/>, or a motion file in any format that
    /// <see cref="MotionClip.Load(string)"/> reads.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) per metre, above 0.</param>
    /// <exception cref="Lwg.MLNet.ModelFileException">There is no such name or file, or the file does not contain a motion.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not a finite number above 0.</exception>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, string nameOrFile, float scale = MotionCamera.DefaultScale) =>
        catalog.LoadMotion(MotionClip.Load(nameOrFile), scale);

    /// <summary>
    /// Loads photographs as data: one row per file with the columns Name and Photo. A photograph is read and decoded
    /// each time Photo is requested, and turned upright according to its EXIF orientation. The column costs nothing if it is not read.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="paths">The files, in any format that <see cref="Lwg.MLNet.Transforms.Imaging.ImageCodec"/> reads.</param>
    /// <exception cref="ArgumentException">A path is null or empty.</exception>
    public static IDataView LoadPhotos(this DataOperationsCatalog catalog, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return catalog.LoadFromEnumerable(paths.Select(path => new PhotoRow(path, null)).ToArray());
    }

    /// <summary>Loads photographs in memory as data, in the same way as files.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="photos">The contents of the files by name.</param>
    /// <exception cref="ArgumentException">A name is null or empty.</exception>
    public static IDataView LoadPhotos(this DataOperationsCatalog catalog, IEnumerable<KeyValuePair<string, byte[]>> photos)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(photos);
        return catalog.LoadFromEnumerable(photos.Select(photo => new PhotoRow(photo.Key, photo.Value)).ToArray());
    }

    /// <summary>Creates data from a motion.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="clip">The motion.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) per metre, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not a finite number above 0.</exception>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, MotionClip clip, float scale = MotionCamera.DefaultScale)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return catalog.LoadMotions([clip], scale);
    }

    /// <summary>Creates data from several consecutive motions, for example of several people. Each row contains the first frame of its
    /// own motion. All motions are resampled to the rate of the first (<see cref="MotionClip.Resample"/>).</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="clips">The motions, at least one.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) per metre, above 0.</param>
    /// <exception cref="ArgumentException">There are no motions, or the scale is not a finite number above 0.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">A motion resampled to the rate of the first would have too many frames.</exception>
    public static IDataView LoadMotions(this DataOperationsCatalog catalog, IReadOnlyList<MotionClip> clips,
        float scale = MotionCamera.DefaultScale)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(clips);
        if (clips.Count == 0)
            throw new ArgumentException("At least one motion is needed.", nameof(clips));
        var rows = new List<MotionRow>();
        for (int m = 0; m < clips.Count; m++)
        {
            MotionClip clip = clips[m].Resample(clips[0].FramesPerSecond);
            float[] smpl = MotionCamera.ToSmpl(clip, scale);
            for (int i = 0; i < clip.FrameCount; i++)
            {
                rows.Add(new MotionRow
                {
                    ReferenceMotion = m,
                    ReferenceFrame = i,
                    ReferenceSmpl = smpl[(i * SmplLayout.ParameterCount)..((i + 1) * SmplLayout.ParameterCount)],
                    ReferenceOrigin = smpl[..SmplLayout.ParameterCount],
                });
            }
        }
        return catalog.LoadFromEnumerable(rows);
    }

    /// <summary>Creates the views of a turntable: one row per view with ViewAngles [3] and ViewTranslation [3], evenly spaced over one
    /// turn about the person's axis. The first is the source's own view.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="count">The number of views, 1 to 3600.</param>
    /// <param name="tilt">The elevation of the viewer above the person, in degrees; negative from below.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range, or the tilt is not finite.</exception>
    public static IDataView LoadTurntable(this DataOperationsCatalog catalog, int count = 36, float tilt = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 3600);
        if (!float.IsFinite(tilt))
            throw new ArgumentOutOfRangeException(nameof(tilt), tilt, "The tilt must be finite.");
        return catalog.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new ViewRow { ViewAngles = [-tilt, 360f * i / count, 0] })
            .ToArray());
    }

    /// <summary>Pairs every row of the source with every view: all views of the first source, then of the second.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="source">The sources, usually one row.</param>
    /// <param name="views">The views.</param>
    /// <returns>The columns of the source, then those of the views. Images of the source are returned as copies.</returns>
    /// <exception cref="ArgumentException">Both have a column of the same name.</exception>
    public static IDataView PairWithViews(this DataOperationsCatalog catalog, IDataView source, IDataView views) =>
        catalog.PairWithMotion(source, views);

    /// <summary>Pairs every row of the source with every row of a motion: all frames for the first source, then for the second.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="source">The sources, usually one row.</param>
    /// <param name="motion">The motion.</param>
    /// <returns>The columns of the source, then those of the motion. Images of the source are returned as copies.</returns>
    /// <exception cref="ArgumentException">Both have a column of the same name.</exception>
    public static IDataView PairWithMotion(this DataOperationsCatalog catalog, IDataView source, IDataView motion)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(motion);
        return new PairedDataView(source, motion);
    }

    /// <summary>Smooths the SMPL parameters of one or several people over the rows of a sequence: see <see cref="SmplSmoothingOptions"/>.
    /// It needs all rows, so it is not a pipeline stage and is not saved with a pipeline.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="data">The frames in order; the frames of several people may be interleaved. Rows without a person, whose camera's
    /// scale is 0, are returned unchanged and do not affect the others.</param>
    /// <param name="outputColumnName">The output column: SMPL parameters [85]. A column of the same name is replaced.</param>
    /// <param name="inputColumnName">The input column: SMPL parameters [85]; null for the same name.</param>
    /// <param name="personColumnName">The column that identifies the person of a row (text, a key or an integer); null for one
    /// person.</param>
    /// <param name="options">The options of the smoothing; null for the defaults.</param>
    /// <returns>The columns of the data and the smoothed one. The parameters are read once, when the first row is requested.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, or an option is not allowed.</exception>
    public static IDataView SmoothSmpl(
        this DataOperationsCatalog catalog, IDataView data, string outputColumnName = "Smpl", string? inputColumnName = null,
        string? personColumnName = null, SmplSmoothingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        return new SmoothedDataView(data, outputColumnName, inputColumnName ?? outputColumnName, personColumnName, options
            ?? new SmplSmoothingOptions());
    }

    /// <summary>
    /// Transforms data with several rows in parallel. The rows have the same order and content as transformer.Transform(data); the data
    /// are read once, row by row. Each thread has its own working memory and prepares its own source. A learned generator is fastest if
    /// its networks use one thread each (<see cref="Lwg.MLNet.Networks.NetworkRuntimeOptions.IntraOpNumThreads"/>).
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="transformer">A fitted chain that maps each row to one row.</param>
    /// <param name="data">The rows.</param>
    /// <param name="threads">The number of rows that are processed in parallel, 1 to 256; 0 for the number of processor cores.</param>
    /// <exception cref="ArgumentException">The transformer is not a row-to-row mapper, or the number of threads is out of
    /// range.</exception>
    public static IDataView TransformInParallel(this DataOperationsCatalog catalog, ITransformer transformer, IDataView data,
        int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        if (!transformer.IsRowToRowMapper)
            throw new ArgumentException("Only a row-to-row mapper can process rows in parallel.",
                nameof(transformer));
        return new ParallelDataView(transformer, data, threads == 0 ? Environment.ProcessorCount : threads);
    }
}
