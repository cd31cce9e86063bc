using System.Globalization;
using System.Numerics;
using System.Text;

namespace Lwg.MLNet.Motion.Bvh;

/// <summary>A channel of a joint.</summary>
internal enum BvhChannel { X, Y, Z, RotationX, RotationY, RotationZ }

/// <summary>A joint of a BVH skeleton.</summary>
/// <param name="Name">The name.</param>
/// <param name="Parent">The index of the parent; -1 for the root.</param>
/// <param name="Offset">The position relative to the parent at rest.</param>
/// <param name="Channels">The channels, in the order of their values.</param>
/// <param name="IsEnd">Whether the joint is the end of a limb, which has no name.</param>
internal sealed record BvhJoint(string Name, int Parent, Vector3 Offset, BvhChannel[] Channels, bool IsEnd);

/// <summary>A BVH file: a skeleton and its motion.</summary>
internal sealed class BvhFile
{
    private const long LargestFile = 512 << 20;
    private const int MostJoints = 2000, LongestToken = 1000;
    private const float Largest = 1e7f;

    private readonly float[] _values;

    private BvhFile(List<BvhJoint> joints, float frameTime, int frameCount, float[] values) =>
        (Joints, FrameTime, FrameCount, _values) = (joints, frameTime, frameCount, values);

    /// <summary>The joints, parents first, with the ends of limbs.</summary>
    public IReadOnlyList<BvhJoint> Joints { get; }

    /// <summary>The time between two frames, seconds.</summary>
    public float FrameTime { get; }

