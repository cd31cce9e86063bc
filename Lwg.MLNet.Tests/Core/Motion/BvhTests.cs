using System.Globalization;
using System.Numerics;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Motion;

/// <summary>Writes our own motions as BVH with skeletons of other names, sizes and rest poses, and reads them again.</summary>
[TestClass]
public class BvhTests
{
    private const int Frames = 10;

    private static readonly string[] s_mixamo =
        ["Hips", "LeftUpLeg", "RightUpLeg", "Spine", "LeftLeg", "RightLeg", "Spine1", "LeftFoot", "RightFoot", "Spine2", "LeftToeBase",
            "RightToeBase", "Neck", "LeftShoulder", "RightShoulder", "Head", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm",
            "LeftHand", "RightHand", "LeftHandIndex1", "RightHandIndex1"];
    private static readonly string[] s_poser =
        ["hip", "lThigh", "rThigh", "abdomen", "lShin", "rShin", "waist", "lFoot", "rFoot", "chest", "lToe", "rToe", "neck", "lCollar",
            "rCollar", "head", "lShldr", "rShldr", "lForeArm", "rForeArm", "lHand", "rHand", "lMid1", "rMid1"];
    private static readonly string[] s_unreal =
        ["pelvis", "thigh_l", "thigh_r", "spine_01", "calf_l", "calf_r", "spine_02", "foot_l", "foot_r", "spine_03", "ball_l", "ball_r",
            "neck_01", "clavicle_l", "clavicle_r", "head", "upperarm_l", "upperarm_r", "lowerarm_l", "lowerarm_r", "hand_l", "hand_r",
            "middle_01_l", "middle_01_r"];

    // The limbs, whose bones must point in the same direction.
    private static readonly (int From, int To)[] s_limbs = [(1, 4), (4, 7), (2, 5), (5, 8), (16, 18), (18, 20), (17, 19), (19, 21)];

    [TestMethod]
    [DataRow("mixamo", "ZXY", 1f, "T")]
    [DataRow("mixamo", "YXZ", 100f, "T")]
    [DataRow("mixamo:", "ZYX", 39.37f, "A")]
    [DataRow("poser", "XYZ", 100f, "A")]
    [DataRow("unreal", "ZXY", 100f, "down")]
    [DataRow("mixamo", "ZXY", 100f, "up")]
    [DataRow("mixamo", "ZXY", 100f, "turned")]
    public void BonesPointWhereTheFilesBonesPoint(string names, string order, float unit, string rest)
    {
        foreach (string motion in (string[])["walk", "dance"])
        {
            MotionClip own = MotionClip.Load(motion);
            MotionClip read = Load(Bvh(own, Names(names), order, unit, rest));
            StringAssert.Contains(read.Format, "BVH (24 joints)");
            Assert.AreEqual((Frames, own.FramesPerSecond), (read.FrameCount, MathF.Round(read.FramesPerSecond, 2)));
            for (int f = 0; f < Frames; f++)
            {
                Vector3[] expected = Joints(own, f), actual = Joints(read, f);
                foreach ((int from, int to) in s_limbs)
                    Assert.IsGreaterThan(0.9998f, Vector3.Dot(Vector3.Normalize(expected[to] - expected[from]),
                        Vector3.Normalize(actual[to] - actual[from])),
                        $"{motion}, frame {f}, {Skeleton.JointNames[from]} to {Skeleton.JointNames[to]}");
                for (int j = 0; j < 22; j++)
                    Assert.IsLessThan(0.03f, Vector3.Distance(expected[j] - expected[0], actual[j] - actual[0]),
                        $"{motion}, frame {f}, {Skeleton.JointNames[j]}: metres");
                Assert.IsLessThan(0.01f, Vector3.Distance(new Vector3(own.Translation(f)) - new Vector3(own.Translation(0)),
                    new Vector3(read.Translation(f))), $"{motion}, frame {f}: the way, metres");
            }
        }
    }

