using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>The charts of the texture atlas; the right ones follow the left ones in the same order.</summary>
internal enum Chart
{
    Head,
    TorsoFront,
    TorsoBack,
    LeftLeg,
    LeftArm,
    LeftFoot,
    LeftHandBack,
    LeftPalm,
    RightLeg,
    RightArm,
    RightFoot,
    RightHandBack,
    RightPalm,
}

/// <summary>Assigns each face to a chart; every chart is connected and nowhere pinched to a point.</summary>
internal static class ChartLabels
{
    private const int MaximumRounds = 60;

    /// <summary>Returns the chart of each face; left and right mirror each other.</summary>
    /// <exception cref="InvalidOperationException">The assignment does not converge.</exception>
    public static Chart[] Assign(SculptedSurface surface)
    {
        int half = surface.FaceCount / 2;
        var labels = new Chart[surface.FaceCount];
        for (int f = 0; f < half; f++)
            labels[f] = At(surface.Centroid(f));
        MirrorHalf(labels);
        int[][] across = FacesAcross(surface);
        for (int round = 0; round < MaximumRounds; round++)
        {
            if (!Smooth(labels, across, half) && !JoinPieces(labels, across, half) && !OpenPinches(surface, labels, across, half))
                return labels;
        }
        throw new InvalidOperationException("The charts of the texture atlas do not converge.");
    }

    /// <summary>Returns the body part of a chart.</summary>
    public static BodyPart PartOf(Chart chart) => chart switch
    {
        Chart.Head => BodyPart.Head,
        Chart.TorsoFront or Chart.TorsoBack => BodyPart.Torso,
        Chart.LeftLeg => BodyPart.LeftLeg,
        Chart.RightLeg => BodyPart.RightLeg,
        Chart.LeftArm => BodyPart.LeftArm,
        Chart.RightArm => BodyPart.RightArm,
        Chart.LeftFoot => BodyPart.LeftFoot,
        Chart.RightFoot => BodyPart.RightFoot,
        Chart.LeftHandBack or Chart.LeftPalm => BodyPart.LeftHand,
        _ => BodyPart.RightHand,
    };

    /// <summary>Returns the same chart on the other side of the body.</summary>
    public static Chart Mirrored(Chart chart) => chart switch
    {
        < Chart.LeftLeg => chart,
        < Chart.RightLeg => chart + (Chart.RightLeg - Chart.LeftLeg),
        _ => chart - (Chart.RightLeg - Chart.LeftLeg),
    };

    private static Chart At(Vector3D p) => Regions.PartAt(p) switch
    {
        BodyPart.Head => Chart.Head,
        BodyPart.Torso => p.Z > -0.015 ? Chart.TorsoFront : Chart.TorsoBack,
        BodyPart.LeftLeg or BodyPart.RightLeg => Chart.LeftLeg,
        BodyPart.LeftArm or BodyPart.RightArm => Chart.LeftArm,
        BodyPart.LeftFoot or BodyPart.RightFoot => Chart.LeftFoot,
        _ => p.Y > Anatomy.MiddleOfHand(p) ? Chart.LeftHandBack : Chart.LeftPalm,
    };

    private static void MirrorHalf(Chart[] labels)
    {
        int half = labels.Length / 2;
        for (int f = 0; f < half; f++)
            labels[half + f] = Mirrored(labels[f]);
    }

    private static int[][] FacesAcross(SculptedSurface surface)
    {
        var owner = new Dictionary<(int, int), int>();
        for (int i = 0; i < surface.Faces.Length; i++)
            owner[(surface.Faces[i], surface.Faces[i / 3 * 3 + (i + 1) % 3])] = i / 3;
        int[][] result = new int[surface.FaceCount][];
        for (int f = 0; f < result.Length; f++)
        {
            int a = surface.Faces[3 * f], b = surface.Faces[3 * f + 1], c = surface.Faces[3 * f + 2];
            result[f] = [owner[(b, a)], owner[(c, b)], owner[(a, c)]];
        }
        return result;
    }

    /// <summary>Moves each face with at least two neighbours in one other chart to that chart.</summary>
    private static bool Smooth(Chart[] labels, int[][] across, int half)
    {
        bool changed = false;
        for (int f = 0; f < half; f++)
        {
            Chart a = labels[across[f][0]], b = labels[across[f][1]], c = labels[across[f][2]];
            Chart majority = a == b || a == c ? a : b == c ? b : labels[f];
            if (majority != labels[f])
                (labels[f], labels[half + f], changed) = (majority, Mirrored(majority), true);
        }
        return changed;
    }

    /// <summary>Moves every piece of a chart except the largest to a neighbouring chart.</summary>
    private static bool JoinPieces(Chart[] labels, int[][] across, int half)
    {
        int[] piece = new int[labels.Length];
        Array.Fill(piece, -1);
        var pieces = new List<List<int>>();
        for (int f = 0; f < labels.Length; f++)
        {
            if (piece[f] >= 0)
                continue;
            var members = new List<int> { f };
            piece[f] = pieces.Count;
            for (int i = 0; i < members.Count; i++)
            {
                foreach (int n in across[members[i]])
                {
                    if (piece[n] < 0 && labels[n] == labels[f])
                    {
                        piece[n] = pieces.Count;
                        members.Add(n);
                    }
                }
            }
            pieces.Add(members);
        }
        bool changed = false;
        foreach (IGrouping<Chart, List<int>> group in pieces.GroupBy(p => labels[p[0]]).ToList())
        {
            foreach (List<int> members in group.OrderByDescending(p => p.Count).Skip(1))
            {
                Chart other = members.SelectMany(f => across[f]).Select(n => labels[n]).First(l => l != group.Key);
                foreach (int f in members.Where(f => f < half))
                    (labels[f], labels[half + f], changed) = (other, Mirrored(other), true);
            }
        }
        return changed;
    }

    /// <summary>Where a chart touches itself in a single vertex, moves the smaller fan there to the neighbouring chart.</summary>
    private static bool OpenPinches(SculptedSurface surface, Chart[] labels, int[][] across, int half)
    {
        var around = new List<int>[surface.VertexCount];
        for (int v = 0; v < around.Length; v++)
            around[v] = [];
        for (int i = 0; i < surface.Faces.Length; i++)
            around[surface.Faces[i]].Add(i / 3);
        for (int v = 0; v < surface.HalfCount; v++)
        {
            foreach (Chart label in around[v].Select(f => labels[f]).Distinct().ToList())
            {
                List<int> same = [.. around[v].Where(f => labels[f] == label)];
                var fan = new List<int> { same[0] };
                for (int i = 0; i < fan.Count; i++)
                    fan.AddRange(across[fan[i]].Where(n => same.Contains(n) && !fan.Contains(n)));
                if (fan.Count == same.Count)
                    continue;
                List<int> smaller = fan.Count * 2 <= same.Count ? fan : [.. same.Except(fan)];
                int border = smaller.First(f => across[f].Any(n => around[v].Contains(n) && labels[n] != label));
                Chart other = across[border].Where(n => around[v].Contains(n)).Select(n => labels[n]).First(l => l != label);
                foreach (int f in smaller)
                {
                    int left = f % half;
                    Chart now = f < half ? other : Mirrored(other);
                    (labels[left], labels[half + left]) = (now, Mirrored(now));
                }
                return true;
            }
        }
        return false;
    }
}
