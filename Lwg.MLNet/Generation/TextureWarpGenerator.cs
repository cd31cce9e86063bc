using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Heads;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// A generator without learning, and the baseline for learned ones. Where the target's surface is seen in the source, the source is
/// warped; where only its mirror image is seen, the mirror image is warped; the rest takes the colours of the nearest seen surface around
/// the same limb. The background under the person is filled by rule (<see cref="Generation.BackgroundFill"/>). The silhouette is soft and
/// follows hair and clothes that extend beyond the body. Immutable and thread-safe.
/// </summary>
public sealed class TextureWarpGenerator : TransferGenerator
{
    // The greatest distance on the template between a vertex and the surface at its pixel for the vertex to be visible there.
    private const float SameSurface = 0.06f;
    private const float WellSeen = 0.5f;

    private readonly MeshTopology _topology;
    private readonly SurfaceFill _fill;
    private readonly bool[] _mayColour;
    private readonly HairColour? _hair;
    private readonly int[] _hands;
    private readonly int[] _cheeks;

    /// <summary>Prepares the data that depends on the body alone.</summary>
    /// <param name="body">The body.</param>
    public TextureWarpGenerator(BodyModel body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Body = body;
        _topology = new MeshTopology(body);
        var head = HeadFaces.Of(body);
        _mayColour = MayColourOthers(body, head);
        _hair = head is null ? null : new HairColour(body, head);
        Unseen = _hair is not null && body.Surface.HasParts ? new UnseenSurface(body, _hair.Vertices) : null;
        _fill = new SurfaceFill(body, _topology, head?.Nape ?? float.NaN);
        DominantJoint = DominantJointOf(body);
        _hands = body.Surface.HasParts ? VerticesOf(body, f => (BodyPart)body.Surface.Part[f] is BodyPart.LeftHand or BodyPart.RightHand)
            : [];
        _cheeks = body.Surface.HasFront ? VerticesOf(body, f => body.Surface.Front[f]) : [];
    }

    /// <summary>The body.</summary>
    public BodyModel Body { get; }

    /// <inheritdoc/>
    public override string BodyHash => Body.Hash;

    /// <inheritdoc/>
    internal override TransferTensors SourceTensors =>
        TransferTensors.SourceImage | TransferTensors.SourcePoints | TransferTensors.SourceFaceIndex;

    /// <inheritdoc/>
    internal override TransferTensors TargetTensors => TransferTensors.TargetFaceIndex | TransferTensors.TargetWeights;

    /// <inheritdoc/>
    internal override bool KeepsVisibleFace => true;

    /// <inheritdoc/>
    internal override bool? AlignCorners => null;

    /// <summary>The joint with the largest skinning weight for each vertex.</summary>
    internal byte[] DominantJoint { get; }

    /// <summary>Removes traces of the front from the back; null if the body does not mark parts, head and face.</summary>
    internal UnseenSurface? Unseen { get; }

    internal int[] Mirror => _topology.Mirror;

    /// <inheritdoc/>
    internal override ITransferWorker CreateWorker(int size) => new Worker(this, size);

    /// <inheritdoc/>
    /// <remarks>Draws the reference in the source's pose in front of the source's background; where the source's parts are kept, its own
    /// picture is kept.</remarks>
    internal override TransferGenerator ForAppearance() => new KeptPartsGenerator(new TextureWarpAppearance(this));

    /// <summary>Analyses a source picture, once for any number of targets.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="facePoints">The picture points of its person's faces [F,3,2].</param>
    /// <param name="faceIndex">Its person's face index map [S,S].</param>
    /// <param name="size">S.</param>
    /// <param name="person">
    /// An estimator's person mask [G,G]; empty for none. The person is removed from the background, and pixels outside the mask are not
    /// sampled as the person but replaced by the nearest one inside, unless less than 60 % of the body's silhouette lies within the mask.
    /// </param>
    /// <returns>The analysis; immutable.</returns>
    internal TextureWarpSource Analyse(ReadOnlySpan<float> image, ReadOnlySpan<float> facePoints, ReadOnlySpan<int> faceIndex, int size,
        ReadOnlySpan<float> person = default) =>
        Analyse(image, facePoints, faceIndex, size, person, person, BackgroundFill.Patches);

