using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Tests the published networks on our own painted people, whose key points are known.</summary>
[TestClass]
public sealed class StoredBlazePoseTests
{
    private const int Size = 512, Numbers = 5;

    /// <summary>The largest allowed distance of a key point, in pixels of the picture; 17 were measured, at an ankle.</summary>
    private const float Farthest = 25;

    // BlazePose's landmarks for COCO's key points.
    private static readonly int[] s_landmarks = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

    [TestMethod]
    [StoredBlazePoseCondition]
    public void OurOwnPeopleAreFoundWhereTheyAre()
    {
        ModelPackage model = ModelPackage.LoadFolder(StoredBlazePoseConditionAttribute.Folder);
        using NetworkSession detector = NetworkSession.Open(model.Get(BlazePosePackage.DetectorFile), "detector"),
            landmarks = NetworkSession.Open(model.Get(BlazePosePackage.LandmarksFile), "landmarks");
        string people = Path.Combine(AppContext.BaseDirectory, "People", "Frozen");
        foreach (MarkedPerson person in CocoKeypoints.Load(Path.Combine(people, "keypoints.json")).People)
        {
            float[] picture = ImageCodec.Load(Path.Combine(people, person.FileName)).ToTensor();
            float[] scores = Run(detector, "scores", [1, 2254], Resized(picture, 224), 224);
            Assert.IsGreaterThan(0, scores.Max(), $"{person.FileName}: the detector finds no person.");

            // The landmark network reads values from 0 to 1.
            float[] points = Run(landmarks, "landmarks", [1, 195], Array.ConvertAll(Resized(picture, 256), v => (v + 1) / 2), 256);
            for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
            {
                (float x, float y, _) = person.Keypoints[i];
                float distance = MathF.Sqrt(MathF.Pow(points[Numbers * s_landmarks[i]] * 2 - x, 2)
                    + MathF.Pow(points[Numbers * s_landmarks[i] + 1] * 2 - y, 2));
                Assert.IsLessThan(Farthest, distance, $"{person.FileName}, key point {i}");
            }
        }
    }

    /// <summary>Two people stand so close that the square around one shows the other: both passes must select the same person.</summary>
    [TestMethod]
    [StoredBlazePoseCondition]
    public void ThePersonOfTheIndexIsCropped()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "People", "Frozen");
        MarkedPerson[] people = [.. CocoKeypoints.Load(Path.Combine(folder, "keypoints.json")).People.Take(2)];
        // The middle parts of both pictures, side by side.
        const int Left = 96, Width = Size - 2 * Left;
        var both = new PixelBuffer(2 * Width, Size);
        for (int p = 0; p < people.Length; p++)
        {
            PixelBuffer one = ImageCodec.Load(Path.Combine(folder, people[p].FileName));
            for (int y = 0; y < Size; y++)
                one.Row(y).Slice(3 * Left, 3 * Width).CopyTo(both.Row(y)[(3 * p * Width)..]);
        }
        using var estimator = new BlazePoseEstimator(ModelPackage.LoadFolder(StoredBlazePoseConditionAttribute.Folder));
        var found = new List<int>();
        for (int index = 0; index < 2; index++)
        {
            using var finder = new PersonFinder(estimator, BodyModel.Default,
                new PersonFindingOptions { PersonIndex = index, Refine = false });
            PersonFinding first = finder.Find(both);
            Assert.AreEqual(2, first.PeopleCount);
            CropTransform square = SquareCrop.AroundBox(first.Box.MinX, first.Box.MinY, first.Box.MaxX, first.Box.MaxY, Size);
            float[] expected = Moved(first.Keypoints, square.Inverse());
            using var second = new PersonFinder(estimator, BodyModel.Default, new PersonFindingOptions { AcceptSeveral = true });
            float[] seen = Moved(second.Find(SquareCrop.Crop(both, square, Size), null, expected).Keypoints, square);
            int person = Distance(seen, people[0], 0) < Distance(seen, people[1], Width) ? 0 : 1;
            Assert.IsLessThan(Farthest, Distance(seen, people[person], person * Width), $"index {index}");
            found.Add(person);
        }
        CollectionAssert.AreEquivalent(new[] { 0, 1 }, found);

        float Distance(float[] keypoints, MarkedPerson person, int toRight) => Enumerable.Range(0, CocoSkeleton.KeypointCount)
            .Average(k => MathF.Sqrt(MathF.Pow(keypoints[3 * k] - (person.Keypoints[k].X - Left + toRight), 2)
            + MathF.Pow(keypoints[3 * k + 1] - person.Keypoints[k].Y, 2)));
    }

    private static float[] Moved(float[] keypoints, CropTransform by)
    {
        float[] moved = (float[])keypoints.Clone();
        for (int k = 0; k < moved.Length; k += 3)
            (moved[k], moved[k + 1]) = by.Apply(keypoints[k], keypoints[k + 1]);
        return moved;
    }

    private static float[] Resized(float[] picture, int side)
    {
        float[] result = new float[3 * side * side];
        new PlaneResizer(Size, side).Run(picture, result);
        return result;
    }

    private static float[] Run(NetworkSession session, string output, long[] shape, float[] picture, int side)
    {
        float[] made = new float[shape[0] * shape[1]];
        using NetworkRun run = session.CreateRun(("image", picture, [1, 3, side, side]), (output, made, shape));
        run.Run();
        return made;
    }
}
