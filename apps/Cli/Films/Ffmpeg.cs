using System.ComponentModel;
using System.Diagnostics;

namespace Lwg.MLNet.Cli;

/// <summary>Runs ffmpeg and ffprobe, if they are on the path.</summary>
internal static class Ffmpeg
{
    /// <summary>Starts one of the programs; null if it is not on the path. The caller reads its standard output and error.</summary>
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

    /// <summary>Returns an argument that ffmpeg always reads as a file, whatever the file's name.</summary>
    public static string FileArgument(string path) => "file:" + Path.GetFullPath(path);

    /// <summary>Returns the last line of an error output.</summary>
    public static string LastWords(string said) => said.Trim().Split('\n')[^1].Trim();
}