    /// <summary>Analyses with one mask that opens the background and another to which the person is limited; without a background if no
    /// fill is given; optionally with what <see cref="UnseenSurface"/> covers a network's colours with: hair on the back of the head, and
    /// the median of the clothes' colours instead of the mean.</summary>
    internal TextureWarpSource Analyse(
        ReadOnlySpan<float> image, ReadOnlySpan<float> facePoints, ReadOnlySpan<int> faceIndex, int size, ReadOnlySpan<float> person,
        ReadOnlySpan<float> keptTo, BackgroundFill? fill, bool clearsBacks = false)
    {
        int n = size * size;
        if (image.Length != 3 * n || faceIndex.Length != n)
            throw new ArgumentException($"For S = {size} the picture has {3 * n} elements and the map {n}, but {image.Length} and "
                + $"{faceIndex.Length} were given.", nameof(image));
        if (facePoints.Length != 6 * Body.FaceCount)
            throw new ArgumentException($"The body has {Body.FaceCount} faces, so {6 * Body.FaceCount} coordinates, but "
                + $"{facePoints.Length} were given.", nameof(facePoints));

        var matte = new float[n];
        PersonMatte.Estimate(image, faceIndex, size, matte);
        var layers = new float[TextureWarpSource.LayerCount * n];
        FillLayers(PersonOf(image, faceIndex, size, keptTo), faceIndex, matte, size, layers);

        float[] plate = fill is null ? [] : new float[3 * n];
        if (fill is { } way)
            FillHole(image, Hole(matte, faceIndex, size, person), size, way, plate);

        var points = new float[2 * Body.VertexCount];
        for (int v = 0; v < Body.VertexCount; v++)
        {
            int corner = _topology.FaceOfVertex[v];
            points[2 * v] = corner < 0 ? TransformationFlow.Nowhere : facePoints[2 * corner];
            points[2 * v + 1] = corner < 0 ? TransformationFlow.Nowhere : facePoints[2 * corner + 1];
        }
        (float[] quality, float[] seen, float[] covered) = Visibility(points, facePoints, faceIndex, matte, size);
        float strands = 0;
        float[]? hair = clearsBacks ? _hair?.Find(image, faceIndex, matte, size, keptTo, out strands) : null;
        float[] colours = Colours(points, quality, layers, size, hair, median: clearsBacks);
        return new TextureWarpSource(this, size, layers, plate, points, quality, seen, colours)
        {
            Strands = strands,
            Covered = covered,
        };
    }

    /// <summary>Returns the picture that the person is read from: the picture itself, or, with a mask, the picture without
    /// background.</summary>
    private static ReadOnlySpan<float> PersonOf(ReadOnlySpan<float> image, ReadOnlySpan<int> faceIndex, int size, ReadOnlySpan<float> mask)
    {
        if (mask.IsEmpty)
            return image;
        var pixels = new PersonPixels(size);
        if (!pixels.Take(mask, faceIndex))
            return image;
        float[] person = new float[image.Length];
        pixels.Paint(image, person);
        return person;
    }

    /// <summary>Fills the unknown pixels of a picture.</summary>
    internal static void FillHole(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, BackgroundFill fill, Span<float> plate)
    {
        if (fill == BackgroundFill.Smooth)
            BackgroundPlate.Fill(image, hole, size, plate);
        else
            ExemplarFill.Fill(image, hole, size, plate);
    }

    /// <summary>Returns the map of the unknown background [S,S]: 1 on the person and around it.</summary>
    internal static float[] Hole(ReadOnlySpan<float> matte, ReadOnlySpan<int> faceIndex, int size, ReadOnlySpan<float> person = default)
    {
        var hole = new float[matte.Length];
        if (!person.IsEmpty)
            MaskGrid.Resize(person, hole, size);
        for (int i = 0; i < hole.Length; i++)
            hole[i] = hole[i] > MaskGrid.PersonFrom || matte[i] > 0.02f || faceIndex[i] >= 0 ? 1 : 0;
        // The rim of the person bleeds into the background by a pixel or two (lenses, JPEG).
        new Morphology(size, size).Dilate(hole, Math.Max(size / 64, 2) * 2 + 1, hole);
        return hole;
    }

    /// <summary>Fills the layers: the person's colours spread outwards, so that sampling them adds no background; the matte; the
    /// silhouette.</summary>
    private static void FillLayers(ReadOnlySpan<float> image, ReadOnlySpan<int> faceIndex, float[] matte, int size, float[] layers)
    {
        int n = size * size;
        var hole = new float[n];
        for (int i = 0; i < n; i++)
        {
            hole[i] = matte[i] < 0.9f ? 1 : 0;
            layers[3 * n + i] = matte[i];
            layers[4 * n + i] = faceIndex[i] >= 0 ? 1 : 0;
        }
        // Slightly smaller, so that no gap opens between the silhouette and pixels outside it.
        new Morphology(size, size).Erode(layers.AsSpan(4 * n, n), 2 * Math.Max(size / 128, 1) + 1, layers.AsSpan(4 * n, n));
        // The outermost pixels contain background.
        new Morphology(size, size).Dilate(hole, 3, hole);
        BackgroundPlate.Spread(image, hole, size, layers.AsSpan(0, 3 * n));
    }

