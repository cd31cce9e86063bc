using System.Globalization;
using System.Text.RegularExpressions;
using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Runs the sample program in this process.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it told.</param>
/// <param name="Error">What it complained about.</param>
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

    /// <summary>The least intersection over union that the program tells.</summary>
    public double LeastOverlap => double.Parse(LeastOverlapPattern().Match(Output).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Fails unless the program ended well.</summary>
    public Imitate Succeeded()
    {
        Assert.AreEqual(0, ExitCode, Error);
        Assert.AreEqual("", Error);
        return this;
    }

    /// <summary>Fails unless the program ended with this code and one sentence that holds these words.</summary>
    public void FailedWith(int exitCode, string words)
    {
        Assert.AreEqual(exitCode, ExitCode, Error);
        Assert.Contains(words, Error);
        Assert.HasCount(1, Error.TrimEnd().Split('\n'), $"One sentence and no stack is wanted: {Error}");
    }

    /// <summary>Fails unless the program found the usage wrong and said these words.</summary>
    public void FailedUsage(string words)
    {
        Assert.AreEqual(2, ExitCode, Error);
        Assert.Contains(words, Error);
    }

    /// <summary>A motion file of a few frames, far enough apart to differ.</summary>
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
