using System.Globalization;
using System.Security.Cryptography;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The frames of a run, and their journal. Frames of a previous run are kept if their bytes match the journal; others are made
/// again.</summary>
internal sealed class FrameJournal : IDisposable
{
    private readonly ResultFolder _folder;
    private readonly Journal _journal;
    private readonly bool[] _kept;
    private readonly MemoryStream _png = new();

    /// <summary>Opens the journal, and checks the existing frames.</summary>
    /// <param name="folder">The folder of the frames.</param>
    /// <param name="inputs">The inputs that the frames depend on.</param>
    /// <param name="frameCount">The total number of frames.</param>
    /// <exception cref="LwgException">The folder contains frames of other inputs.</exception>
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

    /// <summary>The number of frames that are already made.</summary>
    public int KeptCount { get; private set; }

    /// <summary>The intersection over union of each frame's silhouette and the drawn body.</summary>
    public float[] Overlaps { get; }

    public bool IsKept(int number) => _kept[number];

    /// <summary>Writes a frame, then adds it to the journal.</summary>
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
