using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

/// <summary>Compares with the whole training sample of the second implementation, from SMPL parameters to inputs, at 64 pixels.</summary>
[TestClass]
[TestCategory(ScalarHardwareTests.Category)]
public class FlowFixtureTests
{
    private const int Size = 64;
    private const int Plane = Size * Size;

    [TestMethod]
    public void TheWholeChainAgrees()
    {
        BodyModel body = Fixture.Body;
        var posed = new PosedBody(body);
        var rasterizer = new MeshRasterizer(Size);
        var assembler = new InputAssembler(Size);
        float[] points = new float[3 * body.VertexCount], facePoints = new float[6 * body.FaceCount];
        int[] sourceIndex = new int[Plane], targetIndex = new int[Plane];
        float[] weights = new float[3 * Plane], flow = new float[2 * Plane], warped = new float[3 * Plane];
        float[] sourceCondition = new float[3 * Plane], targetCondition = new float[3 * Plane];
        float[] background = new float[4 * Plane], six = new float[6 * Plane], mask = new float[Plane];
        float[] images = Fixture.Singles("flow/source_image.npy");
        int edge = 0;
        for (int i = 0; i < 2; i++)
        {
            ReadOnlySpan<float> source = Fixture.Singles("flow/source_theta.npy").AsSpan(85 * i, 85),
                reference = Fixture.Singles("flow/reference_theta.npy").AsSpan(85 * i, 85);
            ReadOnlySpan<float> image = images.AsSpan(i * 3 * Plane, 3 * Plane);
            body.Pose(source, posed);
            Camera.Project(posed.Vertices, source[..3], points);
            Camera.FacePoints(points, body.Faces, facePoints);
            rasterizer.Draw(points, body.Faces, sourceIndex, weights);
            BodyMaps.Condition(sourceIndex, Fixture.Surface, sourceCondition);

            body.Pose(reference, posed);
            Camera.Project(posed.Vertices, reference[..3], points);
            rasterizer.Draw(points, body.Faces, targetIndex, weights);
            BodyMaps.Condition(targetIndex, Fixture.Surface, targetCondition);
            TransformationFlow.Compute(facePoints, targetIndex, weights, flow);

            // Pixels on an edge may belong to either face: vertices agree to 1e-5 only. They are counted, and excluded below.
            int[] expectedSource = Part(Fixture.Int32s("flow/source_face_index.npy"), i),
                expectedTarget = Part(Fixture.Int32s("flow/reference_face_index.npy"), i);
            edge += Different(expectedSource, sourceIndex) + Different(expectedTarget, targetIndex);
            Assert.IsLessThanOrEqualTo(4, edge, "pixels whose face differs");

            Close("flow/T.npy", flow, 2, 5e-4);
            Close("flow/source_condition.npy", sourceCondition, 3, 1e-6);
            Close("flow/reference_condition.npy", targetCondition, 3, 1e-6);
            assembler.Foreground(image, sourceCondition, six, mask);
            Close("flow/input_source.npy", six, 6, 1e-6);
            Close("flow/source_crop_mask.npy", mask, 1, 0);
            assembler.CropMask(targetCondition, mask);
            Close("flow/target_crop_mask.npy", mask, 1, 0);
            assembler.Background(image, sourceCondition, 15, background);
            Close("flow/input_background_k15.npy", background, 4, 1e-6);
            GridSampler.Sample(image, 3, Size, Size, flow, alignCorners: false, warped);
            // A step of 5e-4 in T is 0.016 pixels, times the contrast of noise (2) between neighbours.
            Close("flow/warped_align_false.npy", warped, 3, 3.2e-2);
            GridSampler.Sample(image, 3, Size, Size, flow, alignCorners: true, warped);
            Close("flow/warped_align_true.npy", warped, 3, 3.2e-2);
            assembler.Transfer(warped, targetCondition, six);
            Close("flow/input_transfer_align_true.npy", six, 6, 3.2e-2);

            float[] box = new float[4];
            BodyBoxes.Head(posed.Keypoints2D, Size, box);
            Fixture.AreClose(Part(Fixture.Int32s("flow/head_box.npy"), i, 4).Select(x => (float)x).ToArray(), box, 0, "head box");
            BodyBoxes.Body(posed.Keypoints2D, Size, box);
            Fixture.AreClose(Part(Fixture.Int32s("flow/body_box.npy"), i, 4).Select(x => (float)x).ToArray(), box, 0, "body box");

            void Close(string name, float[] actual, int channels, double tolerance)
            {
                float[] expected = Fixture.Singles(name)[(i * channels * Plane)..((i + 1) * channels * Plane)];
                if (edge == 0)
                    Fixture.AreClose(expected, actual, tolerance, $"{name}, sample {i}");
                else
                    Assert.IsLessThanOrEqualTo(actual.Length / 50, expected.Zip(actual)
                        .Count(p => Math.Abs(p.First - p.Second) > tolerance), name);
            }
        }
    }

    [TestMethod]
    public void TheBackgroundInputOfTheReferenceAgrees()
    {
        // The reference's picture is not among the fixtures; its remaining part in the expected input replaces it (the mask is applied
        // twice).
        var assembler = new InputAssembler(Size);
        float[] conditions = Fixture.Singles("flow/reference_condition.npy"),
            expected = Fixture.Singles("flow/input_background_reference_k15.npy");
        var input = new float[4 * Plane];
        for (int i = 0; i < 2; i++)
        {
            ReadOnlySpan<float> e = expected.AsSpan(i * 4 * Plane, 4 * Plane);
            assembler.Background(e[..(3 * Plane)], conditions.AsSpan(i * 3 * Plane, 3 * Plane), 15, input);
            Fixture.AreClose(e, input, 0, $"sample {i}");
        }
    }

    private static int Different(int[] a, int[] b) => a.Zip(b).Count(p => p.First != p.Second);

    private static int[] Part(int[] all, int i, int length = Plane) => all[(i * length)..((i + 1) * length)];
}
