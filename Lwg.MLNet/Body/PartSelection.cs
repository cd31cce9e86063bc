namespace Lwg.MLNet.Body;

/// <summary>Selects parts of a body by name: single parts, and groups that are valid for every body with the ten parts.</summary>
internal static class PartSelection
{
    /// <summary>The head.</summary>
    public const string Head = "head";

    /// <summary>All parts but the head.</summary>
    public const string Body = "body";

    /// <summary>All parts.</summary>
    public const string All = "all";

    private static readonly Dictionary<string, BodyPart[]> s_groups = new(StringComparer.OrdinalIgnoreCase)
    {
        [Head] = [BodyPart.Head],
        ["torso"] = [BodyPart.Torso],
        ["arms"] = [BodyPart.LeftArm, BodyPart.RightArm],
        ["legs"] = [BodyPart.LeftLeg, BodyPart.RightLeg],
        ["hands"] = [BodyPart.LeftHand, BodyPart.RightHand],
        ["feet"] = [BodyPart.LeftFoot, BodyPart.RightFoot],
        ["upper"] = [BodyPart.Torso, BodyPart.LeftArm, BodyPart.RightArm, BodyPart.LeftHand, BodyPart.RightHand],
        ["lower"] = [BodyPart.LeftLeg, BodyPart.RightLeg, BodyPart.LeftFoot, BodyPart.RightFoot],
        [Body] = [.. Enum.GetValues<BodyPart>().Where(p => p != BodyPart.Head)],
        [All] = Enum.GetValues<BodyPart>(),
    };

    /// <summary>The names of the groups: head, torso, arms, legs, hands, feet, upper, lower, body, all.</summary>
    public static IReadOnlyCollection<string> Groups => s_groups.Keys;

    /// <summary>Marks the faces of the named parts.</summary>
    /// <param name="surface">The body's surface.</param>
    /// <param name="names">Names of groups, or of parts of the body; case-insensitive, at least one.</param>
    /// <returns>A flag per face [F].</returns>
    /// <exception cref="BodyMismatchException">The body has no such part, or no parts.</exception>
    public static bool[] Faces(BodySurface surface, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(surface);
        ArgumentNullException.ThrowIfNull(names);
        var wanted = new HashSet<int>();
        foreach (string name in names)
        {
            if (!s_groups.TryGetValue(name, out BodyPart[]? group))
                wanted.Add(surface.HasParts && !surface.PartNames.Contains(name, StringComparer.OrdinalIgnoreCase)
                    ? throw Unknown(surface, name) : surface.PartIndex(name));
            else if (surface.HasParts && group.Max(p => (int)p) >= surface.PartNames.Count)
                throw Unknown(surface, name);
            else
                wanted.UnionWith(group.Select(p => (int)p));
        }
        if (wanted.Count == 0)
            throw new ArgumentException($"At least one part must be named: {string.Join(", ", Groups)}.", nameof(names));
        return [.. surface.Part.ToArray().Select(wanted.Contains)];
    }

    private static BodyMismatchException Unknown(BodySurface surface, string name) =>
        new($"This body has no part '{name}'; it has {string.Join(", ", surface.PartNames)}, and the groups are "
        + $"{string.Join(", ", Groups)}.");
}
