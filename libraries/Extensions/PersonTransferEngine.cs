using System.Diagnostics;
using Lwg.MLNet.Body;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Extensions;

/// <summary>Creates pictures one at a time; the pool gives an engine to one thread at a time. For consecutive frames of one photograph,
/// the person is found once.</summary>
public sealed class PersonTransferEngine : IDisposable
{
    private readonly PredictionEngine<PhotoRow, PictureRow> _imitate;
    private readonly PredictionEngine<ReferenceRow, PoseRow> _find;

    private readonly Func<string, PredictionEngine<CoupleRow, SwapRow>> _createSwap;
    private readonly Dictionary<string, PredictionEngine<CoupleRow, SwapRow>> _swaps = [];
    private readonly Lazy<PredictionEngine<PhotoViewRow, PictureRow>> _view;

    internal PersonTransferEngine(
        PredictionEngine<PhotoRow, PictureRow> imitate, PredictionEngine<ReferenceRow, PoseRow> find,
        Func<string, PredictionEngine<CoupleRow, SwapRow>> createSwap, Func<PredictionEngine<PhotoViewRow, PictureRow>> createView) =>
        (_imitate, _find, _createSwap, _view) = (imitate, find, createSwap, new(createView));

    /// <summary>Creates the photograph with its person in another pose.</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="pose">The target pose, SMPL parameters [85].</param>
    /// <param name="origin">The first pose of the motion [85]; the pose itself for a single pose.</param>
    /// <param name="surfaceShown">The share of the result's visible surface of the person that the photograph shows, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work after the current step: an estimate, the preparation of the source, or the
    /// frame.</param>
    /// <returns>The picture, which the caller owns.</returns>
    /// <exception cref="LwgException">The picture cannot be used, or does not show exactly one person clearly.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public MLImage Imitate(MLImage photo, float[] pose, float[] origin, out float surfaceShown,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.imitate");
        WorkAtHand.Begin(cancellationToken);
        WorkAtHand.ThrowIfAbandoned();
        PictureRow result = _imitate.Predict(new PhotoRow { SourcePhoto = photo, ReferenceSmpl = pose, ReferenceOrigin = origin });
        surfaceShown = result.SurfaceShown;
        return result.TargetPhoto!;
    }

    /// <summary>Creates the photograph with its person in the clothes of another person.</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="reference">The photograph of the person who wears the clothes.</param>
    /// <param name="parts">The parts to take from the reference: head, torso, arms, legs, hands, feet, upper, lower, body (all but the
    /// head), or all.</param>
    /// <param name="cancellationToken">Cancels the work after the current step.</param>
    /// <returns>The picture, which the caller owns.</returns>
    /// <exception cref="ArgumentException">The body has no such parts.</exception>
    /// <exception cref="LwgException">A picture cannot be used, or does not show exactly one person clearly.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public MLImage TransferAppearance(MLImage photo, MLImage reference, string parts = PartSelection.Body,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(parts);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.transfer_appearance");
        WorkAtHand.Begin(cancellationToken);
        WorkAtHand.ThrowIfAbandoned();
        if (!_swaps.TryGetValue(parts, out PredictionEngine<CoupleRow, SwapRow>? swap))
            swap = _swaps[parts] = _createSwap(parts);
        return swap.Predict(new CoupleRow { SourcePhoto = photo, ReferencePhoto = reference }).TargetPhoto!;
    }

    /// <summary>Creates the photograph with its person seen from another side.</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="angle">The rotation about the vertical axis, in degrees.</param>
    /// <param name="surfaceShown">The share of the result's visible surface of the person that the photograph shows, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work after the current step.</param>
    /// <returns>The picture, which the caller owns.</returns>
    /// <exception cref="LwgException">The picture cannot be used, or does not show exactly one person clearly.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public MLImage SynthesizeView(MLImage photo, float angle, out float surfaceShown, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.synthesize_view");
        WorkAtHand.Begin(cancellationToken);
        WorkAtHand.ThrowIfAbandoned();
        PictureRow result = _view.Value.Predict(new PhotoViewRow { SourcePhoto = photo, ViewAngles = [0, angle, 0] });
        surfaceShown = result.SurfaceShown;
        return result.TargetPhoto!;
    }

    /// <summary>Estimates the pose of the person in a photograph, SMPL parameters [85].</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="cancellationToken">Cancels the work after the current step.</param>
    /// <exception cref="LwgException">The picture cannot be used, or does not show exactly one person clearly.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public float[] FindPose(MLImage photo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        using Activity? activity = PersonTransferDiagnostics.Source.StartActivity("lwg.find_pose");
        WorkAtHand.Begin(cancellationToken);
        WorkAtHand.ThrowIfAbandoned();
        return _find.Predict(new ReferenceRow { ReferencePhoto = photo }).ReferenceSmpl;
    }

    /// <summary>Releases the buffers; the shared pipeline stays.</summary>
    public void Dispose()
    {
        _imitate.Dispose();
        _find.Dispose();
        foreach (PredictionEngine<CoupleRow, SwapRow> swap in _swaps.Values)
            swap.Dispose();
        if (_view.IsValueCreated)
            _view.Value.Dispose();
    }
}
