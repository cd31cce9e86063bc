using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The pictures of a folder, ordered by name; numbers in names are compared by value.</summary>
internal sealed partial class FrameFolder : Film
{
    // Files that operating systems add to folders.
    private static readonly string[] s_companions = ["Thumbs.db", "desktop.ini", "ehthumbs.db"];

    // Extensions of pictures only: a file with one of them that cannot be read is an error and is not skipped.
    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff"];

    private const int MostNamed = 3;

    private readonly string[] _files;

    /// <summary>Opens a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="rate">The rate of its frames.</param>
    /// <param name="output">Receives messages about skipped files.</param>
    /// <exception cref="ImageInputException">The folder contains no pictures.</exception>
    public FrameFolder(string path, FrameRate rate, TextWriter output) : base(path)
    {
        string[] files = [.. Directory.EnumerateFiles(path).OrderBy(Key, StringComparer.Ordinal)];
        string[] hidden = [.. files.Where(IsHidden)];
        string[] visible = [.. files.Except(hidden)];
        _files = [.. visible.Where(IsFrame)];
        string[] others = [.. visible.Except(_files)];
        if (_files.Length == 0)
            throw new ImageInputException($"'{path}': the folder has no pictures{(others.Length == 0 ? "" : $" but {others.Length} other "
                + $"files ({Names(others)})")}; frames are JPEG, PNG, WebP, BMP, GIF and TIFF files.");
        if (hidden.Length > 0)
            output.WriteLine($"'{path}': {hidden.Length} hidden files are ignored ({Names(hidden)}).");
        if (others.Length > 0)
            output.WriteLine($"'{path}': {others.Length} files are ignored, since they are not supported pictures ({Names(others)}); "
                + $"{_files.Length} frames are read.");
        Rate = rate;
    }

    public override FrameRate Rate { get; }

    public override int ExpectedFrames => _files.Length;

    public override IEnumerable<PixelBuffer> Frames()
    {
        (int Width, int Height)? first = null;
        foreach (string file in _files)
        {
            PixelBuffer picture = ImageCodec.Load(file);
            first ??= (picture.Width, picture.Height);
            if (first != (picture.Width, picture.Height))
                throw new ImageInputException($"'{file}': the frame has {picture.Width} x {picture.Height} pixels, but the first has "
                    + $"{first.Value.Width} x {first.Value.Height}; the frames of a film have one size.");
            yield return picture;
        }
    }

    public override string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in _files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(System.IO.Path.GetFileName(file) + "\n"));
            hash.AppendData(Encoding.UTF8.GetBytes(ContentHash.OfFile(file)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A leading dot: a hidden file, or a companion file of macOS ('._frame_000.png').
    private static bool IsHidden(string file) =>
        System.IO.Path.GetFileName(file).StartsWith('.')
        || s_companions.Contains(System.IO.Path.GetFileName(file), StringComparer.OrdinalIgnoreCase);

    private static bool IsFrame(string file) => s_extensions.Contains(System.IO.Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
        || ImageCodec.IsPicture(file);

    private static string Names(string[] files) =>
        string.Join(", ", files.Take(MostNamed).Select(file => $"'{System.IO.Path.GetFileName(file)}'"))
        + (files.Length > MostNamed ? ", ..." : "");

    /// <summary>Pads all numbers in the name to the same length, so that frame_9 comes before frame_10.</summary>
    private static string Key(string file) => Digits().Replace(System.IO.Path.GetFileName(file), number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
