using System.Globalization;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Cli;

/// <summary>Counts the people whose fitted body faces the wrong way, by more than 90 degrees, separately for people seen from the front
/// (within 60 degrees), from the side and from behind (beyond 120 degrees).</summary>
internal sealed class FacingCounts
{
    private const double Side = 60, Back = 120;

    private static readonly string[] s_names = ["front", "side", "back"];

    // People, of them facing the wrong way, accepted, of those facing the wrong way.
    private readonly int[,] _counts = new int[3, 4];

    /// <summary>Counts a person.</summary>
    /// <param name="truth">The true SMPL parameters.</param>
    /// <param name="finding">What was found; must have a body.</param>
    public void Add(ReadOnlySpan<float> truth, PersonFinding finding)
    {
        (double x, double z) = Front(truth);
        (double foundX, double foundZ) = Front(finding.Smpl);
        double turn = double.RadiansToDegrees(Math.Abs(Math.Atan2(x, -z)));
        int row = turn > Back ? 2 : turn > Side ? 1 : 0, wrong = x * foundX + z * foundZ < 0 ? 1 : 0,
            accepted = finding.Status == PersonFindingStatus.Found ? 1 : 0;
        _counts[row, 0]++;
        _counts[row, 1] += wrong;
        _counts[row, 2] += accepted;
        _counts[row, 3] += accepted * wrong;
    }

    /// <summary>Appends the table.</summary>
    public void WriteTo(StringBuilder text)
    {
        text.AppendLine().AppendLine("| seen from | people | facing the wrong way | accepted | of those facing the wrong way |")
            .AppendLine("|---|---|---|---|---|");
        for (int row = 0; row < 3; row++)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {s_names[row]} | {_counts[row, 0]} | {_counts[row, 1]} | {_counts[row, 2]} | {_counts[row, 3]} |");
    }

    // The direction of the body's front, seen from above; z points away from the viewer.
    private static (double X, double Z) Front(ReadOnlySpan<float> smpl)
    {
        Span<float> root = stackalloc float[9];
        Rotations.FromAxisAngle(new ReadOnlySmpl(smpl).Joint(Skeleton.Pelvis), root);
        return (root[2], root[8]);
    }
}
