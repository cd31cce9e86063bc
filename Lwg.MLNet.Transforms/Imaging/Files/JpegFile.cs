using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The end of a JPEG without an end marker.</summary>
/// <param name="Length">The number of data bytes.</param>
/// <param name="SawAllScans">Whether every coefficient of every component had a scan, and the last scan has reached its last restart
/// interval.</param>
internal sealed record JpegEnd(int Length, bool SawAllScans);

/// <summary>Reads size, orientation, profile and completeness from the segments of a JPEG (ITU-T T.81, annex B).</summary>
internal static class JpegFile
{
    private const byte Sof0 = 0xC0, Dht = 0xC4, Jpg = 0xC8, Dac = 0xCC, Rst0 = 0xD0, Rst7 = 0xD7, Soi = 0xD8, Eoi = 0xD9, Sos = 0xDA,
        Dri = 0xDD, App1 = 0xE1, App2 = 0xE2;
    private const int Coefficients = 64;

    // Encoders write about a dozen; the time for each grows with the size of the picture.
    private const int MaximumScans = 500;

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        Frame? frame = null;
        int orientation = 0, interval = 0, scans = 0;
        var profile = new SortedDictionary<byte, byte[]>();
        JpegEnd? end = null;
        for (int at = 2; ;)
        {
            // Skip fill bytes or stray data between segments.
            int skipped = bytes[at..].IndexOf((byte)0xFF);
            at = skipped < 0 ? bytes.Length : at + skipped;
            while (at < bytes.Length && bytes[at] == 0xFF)
                at++;
            if (at >= bytes.Length)
            {
                // The first byte of the end marker may be present.
                end = new JpegEnd(bytes.TrimEnd((byte)0xFF).Length, frame?.IsComplete ?? false);
                break;
            }
            byte marker = bytes[at++];
            if (marker == Eoi)
                break;
            if (marker is 0 or 1 or Soi or (>= Rst0 and <= Rst7))
                continue;
            int length = at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : int.MaxValue;
            if (length < 2 || length > bytes.Length - at)
                throw new InvalidDataException("the picture is truncated");
            ReadOnlySpan<byte> content = bytes.Slice(at + 2, length - 2);
            at += length;
            if (marker is >= Sof0 and <= 0xCF and not (Dht or Jpg or Dac))
                frame ??= Frame.Read(content, marker);
            else if (marker == Dri && content.Length >= 2)
                interval = BinaryPrimitives.ReadUInt16BigEndian(content);
            else if (marker == App1 && orientation == 0 && content.StartsWith("Exif\0\0"u8))
                orientation = ExifOrientation.Read(content);
            else if (marker == App2 && content.Length > 14 && content.StartsWith("ICC_PROFILE\0"u8))
                profile.TryAdd(content[12], content[14..].ToArray());
            else if (marker == Sos && ++scans > MaximumScans)
                throw new InvalidDataException($"the picture is coded in more than {MaximumScans} scans, which is not allowed");
            else if (marker == Sos)
                at = PassScan(bytes, at, content, frame, interval);
        }
        if (frame is null)
            throw new InvalidDataException("the picture is truncated");
        return new PictureHeader("JPEG", frame.Width, frame.Height)
        {
            Orientation = Math.Max(1, orientation),
            Profile = profile.Count == 0 ? null : [.. profile.Values.SelectMany(part => part)],
            End = end,
        };
    }

    /// <summary>Moves to the marker that ends a scan, and records the coefficients of the scan.</summary>
    private static int PassScan(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> header, Frame? frame, int interval)
    {
        int restarts = 0;
        while (at < bytes.Length)
        {
            int next = bytes[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= bytes.Length)
            {
                at = bytes.Length;
                break;
            }
            at += next;
            byte marker = bytes[at + 1];
            if (marker is >= Rst0 and <= Rst7)
                restarts++;
            else if (marker != 0)
                break;
            at += marker == 0xFF ? 1 : 2;
        }
        frame?.Note(header, interval, restarts);
        return at;
    }

    /// <summary>The size and components of the picture, and the missing bits of their coefficients.</summary>
    private sealed class Frame
    {
        private readonly Dictionary<byte, (int Horizontal, int Vertical)> _sampling = [];
        private readonly Dictionary<byte, byte[]> _missingBits = [];

        public bool IsProgressive { get; private init; }

        public int Width { get; private init; }

        public int Height { get; private init; }

        public bool IsComplete => _missingBits.Count > 0 && _missingBits.Values.All(bits => !bits.AsSpan().ContainsAnyExcept((byte)0));

        public static Frame Read(ReadOnlySpan<byte> content, byte marker)
        {
            if (content.Length < 6 || content.Length < 6 + 3 * content[5] || content[5] == 0)
                throw new InvalidDataException("the picture is truncated");
            // SOF2, 6, 10 and 14.
            var frame = new Frame { IsProgressive = (marker & 3) == 2, Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]),
                Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]) };
            for (int at = 6; at < 6 + 3 * content[5]; at += 3)
            {
                frame._sampling[content[at]] = (Math.Max(1, content[at + 1] >> 4), Math.Max(1, content[at + 1] & 15));
                frame._missingBits[content[at]] = [.. Enumerable.Repeat((byte)16, Coefficients)];
            }
            return frame;
        }

        /// <summary>Records a scan from its header: the components, the coefficients, and the number of low bits that are still
        /// missing.</summary>
        public void Note(ReadOnlySpan<byte> header, int interval, int restarts)
        {
            if (header.Length < 1 || header.Length < 4 + 2 * header[0])
                return;
            int count = header[0];
            int first = Math.Min((int)header[1 + 2 * count], Coefficients - 1),
                last = Math.Min((int)header[2 + 2 * count], Coefficients - 1), low = header[3 + 2 * count] & 15;
            // Sequential scans contain all coefficients, regardless of these fields.
            if (!IsProgressive)
                (first, last, low) = (0, Coefficients - 1, 0);
            bool reachedLastInterval = interval == 0 || restarts == (Units(header, count) + interval - 1) / interval - 1;
            for (int c = 0; c < count; c++)
            {
                if (_missingBits.TryGetValue(header[1 + 2 * c], out byte[]? bits))
                    bits.AsSpan(first, Math.Max(0, last - first + 1)).Fill((byte)(reachedLastInterval ? low : 16));
            }
        }

        /// <summary>Returns the number of units in a scan: interleaved units of all its components, or blocks if it has one
        /// component.</summary>
        private int Units(ReadOnlySpan<byte> header, int count)
        {
            int widest = _sampling.Values.Max(s => s.Horizontal), tallest = _sampling.Values.Max(s => s.Vertical);
            (int Horizontal, int Vertical) unit = (1, 1);
            if (count == 1 && _sampling.TryGetValue(header[1], out (int Horizontal, int Vertical) sampling))
                unit = sampling;
            return Ceiling(Width * unit.Horizontal, 8 * widest) * Ceiling(Height * unit.Vertical, 8 * tallest);
        }

        private static int Ceiling(int a, int b) => (a + b - 1) / b;
    }
}
