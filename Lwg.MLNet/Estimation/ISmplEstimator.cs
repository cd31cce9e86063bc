using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>Tells pose, shape and camera of a person from a picture. Immutable and safe to share between threads; the work is done by its workers.</summary>
public interface ISmplEstimator
{
    /// <summary>The side of the square pictures that it reads, pixels.</summary>
    int PictureSize { get; }

    /// <summary>How much of the person's extent is free on every side in the pictures that it was trained on.</summary>
    float Margin { get; }

    /// <summary>Whether it also tells where the person's 17 COCO key points are.</summary>
    bool EstimatesKeypoints { get; }

    /// <summary>The side of the grid on which it tells where the person is; 0 where it does not.</summary>
    int MaskSize => 0;

    /// <summary>The model that it was opened from, with which pipelines are saved; null where there is none.</summary>
    ModelPackage? Package => null;

    /// <summary>How its networks run; null where it has none.</summary>
    NetworkRuntimeOptions? Runtime => null;

    /// <summary>Makes a worker; one worker serves one thread at a time.</summary>
    /// <param name="batchSize">How many pictures it works on at once.</param>
    ISmplWorker CreateWorker(int batchSize = 1);
}

/// <summary>Does an estimator's work for one thread, on a batch of pictures.</summary>
public interface ISmplWorker : IDisposable
{
    /// <summary>The place of one picture of the batch, [3,H,H] in [-1,1]; to be filled.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    Span<float> Picture(int row);

    /// <summary>Works on the whole batch.</summary>
    void Run();

    /// <summary>The <see cref="SmplLayout.ParameterCount"/> numbers of one person; the camera is that of the square picture.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Smpl(int row);

    /// <summary>The key points of one person, <see cref="KeypointSet.Length"/> numbers: x and y in pixels of the square picture, confidence. Empty where none are estimated.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Keypoints(int row);

    /// <summary>How surely each point of the grid over the picture is on the person, 0 to 1; empty where that is not told.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Mask(int row) => [];

    /// <summary>How surely there is a person, and how surely there are more than one, 0 to 1; empty where that is not told.</summary>
    /// <param name="row">The picture's number in the batch.</param>
    ReadOnlySpan<float> Presence(int row) => [];
}
