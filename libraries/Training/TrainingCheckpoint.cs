using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lwg.MLNet.Training;

/// <summary>
/// The state of a training in one file: a signature, the length of a JSON text and the text (options, samples processed, steps, lengths),
/// then the values as little-endian float32. Written atomically.
/// </summary>
/// <typeparam name="TOptions">The type of the training options.</typeparam>
internal sealed class TrainingCheckpoint<TOptions> where TOptions : TrainingOptions
{
    private const int LongestHeader = 1 << 20;
    private const long LongestArray = 1L << 29;

    private static readonly byte[] s_signature = Encoding.ASCII.GetBytes("LWGTRAIN2");
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public required TOptions Options { get; init; }

    public required long Samples { get; init; }

    /// <summary>The number of Adam steps of each set of weights.</summary>
    public required IReadOnlyList<long> Steps { get; init; }

    /// <summary>The weights, Adam's moments and the average of each set.</summary>
    public required IReadOnlyList<float[]> State { get; init; }

    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        var header = new JsonObject
        {
            ["options"] = JsonSerializer.SerializeToNode(Options, s_json),
            ["samples"] = Samples,
            ["kind"] = typeof(TOptions).Name,
            ["steps"] = new JsonArray([.. Steps.Select(s => (JsonNode)s)]),
            ["lengths"] = new JsonArray([.. State.Select(s => (JsonNode)s.Length)]),
        };
        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString(s_json));
        stream.Write(s_signature);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        stream.Write(length);
        stream.Write(text);
        foreach (float[] array in State)
            stream.Write(MemoryMarshal.AsBytes(array.AsSpan()));
    });

    /// <exception cref="ModelFileException">The file is not a checkpoint, or is corrupt.</exception>
    public static TrainingCheckpoint<TOptions> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] start = new byte[s_signature.Length + 4];
            stream.ReadExactly(start);
            int length = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(s_signature.Length));
            if (!start.AsSpan(0, s_signature.Length).SequenceEqual(s_signature) || length is < 2 or > LongestHeader)
                throw new ModelFileException(path, null, "it is not a checkpoint of a training.");
            byte[] text = new byte[length];
            stream.ReadExactly(text);
            JsonNode header = JsonNode.Parse(text)!;
            if (header["kind"]!.GetValue<string>() != typeof(TOptions).Name)
                throw new ModelFileException(path, "kind",
                    $"it belongs to a training with {header["kind"]}, not with {typeof(TOptions).Name}.");
            var state = new List<float[]>();
            foreach (JsonNode? node in header["lengths"]!.AsArray())
            {
                long count = node!.GetValue<long>();
                if (count < 0 || count > LongestArray || 4 * count > stream.Length - stream.Position)
                    throw new ModelFileException(path, null,
                        $"it declares {count} values, but {stream.Length - stream.Position} bytes are left.");
                float[] array = new float[count];
                stream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
                state.Add(array);
            }
            TOptions options = header["options"].Deserialize<TOptions>(s_json) ?? throw new JsonException("There are no options.");
            options.Check();
            long samples = header["samples"]!.GetValue<long>();
            ArgumentOutOfRangeException.ThrowIfNegative(samples);
            return new TrainingCheckpoint<TOptions>
            {
                Options = options,
                Samples = samples,
                Steps = [.. header["steps"]!.AsArray().Select(s => s!.GetValue<long>())],
                State = state,
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException(path, null, "there is no such file.", e);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or JsonException or NullReferenceException
        or InvalidOperationException or FormatException)
        {
            throw new ModelFileException(path, null, "the checkpoint is damaged or truncated.", e);
        }
    }

    /// <summary>Throws if options differ from those of the checkpoint; the schedule may change in the part that is still to come, and
    /// unknown data are not compared.</summary>
    /// <exception cref="TrainingException">Options differ.</exception>
    public void RequireSame(TOptions wanted)
    {
        JsonObject mine = JsonSerializer.SerializeToNode(Options with { Schedule = [] }, s_json)!.AsObject(),
            theirs = JsonSerializer.SerializeToNode(wanted with { Schedule = [] }, s_json)!.AsObject();
        if (Options.Data is null)
            mine.Remove(nameof(TrainingOptions.Data));
        List<string> different = [.. mine.Where(p => p.Value?.ToJsonString() != theirs[p.Key]?.ToJsonString())
            .Select(p => $"{p.Key} was {p.Value?.ToJsonString()} and is now {theirs[p.Key]?.ToJsonString()}")];
        if (!PastStages(Options.Schedule).SequenceEqual(PastStages(wanted.Schedule)))
            different.Add("the schedule differs in the part that was trained already");
        if (different.Count > 0)
            throw new TrainingException($"The training cannot be resumed with other options: {string.Join("; ", different)}.");
    }

    // The sizes and samples of the schedule up to the current sample.
    private List<(int Size, long Samples)> PastStages(IEnumerable<TrainingStage> schedule)
    {
        var past = new List<(int, long)>();
        long left = Samples;
        foreach (TrainingStage stage in schedule)
        {
            if (left <= 0)
                break;
            past.Add((stage.Size, Math.Min(left, stage.Samples)));
            left -= stage.Samples;
        }
        return past;
    }
}
