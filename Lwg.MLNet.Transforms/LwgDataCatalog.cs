using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;

namespace Microsoft.ML;

/// <summary>Motions and sequences as data.</summary>
public static class LwgDataCatalog
{
    /// <summary>Loads a motion: a row a frame with ReferenceFrame, ReferenceSmpl [85] and ReferenceOrigin [85] (see
    /// <see cref="MotionRow"/>).</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="nameOrFile">One of <see cref="MotionClip.BuiltInNames"/>, or a motion file (.npz).</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) a metre, above 0.</param>
    /// <exception cref="Lwg.MLNet.ModelFileException">No such name or file, or the file does not hold a motion.</exception>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, string nameOrFile, float scale = MotionCamera.DefaultScale) =>
        catalog.LoadMotion(MotionClip.Load(nameOrFile), scale);

    /// <summary>
    /// Photographs as data: a row a file with Name and Photo (see <see cref="PhotoRow"/>). A photograph is read and decoded when a row's
    /// Photo is asked for, upright as its EXIF says, and each time anew: the column costs nothing where it is not read.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="paths">The files, in any format that <see cref="Lwg.MLNet.Transforms.Imaging.ImageCodec"/> reads.</param>
    public static IDataView LoadPhotos(this DataOperationsCatalog catalog, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return catalog.LoadFromEnumerable(paths.Select(path => new PhotoRow(path, null)).ToArray());
    }

    /// <summary>Photographs in memory as data, otherwise as those in files.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="photos">The files' contents by name.</param>
    public static IDataView LoadPhotos(this DataOperationsCatalog catalog, IEnumerable<KeyValuePair<string, byte[]>> photos)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(photos);
        return catalog.LoadFromEnumerable(photos.Select(photo => new PhotoRow(photo.Key, photo.Value)).ToArray());
    }

    /// <summary>Makes data of a motion.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="clip">The motion.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) a metre, above 0.</param>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, MotionClip clip, float scale = MotionCamera.DefaultScale)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return catalog.LoadMotions([clip], scale);
    }

    /// <summary>Makes data of several motions, one after another: the motions of several people, say. Each row carries the first frame of
    /// its own motion. All take the first one's rate (<see cref="MotionClip.Resample"/>).</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="clips">The motions, at least one.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) a metre, above 0.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
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

    /// <summary>Makes the views of a turntable: a row a view with ViewAngles [3] and ViewTranslation [3], evenly over one turn about the
    /// person's axis, the source's own view first.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="count">How many views, 1 to 3600.</param>
    /// <param name="tilt">From how far above the person is seen, degrees.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another count, or a tilt that is not finite.</exception>
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
    /// <param name="source">The sources, most often one row.</param>
    /// <param name="views">The views.</param>
    /// <returns>The columns of the source, then those of the views. Images of the source are handed out as copies.</returns>
    /// <exception cref="ArgumentException">Both have a column of the same name.</exception>
    public static IDataView PairWithViews(this DataOperationsCatalog catalog, IDataView source, IDataView views) =>
        catalog.PairWithMotion(source, views);

    /// <summary>Pairs every row of the source with every row of a motion: all frames for the first source, then for the second.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="source">The sources, most often one row.</param>
    /// <param name="motion">The motion.</param>
    /// <returns>The columns of the source, then those of the motion. Images of the source are handed out as copies.</returns>
    /// <exception cref="ArgumentException">Both have a column of the same name.</exception>
    public static IDataView PairWithMotion(this DataOperationsCatalog catalog, IDataView source, IDataView motion)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(motion);
        return new PairedDataView(source, motion);
    }

    /// <summary>
    /// Smooths the SMPL numbers of one person, or of several, over the rows of a sequence: see <see cref="SmplSmoothing"/>. It needs all
    /// rows, so it is no stage of a pipeline and not saved with one.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="data">The frames in order, those of several people perhaps mixed.</param>
    /// <param name="outputColumnName">The output column: SMPL numbers [85]. Of the same name, it takes the read column's place.</param>
    /// <param name="inputColumnName">The input column: SMPL numbers [85]; null for the same name.</param>
    /// <param name="personColumnName">The column that says whose row it is (text, a key or a whole number); null where all are one
    /// person's.</param>
    /// <param name="options">How it is smoothed; null for the defaults.</param>
    /// <returns>The columns of the data and the smoothed one. The numbers are read once, when the first row is asked for.</returns>
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
    /// What a transformer makes of data, some rows at a time. Rows come in the order of the data and hold what transformer.Transform(data)
    /// makes of them; the data is read once, row after row. Each thread has its own scratch memory, and its own source that it prepares. A
    /// learned generator is fastest so where its networks have one thread each
    /// (<see cref="Lwg.MLNet.Networks.NetworkRuntimeOptions.IntraOpNumThreads"/>).
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="transformer">A fitted chain that makes one row of each row.</param>
    /// <param name="data">The rows.</param>
    /// <param name="threads">How many rows are worked on at a time, 1 to 256; 0 for as many as the machine has cores.</param>
    /// <exception cref="ArgumentException">The transformer needs other rows than the one that it makes.</exception>
    public static IDataView TransformInParallel(this DataOperationsCatalog catalog, ITransformer transformer, IDataView data,
        int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        if (!transformer.IsRowToRowMapper)
            throw new ArgumentException("Only a transformer that makes one row of each row can work on several at a time.",
                nameof(transformer));
        return new ParallelDataView(transformer, data, threads == 0 ? Environment.ProcessorCount : threads);
    }
}
