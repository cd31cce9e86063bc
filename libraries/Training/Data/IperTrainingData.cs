using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training.Data;

/// <summary>
/// A folder in the layout of the iPER data set (Liu et al. 2019): train.txt and val.txt list sequences, one per line, such as 001/1/1;
/// images/(sequence) contains a sequence's frames, square pictures in the order of their names, and smpls/(sequence)/pose_shape.pkl the
/// body in each frame. A sample is two frames of one sequence; the sample's number and the seed select them.
/// </summary>
internal sealed class IperTrainingData : ITrainingData
{
    /// <summary>The files that list the training sequences and the held-out sequences.</summary>
    public const string TrainingList = "train.txt", ValidationList = "val.txt";

    private static readonly string[] s_pictures = [".png", ".jpg", ".jpeg"];

    private readonly List<Sequence> _sequences = [];
    private readonly int _seed;

    /// <summary>Lists the frames of a folder; pictures are read when they are needed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="list"><see cref="TrainingList"/> or <see cref="ValidationList"/>.</param>
    /// <param name="seed">Selects the pairs; another seed gives other pairs.</param>
    /// <exception cref="TrainingException">The list, frames or bodies are missing, or the numbers of bodies and frames
    /// differ.</exception>
    /// <exception cref="ModelFileException">A file of bodies is corrupt.</exception>
    public IperTrainingData(string folder, string list = TrainingList, int seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(list);
        _seed = seed;
        string listPath = Path.Combine(folder, list);
        if (!File.Exists(listPath))
            throw new TrainingException($"'{folder}' is not a folder in the layout of iPER: it has no '{list}'.");
        foreach (string line in File.ReadLines(listPath).Select(l => l.Trim()).Where(l => l.Length > 0))
            _sequences.Add(Open(folder, line, listPath));
        if (_sequences.Count == 0)
            throw new TrainingException($"'{listPath}' lists no sequence; list one per line, such as 001/1/1.");
    }

    /// <summary>The data in words, as in <see cref="TrainingOptions.Data"/>.</summary>
    public string Description => $"pictures in the layout of iPER: {SequenceCount} sequences, {FrameCount} frames";

    /// <summary>The number of sequences.</summary>
    public int SequenceCount => _sequences.Count;

    /// <summary>The number of frames.</summary>
    public long FrameCount => _sequences.Sum(s => (long)s.Frames.Length);

    /// <inheritdoc/>
    /// <exception cref="TrainingException">A picture is not square.</exception>
    /// <exception cref="ImageInputException">A picture cannot be read.</exception>
    public void Fill(long number, TrainingSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var random = new Random(HashCode(number));
        Sequence sequence = _sequences[random.Next(_sequences.Count)];
        int source = random.Next(sequence.Frames.Length),
            target = (source + 1 + random.Next(sequence.Frames.Length - 1)) % sequence.Frames.Length;
        sample.Name = $"'{sequence.Frames[source]}' and '{Path.GetFileName(sequence.Frames[target])}'";
        sample.HasTruth = false;
        Fill(sequence, source, sample.Size, sample.SourceImage, sample.SourceSmpl);
        Fill(sequence, target, sample.Size, sample.TargetImage, sample.TargetSmpl);
    }

    private static void Fill(Sequence sequence, int frame, int size, float[] image, float[] smpl)
    {
        PixelBuffer picture = ImageCodec.Load(sequence.Frames[frame]);
        if (picture.Width != picture.Height)
            throw new TrainingException($"'{sequence.Frames[frame]}' is {picture.Width} x {picture.Height} pixels; square pictures are "
                + $"required.");
        SquarePicture.Fill(picture, size, image);
        sequence.Smpl.AsSpan(frame * smpl.Length, smpl.Length).CopyTo(smpl);
    }

    private static Sequence Open(string folder, string name, string list)
    {
        // Rejects paths that lead out of the folder.
        if (Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw new TrainingException($"'{list}' names '{name}'; sequences are paths within the folder.");
        string images = Path.Combine(folder, "images", name), bodies = Path.Combine(folder, "smpls", name, "pose_shape.pkl");
        if (!Directory.Exists(images))
            throw new TrainingException($"Sequence '{name}' of '{list}' has no folder '{images}'.");
        if (!File.Exists(bodies))
            throw new TrainingException($"Sequence '{name}' of '{list}' has no file '{bodies}'.");
        // Shorter names first: 2.jpg comes before 10.jpg, and 0002.jpg before 0010.jpg.
        string[] frames = [.. Directory.EnumerateFiles(images).Where(f => s_pictures.Contains(Path.GetExtension(f).ToLowerInvariant()))
            .OrderBy(f => f.Length).ThenBy(f => f, StringComparer.Ordinal)];
        float[] smpl = MotionFile.IperSmpl(PickleFile.ReadDictionary(bodies), bodies);
        int count = smpl.Length / SmplLayout.ParameterCount;
        if (frames.Length != count)
            throw new TrainingException($"Sequence '{name}' has {frames.Length} frames in '{images}', but {count} bodies in '{bodies}'.");
        if (frames.Length < 2)
            throw new TrainingException($"Sequence '{name}' has one frame; a pair needs two.");
        if (Array.FindIndex(smpl, v => !float.IsFinite(v)) is >= 0 and int at)
            throw new TrainingException($"'{bodies}': frame {at / SmplLayout.ParameterCount} has {smpl[at]}; values must be finite.");
        return new Sequence(frames, smpl);
    }

    // SplitMix64 of the sample's number and the seed.
    private int HashCode(long number)
    {
        ulong z = (ulong)number * 0x9E3779B97F4A7C15 + (ulong)(uint)_seed * 0xD1B54A32D192ED03;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return (int)(z >> 33);
    }

    private sealed record Sequence(string[] Frames, float[] Smpl);
}
