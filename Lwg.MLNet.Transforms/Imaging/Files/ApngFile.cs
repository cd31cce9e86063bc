using System.Buffers.Binary;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The frames of an animated PNG (PNG third edition, 11.3.6): each is converted to a separate PNG, decoded, and composed onto
/// the canvas.</summary>
internal sealed class ApngFile : AnimatedPicture.IFrames
{
    private const int SequenceLength = 4, ControlLength = 26;

    private readonly byte[] _file;
    private readonly byte[] _header;
    // The chunks before the data that apply to every frame: palette, transparency, colours.
    private readonly List<(string Type, Range Content)> _shared = [];
    private readonly List<Frame> _frames = [];
    private readonly PixelBuffer _canvas;
    private int _next;

    /// <summary>Reads the chunks.</summary>
    /// <exception cref="InvalidDataException">A frame is outside the picture.</exception>
    public ApngFile(byte[] file)
    {
        _file = file;
        bool begun = false;
        foreach ((string type, Range content) in PngFile.Chunks(file))
        {
            if (type == "fcTL" && file[content].Length == ControlLength)
                _frames.Add(Frame.Read(file[content]));
            else if (type == "IDAT" || (type == "fdAT" && file[content].Length > SequenceLength))
            {
                begun = true;
                if (_frames.Count > 0)
                    _frames[^1].Data.Add(type == "IDAT" ? content : (content.Start.Value + SequenceLength)..content.End);
            }
            else if (!begun && type is "PLTE" or "tRNS" or "gAMA" or "cHRM" or "sRGB" or "iCCP" or "sBIT")
                _shared.Add((type, content));
        }
        _header = file.AsSpan(PngFile.SignatureLength + 8, PngFile.HeaderLength).ToArray();
        int width = BinaryPrimitives.ReadInt32BigEndian(_header), height = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(4));
        for (int i = 0; i < _frames.Count; i++)
        {
            if (!_frames[i].IsWithin(width, height))
                throw new InvalidDataException($"the picture is damaged: frame {i} is outside the picture");
        }
        // Remove truncated frames without data at the end.
        while (_frames.Count > 0 && _frames[^1].Data.Count == 0)
            _frames.RemoveAt(_frames.Count - 1);
        _canvas = new PixelBuffer(width, height, 4);
    }

    public int[] Durations => [.. _frames.Select(frame => frame.Duration)];

    public PixelBuffer Decode(int number, bool keepAlpha)
    {
        PixelBuffer seen = _canvas;
        for (; _next <= number; _next++)
        {
            Frame frame = _frames[_next];
            PixelBuffer? before = frame.Disposal == Disposal.Restore && _next > 0 ? _canvas.Clone() : null;
            Lay(PictureDecoder.Skia(Still(frame)), frame);
            seen = _canvas.Clone();
            if (before is not null)
                before.Data.CopyTo(_canvas.Data);
            else if (frame.Disposal != Disposal.Leave)
                Clear(frame);
        }
        return keepAlpha ? seen : seen.OnWhite();
    }

    public void Dispose() { }

    private byte[] Still(Frame frame)
    {
        using var png = new MemoryStream();
        png.Write(_file.AsSpan(0, PngFile.SignatureLength));
        byte[] header = [.. _header];
        BinaryPrimitives.WriteInt32BigEndian(header, frame.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), frame.Height);
        PngFile.WriteChunk(png, "IHDR"u8, header);
        foreach ((string type, Range content) in _shared)
            PngFile.WriteChunk(png, System.Text.Encoding.Latin1.GetBytes(type), _file.AsSpan(content));
        foreach (Range part in frame.Data)
            PngFile.WriteChunk(png, "IDAT"u8, _file.AsSpan(part));
        PngFile.WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private void Lay(PixelBuffer still, Frame frame)
    {
        for (int y = 0; y < frame.Height; y++)
        {
            ReadOnlySpan<byte> from = still.Row(y);
            Span<byte> to = _canvas.Row(frame.Y + y).Slice(4 * frame.X, 4 * frame.Width);
            for (int x = 0; x < frame.Width; x++)
                Lay(from.Slice(x * still.Channels, still.Channels), to.Slice(4 * x, 4), frame.Blends);
        }
    }

    // Composes straight alpha over straight alpha (the operator 'over' of the specification), or replaces it.
    private static void Lay(ReadOnlySpan<byte> from, Span<byte> to, bool blends)
    {
        int alpha = from.Length == 4 ? from[3] : 255;
        if (!blends || alpha == 255 || to[3] == 0)
        {
            from[..3].CopyTo(to);
            to[3] = (byte)alpha;
            return;
        }
        int behind = to[3] * (255 - alpha), sum = 255 * alpha + behind;
        if (sum == 0)
            return;
        for (int c = 0; c < 3; c++)
            to[c] = (byte)((from[c] * 255 * alpha + to[c] * behind + sum / 2) / sum);
        to[3] = (byte)((sum + 127) / 255);
    }

    private void Clear(Frame frame)
    {
        for (int y = 0; y < frame.Height; y++)
            _canvas.Row(frame.Y + y).Slice(4 * frame.X, 4 * frame.Width).Clear();
    }

    private enum Disposal : byte
    {
        Leave,
        Clear,
        Restore,
    }

    private sealed record Frame(int Width, int Height, int X, int Y, int Duration, Disposal Disposal, bool Blends)
    {
        public List<Range> Data { get; } = [];

        public bool IsWithin(int width, int height) =>
            Width > 0 && Height > 0 && X >= 0 && Y >= 0 && (long)X + Width <= width && (long)Y + Height <= height;

        public static Frame Read(ReadOnlySpan<byte> control)
        {
            int above = BinaryPrimitives.ReadUInt16BigEndian(control[20..]), below = BinaryPrimitives.ReadUInt16BigEndian(control[22..]);
            // A denominator of 0 means hundredths of a second.
            return new Frame(
                BinaryPrimitives.ReadInt32BigEndian(control[4..]), BinaryPrimitives.ReadInt32BigEndian(control[8..]),
                BinaryPrimitives.ReadInt32BigEndian(control[12..]), BinaryPrimitives.ReadInt32BigEndian(control[16..]),
                (int)Math.Round(1000.0 * above / (below == 0 ? 100 : below)), (Disposal)control[24], control[25] == 1);
        }
    }
}