    /// <summary>
    /// Computes for each vertex the quality of its colour (1 facing the viewer, unoccluded and on the person; 0 hidden), and whether it
    /// is seen at all, even at the outline, or faces the viewer behind another part.
    /// </summary>
    private (float[] Quality, float[] Seen, float[] Covered) Visibility(float[] points, ReadOnlySpan<float> facePoints,
        ReadOnlySpan<int> faceIndex, float[] matte, int size)
    {
        ReadOnlySpan<int> faces = Body.Faces;
        float[] rest = Body.Data.Template, quality = new float[Body.VertexCount], visible = new float[Body.VertexCount];
        float[] seen = new float[Body.VertexCount], whole = new float[Body.VertexCount], covered = new float[Body.VertexCount];
        var ratios = new List<float>();
        for (int f = 0; f < Body.FaceCount; f++)
        {
            ReadOnlySpan<float> p = facePoints.Slice(6 * f, 6);
            // y points down: a face towards the viewer is clockwise.
            float area = -0.5f * ((p[2] - p[0]) * (p[5] - p[1]) - (p[3] - p[1]) * (p[4] - p[0]));
            if (area > 0 && _topology.FaceArea[f] > 0)
                ratios.Add(area / _topology.FaceArea[f]);
            for (int k = 0; k < 3; k++)
            {
                seen[faces[3 * f + k]] += area;
                whole[faces[3 * f + k]] += _topology.FaceArea[f];
            }
        }
        if (ratios.Count == 0)
            return (quality, visible, covered);
        ratios.Sort();
        float scale = ratios[(int)(0.9 * (ratios.Count - 1))];
        for (int v = 0; v < quality.Length; v++)
        {
            float facing = whole[v] > 0 ? seen[v] / (whole[v] * scale) : 0;
            int x = (int)MathF.Floor((points[2 * v] + 1) / 2 * size), y = (int)MathF.Floor((points[2 * v + 1] + 1) / 2 * size);
            if (facing <= -0.1f || x < 1 || y < 1 || x >= size - 1 || y >= size - 1)
                continue;
            float same = 0, person = 0;
            for (int dy = -1; dy <= 1; dy++)
            {
                for (int dx = -1; dx <= 1; dx++)
                {
                    int i = (y + dy) * size + x + dx;
                    person += matte[i];
                    if (faceIndex[i] < 0 || SquaredDistance(rest, v, faces[3 * faceIndex[i]]) < SameSurface * SameSurface)
                        same++;
                }
            }
            float front = Ramp.Smooth(-0.1f, 0.1f, facing), free = Ramp.Smooth(0.3f, 0.7f, same / 9);
            (visible[v], covered[v]) = (front * free, front * (1 - free));
            quality[v] = Ramp.Smooth(0.12f, 0.4f, facing) * Ramp.Smooth(0.5f, 0.95f, same / 9) * Ramp.Smooth(0.75f, 1, person / 9);
        }
        return (quality, visible, covered);
    }

    /// <summary>Computes a colour for each vertex [3,V]: the source's where it is well seen, spread from there to the others.</summary>
    private float[] Colours(float[] points, float[] quality, float[] layers, int size, float[]? hair, bool median)
    {
        int count = Body.VertexCount;
        var sampled = new float[TextureWarpSource.LayerCount * count];
        GridSampler.Sample(layers, TextureWarpSource.LayerCount, size, size, points, alignCorners: false, sampled);
        float[] colours = sampled[..(3 * count)];
        var known = new bool[count];
        for (int v = 0; v < count; v++)
            known[v] = quality[v] > WellSeen && _mayColour[v];
        if (!known.Contains(true))
        {
            for (int v = 0; v < count; v++)
                known[v] = quality[v] > 0;
        }
        PaintUnseenHands(colours, known, quality);
        if (hair is not null)
            PaintUnseenHair(colours, known, quality, hair);
        _fill.Solve(colours, known, median);
        return colours;
    }

    /// <summary>
    /// Computes one colour for each vertex from several views of one person: from the views that show it best, spread from there to
    /// vertices that no view shows. The weight is the eighth power of the quality, so that the best view decides and transitions are
    /// smooth.
    /// </summary>
    internal TextureWarpSource WithColoursOf(TextureWarpSource view, IReadOnlyList<TextureWarpSource> views)
    {
        int count = Body.VertexCount;
        float[] colours = new float[3 * count], best = new float[count];
        for (int v = 0; v < count; v++)
        {
            float total = 0;
            foreach (TextureWarpSource source in views)
            {
                float weight = Preference(source.Quality[v]);
                best[v] = Math.Max(best[v], source.Quality[v]);
                total += weight;
                for (int c = v; c < 3 * count; c += count)
                    colours[c] += weight * source.Colours[c];
            }
            for (int c = v; c < 3 * count && total > LeastPreference; c += count)
                colours[c] /= total;
        }
        bool[] known = [.. best.Select((quality, v) => quality > WellSeen && _mayColour[v])];
        if (!known.Contains(true))
            return view;
        _fill.Solve(colours, known, median: false);
        return new TextureWarpSource(this, view.Size, view.Layers, view.Plate, view.Points, view.Quality, view.Seen, colours)
        {
            Strands = view.Strands,
            Covered = view.Covered,
        };
    }

