namespace Lwg.MLNet.Networks;

/// <summary>A field of a protobuf message as stored in the file.</summary>
/// <param name="Number">The field's number.</param>
/// <param name="Wire">Its wire type: 0 an integer, 1 and 5 eight and four bytes, 2 bytes, a string or a message.</param>
/// <param name="Varint">The integer of wire type 0.</param>
/// <param name="Bytes">The bytes of the other wire types.</param>
internal readonly record struct ProtobufField(int Number, int Wire, ulong Varint, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The values of a repeated integer field, packed or not.</summary>
    public IEnumerable<long> Wholes => Wire == ProtobufReader.BytesWire ? ProtobufReader.Varints(Bytes) : [(long)Varint];
}

/// <summary>Parses protobuf's wire format. Nothing is copied, and lengths beyond the message are rejected.</summary>
internal static class ProtobufReader
{
    public const int VarintWire = 0, BytesWire = 2;

    /// <summary>Returns the fields of a message in order.</summary>
    /// <exception cref="InvalidDataException">The message is truncated or invalid.</exception>
    public static IEnumerable<ProtobufField> Fields(ReadOnlyMemory<byte> message)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint(message, ref at);
            // Protobuf has 29 bits for a field's number.
            if (key is < 8 or > uint.MaxValue)
                throw new InvalidDataException($"There is no field {key >> 3}.");
            (int number, int wire) = ((int)(key >> 3), (int)(key & 7));
            if (wire == VarintWire)
            {
                yield return new ProtobufField(number, wire, Varint(message, ref at), default);
                continue;
            }
            ulong length = wire switch
            {
                1 => 8,
                BytesWire => Varint(message, ref at),
                5 => 4,
                _ => throw new InvalidDataException($"There is no wire type {wire}."),
            };
            if (length > (ulong)(message.Length - at))
                throw new InvalidDataException($"A field claims {length} bytes, but {message.Length - at} are left.");
            yield return new ProtobufField(number, wire, 0, message.Slice(at, (int)length));
            at += (int)length;
        }
    }

    /// <summary>Returns consecutive integers.</summary>
    /// <exception cref="InvalidDataException">The last one is truncated.</exception>
    public static IEnumerable<long> Varints(ReadOnlyMemory<byte> packed)
    {
        int at = 0;
        while (at < packed.Length)
            yield return (long)Varint(packed, ref at);
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        ReadOnlySpan<byte> bytes = message.Span;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length)
                throw new InvalidDataException("A number is truncated.");
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw new InvalidDataException("A number has more than 64 bits.");
    }
}
