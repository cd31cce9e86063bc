using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Service;

/// <summary>A validated request of a client.</summary>
/// <param name="Picture">The photograph's file.</param>
internal abstract record TransferRequest(byte[] Picture)
{
    /// <summary>The number of pictures to make.</summary>
    public abstract int Count { get; }

    /// <summary>The duration of a frame of an animation; 0 for a single picture.</summary>
    public virtual int FrameMilliseconds => 0;
}

/// <summary>A request for the person doing a motion, or in the pose of a reference.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Reference">The file of the photograph whose pose to imitate; null for a motion.</param>
/// <param name="Motion">The motion; null for a reference.</param>
/// <param name="Frames">The indices of the requested frames of the motion, in order.</param>
internal sealed record ImitationRequest(byte[] Picture, byte[]? Reference, MotionClip? Motion, IReadOnlyList<int> Frames) : TransferRequest(
    Picture)
{
    public override int Count => Frames.Count;

    public override int FrameMilliseconds => Motion is null ? 0 : (int)(1000 * Motion.FrameCount / Motion.FramesPerSecond / Frames.Count);
}

/// <summary>A request for the person in the clothes of a reference.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Reference">The file of the photograph of the clothes.</param>
/// <param name="Parts">The clothes to transfer: one of <see cref="AllParts"/>.</param>
internal sealed record SwapRequest(byte[] Picture, byte[] Reference, string Parts) : TransferRequest(Picture)
{
    public static string[] AllParts { get; } = ["body", "upper", "lower"];

    public override int Count => 1;
}

/// <summary>A request for the person from other sides.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Angles">The angles by which the person is turned, in degrees.</param>
internal sealed record ViewRequest(byte[] Picture, IReadOnlyList<float> Angles) : TransferRequest(Picture)
{
    private const int TurnMilliseconds = 3200;

    public override int Count => Angles.Count;

    public override int FrameMilliseconds => TurnMilliseconds / Angles.Count;
}
