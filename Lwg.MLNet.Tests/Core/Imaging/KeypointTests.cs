using System.Text;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Tests.Imaging;

[TestClass]
public class KeypointTests
{
    [TestMethod]
    public void ImpossibleKeypointsAreRefused()
    {
        float[] good = Person();
        Assert.Contains("48 were given", Refused(good[..48]));
        Assert.Contains("No person", Refused(With(good, v => { for (int i = 2; i < 51; i += 3) v[i] = 0; })));
        Assert.Contains("Key point 2 (right eye)", Refused(With(good, v => v[6] = float.NaN)));
        Assert.Contains("Key point 0 (nose)", Refused(With(good, v => v[1] = float.PositiveInfinity)));
        Assert.Contains("confidence 2", Refused(With(good, v => v[5] = 2)));
        Assert.Contains("confidence -0.1", Refused(With(good, v => v[5] = -0.1f)));

        KeypointSet set = KeypointSet.Create(good);
        set.RequireInside(300, 300);
        Assert.Contains("Key point 16 (right ankle)",
            Assert.ThrowsExactly<KeypointInputException>(() => set.RequireInside(300, 170)).Message);
        KeypointSet absent = KeypointSet.Create(With(good, v => (v[48], v[49], v[50]) = (-5000, 1e6f, 0)));
        absent.RequireInside(300, 300);
    }

    [TestMethod]
    public void HeightAndTransformAreThoseOfTheVisiblePoints()
    {
        KeypointSet set = KeypointSet.Create(With(Person(), v => (v[48], v[49], v[50]) = (0, 0, 0)));
        Assert.AreEqual(150, set.PersonHeight(), "from the nose at 50 to the left ankle at 200");
        KeypointSet moved = set.Transform(new CropTransform(2, 0, -10, 0, 2, 5).Inverse());
        Assert.AreEqual(75, moved.PersonHeight(), 1e-4f);
        Assert.AreEqual((55f, 22.5f, 1f), moved[0]);
    }

    [TestMethod]
    public void TheSquareHoldsHeadAndFeet()
    {
        CropTransform transform = KeypointSet.Create(Person()).SquareAround(256, margin: 0);
        Assert.IsLessThan(50 - 150 / 9f, transform.F);
        Assert.IsGreaterThan(210 + 150 / 15f, transform.Apply(0, 256).Y);
    }

    [TestMethod]
    public void CocoFilesAreReadBackUnchanged()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lwg-{Guid.NewGuid():N}.json");
        try
        {
            KeypointSet flags = KeypointSet.Create(With(Person(), v => (v[5], v[8]) = (0.5f, 0)));
            KeypointSet confidences = KeypointSet.Create(With(Person(), v => (v[5], v[8]) = (0.25f, 0.875f)));
            KeypointSet small = flags.Transform(new CropTransform(0.5f, 0, 0, 0, 0.5f, 0));
            CocoKeypoints.Save(path, [new MarkedPerson("a.jpg", 300, 200, small), new MarkedPerson("a.jpg", 300, 200, flags),
                new MarkedPerson("b.jpg", 10, 20, confidences)]);
            CocoKeypoints read = CocoKeypoints.Load(path);
            Assert.HasCount(3, read.People);
            CollectionAssert.AreEqual(flags.Values.ToArray(), read.For("some/where/a.jpg").Values.ToArray(), "the tallest of two");
            CollectionAssert.AreEqual(confidences.Values.ToArray(), read.For("b.jpg").Values.ToArray());
            Assert.AreEqual((10, 20), (read.People[2].Width, read.People[2].Height));
            Assert.Contains("marked are: a.jpg, b.jpg", Assert.ThrowsExactly<KeypointInputException>(() => read.For("c.jpg")).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void VisibilityFlagsAndConfidencesAreDistinguished()
    {
        Assert.AreEqual(0.5f, Parse(Dataset(v: "1")).People[0].Keypoints[3].Confidence, "v = 1 is hidden");
        Assert.AreEqual(0.75f, Parse(Dataset(v: "0.75")).People[0].Keypoints[3].Confidence);
        Assert.AreEqual(1, Parse(Bare("1")).For("any.jpg")[3].Confidence, "a bare array of ones is confident");
        Assert.AreEqual(0.5f, Parse(Bare("1").Replace("50,1,", "50,2,", StringComparison.Ordinal)).People[0].Keypoints[3].Confidence,
            "but not when a 2 shows that they are flags");
    }

    [TestMethod]
    public void AFileThatIsNotCocoIsRefused()
    {
        foreach (string text in new[] { "", "not json", "{}", "[]", "[1,2,3]", "3", "\"x\"", "{\"images\":[],\"annotations\":[]}",
            Bare("1e99"), Bare("\"x\""), Dataset("3"), Dataset("0"), Dataset("2")
            .Replace("\"image_id\":1", "\"image_id\":7", StringComparison.Ordinal) })
            Assert.Contains("'k.json'", Assert.ThrowsExactly<KeypointInputException>(() => Parse(text), text).Message);
        Assert.Contains("nowhere.json",
            Assert.ThrowsExactly<KeypointInputException>(() =>
            CocoKeypoints.Load(Path.Combine(Path.GetTempPath(), "nowhere.json"))).Message);
    }

    private static CocoKeypoints Parse(string text) => CocoKeypoints.Parse(Encoding.UTF8.GetBytes(text), "k.json");

    private static string Bare(string v) => $"[{string.Join(",", Enumerable.Range(0, 17).Select(i => $"{100 + i},{50 + 10 * i},{v}"))}]";

    private static string Dataset(string v) =>
        $$"""{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[{"image_id":1,"keypoints":{{Bare(v)}}}]}""";

    private static float[] Person()
    {
        float[] values = new float[51];
        for (int i = 0; i < 17; i++)
            (values[3 * i], values[3 * i + 1], values[3 * i + 2]) = (100 + i, 50 + 10 * i, 1);
        return values;
    }

    private static float[] With(float[] values, Action<float[]> change)
    {
        float[] copy = (float[])values.Clone();
        change(copy);
        return copy;
    }

    private static string Refused(float[] values) => Assert.ThrowsExactly<KeypointInputException>(() => KeypointSet.Create(values)).Message;
}
