using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Estimation.BlazePose;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Estimation.BlazePose;

/// <summary>Compares the code around BlazePose's networks with plain formulas.</summary>
[TestClass]
public sealed class BlazePosePartsTests
{
    // The person leans by the angle. The centre of the hips is that of the square, and the top of the circle is side / 2.5 above it.
    [TestMethod]
    [DataRow(0, -80)]
    [DataRow(80, 0)]
    [DataRow(-50, 30)]
    [DataRow(0.5f, 60)]
    public void ARegionShowsThePersonUpright(float toTopX, float toTopY)
    {
        var region = BodyRegion.Of(200, 300, 200 + toTopX, 300 + toTopY);
        CropTransform toPicture = region.ToPicture(256), toRegion = toPicture.Inverse();
        (float hipsX, float hipsY) = toRegion.Apply(200, 300);
        (float topX, float topY) = toRegion.Apply(200 + toTopX, 300 + toTopY);
        Assert.AreEqual(128, hipsX, 1e-2);
        Assert.AreEqual(128, hipsY, 1e-2);
        Assert.AreEqual(128, topX, 1e-2, "The body's axis is upright in the square.");
        Assert.AreEqual(128 - 256 / 2.5, topY, 1e-2);
    }

    /// <summary>A person who leans by an angle: the region is centred at the hips, leans too, and contains every key point within its
    /// inner circle.</summary>
    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.7f)]
    [DataRow(-2.5f)]
    public void ARegionIsMadeFromKeyPoints(float angle)
    {
        float[] keypoints = new float[KeypointSet.Length];
        (float sine, float cosine) = MathF.SinCos(angle);
        Put(5, -20, -50);
        Put(6, 20, -50);
        Put(11, -15, 0);
        Put(12, 15, 0);
        Put(0, 0, -80);
        Put(15, 0, 100);
        BodyRegion region = BodyRegion.Around(keypoints) ?? throw new AssertFailedException("No region.");
        Assert.AreEqual(200, region.CentreX, 1e-3);
        Assert.AreEqual(300, region.CentreY, 1e-3);
        Assert.AreEqual(0, MathF.IEEERemainder(region.Angle - angle, 2 * MathF.PI), 1e-5);
        Assert.AreEqual(2.5 * 1.1 * 100, region.Side, 1e-2, "The ankle is farthest.");

        keypoints[3 * 12 + 2] = 0;
        Assert.IsNull(BodyRegion.Around(keypoints), "A hip is missing.");
        Assert.IsNull(BodyRegion.Around([]));

        void Put(int keypoint, float x, float y) =>
            ((ReadOnlySpan<float>)[200 + cosine * x - sine * y, 300 + sine * x + cosine * y, 1]).CopyTo(keypoints.AsSpan(3 * keypoint));
    }

    [TestMethod]
    public void APyramidSamplesWhatIsThere()
    {
        // A linear colour gradient: sampling it anywhere, rotated and shrunk, gives its value there, up to the rounding of bytes.
        var picture = new PixelBuffer(301, 203);
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                Span<byte> pixel = picture.Row(y).Slice(3 * x, 3);
                (pixel[0], pixel[1], pixel[2]) = ((byte)(x / 2), (byte)y, (byte)((x + y) / 3));
            }
        }
        var pyramid = new PicturePyramid();
        pyramid.Load(picture);
        const int Size = 24;
        float[] square = new float[3 * Size * Size];
        foreach (float side in (float[])[20, 60, 120])
        {
            CropTransform toPicture = new BodyRegion(150, 100, side, 0.4f).ToPicture(Size);
            pyramid.Sample(toPicture, Size, square, 0, 255, repeatEdge: false);
            for (int i = 0; i < Size * Size; i++)
            {
                (float x, float y) = toPicture.Apply(i % Size + 0.5f, i / Size + 0.5f);
                Assert.AreEqual((x - 0.5) / 2, square[i], 1.1, $"side {side}, pixel {i}: bytes are rounded down");
                Assert.AreEqual(y - 0.5, square[Size * Size + i], 1.1);
            }
        }
        pyramid.Sample(new BodyRegion(-500, -500, 40, 0).ToPicture(Size), Size, square, -1, 1, repeatEdge: false);
        Assert.IsTrue(square.All(v => v == -1), "Beyond the picture it is black.");
        pyramid.Sample(new BodyRegion(-500, -500, 40, 0).ToPicture(Size), Size, square, 0, 255, repeatEdge: true);
        Assert.IsTrue(square.All(v => v is >= 0 and <= 1), "or as its corner is, which is black here, up to the mean of four pixels.");
    }

    [TestMethod]
    public void BoxesThatOverlapAreOnePerson()
    {
        float[] scores = new float[PersonDetector.AnchorCount],
            boxes = new float[PersonDetector.AnchorCount * PersonDetector.NumbersPerAnchor];
        Array.Fill(scores, -9);
        // Two anchors of one cell of the coarsest layer (7 x 7 cells of six), and a distant one.
        const int First = 28 * 28 * 2 + 14 * 14 * 2;
        Put(First + 6 * (3 * 7 + 3), 2, 0, 0, 40, 60);
        Put(First + 6 * (3 * 7 + 3) + 1, 1, 4, 0, 40, 60);
        Put(First, 1.5f, 0, 0, 20, 20);
        Put(First + 6, 0.3f, 0, 0, 20, 20);
        var toPicture = new CropTransform(2, 0, 10, 0, 2, 20);
        List<PersonDetection> people = PersonDetector.Read(scores, boxes, toPicture, 0.6f);
        Assert.AreEqual(2, people.Count);
        // The mean of 112 and 116, weighted by the sigmoids of the scores; then the square's position in the picture.
        double a = 1 / (1 + Math.Exp(-2)), b = 1 / (1 + Math.Exp(-1)), x = (112 * a + 116 * b) / (a + b);
        Assert.AreEqual(a, people[0].Score, 1e-6);
        Assert.AreEqual(2 * (x - 20) + 10, people[0].MinX, 1e-3);
        Assert.AreEqual(2 * (112 + 30) + 20, people[0].MaxY, 1e-3);
        Assert.AreEqual(2 * x + 10, people[0].Region.CentreX, 1e-3, "The first point is the hips' middle.");
        Assert.AreEqual(2.5 * 2 * 50, people[0].Region.Side, 1e-3, "The second one is 50 above it.");
        Assert.AreEqual(0, people[0].Region.Angle, 1e-4);

        void Put(int anchor, float score, float dx, float dy, float width, float height)
        {
            scores[anchor] = score;
            ReadOnlySpan<float> numbers = [dx, dy, width, height, dx, dy, dx, dy - 50, 0, 0, 0, 0];
            numbers.CopyTo(boxes.AsSpan(anchor * PersonDetector.NumbersPerAnchor));
        }
    }

    [TestMethod]
    public void CertainHeatMapsMoveLandmarks()
    {
        const int Cells = LandmarkReader.HeatMapSize;
        float[] landmarks = new float[LandmarkReader.Count * LandmarkReader.NumbersPerLandmark],
            maps = new float[LandmarkReader.Count * Cells * Cells];
        Array.Fill(maps, -20);
        // The first map has two equal cells, two to the right and one above; the second has too low a confidence; the third is outside.
        (landmarks[0], landmarks[1]) = (100, 100);
        (maps[25 * Cells + 27], maps[24 * Cells + 27]) = (3, 3);
        (landmarks[5], landmarks[6]) = (100, 100);
        maps[Cells * Cells + 25 * Cells + 27] = -0.1f;
        (landmarks[10], landmarks[11]) = (-30, 300);
        LandmarkReader.Refine(landmarks, maps);
        Assert.AreEqual(27 * 4, landmarks[0], 1e-2);
        Assert.AreEqual(24.5 * 4, landmarks[1], 1e-2);
        CollectionAssert.AreEqual(new float[] { 100, 100 }, landmarks[5..7]);
        CollectionAssert.AreEqual(new float[] { -30, 300 }, landmarks[10..12]);
    }
}
