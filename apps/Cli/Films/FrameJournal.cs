using System.Globalization;
using System.Security.Cryptography;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The frames of a run, and a journal of them. Frames of a run before are kept where their bytes are what the journal says; others
/// are made anew.</summary>
internal sealed class FrameJournal : IDisposable
{
    private readonly ResultFolder _folder;
    private readonly Journal _journal;
    private readonly bool[] _kept;
    private readonly MemoryStream _png = new();

    /// <summary>Opens the journal, and looks at the frames that are there.</summary>
    /// <param name="folder">Where the frames are made.</param>
    /// <param name="inputs">What they depend on.</param>
    /// <param name="frameCount">How many there will be.</param>
    /// <exception cref="LwgException">The folder holds frames of other inputs.</exception>
    public FrameJournal(ResultFolder folder, IReadOnlyDictionary<string, string> inputs, int frameCount)
    {
        (_folder, _kept, Overlaps) = (folder, new bool[frameCount], new float[frameCount]);
        _journal = new Journal(Path.Combine(folder.Work, "frames.journal"), inputs);
        for (int number = 0; number < frameCount; number++)
        {
            if (_journal[number]?.Split(' ') is not [var hash, var overlap] || !File.Exists(folder.FramePath(number))
                || ContentHash.OfFile(folder.FramePath(number)) != hash)
                continue;
            Overlaps[number] = float.Parse(overlap, CultureInfo.InvariantCulture);
            _kept[number] = true;
            KeptCount++;
        }
    }

    /// <summary>How many frames are there.</summary>
    public int KeptCount { get; private set; }

    /// <summary>How well each frame's silhouette fits the drawn body.</summary>
    public float[] Overlaps { get; }

    public bool IsKept(int number) => _kept[number];

    /// <summary>Writes a frame, and then notes it.</summary>
    public void Save(int number, PixelBuffer picture, Provenance? provenance, float overlap)
    {
        _png.SetLength(0);
        ImageCodec.EncodePng(picture, _png, provenance);
        ReadOnlyMemory<byte> bytes = _png.GetBuffer().AsMemory(0, (int)_png.Length);
        AtomicFile.Write(_folder.FramePath(number), stream => stream.Write(bytes.Span));
        _journal.Add(number, string.Create(CultureInfo.InvariantCulture,
            $"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span))} {overlap:R}"));
        (Overlaps[number], _kept[number], _folder.Keeps) = (overlap, true, true);
        KeptCount++;
    }

    public void Dispose()
    {
        _journal.Dispose();
        _png.Dispose();
    }
}
