using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Service;

/// <summary>What a client asks for, checked.</summary>
/// <param name="Picture">The photograph's file.</param>
internal abstract record TransferRequest(byte[] Picture)
{
    /// <summary>How many pictures are made.</summary>
    public abstract int Count { get; }

    /// <summary>How long a picture of an animation is seen.</summary>
    public virtual int FrameMilliseconds => 0;
}

/// <summary>The person does a motion, or takes the pose of another one.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Reference">The file of the photograph whose pose to imitate; null for a motion.</param>
/// <param name="Motion">The motion; null for a reference.</param>
/// <param name="Frames">The motion's frames that are wanted, in their order.</param>
internal sealed record ImitationRequest(byte[] Picture, byte[]? Reference, MotionClip? Motion, IReadOnlyList<int> Frames) : TransferRequest(
    Picture)
{
    public override int Count => Frames.Count;

    public override int FrameMilliseconds => Motion is null ? 0 : (int)(1000 * Motion.FrameCount / Motion.FramesPerSecond / Frames.Count);
}

/// <summary>The person wears what another one wears.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Reference">The file of the photograph of the clothes.</param>
/// <param name="Parts">Which clothes: one of <see cref="AllParts"/>.</param>
internal sealed record SwapRequest(byte[] Picture, byte[] Reference, string Parts) : TransferRequest(Picture)
{
    public static string[] AllParts { get; } = ["body", "upper", "lower"];

    public override int Count => 1;
}

/// <summary>The person is seen from other sides.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Angles">By how much the person is turned, degrees.</param>
internal sealed record ViewRequest(byte[] Picture, IReadOnlyList<float> Angles) : TransferRequest(Picture)
{
    private const int TurnMilliseconds = 3200;

    public override int Count => Angles.Count;

    public override int FrameMilliseconds => TurnMilliseconds / Angles.Count;
}
