using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Importing;

/// <summary>Models that others have published: checkpoints of PyTorch, SMPL's body, packages of npm.</summary>
public static class PublishedModels
{
    /// <summary>
    /// Makes models of published files: the folders generator, estimator, inpainter and blazepose, which
    /// <see cref="LiquidWarpingGenerator.Load"/> and <see cref="SmplEstimator.Load"/> open, and body.npz with its surface for
    /// <see cref="BodyModel.Load(string)"/>. Everything is looked at before anything is written.
    /// </summary>
    /// <param name="sources">
    /// Files, and folders of files: checkpoints of generator, HMR and inpainter, SMPL's body, mapper.txt, front_facial.json, head.json,
    /// smpl_part_info.json, packages of npm that hold BlazePose (.tgz).
    /// </param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="options">What the files do not tell; null for the defaults.</param>
    /// <param name="tell">Told in a line what each file is and what was made of it; null for nothing.</param>
    /// <param name="cancellationToken">Ends the import.</param>
    /// <exception cref="LwgException">A file is missing or damaged, there are two of a kind, a generator comes without its body, or nothing
    /// can be imported.</exception>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
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
