using Lwg.MLNet.Body;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Measures the benefit of several views: held-out synthetic people, learned from 1, 2, 4 and 8 views all around them, shown
/// from all sides.</summary>
internal sealed class ViewsEvaluation(ModelChoice models, int people, int size)
{
    private const long First = 1_000_000;
    private const int MostViews = 8;

    private static readonly int[] s_views = [1, 2, 4, MostViews];
    private static readonly (string Name, float[] Degrees)[] s_sides = [("front", [0]), ("sides", [90, 270]), ("back", [180])];

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        var metrics = s_views.SelectMany(v => s_sides, (v, side) => (v, side.Name)).ToDictionary(k => k, _ => new TransferMetrics());
        for (int i = 0; i < people; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Measure(First + i, metrics);
        }
        output.WriteLine($"{people} held-out synthetic people, {size} x {size} pixels, within the person; views all around, targets in "
            + $"another pose. Differences to one view with their 95 % interval (paired bootstrap).");
        output.WriteLine();
        output.WriteLine($"| seen from | views | {TransferScores.Columns} |");
        output.WriteLine($"|---|---|{TransferScores.Rule}|");
        foreach ((string side, _) in s_sides)
        {
            foreach (int views in s_views)
                output.WriteLine($"| {side} | {views} | "
                    + $"{TransferScores.Row(metrics[(views, side)], metrics[(s_views[0], side)], TransferRegion.Person)} |");
        }
    }

    private void Measure(long identity, Dictionary<(int, string), TransferMetrics> metrics)
    {
        var mlContext = new MLContext(seed: 1);
        var painter = new SyntheticPeople(models.Body, size);
        var pair = new SyntheticPair(size);
        float[] image = new float[3 * size * size], mask = new float[size * size];
        // The person has another pose in each view; view 0 is from the front, the next ones from all around.
        var views = new List<ViewRow>();
        for (int k = 0; k < MostViews; k++)
        {
            painter.Fill(identity, k + 1, pair);
            float[] smpl = Turned(pair.SourceSmpl, 360f * k / MostViews);
            painter.Paint(identity, smpl, image, mask);
            views.Add(new ViewRow { Image = ImageCodec.ToImage(image, size, size), Smpl = smpl });
        }
        painter.Fill(identity, 0, pair);
        float[] target = [.. pair.TargetSmpl];
        foreach (int count in s_views)
        {
            // Evenly spaced views: 1 is the front, 2 are front and back, 4 include the sides.
            IDataView data = mlContext.Data.LoadFromEnumerable(views.Where((_, k) => k % (MostViews / count) == 0));
            ITransformer person = mlContext.Transforms.ImpersonateSubject(models.Generator,
                new ImpersonateSubjectOptions { Strategy = CameraStrategy.Copy }, models.Body).Fit(data);
            foreach ((string side, float[] degrees) in s_sides)
            {
                float[][] targets = [.. degrees.Select(d => Turned(target, d))];
                IDataView motion = mlContext.Data.LoadFromEnumerable(targets.Select(t => new PoseRow { Smpl = t }));
                int number = 0;
                foreach (MLImage made in person.Transform(motion).GetColumn<MLImage>("TargetImage"))
                {
                    using (made)
                    {
                        painter.Paint(identity, targets[number++], image, mask);
                        metrics[(count, side)].Add(ImageCodec.ToPixels(made).ToTensor(), image, size, mask);
                    }
                }
            }
        }
    }

    /// <summary>Returns the parameters of an upright person who faces the viewer, turned about the vertical.</summary>
    private static float[] Turned(float[] smpl, float degrees)
    {
        float[] turned = [.. smpl], turn = new float[9], facing = new float[9], root = new float[9];
        Rotations.FromEuler(0, float.DegreesToRadians(degrees), 0, turn);
        Rotations.FromEuler(Math.PI, 0, 0, facing);
        Rotations.Multiply(turn, facing, root);
        Rotations.ToAxisAngle(root, new Smpl(turned).Root);
        return turned;
    }

    private sealed class ViewRow
    {
        [AnySizeImage]
        public required MLImage Image { get; init; }

        [VectorType(SmplLayout.ParameterCount)]
        public required float[] Smpl { get; init; }
    }

    private sealed class PoseRow
    {
        [VectorType(SmplLayout.ParameterCount)]
        public required float[] Smpl { get; init; }
    }
}
