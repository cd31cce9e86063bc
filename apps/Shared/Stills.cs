using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Apps;

/// <summary>Files of which one picture is wanted.</summary>
internal static class Stills
{
    /// <summary>Says of those that have several frames how many are left out.</summary>
    /// <param name="output">Where it is said.</param>
    /// <param name="files">The files; what is no file is passed over.</param>
    /// <exception cref="ImageInputException">One of them is no picture.</exception>
    public static void TellLeftOut(TextWriter output, params IEnumerable<string?> files)
    {
        foreach (string file in files.Where(File.Exists).Distinct()!)
            TellLeftOut(output, file, ImageCodec.Inspect(file));
    }

    /// <summary>Says it of one.</summary>
    /// <param name="output">Where it is said.</param>
    /// <param name="name">What the file is called.</param>
    /// <param name="header">What it says of itself.</param>
    public static void TellLeftOut(TextWriter output, string name, PictureHeader header)
    {
        if (header.FrameCount > 1)
            output.WriteLine($"'{name}' is an animated {header.Format} of {header.FrameCount} frames; one picture is wanted, so the "
                + $"first is taken and {header.FrameCount - 1} are left out.");
    }
}
