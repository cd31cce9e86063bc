using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>The published networks themselves, on our own painted people, whose key points are known.</summary>
[TestClass]
public sealed class StoredBlazePoseTests
{
    private const int Size = 512, Numbers = 5;

    /// <summary>The largest distance of a key point, pixels of the picture; 17 were seen, at an ankle.</summary>
    private const float Farthest = 25;

    // BlazePose's landmarks for COCO's key points.
    private static readonly int[] s_landmarks = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

    [TestMethod]
    [StoredBlazePoseCondition]
    public void OurOwnPeopleAreFoundWhereTheyAre()
    {
        ModelPackage model = ModelPackage.LoadFolder(StoredBlazePoseConditionAttribute.Folder);
        using NetworkSession detector = NetworkSession.Open(model.Get(BlazePosePackage.DetectorFile), "detector"), landmarks = NetworkSession.Open(model.Get(BlazePosePackage.LandmarksFile), "landmarks");
        string people = Path.Combine(AppContext.BaseDirectory, "People", "Frozen");
        foreach (MarkedPerson person in CocoKeypoints.Load(Path.Combine(people, "keypoints.json")).People)
        {
            float[] picture = ImageCodec.Load(Path.Combine(people, person.FileName)).ToTensor();
            float[] scores = Run(detector, "scores", [1, 2254], Resized(picture, 224), 224);
            Assert.IsGreaterThan(0, scores.Max(), $"{person.FileName}: the detector finds nobody.");

            // Landmarks read 0 to 1.
            float[] points = Run(landmarks, "landmarks", [1, 195], Array.ConvertAll(Resized(picture, 256), v => (v + 1) / 2), 256);
            for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
            {
                (float x, float y, _) = person.Keypoints[i];
                float distance = MathF.Sqrt(MathF.Pow(points[Numbers * s_landmarks[i]] * 2 - x, 2) + MathF.Pow(points[Numbers * s_landmarks[i] + 1] * 2 - y, 2));
                Assert.IsLessThan(Farthest, distance, $"{person.FileName}, key point {i}");
            }
        }
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
