using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Reads a folder of photographs that are used as backgrounds of synthetic people.</summary>
internal static class BackdropFolder
{
    // The longer side of a kept photograph: people are painted with up to 384 pixels, in front of a part of a photograph.
    private const int KeptSide = 768, MostFiles = 2_000;

    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp"];

    /// <summary>Reads the first 2,000 pictures of a folder, in the order of their names, in a reduced size.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="load">Reads a file, and reduces the picture's longer side to a number of pixels if it is longer.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="ArgumentException">It contains no picture.</exception>
    public static BackdropPhotographs Load(string folder, Func<string, int, PixelBuffer> load)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(f => s_extensions.Contains(Path.GetExtension(f).ToLowerInvariant()))
            .Order(StringComparer.Ordinal).Take(MostFiles)];
        return files.Length > 0 ? new BackdropPhotographs([.. files.Select(file => load(file, KeptSide))])
            : throw new ArgumentException($"'{folder}' contains no picture ({string.Join(", ", s_extensions)}).", nameof(folder));
    }
}
