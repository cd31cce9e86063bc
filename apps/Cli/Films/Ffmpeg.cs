using System.ComponentModel;
using System.Diagnostics;

namespace Lwg.MLNet.Cli;

/// <summary>ffmpeg and ffprobe, where they are on the path.</summary>
internal static class Ffmpeg
{
    /// <summary>Starts one of them; null where it is not on the path. Whoever starts it reads what it writes and says.</summary>
    public static Process? TryStart(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A file as ffmpeg takes it for a file and nothing else, whatever its name is.</summary>
    public static string FileArgument(string path) => "file:" + Path.GetFullPath(path);

    /// <summary>The last thing it said, in one line.</summary>
    public static string LastWords(string said) => said.Trim().Split('\n')[^1].Trim();
}
