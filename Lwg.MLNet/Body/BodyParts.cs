using System.Text.RegularExpressions;

namespace Lwg.MLNet.Body;

/// <summary>Assigns faces to the ten parts for a body without parts.</summary>
internal static partial class BodyParts
{
    // The part moved by each joint, in the order of Skeleton.JointNames.
    private static readonly BodyPart[] s_partOfJoint =
    [
        BodyPart.Torso, BodyPart.LeftLeg, BodyPart.RightLeg, BodyPart.Torso, BodyPart.LeftLeg, BodyPart.RightLeg, BodyPart.Torso,
        BodyPart.LeftFoot, BodyPart.RightFoot, BodyPart.Torso,
        BodyPart.LeftFoot, BodyPart.RightFoot, BodyPart.Head, BodyPart.Torso, BodyPart.Torso, BodyPart.Head, BodyPart.LeftArm,
        BodyPart.RightArm,
        BodyPart.LeftArm, BodyPart.RightArm, BodyPart.LeftHand, BodyPart.RightHand, BodyPart.LeftHand, BodyPart.RightHand,
    ];

    private static readonly Dictionary<string,
        string> s_sides = new(StringComparer.OrdinalIgnoreCase) { ["left"] = "Left", ["l"] = "Left", ["right"] = "Right", ["r"] = "Right" };

    /// <summary>Assigns each face to the part whose joints move it most: the skinning weights of its three corners are summed per part.
    /// Ties go to the first part.</summary>
    /// <returns>A <see cref="BodyPart"/> per face.</returns>
    public static int[] FromSkinning(BodyModelData data)
    {
        int faces = data.Faces.Length / 3;
        int[] parts = new int[faces];
        Span<float> sums = stackalloc float[Enum.GetValues<BodyPart>().Length];
        for (int f = 0; f < faces; f++)
        {
            sums.Clear();
            for (int k = 0; k < 3; k++)
            {
                ReadOnlySpan<float> weights = data.SkinningWeights.AsSpan(data.Faces[3 * f + k] * Skeleton.JointCount, Skeleton.JointCount);
                for (int j = 0; j < Skeleton.JointCount; j++)
                    sums[(int)s_partOfJoint[j]] += weights[j];
            }
            for (int p = 1; p < sums.Length; p++)
            {
                if (sums[p] > sums[parts[f]])
                    parts[f] = p;
            }
        }
        return parts;
    }

    /// <summary>
    /// Assigns each face to a part by the published list: part -> {"face": [...]}, ten parts in any order, identified by their names
    /// (00_head, 02_left_leg, arm_r...). If no name is recognised, the parts are in the ordinal order of the names, as in the published
    /// list.
    /// </summary>
    /// <exception cref="ModelFileException">The file is not such a list, a name is not a part or denotes the same part as another, or a
    /// face belongs to no part.</exception>
    public static int[] FromList(string path, int faceCount)
    {
        (string[] names, int[] part) = BodySurface.ReadParts(path, faceCount);
        if (names.Length == Enum.GetValues<BodyPart>().Length && !names.Any(n => Meant(n) is not null))
            return part;
        var meant = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            meant[i] = Meant(names[i]) is { } known ? (int)known
                : throw new ModelFileException(path, names[i],
                $"the name is not one of the ten parts: {string.Join(", ", Enum.GetNames<BodyPart>())}.");
            if (Array.IndexOf(meant, meant[i]) is var first && first < i)
                throw new ModelFileException(path, names[i], $"it is the same part as '{names[first]}'.");
        }
        return [.. part.Select(p => meant[p])];
    }

    private static BodyPart? Meant(string name)
    {
        string[] words = [.. Words().Matches(name).Select(w => w.Value)];
        string? side = words.Select(w => s_sides.GetValueOrDefault(w)).FirstOrDefault(s => s is not null);
        string rest = string.Concat(words.Where(w => !s_sides.ContainsKey(w)));
        return Enum.TryParse(side + rest, ignoreCase: true, out BodyPart part) && rest.Length > 0 ? part : null;
    }

    // left_leg, LeftLeg, leftLeg, leg_l: a word is a run of letters of one case, optionally after a capital.
    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+")]
    private static partial Regex Words();
}
