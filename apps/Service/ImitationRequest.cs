using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Service;

/// <summary>What a client asks for, checked.</summary>
/// <param name="Picture">The photograph's file.</param>
/// <param name="Reference">The file of the photograph whose pose to imitate; null for a motion.</param>
/// <param name="Motion">The motion; null for a reference.</param>
/// <param name="Frames">The motion's frames that are wanted, in their order.</param>
internal sealed record ImitationRequest(byte[] Picture, byte[]? Reference, MotionClip? Motion, IReadOnlyList<int> Frames);
