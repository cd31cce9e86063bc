using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Rendering;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public sealed class SilhouetteFitTests
{
    private const int Size = 128;

    private static readonly KeypointFit s_fit = new(BodyModel.Default);

    [TestMethod]
    public void TheFieldIsTheDistanceToTheNearestPixelOfTheOtherKind()
    {
        const int Side = 24;
        var random = new Random(3);
        float[] mask = new float[Side * Side];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = random.NextDouble() < 0.2 || (i % Side is > 8 and < 17 && i / Side is > 5 and < 15) ? 1 : 0;
        var field = new SilhouetteField(mask, Side);
        for (int y = 1; y < Side - 1; y++)
        {
            for (int x = 1; x < Side - 1; x++)
            {
                double nearest = double.MaxValue;
                for (int i = 0; i < mask.Length; i++)
                {
                    if (mask[i] != mask[y * Side + x])
                        nearest = Math.Min(nearest, Math.Sqrt((i % Side - x) * (i % Side - x) + (i / Side - y) * (i / Side - y)));
                }
                double expected = (mask[y * Side + x] > 0.5 ? 0.5 - nearest : nearest - 0.5) * 2 / Side;
                Assert.IsTrue(field.TryAt((2 * x + 1.0 - Side) / Side, (2 * y + 1.0 - Side) / Side, out double distance, out _, out _));
                Assert.AreEqual(expected, distance, 1e-6, $"pixel {x}, {y}: brute force, in float32");
            }
        }
        Assert.IsFalse(field.TryAt(1.2, 0, out _, out _, out _), "Beyond the picture nothing is known.");
    }

    [TestMethod]
    public void DerivativesAreThoseOfTheValueWithAnOutlineToo()
    {
        float[] smpl = Person(0.1f);
        var model = new KeypointModel(BodyModel.Default, SilhouetteContour.Candidates(BodyModel.Default));
        KeypointSet marks = Marks(smpl);
        KeypointObjective objective = KeypointObjective.StartingAt(model, KeypointTarget.Of(marks, Size, model), Person(0.16f));
        var outline = new List<int>();
        new SilhouetteContour(BodyModel.Default).Find(smpl, outline);
        Assert.IsGreaterThan(50, outline.Count);
        objective.DrawTo(new SilhouetteField(Silhouette(smpl), Size), [.. outline.Select(c => CocoSkeleton.KeypointCount + c)]);
        var at = (DenseVector)objective.Point.Clone();
        double[] gradient = objective.Gradient.ToArray();
        double worst = 0, largest = gradient.Max(Math.Abs);
        for (int i = 0; i < gradient.Length; i++)
        {
            double Value(double step)
            {
                DenseVector moved = DenseVector.OfVector(at);
                moved[i] += step;
                objective.EvaluateAt(moved);
                return objective.Value;
            }
            const double Step = 1e-6;
            worst = Math.Max(worst, Math.Abs((Value(Step) - Value(-Step)) / (4 * Step) - gradient[i]));
        }
        // The gradient intentionally ignores the scale's effect on the unit of the distance; the field has kinks at pixel borders.
        Assert.IsLessThan(0.02 * largest, worst);
    }

    [TestMethod]
    public void ASilhouetteDeterminesWhatKeypointsDoNot()
    {
        // A body that is stouter than the mean, with marks that do not show it: only the outline does.
        foreach (float stout in (float[])[1.8f, -1.5f])
        {
            float[] truth = Person(0.05f);
            truth[SmplLayout.ShapeOffset + 1] = stout;
            float[] silhouette = Silhouette(truth);
            KeypointSet marks = Marks(truth);
            KeypointFitResult before = s_fit.Fit(marks, Size), after = s_fit.Refine(before.Smpl, marks, silhouette, Size);
            double overlapBefore = MaskOverlap.IntersectionOverUnion(silhouette, Silhouette(before.Smpl)),
                overlapAfter = MaskOverlap.IntersectionOverUnion(silhouette, Silhouette(after.Smpl));
            Assert.IsGreaterThan(overlapBefore, overlapAfter, $"shape {stout}: {overlapBefore:0.000} to {overlapAfter:0.000}");
            Assert.IsGreaterThan(0.88, overlapAfter,
                "hands, feet and head follow key points only, and cloth of 8 mm is expected that is not there");
            Assert.IsLessThan(0.02f, after.Error, "and the key points still fit");
        }
    }

    [TestMethod]
    public void TheSameInputGivesTheSameFit()
    {
        float[] truth = Person(0.05f), silhouette = Silhouette(truth);
        KeypointSet marks = Marks(truth);
        float[] start = s_fit.Fit(marks, Size).Smpl;
        CollectionAssert.AreEqual(s_fit.Refine(start, marks, silhouette, Size).Smpl, s_fit.Refine(start, marks, silhouette, Size).Smpl);
    }

    [TestMethod]
    public void ASilhouetteOfAnotherSizeIsRefused()
    {
        float[] truth = Person(0.05f);
        Assert.ThrowsExactly<ArgumentException>(() => s_fit.Refine(truth, Marks(truth), new float[Size * Size - 1], Size));
    }

    private static float[] Person(float bend)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[2], smpl[3]) = (0.9f, 0.14f, MathF.PI);
        (smpl[3 + 3 * 16 + 2], smpl[3 + 3 * 17 + 2]) = (-0.9f - bend, 0.9f + bend);
        (smpl[3 + 3 * 1 + 2], smpl[3 + 3 * 2 + 2]) = (bend, -bend);
        return smpl;
    }

    private static KeypointSet Marks(float[] smpl)
    {
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        float[] values = new float[KeypointSet.Length];
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            int own = Skeleton.CocoToKeypoint[k];
            (values[3 * k], values[3 * k + 1], values[3 * k + 2]) =
                ((posed.Keypoints2D[2 * own] + 1) * Size / 2, (posed.Keypoints2D[2 * own + 1] + 1) * Size / 2, 1);
        }
        return KeypointSet.Create(values);
    }

    private static float[] Silhouette(float[] smpl)
    {
        BodyModel body = BodyModel.Default;
        var posed = new PosedBody(body);
        float[] points = new float[3 * body.VertexCount], weights = new float[3 * Size * Size];
        int[] faceIndex = new int[Size * Size];
        body.Pose(smpl, posed);
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        new MeshRasterizer(Size).Draw(points, body.Faces, faceIndex, weights);
        return [.. faceIndex.Select(f => f >= 0 ? 1f : 0f)];
    }
}