    [TestMethod]
    public void CmusSkeletonHasJointsOfItsOwn()
    {
        // LHipJoint and LowerBack are in between, and the neck has two joints.
        string text = Bvh(MotionClip.Load("walk"), s_mixamo, "ZYX", 17.8f, "T")
            .Replace("JOINT LeftUpLeg\n{\nOFFSET",
            "JOINT LHipJoint\n{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Yrotation Xrotation\nJOINT LeftUpLeg\n{\nOFFSET",
            StringComparison.Ordinal);
        Assert.Contains("LHipJoint", text);
        // Its closing bracket, and zeros for its channels in every frame.
        int end = text.IndexOf("JOINT RightUpLeg", StringComparison.Ordinal);
        text = text[..end] + "}\n" + text[end..];
        string[] lines = text.TrimEnd().Split('\n');
        for (int i = lines.Length - Frames; i < lines.Length; i++)
            lines[i] = string.Join(' ', lines[i].Split(' ').Take(6).Concat(["0", "0", "0"]).Concat(lines[i].Split(' ').Skip(6)));
        MotionClip read = Load(string.Join('\n', lines)), own = MotionClip.Load("walk");
        for (int j = 0; j < 22; j++)
            Assert.IsLessThan(0.03f, Vector3.Distance(Joints(own, 7)[j] - Joints(own, 7)[0], Joints(read, 7)[j] - Joints(read, 7)[0]),
                Skeleton.JointNames[j]);
    }

