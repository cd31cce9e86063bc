using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Data;

namespace Microsoft.ML;

/// <summary>Motions as data.</summary>
public static class LwgDataCatalog
{
    /// <summary>Loads a motion: a row a frame with ReferenceFrame, ReferenceSmpl [85] and ReferenceOrigin [85] (see <see cref="MotionRow"/>).</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="nameOrFile">One of <see cref="MotionClip.BuiltInNames"/>, or a motion file (.npz).</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) a metre, above 0.</param>
    /// <exception cref="Lwg.MLNet.ModelFileException">No such name or file, or the file does not hold a motion.</exception>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, string nameOrFile, float scale = MotionCamera.DefaultScale) =>
        catalog.LoadMotion(MotionClip.Load(nameOrFile), scale);

    /// <summary>Makes data of a motion.</summary>
    /// <param name="catalog">The catalog, mlContext.Data.</param>
    /// <param name="clip">The motion.</param>
    /// <param name="scale">The camera's scale: picture units (2 = the whole picture) a metre, above 0.</param>
    public static IDataView LoadMotion(this DataOperationsCatalog catalog, MotionClip clip, float scale = MotionCamera.DefaultScale)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        float[] smpl = MotionCamera.ToSmpl(clip, scale);
        var rows = new MotionRow[clip.FrameCount];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new MotionRow
            {
                ReferenceFrame = i,
                ReferenceSmpl = smpl[(i * SmplLayout.ParameterCount)..((i + 1) * SmplLayout.ParameterCount)],
                ReferenceOrigin = smpl[..SmplLayout.ParameterCount],
            };
        }
        return catalog.LoadFromEnumerable(rows);
    }

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
}
