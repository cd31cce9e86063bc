using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// One person, learned from one or several pictures: one shape, the views, and the background without the person. For any pose the
/// appearance is sampled from the views that show it best: <see cref="SubjectGenerator"/>. Immutable.
/// </summary>
internal sealed class Subject
{
    /// <summary>The maximum number of views of one person.</summary>
    public const int MaximumViews = 64;

    // The mean difference up to which two pictures show the same scene.
    private const float OneScene = 0.15f;

    private const float WellSeen = 0.5f;

    // In a saved mask: the view has no mask.
    private const int Unknown = 2;

    private const string ViewsName = "smpl", ImagesName = "images", BackgroundName = "background", MasksName = "person";

    private Subject(int size, IReadOnlyList<SubjectView> views, float[] background) => (Size, Views, Plate) = (size, views, background);

    /// <summary>S, the width and height of the pictures.</summary>
    public int Size { get; }

    /// <summary>The views, all with the same shape, in the given order.</summary>
    public IReadOnlyList<SubjectView> Views { get; }

    /// <summary>The background without the person [3,S,S] in [-1,1].</summary>
    public ReadOnlySpan<float> Background => Plate;

    /// <summary>
    /// The largest mean colour difference of two views over the surface that both see well, over all channels, in units of [-1,1]; 0 if
    /// no two views see the same surface, and for a loaded subject. Values far above what lighting explains (0.5 and more) suggest that
    /// the views show different people.
    /// </summary>
    public float Disagreement { get; private init; }

    internal float[] Plate { get; }

