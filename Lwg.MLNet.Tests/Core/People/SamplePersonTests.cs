using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public class SamplePersonTests
{
    private const int Size = 512;

    public static IEnumerable<object[]> Names => SamplePerson.All.Select(person => new object[] { person.Name });

    [TestMethod]
    public void TheStoredPictureIsTheOutputOfTheCode()
    {
        SamplePerson anna = SamplePerson.All[0];
        PixelBuffer painted = new PersonPainter(BodyModel.Default).Paint([.. anna.Smpl], anna.Look, Size),
            frozen = ImageCodec.Load(PathOf("anna.png"));
        Assert.AreEqual(Size, frozen.Width);
        Assert.AreEqual(Size, frozen.Height);
        // Rounding can differ between systems, also at a few edge pixels; another shirt or pose changes far more than half a grey level.
        double sum = 0;
        for (int i = 0; i < frozen.Data.Length; i++)
            sum += Math.Abs(frozen.Data[i] - painted.Data[i]);
        Assert.IsLessThan(0.5, sum / frozen.Data.Length, "mean difference in grey levels");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void FrozenNumbersAndKeypointsAreTheBodys(string name)
    {
        SamplePerson person = SamplePerson.All.Single(p => p.Name == name);
        using var archive = NumpyArchive.Open(PathOf("smpl.npz"));
        float[] smpl = archive.Read(name).ToSingles(SmplLayout.ParameterCount);
        Fixture.AreClose([.. person.Smpl], smpl, 1e-4, "smpl");

        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        KeypointSet frozen = CocoKeypoints.Load(PathOf("keypoints.json")).For(name + ".png");
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            int k = Skeleton.CocoToKeypoint[i];
            Assert.AreEqual((posed.Keypoints2D[2 * k] + 1) / 2 * Size, frozen.Values[3 * i], 0.5f, CocoSkeleton.KeypointNames[i]);
            Assert.AreEqual((posed.Keypoints2D[2 * k + 1] + 1) / 2 * Size, frozen.Values[3 * i + 1], 0.5f, CocoSkeleton.KeypointNames[i]);
        }
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "People", "Frozen", file);
}