    /// <summary>The least usable sum of preferences: below it the reciprocal leaves the range of single precision.</summary>
    internal const float LeastPreference = 1e-30f;

    /// <summary>Returns the weight of a view with a given quality, 0 to 1.</summary>
    internal static float Preference(float seen)
    {
        float square = seen * seen, fourth = square * square;
        return fourth * fourth;
    }

    /// <summary>Gives hands that are mostly hidden (fists, pockets) the colour of the cheeks instead of that of the sleeves.</summary>
    private void PaintUnseenHands(float[] colours, bool[] known, float[] quality)
    {
        int count = known.Length;
        if (_hands.Count(v => known[v]) > _hands.Length / 20 || !_cheeks.Any(v => quality[v] > WellSeen))
            return;
        foreach (int v in _hands)
            known[v] = true;
        for (int c = 0; c < 3; c++)
        {
            float[] cheeks = [.. _cheeks.Where(v => quality[v] > WellSeen).Select(v => colours[c * count + v]).Order()];
            foreach (int v in _hands)
                colours[c * count + v] = cheeks[cheeks.Length / 2];
        }
    }

    private void PaintUnseenHair(float[] colours, bool[] known, float[] quality, float[] hair)
    {
        foreach (int v in _hair!.Vertices.Where(v => quality[v] <= WellSeen))
        {
            known[v] = true;
            for (int c = 0; c < 3; c++)
                colours[c * known.Length + v] = hair[c];
        }
    }

    private static int[] VerticesOf(BodyModel body, Func<int, bool> faceBelongs) =>
        [.. Enumerable.Range(0, body.FaceCount).Where(faceBelongs).SelectMany(f => body.Faces.Slice(3 * f, 3).ToArray()).Distinct()
            .Order()];

    /// <summary>
    /// Determines the vertices whose colour may spread to hidden surface: all except the facial front; on the head only its top (hair)
    /// and the neck, so that the back of a head never shows a face or an ear.
    /// </summary>
    private static bool[] MayColourOthers(BodyModel body, HeadFaces? head)
    {
        var may = new bool[body.VertexCount];
        Array.Fill(may, true);
        BodySurface surface = body.Surface;
        for (int f = 0; head is not null && f < body.FaceCount; f++)
        {
            if (!surface.Head[f])
                continue;
            for (int k = 0; k < 3; k++)
            {
                int v = body.Faces[3 * f + k];
                float y = body.Data.Template[3 * v + 1];
                if (surface.Front[f] || (y > head.Chin && y < head.Hairline))
                    may[v] = false;
            }
        }
        return may;
    }

    private static byte[] DominantJointOf(BodyModel body)
    {
        var dominant = new byte[body.VertexCount];
        for (int v = 0; v < dominant.Length; v++)
        {
            ReadOnlySpan<float> weights = body.Data.SkinningWeights.AsSpan(v * Skeleton.JointCount, Skeleton.JointCount);
            dominant[v] = (byte)System.Numerics.Tensors.TensorPrimitives.IndexOfMax(weights);
        }
        return dominant;
    }

    private static float SquaredDistance(float[] points, int a, int b)
    {
        float x = points[3 * a] - points[3 * b], y = points[3 * a + 1] - points[3 * b + 1], z = points[3 * a + 2] - points[3 * b + 2];
        return x * x + y * y + z * z;
    }

    private sealed class Worker(TextureWarpGenerator generator, int size) : ITransferWorker
    {
        private readonly TextureWarpTarget _target = new(size);
        private TextureWarpSource? _source;

        public void Prepare(in TransferFrame frame) =>
            _source = generator.Analyse(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, size, frame.SourcePersonMask,
            frame.MaskOpensBackgroundOnly ? [] : frame.SourcePersonMask, frame.BackgroundFill, frame.ClearsBacks);

        public void Generate(in TransferFrame frame, TransferResult result) =>
            _target.Draw(_source ?? throw new InvalidOperationException("A source must be prepared before a target can be generated."),
            frame.TargetFaceIndex, frame.TargetWeights, result);

        public void Dispose()
        {
            // Arrays only: nothing to release.
        }
    }
}
