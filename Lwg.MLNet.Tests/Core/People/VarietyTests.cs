using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public class VarietyTests
{
    private const int Size = 128, Drawn = 600;
    private const long HeldOut = 1_000_000;

    private static readonly Variety[] s_drawn = [.. Enumerable.Range(0, Drawn).Select(i => new Variety(i))];

    // Published scores refer to the people of the first version. The expected values are the mean of the source picture and the area of
    // the target's mask when the second version was added. Processors round differently, by far less than the tolerance.
    [TestMethod]
    [DataRow(0, 0.3166f, 0.1065f)]
    [DataRow(1, 0.2402f, 0.0666f)]
    [DataRow(2, 0.5240f, 0.0669f)]
    public void TheFirstVersionIsUnchanged(int number, float light, float area)
    {
        var people = new SyntheticPeople(BodyModel.Default, Size);
        var pair = new SyntheticPair(Size);
        people.Fill(HeldOut + number, 0, pair);
        Assert.AreEqual(light, pair.SourceImage.Average(), 0.002f, "light");
        Assert.AreEqual(area, pair.TargetMask.Average(), 0.0005f, "area");
    }

    [TestMethod]
    public void EveryKindOfShoesIsWorn()
    {
        foreach (Footwear.Kind kind in Enum.GetValues<Footwear.Kind>().Where(k => k != Footwear.Kind.Plain))
            Assert.IsGreaterThan(Drawn / 30, s_drawn.Count(v => v.Shoes.Worn == kind), kind.ToString());
    }

    // Of the shares drawn, four standard deviations to either side.
    [TestMethod]
    public void CoatsCapsAndWideTrousersAreWornBySome()
    {
        Within(0.16, v => v.CoatHem < 0, "coats");
        Within(0.08, v => v.Cap is not null, "caps");
        Within(0.20, v => v.TrouserWidth > 0, "wide trousers");
        Within(0.25, v => v.Curl > 0, "curls");
        Within(0.60, v => v.PonytailEnd is not null, "ponytails");

        static void Within(double share, Func<Variety, bool> has, string what) =>
            Assert.AreEqual(share, s_drawn.Count(has) / (double)Drawn, 4 * Math.Sqrt(share * (1 - share) / Drawn), what);
    }

    [TestMethod]
    public void ABootCoversTheAnkleAndABareFootNothing()
    {
        Vector3 ankle = new(0.10f, -1.06f, -0.02f), instep = new(0.10f, -1.11f, 0.06f), sole = new(0.10f, -1.16f, 0.05f);
        foreach (Footwear shoes in s_drawn.Select(v => v.Shoes))
        {
            string kind = shoes.Worn.ToString();
            Assert.AreEqual(shoes.Worn is not Footwear.Kind.Bare, shoes.Thickness(sole) is not null, kind);
            Assert.AreEqual(shoes.Worn is Footwear.Kind.Sneaker or Footwear.Kind.Boot or Footwear.Kind.KneeBoot,
                shoes.Thickness(instep) is not null, kind);
            if (shoes.Worn is not Footwear.Kind.Sneaker)
                Assert.AreEqual(shoes.Worn is Footwear.Kind.Boot or Footwear.Kind.KneeBoot, shoes.Thickness(ankle) is not null, kind);
        }
    }

    // A third each, with four standard deviations to either side.
    [TestMethod]
    public void TargetsShowBacksAndProfilesAsOftenAsFronts()
    {
        const int drawn = 1200;
        int[] sides = new int[3];
        float[] pose = new float[SmplLayout.PoseCount], root = new float[9];
        for (int i = 0; i < drawn; i++)
        {
            var dice = new Dice((ulong)i);
            SyntheticPose.DrawVaried(ref dice, source: false, anySide: false, pose);
            Rotations.FromAxisAngle(pose.AsSpan(0, 3), root);
            // The camera's frame: a person who faces the camera looks along -z.
            float ahead = -root[8];
            sides[ahead > MathF.Sqrt(0.5f) ? 0 : ahead < -MathF.Sqrt(0.5f) ? 2 : 1]++;
        }
        double tolerance = 4 * Math.Sqrt(drawn * 2.0 / 9);
        for (int side = 0; side < sides.Length; side++)
            Assert.AreEqual(drawn / 3.0, sides[side], tolerance, $"front, profile, back: {string.Join(", ", sides)}");
    }

    // The same pose of the same person: a coat covers the gap between the legs, and hair that stands off surrounds the head.
    [TestMethod]
    public void CoatsAndCurlsAreSeenInTheSilhouette()
    {
        SyntheticPeople plain = new(BodyModel.Default, Size),
            varied = new(BodyModel.Default, Size) { Version = SyntheticPeople.LastVersion };
        int coats = 0, curls = 0;
        for (int identity = 0; coats + curls < 12; identity++)
        {
            Variety variety = s_drawn[identity];
            var dice = new Dice((ulong)identity);
            for (int k = 0; k < SmplLayout.ShapeCount; k++)
                dice.Normal();
            bool cropped = new Wardrobe(ref dice).Look.HairCut == HairCut.Cropped, coat = variety.CoatHem is < -0.6f and > -0.9f,
                curl = variety.Curl > 0.04f && cropped && variety.Cap is null;
            if (coat == curl)
                continue;
            (coats, curls) = (coats + (coat ? 1 : 0), curls + (curl ? 1 : 0));
            float[] without = Mask(plain, identity), with = Mask(varied, identity);
            int top = Array.FindIndex(without, m => m > 0.5f) / Size, bottom = Array.FindLastIndex(without, m => m > 0.5f) / Size;
            // The head above the raised arms, or the thighs and knees.
            (double from, double to) = curl ? (0, 0.1) : (0.58, 0.72);
            Range rows = ((int)(top + from * (bottom - top)) * Size)..((int)(top + to * (bottom - top)) * Size);
            Assert.IsGreaterThan(1.05f * without[rows].Sum(), with[rows].Sum(), $"person {identity}, coat {coat}, curls {curl}");
        }
        Assert.IsGreaterThan(2, coats);
        Assert.IsGreaterThan(2, curls);
    }

    // Standing with the arms to the sides and the legs apart.
    private static float[] Mask(SyntheticPeople people, int identity)
    {
        float[] smpl = new float[SmplLayout.ParameterCount], image = new float[3 * Size * Size], mask = new float[Size * Size];
        var person = new Smpl(smpl);
        person.SetCamera(0.9f, 0, 0.2f);
        person.Pose[0] = MathF.PI;
        (person.Pose[3 * Skeleton.LeftHip + 2], person.Pose[3 * Skeleton.RightHip + 2]) = (0.25f, -0.25f);
        people.Paint(identity, smpl, image, mask);
        return mask;
    }
}
