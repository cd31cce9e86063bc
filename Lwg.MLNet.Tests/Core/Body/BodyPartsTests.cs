using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

/// <summary>The ten parts of bodies without part data: by joints, and by the list of published models.</summary>
[TestClass]
public sealed class BodyPartsTests
{
    [TestMethod]
    public void AFaceBelongsToThePartWhoseJointsMoveItMost()
    {
        BodyModel body = Fixture.Body.WithParts();
        float[] weights = Fixture.Body.Data.SkinningWeights;
        ReadOnlySpan<int> faces = body.Faces;
        for (int f = 0; f < body.FaceCount; f++)
        {
            double[] sums = new double[10];
            for (int k = 0; k < 3; k++)
            {
                for (int j = 0; j < 24; j++)
                    sums[(int)PartOf(Skeleton.JointNames[j])] += weights[24 * faces[3 * f + k] + j];
            }
            Assert.IsLessThan(1e-5, sums.Max() - sums[body.Surface.Part[f]], $"face {f}");
        }
        Assert.AreEqual(10, body.Surface.Part.ToArray().Distinct().Count());
        Assert.AreNotEqual(Fixture.Body.Hash, body.Hash);
    }

    [TestMethod]
    public void TheyAreCloseToTheKnownPartsOfOurOwnBody()
    {
        ReadOnlySpan<int> truth = BodyModel.Default.Surface.Part;
        ReadOnlySpan<int> found = BodyModel.Default.WithParts().Surface.Part;
        int same = 0;
        for (int f = 0; f < truth.Length; f++)
        {
            same += truth[f] == found[f] ? 1 : 0;
            Assert.IsFalse(((BodyPart)truth[f]).ToString().StartsWith("Left", StringComparison.Ordinal)
                && ((BodyPart)found[f]).ToString().StartsWith("Right", StringComparison.Ordinal), $"face {f}");
        }
        Assert.IsGreaterThan(0.9 * truth.Length, same);
    }

    [TestMethod]
    public void AListIsReadByItsNamesInAnyOrder()
    {
        using var folder = new TemporaryFolder();
        string[] names = ["00_head", "torso", "left_leg", "Right Leg", "LeftArm", "05_right_arm", "left-foot", "rightFoot", "hand_l",
            "09_HAND_R"];
        int[] order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
        CollectionAssert.AreEqual(Enumerable.Range(0, 760).Select(f => f % 10).ToArray(),
            Fixture.Body.WithParts(List(order.Select(p => (names[p], p)))).Surface.Part.ToArray());
        // Unknown names are assigned by their order.
        CollectionAssert.AreEqual(Enumerable.Range(0, 760).Select(f => f % 10).ToArray(),
            Fixture.Body.WithParts(List(order.Select(p => ($"part {p}", p)))).Surface.Part.ToArray());

        Refused("not one of the ten parts", names.Select((n, p) => (p == 6 ? "shin_l" : n, p)));
        Refused("same part as", names.Select((n, p) => (p == 6 ? "Left Leg" : n, p)));
        Refused("belongs to no part", names[..9].Select((n, p) => (n, p)));
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            Fixture.Body.WithParts(Fixture.PathOf("maps/smpl_part_info.json"))).Message, "shin_l");

        void Refused(string words, IEnumerable<(string, int)> parts) =>
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => Fixture.Body.WithParts(List(parts))).Message, words);

        string List(IEnumerable<(string Name, int Part)> parts) => folder.Write("list.json", System.Text.Encoding.UTF8.GetBytes(
            "{" + string.Join(",", parts.Select(p =>
            $"\"{p.Name}\":{{\"face\":[{string.Join(",", Enumerable.Range(0, 760).Where(f => f % 10 == p.Part))}]}}")) + "}"));
    }

    private static BodyPart PartOf(string joint)
    {
        bool left = joint.StartsWith("left", StringComparison.Ordinal);
        return joint.Split(' ')[^1] switch
        {
            "hip" or "knee" => left ? BodyPart.LeftLeg : BodyPart.RightLeg,
            "ankle" or "foot" => left ? BodyPart.LeftFoot : BodyPart.RightFoot,
            "shoulder" or "elbow" => left ? BodyPart.LeftArm : BodyPart.RightArm,
            "wrist" or "hand" => left ? BodyPart.LeftHand : BodyPart.RightHand,
            "neck" or "head" => BodyPart.Head,
            _ => BodyPart.Torso,
        };
    }
}
