using System.Text.Json;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Bvh;

/// <summary>Maps the joints of a BVH skeleton to those of SMPL: by the names of CMU, Mixamo, Unreal, Poser and others, by names from the
/// user, and by the tree.</summary>
internal sealed class BvhNames
{
    private const long LargestFile = 1 << 20;

    // The names of a limb's joint without its side; the first name of a list that exists is used.
    private static readonly (int Left, string[] Names)[] s_limbs =
    [
        (Skeleton.LeftHip, ["upleg", "upperleg", "thigh", "femur", "hip"]),
        (Skeleton.LeftKnee, ["lowleg", "lowerleg", "shin", "calf", "knee", "tibia", "leg"]),
        (Skeleton.LeftAnkle, ["foot", "ankle"]),
        (Skeleton.LeftFoot, ["toebase", "toe", "toes", "ball", "toe0"]),
        (Skeleton.LeftCollar, ["collar", "clavicle", "shoulder"]),
        (Skeleton.LeftShoulder, ["uparm", "upperarm", "arm", "shldr", "humerus", "shoulder"]),
        (Skeleton.LeftElbow, ["forearm", "lowarm", "lowerarm", "elbow", "radius"]),
        (Skeleton.LeftWrist, ["hand", "wrist"]),
    ];

    private static readonly string[] s_needed =
        ["pelvis", "left hip", "right hip", "left knee", "right knee", "left shoulder", "right shoulder", "left elbow", "right elbow"];

    private readonly Dictionary<int, string> _own;

    private BvhNames(Dictionary<int, string> own) => _own = own;

    /// <summary>Reads the names from the user; the usual names apply to the other joints.</summary>
    /// <param name="path">A JSON object from SMPL joint names to names of the file; null for none.</param>
    public static BvhNames Load(string? path)
    {
        var own = new Dictionary<int, string>();
        if (path is null)
            return new BvhNames(own);
        try
        {
            using JsonDocument json = OutsideJson.Parse(BoundedFile.ReadOrEmpty(path, LargestFile));
            foreach (JsonProperty entry in json.RootElement.EnumerateObject())
            {
                int joint = IndexOf(entry.Name);
                if (joint < 0)
                    throw new ModelFileException(path, entry.Name,
                        $"it is not a joint name; those are {string.Join(", ", Skeleton.JointNames.Select(n => n.Replace(' ', '_')))}.");
                own[joint] = entry.Value.GetString() ?? throw new ModelFileException(path, entry.Name, "it has no joint name.");
            }
            return new BvhNames(own);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFileException(path, null, "it is not a JSON object of joint names: " + e.Message, e);
        }
    }

    /// <summary>Returns, for each SMPL joint, the index of the joint in the skeleton; -1 if there is none.</summary>
    /// <exception cref="ModelFileException">A required joint is missing.</exception>
    public int[] Find(BvhFile file, string source)
    {
        int[] found = [.. Enumerable.Repeat(-1, Skeleton.JointCount)];
        Dictionary<string, int> plain = [];
        for (int j = 0; j < file.Joints.Count; j++)
        {
            if (!file.Joints[j].IsEnd)
                plain.TryAdd(Plain(file.Joints[j].Name), j);
        }
        foreach ((int left, string[] names) in s_limbs)
        {
            found[left] = Limb(plain, names, isLeft: true);
            found[Skeleton.MirrorJoints[left]] = Limb(plain, names, isLeft: false);
        }
        // 'Shoulder' is the collar if there is also an arm.
        foreach ((int collar, int shoulder) in (ReadOnlySpan<(int, int)>)[(Skeleton.LeftCollar, Skeleton.LeftShoulder),
            (Skeleton.RightCollar, Skeleton.RightShoulder)])
        {
            if (found[collar] == found[shoulder])
                found[collar] = -1;
        }
        found[Skeleton.Neck] = First(plain, ["neck", "neck01", "neck1", "lowerneck", "necklower"]);
        found[Skeleton.Head] = First(plain, ["head"]);
        found[0] = First(plain, ["hips", "pelvis", "hip", "root"]);
        if (found[Skeleton.LeftHip] >= 0 && found[Skeleton.RightHip] >= 0)
            found[0] = CommonAncestor(file, found[Skeleton.LeftHip], found[Skeleton.RightHip], found[0]);
        UseOwn(file, found, source);
        Trunk(file, found);
        foreach (string needed in s_needed)
        {
            if (found[IndexOf(needed)] < 0)
                throw new ModelFileException(source, null,
                    $"no joint of its skeleton is known as {needed}; it has "
                    + $"{Listing.Of([.. file.Joints.Where(j => !j.IsEnd).Select(j => j.Name)])}. A JSON file can give the names "
                    + $"({needed.Replace(' ', '_')}: name).");
        }
        return found;
    }

