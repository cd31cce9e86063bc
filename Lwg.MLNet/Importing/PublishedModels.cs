using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Importing;

/// <summary>Imports published models: PyTorch checkpoints, the SMPL body, npm packages.</summary>
public static class PublishedModels
{
    /// <summary>
    /// Creates models from published files: the folders generator, estimator, inpainter and blazepose, which
    /// <see cref="LiquidWarpingGenerator.Load"/> and <see cref="SmplEstimator.Load"/> open, and body.npz with its surface for
    /// <see cref="BodyModel.Load(string)"/>. All files are checked before anything is written.
    /// </summary>
    /// <param name="sources">Files, and folders of files: checkpoints of generator, HMR and inpainter, the SMPL body, mapper.txt,
    /// front_facial.json, head.json, smpl_part_info.json, npm packages that contain BlazePose (.tgz).</param>
    /// <param name="folder">The folder to create.</param>
    /// <param name="options">Settings that the files do not contain; null for the defaults.</param>
    /// <param name="tell">Receives a line for each file and each result; null for none.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    /// <exception cref="LwgException">A file is missing or damaged, there are two of a kind, a generator has no body among the files, or
    /// nothing can be imported.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public static void Import(IReadOnlyList<string> sources, string folder, ImportOptions? options = null, Action<string>? tell = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new ImportOptions();
        options.Check();
        new ImportRun(sources, folder, options, tell ?? (_ => { })).Run(cancellationToken);
    }
}
