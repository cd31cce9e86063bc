using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Apps;

/// <summary>Reports frames that are ignored in files that are read as one picture.</summary>
internal static class Stills
{
    /// <summary>Reports how many frames are ignored, for each file with several frames.</summary>
    /// <param name="output">Receives the report.</param>
    /// <param name="files">The files; paths that are not files are skipped.</param>
    /// <exception cref="ImageInputException">A file is not a picture.</exception>
    public static void TellLeftOut(TextWriter output, params IEnumerable<string?> files)
    {
        foreach (string file in files.Where(File.Exists).Distinct()!)
            TellLeftOut(output, file, ImageCodec.Inspect(file));
    }

    /// <summary>Reports how many frames of one file are ignored.</summary>
    /// <param name="output">Receives the report.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="header">The header of the file.</param>
    public static void TellLeftOut(TextWriter output, string name, PictureHeader header)
    {
        if (header.FrameCount > 1)
            output.WriteLine($"'{name}' is an animated {header.Format} of {header.FrameCount} frames; the first is used and the "
                + $"other {header.FrameCount - 1} are ignored.");
    }
}