    private void UseOwn(BvhFile file, int[] found, string source)
    {
        foreach ((int joint, string name) in _own)
        {
            found[joint] = file.Joints.ToList().FindIndex(j => !j.IsEnd && j.Name == name);
            if (found[joint] < 0)
                throw new ModelFileException(source, name,
                    $"there is no such joint, which was given for {Skeleton.JointNames[joint]}; it has "
                    + $"{Listing.Of([.. file.Joints.Where(j => !j.IsEnd).Select(j => j.Name)])}.");
        }
    }

    // The spine consists of the joints between pelvis and neck (or the arms), of any number.
    private void Trunk(BvhFile file, int[] found)
    {
        int top = found[Skeleton.Neck] >= 0 ? found[Skeleton.Neck] : found[Skeleton.LeftCollar] >= 0 ? found[Skeleton.LeftCollar]
            : found[Skeleton.LeftShoulder];
        if (top < 0 || found[0] < 0)
            return;
        var spine = new List<int>();
        for (int j = file.Joints[top].Parent; j >= 0 && j != found[0]; j = file.Joints[j].Parent)
            spine.Insert(0, j);
        (int lower, int middle, int upper) = spine.Count switch { 0 => (-1, -1, -1), 1 => (-1, spine[0], -1), 2 =>
            (spine[0], -1, spine[1]), _ => (spine[0], spine[spine.Count / 2], spine[^1]) };
        foreach ((int joint, int place) in (ReadOnlySpan<(int, int)>)[(Skeleton.Spine1, lower), (Skeleton.Spine2, middle),
            (Skeleton.Spine3, upper)])
        {
            if (!_own.ContainsKey(joint))
                found[joint] = place;
        }
    }

    // Both legs are attached to the pelvis, regardless of its name. A joint of zero length in between is ignored.
    private static int CommonAncestor(BvhFile file, int left, int right, int named)
    {
        var ofLeft = new HashSet<int>();
        for (int j = file.Joints[left].Parent; j >= 0; j = file.Joints[j].Parent)
            ofLeft.Add(j);
        if (named >= 0 && ofLeft.Contains(named) && file.Joints[named].Name.Contains("root", StringComparison.OrdinalIgnoreCase) == false)
            return named;
        for (int j = file.Joints[right].Parent; j >= 0; j = file.Joints[j].Parent)
        {
            if (ofLeft.Contains(j))
                return j;
        }
        return named;
    }

    private static int Limb(Dictionary<string, int> plain, string[] names, bool isLeft)
    {
        (string word, string letter) = isLeft ? ("left", "l") : ("right", "r");
        foreach (string name in names)
        {
            foreach (string full in (ReadOnlySpan<string>)[word + name, name + word, letter + name, name + letter])
            {
                if (plain.TryGetValue(full, out int joint))
                    return joint;
            }
        }
        return -1;
    }

    private static int First(Dictionary<string, int> plain, string[] names)
    {
        foreach (string name in names)
        {
            if (plain.TryGetValue(name, out int joint))
                return joint;
        }
        return -1;
    }

    // Normalises 'mixamorig:LeftUpLeg', 'mixamorig_LeftUpLeg', 'Bip01 L Thigh', 'thigh_l', 'left.thigh'.
    private static string Plain(string name)
    {
        string last = name[(name.LastIndexOfAny([':', '|']) + 1)..];
        string plain = string.Concat(last.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        foreach (string prefix in (string[])["mixamorig1", "mixamorig", "bip001", "bip01", "bip1", "valvebiped", "character1", "jbip",
            "def", "cc_base", "ccbase"])
        {
            if (plain.StartsWith(prefix, StringComparison.Ordinal) && plain.Length > prefix.Length)
                return plain[prefix.Length..];
        }
        return plain;
    }

    private static int IndexOf(string name)
    {
        string wanted = string.Concat(name.Where(char.IsLetterOrDigit));
        return Skeleton.JointNames.ToList()
            .FindIndex(n => n.Replace(" ", "", StringComparison.Ordinal).Equals(wanted, StringComparison.OrdinalIgnoreCase));
    }
}