    [TestMethod]
    public void OtherNamesComeFromAFile()
    {
        string[] numbered = [.. Enumerable.Range(0, 24).Select(i => $"Bone {i:00}")];
        string bvh = Bvh(MotionClip.Load("walk"), numbered, "ZXY", 1, "T");
        string message = Assert.ThrowsExactly<ModelFileException>(() => Load(bvh)).Message;
        StringAssert.Contains(message, "known as pelvis");
        StringAssert.Contains(message, "Bone 01");
        using var folder = new TemporaryFolder();
        string map = folder.Write("map.json",
            [.. Encoding.UTF8.GetPreamble(),
                .. Encoding.UTF8.GetBytes("{"
                    + string.Join(',', Enumerable.Range(0, 22).Select(
                        i => $"\"{Skeleton.JointNames[i].Replace(' ', '_')}\":\"{numbered[i]}\"")) + "}")]);
        MotionClip read = Load(bvh, new MotionReadOptions { JointNames = map }), own = MotionClip.Load("walk");
        for (int j = 0; j < 22; j++)
            Assert.IsLessThan(0.03f, Vector3.Distance(Joints(own, 5)[j] - Joints(own, 5)[0], Joints(read, 5)[j] - Joints(read, 5)[0]),
                Skeleton.JointNames[j]);
        string wrong = folder.Write("wrong.json", "{\"left_wing\":\"Bone 01\"}"u8.ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            Load(bvh, new MotionReadOptions { JointNames = wrong })).Message, "left_hip");
    }

    [TestMethod]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\nEnd "
        + "Site\n{\nOFFSET 0 10 0\n}\n}\nMOTION\nFrames: 1\nFrame Time: 0.0333333\n0 0 0 0 0 0\n", "known as left hip")]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 x 0\n", "line 4 of the BVH: 'x' is not a number")]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 1 Wrotation\n}\n", "the channel 'WROTATION'")]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\n}\nMOTION\nFrames: 900000000\n", "a number from 1 to 1000000")]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Xrotation Yrotation Zrotation\n}\nMOTION\nFrames: 1000\nFrame Time: "
        + ".1\n1 2 3\n", "more than the file can contain")]
    [DataRow("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\n", "ends too early")]
    public void ErrorsAreReported(string text, string reason) =>
    StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => Load(text)).Message, reason);

    private static string[] Names(string kind) => kind switch
    {
        "poser" => s_poser,
        "unreal" => s_unreal,
        "mixamo:" => [.. s_mixamo.Select(n => "mixamorig:" + n)],
        _ => s_mixamo,
    };

    private static MotionClip Load(string text, MotionReadOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        return MotionClip.Load(folder.Write("m.bvh", Encoding.UTF8.GetBytes(text)), options ?? new MotionReadOptions());
    }

    private static Vector3[] Joints(MotionClip clip, int frame)
    {
        var positions = new Vector3[24];
        RestSkeleton.Pose(clip.Pose(frame), Vector3.Zero, positions, new Quaternion[24]);
        return positions;
    }

    // Writes a motion over a skeleton whose joints are turned at rest: each joint's turn is removed from its children's offsets, and from
    // the motion.
    private static string Bvh(MotionClip clip, string[] names, string order, float unit, string rest)
    {
        Quaternion[] restTurns = [.. Enumerable.Range(0, 24).Select(j => Rest(j, rest))], world = new Quaternion[24];
        var text = new StringBuilder("HIERARCHY\n");
        Joint(0);
        text.Append(CultureInfo.InvariantCulture, $"MOTION\nFrames: {Frames}\nFrame Time: {1 / clip.FramesPerSecond}\n");
        var positions = new Vector3[24];
        for (int f = 0; f < Frames; f++)
        {
            RestSkeleton.Pose(clip.Pose(f), new Vector3(clip.Translation(f)), positions, world);
            var line = new List<float> { positions[0].X * unit, positions[0].Y * unit, positions[0].Z * unit };
            foreach (int j in Order(0))
            {
                // The file's bones at rest are ours, turned.
                Quaternion own = world[j] * Quaternion.Inverse(restTurns[j]), parent = j == 0 ? Quaternion.Identity
                    : world[Skeleton.Parents[j]] * Quaternion.Inverse(restTurns[Skeleton.Parents[j]]);
                line.AddRange(Angles(Quaternion.Inverse(parent) * own, order));
            }
            text.AppendJoin(' ', line.Select(v => v.ToString("0.######", CultureInfo.InvariantCulture))).Append('\n');
        }
        return text.ToString();

        void Joint(int j)
        {
            Vector3 offset = j == 0 ? Vector3.Zero : Vector3.Transform(RestSkeleton.Bone(j), restTurns[Skeleton.Parents[j]]) * unit;
            text.Append(CultureInfo.InvariantCulture,
                $"{(j == 0 ? "ROOT" : "JOINT")} {names[j]}\n{{\nOFFSET {offset.X} {offset.Y} {offset.Z}\n");
            string rotations = string.Join(' ', order.Select(axis => $"{axis}rotation"));
            text.Append(CultureInfo.InvariantCulture, $"CHANNELS {(j == 0 ? "6 Xposition Yposition Zposition" : "3")} {rotations}\n");
            int[] children = [.. Children(j)];
            foreach (int child in children)
                Joint(child);
            if (children.Length == 0)
                text.Append("End Site\n{\nOFFSET 0 0 0.01\n}\n");
            text.Append("}\n");
        }

        static IEnumerable<int> Children(int j) => Enumerable.Range(1, 23).Where(c => Skeleton.Parents[c] == j);

        static IEnumerable<int> Order(int j) => Children(j).SelectMany(Order).Prepend(j);
    }

    // Returns the rotation of our T-pose's bones to another rest pose: arms hanging, arms up, or everything reversed.
    private static Quaternion Rest(int joint, string rest)
    {
        bool left = joint is 16 or 18 or 20 or 22, right = joint is 17 or 19 or 21 or 23;
        float angle = rest switch { "A" => 45, "down" => 85, "up" => -80, _ => 0 } * MathF.PI / 180;
        if (rest == "turned")
            return Quaternion.CreateFromAxisAngle(Vector3.UnitY, 2);
        return left ? Quaternion.CreateFromAxisAngle(Vector3.UnitZ, -angle) : right ? Quaternion.CreateFromAxisAngle(Vector3.UnitZ, angle)
            : Quaternion.Identity;
    }

    // Converts to degrees about three axes, each turned by those before: R = R1 R2 R3.
    private static float[] Angles(Quaternion q, string order)
    {
        Vector3 Axis(char c) => c == 'X' ? Vector3.UnitX : c == 'Y' ? Vector3.UnitY : Vector3.UnitZ;
        (Vector3 e1, Vector3 e2, Vector3 e3) = (Axis(order[0]), Axis(order[1]), Axis(order[2]));
        float sign = Vector3.Dot(Vector3.Cross(e1, e2), e3);
        Vector3 third = Vector3.Transform(e3, q);
        float b = MathF.Asin(Math.Clamp(sign * Vector3.Dot(third, e1), -1, 1));
        float a = MathF.Atan2(-sign * Vector3.Dot(third, e2), Vector3.Dot(third, e3));
        Quaternion left = Quaternion.Inverse(Quaternion.CreateFromAxisAngle(e1, a) * Quaternion.CreateFromAxisAngle(e2, b)) * q;
        float c = 2 * MathF.Atan2(Vector3.Dot(new Vector3(left.X, left.Y, left.Z), e3), left.W);
        return [a * 180 / MathF.PI, b * 180 / MathF.PI, c * 180 / MathF.PI];
    }
}
