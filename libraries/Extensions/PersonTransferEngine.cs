using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Extensions;

/// <summary>Makes pictures, one after another; the pool hands it to one thread at a time. For frames of the same photograph the person is found once.</summary>
public sealed class PersonTransferEngine : IDisposable
{
    private readonly PredictionEngine<PhotoRow, PictureRow> _imitate;
    private readonly PredictionEngine<ReferenceRow, PoseRow> _find;

    internal PersonTransferEngine(PredictionEngine<PhotoRow, PictureRow> imitate, PredictionEngine<ReferenceRow, PoseRow> find) => (_imitate, _find) = (imitate, find);

    /// <summary>The photograph in which its person has another pose.</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="pose">The pose, SMPL numbers [85].</param>
    /// <param name="origin">The first pose of its motion [85]; the pose itself where there is none.</param>
    /// <param name="surfaceShown">The share of the person's surface that the photograph shows.</param>
    /// <param name="cancellationToken">Ends the work after the step at hand: a look at the picture, the source's preparation or the frame.</param>
    /// <returns>The picture, which the caller owns.</returns>
    /// <exception cref="LwgException">The picture cannot be worked with, or shows no single person clearly.</exception>
    public MLImage Imitate(MLImage photo, float[] pose, float[] origin, out float surfaceShown, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.imitate");
        WorkAtHand.Begin(cancellationToken);
        WorkAtHand.ThrowIfAbandoned();
        PictureRow result = _imitate.Predict(new PhotoRow { SourcePhoto = photo, ReferenceSmpl = pose, ReferenceOrigin = origin });
        surfaceShown = result.SurfaceShown;
        return result.TargetPhoto!;
    }

    /// <summary>The pose of the person in a photograph, SMPL numbers [85].</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="cancellationToken">Ends the work after the step at hand.</param>
    /// <exception cref="LwgException">The picture cannot be worked with, or shows no single person clearly.</exception>
    public float[] FindPose(MLImage photo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.find_pose");
        WorkAtHand.Begin(cancellationToken);
        return _find.Predict(new ReferenceRow { ReferencePhoto = photo }).ReferenceSmpl;
    }

    /// <summary>Gives the buffers back; the pipeline stays.</summary>
    public void Dispose()
    {
        _imitate.Dispose();
        _find.Dispose();
    }
}