    /// <summary>Learns a person.</summary>
    /// <param name="body">The body.</param>
    /// <param name="views">One or several pictures of one person; the first determines background and camera.</param>
    /// <param name="size">S.</param>
    /// <exception cref="ArgumentException">There is no picture, more than <see cref="MaximumViews"/>, or one of another size.</exception>
    public static Subject Learn(BodyModel body, IReadOnlyList<SubjectView> views, int size)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(views);
        if (views.Count is < 1 or > MaximumViews)
            throw new ArgumentException($"A person is learned from 1 to {MaximumViews} pictures, but {views.Count} were given.",
                nameof(views));
        foreach (SubjectView view in views)
        {
            SmplLayout.Check(view.Smpl, nameof(views));
            PixelBuffer.CheckTensor(view.Image.Length, size, size, nameof(views));
            if (view.PersonMask is { } mask)
                _ = MaskGrid.SideOf(mask);
        }
        SubjectView[] shared = OneShape(body,
            [.. views.Select(v => new SubjectView([.. v.Smpl], Rounded(v.Image)) { PersonMask = Decided(v.PersonMask, size) })]);
        var (warp, maps) = (new TextureWarpGenerator(body), new ViewMaps(body, size));
        var (sources, holes) = (new List<TextureWarpSource>(), new List<float[]>());
        foreach (SubjectView view in shared)
        {
            maps.Draw(view.Smpl);
            sources.Add(warp.Analyse(view.Image, maps.Points, maps.FaceIndex, size, view.PersonMask, view.PersonMask, fill: null));
            holes.Add(TextureWarpGenerator.Hole(sources[^1].Matte, maps.FaceIndex, size, views[holes.Count].PersonMask));
        }
        return new Subject(size, shared, Rounded(MergeBackgrounds(shared, holes, size))) { Disagreement = LargestDisagreement(sources) };
    }

    /// <summary>Writes the subject as .npz.</summary>
    /// <param name="stream">The stream to write to; left open.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new NumpyArchiveWriter(stream);
        writer.Add(ViewsName, [.. Views.SelectMany(v => v.Smpl)], Views.Count, SmplLayout.ParameterCount);
        writer.Add(ImagesName, [.. Views.SelectMany(v => v.Image).Select(Byte)], Views.Count, 3, Size, Size);
        if (Views.Any(v => v.PersonMask is not null))
            writer.Add(MasksName, [.. Views.SelectMany(v => v.PersonMask?.Select(m => (int)m) ?? Enumerable.Repeat(Unknown, Size * Size))],
                Views.Count, Size, Size);
        writer.Add(BackgroundName, [.. Plate.Select(Byte)], 3, Size, Size);
    }

    /// <summary>Reads the output of <see cref="Save"/>.</summary>
    /// <param name="stream">The stream to read from.</param>
    /// <param name="source">The name used in error messages.</param>
    /// <exception cref="ModelFileException">The data is damaged or of another kind.</exception>
    public static Subject Load(Stream stream, string source)
    {
        using var archive = new NumpyArchive(stream, source, leaveOpen: true);
        NumpyArray smpl = archive.Read(ViewsName), background = archive.Read(BackgroundName);
        int count = smpl.Shape is [var c and > 0 and <= MaximumViews, SmplLayout.ParameterCount] ? c
            : throw new ModelFileException(source, ViewsName,
            $"it is [{string.Join(",", smpl.Shape)}], but 1 to {MaximumViews} times {SmplLayout.ParameterCount} values are needed.");
        int size = background.Shape is [3, var s and >= 32 and <= 2048, _] ? s
            : throw new ModelFileException(source, BackgroundName,
            $"it is [{string.Join(",", background.Shape)}], but 3 planes of 32 to 2048 pixels a side are needed.");
        float[] numbers = smpl.ToSingles(count, SmplLayout.ParameterCount);
        int[] pixels = archive.Read(ImagesName).ToInt32s(count, 3, size, size), plate = background.ToInt32s(3, size, size);
        if (!numbers.All(float.IsFinite) || pixels.AsSpan().ContainsAnyExceptInRange(0, 255)
            || plate.AsSpan().ContainsAnyExceptInRange(0, 255))
            throw new ModelFileException(source, null, "a parameter is not finite, or a pixel is not 0 to 255.");
        int[] masks = archive.Contains(MasksName) ? archive.Read(MasksName).ToInt32s(count, size, size) : [];
        if (masks.AsSpan().ContainsAnyExceptInRange(0, Unknown))
            throw new ModelFileException(source, MasksName, $"a pixel is not 0 (background), 1 (person) or {Unknown} (unknown).");
        int plane = 3 * size * size;
        SubjectView[] views = [.. Enumerable.Range(0, count).Select(v => new SubjectView(
            numbers[(v * SmplLayout.ParameterCount)..((v + 1) * SmplLayout.ParameterCount)],
            [.. pixels[(v * plane)..((v + 1) * plane)].Select(p => PixelBuffer.ToUnit((byte)p))]) { PersonMask =
                MaskOf(masks, v, size * size) })];
        return new Subject(size, views, [.. plate.Select(p => PixelBuffer.ToUnit((byte)p))]);
    }

    /// <summary>Returns a mask at the picture's size as it is saved, 1 on the person.</summary>
    private static float[]? Decided(float[]? mask, int size)
    {
        if (mask is null)
            return null;
        float[] map = new float[size * size];
        MaskGrid.Resize(mask, map, size);
        for (int i = 0; i < map.Length; i++)
            map[i] = map[i] >= PersonPixels.PersonFrom ? 1 : 0;
        return map;
    }

    private static float[]? MaskOf(int[] masks, int view, int plane) =>
        masks.Length == 0 || masks[view * plane] == Unknown ? null : [.. masks[(view * plane)..((view + 1) * plane)].Select(m => (float)m)];

    private static int Byte(float value) => PixelBuffer.ToByte(value);

    /// <summary>Rounds a picture as it is saved, so that a saved subject is bit-identical.</summary>
    private static float[] Rounded(float[] image) => [.. image.Select(v => PixelBuffer.ToUnit(PixelBuffer.ToByte(v)))];

    /// <summary>Gives all views the mean shape, and moves each camera so that the joints stay as close as possible to their
    /// places.</summary>
    private static SubjectView[] OneShape(BodyModel body, SubjectView[] views)
    {
        float[] mean = new float[SmplLayout.ShapeCount];
        for (int k = 0; k < mean.Length; k++)
            mean[k] = views.Sum(v => new ReadOnlySmpl(v.Smpl).Shape[k]) / views.Length;
        var posed = new PosedBody(body);
        foreach (SubjectView view in views)
        {
            var smpl = new Smpl(view.Smpl);
            if (smpl.Shape.SequenceEqual(mean))
                continue;
            float[] before = Points(body, view.Smpl, posed);
            (float s, float x, float y) = (smpl.Scale, smpl.TranslationX, smpl.TranslationY);
            for (int i = 0; i < before.Length; i += 2)
                (before[i], before[i + 1]) = (s * (before[i] + x), s * (before[i + 1] + y));
            mean.CopyTo(smpl.Shape);
            (smpl.Scale, smpl.TranslationX, smpl.TranslationY) = FitCamera(Points(body, view.Smpl, posed), before);
        }
        return views;
    }

    /// <summary>Returns the joints' x and y before the camera.</summary>
    private static float[] Points(BodyModel body, float[] smpl, PosedBody posed)
    {
        body.Pose(smpl, posed);
        return [.. Enumerable.Range(0, Skeleton.JointCount).SelectMany(j => (float[])[posed.Joints[3 * j], posed.Joints[3 * j + 1]])];
    }

    /// <summary>Fits the camera s (p + t) between two sets of points by least squares, in closed form.</summary>
    private static (float S, float X, float Y) FitCamera(float[] points, float[] picture)
    {
        int count = points.Length / 2;
        double[] mean = new double[4];
        for (int i = 0; i < points.Length; i++)
        {
            mean[i % 2] += points[i] / (double)count;
            mean[2 + i % 2] += picture[i] / (double)count;
        }
        double both = 0, own = 0;
        for (int i = 0; i < points.Length; i++)
        {
            double p = points[i] - mean[i % 2];
            both += p * (picture[i] - mean[2 + i % 2]);
            own += p * p;
        }
        double s = both / own;
        return ((float)s, (float)(mean[2] / s - mean[0]), (float)(mean[3] / s - mean[1]));
    }

    /// <summary>Merges the backgrounds: the first view's; where its person hides it, that of views with the same scene; the rest is
    /// filled.</summary>
    private static float[] MergeBackgrounds(SubjectView[] views, List<float[]> holes, int size)
    {
        int n = size * size;
        float[] plate = [.. views[0].Image], hole = [.. holes[0]], sum = new float[3 * n], count = new float[n];
        for (int v = 1; v < views.Length; v++)
        {
            if (!SameScene(views[0].Image, holes[0], views[v].Image, holes[v]))
                continue;
            for (int i = 0; i < n; i++)
            {
                if (holes[v][i] > 0)
                    continue;
                count[i]++;
                for (int c = i; c < 3 * n; c += n)
                    sum[c] += views[v].Image[c];
            }
        }
        for (int i = 0; i < n; i++)
        {
            if (hole[i] == 0 || count[i] == 0)
                continue;
            hole[i] = 0;
            for (int c = i; c < 3 * n; c += n)
                plate[c] = sum[c] / count[i];
        }
        float[] filled = new float[3 * n];
        ExemplarFill.Fill(plate, hole, size, filled);
        return filled;
    }

    private static float LargestDisagreement(List<TextureWarpSource> sources)
    {
        float largest = 0;
        for (int a = 0; a < sources.Count; a++)
        {
            for (int b = 0; b < a; b++)
                largest = Math.Max(largest, DisagreementOf(sources[a], sources[b]));
        }
        return largest;
    }

    private static float DisagreementOf(TextureWarpSource a, TextureWarpSource b)
    {
        int count = 0, vertices = a.Quality.Length;
        double sum = 0;
        for (int v = 0; v < vertices; v++)
        {
            if (a.Quality[v] < WellSeen || b.Quality[v] < WellSeen)
                continue;
            count++;
            for (int c = v; c < 3 * vertices; c += vertices)
                sum += Math.Abs(a.Colours[c] - b.Colours[c]) / 3;
        }
        return count < vertices / 50 ? 0 : (float)(sum / count);
    }

    private static bool SameScene(float[] first, float[] hole, float[] other, float[] hidden)
    {
        int n = hole.Length, count = 0;
        double difference = 0;
        for (int i = 0; i < n; i++)
        {
            if (hole[i] > 0 || hidden[i] > 0)
                continue;
            count++;
            for (int c = i; c < 3 * n; c += n)
                difference += Math.Abs(first[c] - other[c]) / 3;
        }
        return count > 0 && difference / count < OneScene;
    }
}