    /// <summary>The number of frames.</summary>
    public int FrameCount { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFileException">The file is damaged or too large.</exception>
    public static BvhFile Read(Stream stream, string source)
    {
        if (stream.Length > LargestFile)
            throw new ModelFileException(source, null, $"it has {stream.Length} bytes; BVH files have at most {LargestFile}.");
        using var text = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        return new Parser(text, source, stream.Length).Read();
    }

    /// <summary>Computes the positions and rotations of the joints in a frame, or at rest.</summary>
    /// <param name="frame">The frame; -1 for rest.</param>
    /// <param name="positions">Receives the positions [joints].</param>
    /// <param name="rotations">Receives the rotations [joints].</param>
    public void Pose(int frame, Span<Vector3> positions, Span<Quaternion> rotations)
    {
        int at = frame < 0 ? 0 : frame * (_values.Length / FrameCount);
        for (int j = 0; j < Joints.Count; j++)
        {
            BvhJoint joint = Joints[j];
            (Vector3 place, Quaternion turn) = (joint.Offset, Quaternion.Identity);
            if (frame >= 0)
                (place, turn) = Local(joint, ref at);
            positions[j] = joint.Parent < 0 ? place : positions[joint.Parent] + Vector3.Transform(place, rotations[joint.Parent]);
            rotations[j] = joint.Parent < 0 ? turn : Quaternion.Normalize(rotations[joint.Parent] * turn);
        }
    }

    // Rotations are applied in the order of the channels, each about the axes rotated by those before. Position channels replace the
    // offset.
    private (Vector3 Place, Quaternion Turn) Local(BvhJoint joint, ref int at)
    {
        (Vector3 place, Quaternion turn) = (joint.Offset, Quaternion.Identity);
        foreach (BvhChannel channel in joint.Channels)
        {
            float value = _values[at++], angle = value * MathF.PI / 180;
            switch (channel)
            {
                case BvhChannel.X:
                    place.X = value;
                    break;
                case BvhChannel.Y:
                    place.Y = value;
                    break;
                case BvhChannel.Z:
                    place.Z = value;
                    break;
                default:
                    Vector3 axis = channel == BvhChannel.RotationX ? Vector3.UnitX : channel == BvhChannel.RotationY ? Vector3.UnitY
                        : Vector3.UnitZ;
                    turn *= Quaternion.CreateFromAxisAngle(axis, angle);
                    break;
            }
        }
        return (place, turn);
    }

    private sealed class Parser(TextReader text, string source, long length)
    {
        private readonly List<BvhJoint> _joints = [];
        private readonly StringBuilder _token = new();
        private int _line = 1;

        public BvhFile Read()
        {
            Expect("HIERARCHY");
            Expect("ROOT");
            Joint();
            Expect("MOTION");
            Expect("Frames:");
            int frames = (int)Number(1, MotionFile.MaxFrames);
            Expect("Frame");
            Expect("Time:");
            float time = Number(1e-3f, 1000);
            long count = (long)frames * _joints.Sum(j => j.Channels.Length);
            // Each value takes at least two characters.
            if (count > length / 2 + 1)
                throw Bad($"it claims {frames} frames of {_joints.Sum(j => j.Channels.Length)} values, more than the file can contain");
            float[] values = new float[count];
            for (int i = 0; i < values.Length; i++)
                values[i] = Number(-Largest, Largest);
            return new BvhFile(_joints, time, frames, values);
        }

        // Iterative, so that a deep skeleton does not overflow the stack.
        private void Joint()
        {
            var open = new Stack<int>();
            Begin(Name(), -1, isEnd: false, open);
            while (open.Count > 0)
            {
                string word = Token();
                if (word == "}")
                    open.Pop();
                else if (Is(word, "JOINT"))
                    Begin(Name(), open.Peek(), isEnd: false, open);
                else if (Is(word, "End"))
                {
                    Expect("Site");
                    Begin(_joints[open.Peek()].Name + " end", open.Peek(), isEnd: true, open);
                }
                else if (Is(word, "OFFSET"))
                    _joints[open.Peek()] = _joints[open.Peek()] with { Offset =
                        new Vector3(Number(-Largest, Largest), Number(-Largest, Largest), Number(-Largest, Largest)) };
                else if (Is(word, "CHANNELS"))
                    _joints[open.Peek()] = _joints[open.Peek()] with { Channels =
                        [.. Enumerable.Range(0, (int)Number(0, 6)).Select(_ => Channel())] };
                else
                    throw Bad($"'{word}' is not JOINT, End Site, OFFSET, CHANNELS or a bracket");
            }
        }

        private void Begin(string name, int parent, bool isEnd, Stack<int> open)
        {
            if (_joints.Count == MostJoints)
                throw Bad($"it has more than {MostJoints} joints");
            if (!isEnd && _joints.Any(j => !j.IsEnd && j.Name == name))
                throw Bad($"there are two joints '{name}'");
            _joints.Add(new BvhJoint(name, parent, Vector3.Zero, [], isEnd));
            open.Push(_joints.Count - 1);
            Expect("{");
        }

        // The name of a joint may contain spaces; it ends at the end of the line or at the bracket.
        private string Name()
        {
            var name = new StringBuilder();
            for (int c; (c = text.Peek()) >= 0 && c is not ('\n' or '\r' or '{');)
            {
                name.Append((char)text.Read());
                if (name.Length > LongestToken)
                    throw Bad("the name of a joint is too long");
            }
            return name.ToString().Trim() is { Length: > 0 } given ? given : throw Bad("a joint has no name");
        }

        private BvhChannel Channel() => Token().ToUpperInvariant() switch
        {
            "XPOSITION" => BvhChannel.X,
            "YPOSITION" => BvhChannel.Y,
            "ZPOSITION" => BvhChannel.Z,
            "XROTATION" => BvhChannel.RotationX,
            "YROTATION" => BvhChannel.RotationY,
            "ZROTATION" => BvhChannel.RotationZ,
            var other => throw Bad($"the channel '{other}' is not known; positions and rotations about X, Y and Z are"),
        };

        private float Number(float least, float most)
        {
            string word = Token();
            return float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && value >= least
                && value <= most
                ? value : throw Bad($"'{word}' is not a number from {least} to {most} inclusive");
        }

        private void Expect(string word)
        {
            if (Token() is var found && !Is(found, word))
                throw Bad($"'{found}' was found where '{word}' is expected");
        }

        private static bool Is(string word, string expected) => word.Equals(expected, StringComparison.OrdinalIgnoreCase);

        private string Token()
        {
            int c;
            while ((c = text.Read()) >= 0 && char.IsWhiteSpace((char)c))
                _line += c == '\n' ? 1 : 0;
            if (c < 0)
                throw Bad("the file ends too early");
            _token.Clear().Append((char)c);
            while (c is not ('{' or '}') && (c = text.Peek()) >= 0 && !char.IsWhiteSpace((char)c) && c is not ('{' or '}'))
            {
                _token.Append((char)text.Read());
                if (_token.Length > LongestToken)
                    throw Bad("a word is too long");
            }
            return _token.ToString();
        }

        private ModelFileException Bad(string reason) => new(source, null, $"line {_line} of the BVH: {reason}.");
    }
}
