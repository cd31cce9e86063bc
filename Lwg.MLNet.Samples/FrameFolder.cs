using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>The pictures of a folder in the order of their names, in which numbers count as numbers.</summary>
internal sealed partial class FrameFolder : Film
{
    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp"];

    private readonly string[] _files;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="ImageInputException">There are no pictures in it.</exception>
    public FrameFolder(string path, FrameRate rate) : base(path)
    {
        _files = [.. Directory.EnumerateFiles(path).Where(f => s_extensions.Contains(System.IO.Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).OrderBy(Key, StringComparer.Ordinal)];
        if (_files.Length == 0)
            throw new ImageInputException($"'{path}': the folder has no pictures; frames are files that end in {string.Join(", ", s_extensions)}.");
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
                throw new ImageInputException($"'{file}': the frame has {picture.Width} x {picture.Height} pixels, but the first has {first.Value.Width} x {first.Value.Height}; the frames of a film have one size.");
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

    /// <summary>The name with all its numbers of one length: frame_9 comes before frame_10.</summary>
    private static string Key(string file) => Digits().Replace(System.IO.Path.GetFileName(file), number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
