using System.Globalization;
using System.Text.RegularExpressions;
using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Runs the sample program in this process.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">The standard output.</param>
/// <param name="Error">The standard error.</param>
internal sealed partial record Imitate(int ExitCode, string Output, string Error)
{
    public static async Task<Imitate> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        return await RunAsync(output, CancellationToken.None, args);
    }

    public static async Task<Imitate> RunAsync(StringWriter output, CancellationToken cancellationToken, params string[] args)
    {
        using var error = new StringWriter();
        int exitCode = await ImitateProgram.RunAsync(args, output, error, cancellationToken);
        return new Imitate(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The minimum intersection over union in the output.</summary>
    public double LeastOverlap => double.Parse(LeastOverlapPattern().Match(Output).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Fails unless the program succeeded.</summary>
    public Imitate Succeeded()
    {
        Assert.AreEqual(0, ExitCode, Error);
        Assert.AreEqual("", Error);
        return this;
    }

    /// <summary>Fails unless the program ended with this code and one sentence that contains these words.</summary>
    public void FailedWith(int exitCode, string words)
    {
        Assert.AreEqual(exitCode, ExitCode, Error);
        Assert.Contains(words, Error);
        Assert.HasCount(1, Error.TrimEnd().Split('\n'), $"One sentence and no stack is wanted: {Error}");
    }

    /// <summary>Fails unless the program reported wrong usage with these words.</summary>
    public void FailedUsage(string words)
    {
        Assert.AreEqual(2, ExitCode, Error);
        Assert.Contains(words, Error);
    }

    /// <summary>Writes a motion file of a few clearly different frames.</summary>
    public static string ShortMotion(TemporaryFolder folder, int frames = 6)
    {
        MotionClip walk = MotionClip.Load("walk");
        var poses = new List<float>();
        for (int i = 0; i < frames; i++)
            poses.AddRange(walk.Pose(4 * i));
        Assert.HasCount(frames * SmplLayout.PoseCount, poses);
        string path = Path.Combine(folder.Path, "short.npz");
        new MotionClip("short", 12, poses.ToArray()).Save(path);
        return path;
    }

    [GeneratedRegex(@"([\d.]+) at least")]
    private static partial Regex LeastOverlapPattern();
}
