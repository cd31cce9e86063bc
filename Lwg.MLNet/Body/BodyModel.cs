using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Body;

/// <summary>
/// A body in SMPL's layout (Loper et al. 2015): any number of vertices and faces, 24 joints, 10 shape numbers.
/// Immutable and safe to share between threads; the mutable side is <see cref="PosedBody"/>.
/// </summary>
public sealed class BodyModel
{
    /// <summary>How many pose features there are: R - I of joints 1..23, nine numbers each.</summary>
    public const int PoseFeatureCount = 207;

    private static readonly Lazy<BodyModel> s_default = new(BodyModelFile.LoadDefault);

    private readonly BlendShapes _blendShapes;
    private readonly int[] _densePoseFeatures;
    private readonly PoseDirection[] _poseDirections;
    private readonly float[] _joints;
    private readonly float[][] _jointShapeDirections;
    private readonly SparseRows _skinning;
    private readonly SparseRows? _keypoints;

    /// <summary>Checks and copies the arrays of a body.</summary>
    /// <param name="data">The arrays. What is done to them afterwards does not change the body.</param>
    /// <param name="source">Where they came from, for errors.</param>
    /// <exception cref="ModelFileException">An array of the wrong size, faces that name no vertex, weights that do not sum to
    /// one...</exception>
    internal BodyModel(BodyModelData data, string source = "body")
        : this(source, (data ?? throw new ArgumentNullException(nameof(data))).Copy())
    {
    }

    /// <summary>Checks and takes arrays that nothing else refers to.</summary>
    internal static BodyModel Owning(BodyModelData data, string source) => new(source, data);

    private BodyModel(string source, BodyModelData data)
    {
        BodyModelFile.Check(data, source);
        (Data, Source) = (data, source);
        VertexCount = data.Template.Length / 3;
        FaceCount = data.Faces.Length / 3;
        Hash = ComputeHash(data);
        int n = 3 * VertexCount;
        float[][] shapeDirections = Columns(data.ShapeDirections, n, SmplLayout.ShapeCount);
        // A pose direction that moves most of the body goes with the shape directions; of one that moves little only what it moves is read.
        float[][] poseDirections = data.PoseDirections.Length == 0 ? [] : Columns(data.PoseDirections, n, PoseFeatureCount);
        List<PoseDirection> pose = [.. poseDirections.Select((d, i) => new PoseDirection(i, d))];
        _densePoseFeatures = [.. pose.Where(d => d.Length > n / 2).Select(d => d.Feature)];
        _poseDirections = [.. pose.Where(d => d.Length > 0 && d.Length <= n / 2)];
        _blendShapes = new BlendShapes([.. shapeDirections, .. _densePoseFeatures.Select(f => poseDirections[f])], n);
        var regressor = SparseRows.FromDense(data.JointRegressor, Skeleton.JointCount, VertexCount);
        _joints = JointsOf(regressor, data.Template);
        _jointShapeDirections = [.. shapeDirections.Select(d => JointsOf(regressor, d))];
        _skinning = SparseRows.FromDense(data.SkinningWeights, VertexCount, Skeleton.JointCount);
        _keypoints = data.KeypointRegressor.Length == 0 ? null
            : SparseRows.FromDense(data.KeypointRegressor, Skeleton.KeypointCount, VertexCount);
        Surface = BodySurface.From(data);
    }

    /// <summary>Our own body, which ships inside this assembly and is free to use.</summary>
    public static BodyModel Default => s_default.Value;

    /// <summary>The arrays it was made from; its hash is theirs, so they are never written to.</summary>
    internal BodyModelData Data { get; }

    /// <summary>The file that it came from, or what else its maker called it.</summary>
    public string Source { get; }

    /// <summary>Whether saved pipelines keep a reference to the body only, for bodies that must not be passed on; then loading looks it up
    /// (<c>ModelReferences</c>).</summary>
    public bool StoredByReference { get; private set; }

    /// <summary>Whether it is the library's own, which anybody may pass on; of others that is not known.</summary>
    public bool IsOwn => Hash == Default.Hash;

    /// <summary>The same body, kept by reference in saved pipelines.</summary>
    public BodyModel ByReference()
    {
        var body = (BodyModel)MemberwiseClone();
        body.StoredByReference = true;
        return body;
    }

    /// <summary>V, the number of vertices.</summary>
    public int VertexCount { get; }

    /// <summary>F, the number of faces.</summary>
    public int FaceCount { get; }

    /// <summary>The faces [F,3].</summary>
    public ReadOnlySpan<int> Faces => Data.Faces;

    /// <summary>SHA-256 (lower-case hex) of the arrays: what maps, models and columns remember a body by.</summary>
    public string Hash { get; }

    /// <summary>Whether the body can tell its 19 key points.</summary>
    public bool HasKeypoints => _keypoints is not null;

    /// <summary>The tables of its faces: condition, parts, facial front, head.</summary>
    internal BodySurface Surface { get; }

    /// <summary>Reads a body from our .npz or from SMPL's files in any flavour: see <see cref="BodyModelFile.Read(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">It is missing, damaged or no body.</exception>
    public static BodyModel Load(string path) => Owning(BodyModelFile.Read(path), path);

    /// <summary>Reads a body from our .npz.</summary>
    /// <param name="stream">A stream that can seek; left open.</param>
    /// <param name="source">Where it came from, for errors.</param>
    /// <exception cref="ModelFileException">It is damaged or no body.</exception>
    public static BodyModel Load(Stream stream, string source)
    {
        using var archive = new NumpyArchive(stream, source, leaveOpen: true);
        return Owning(BodyModelFile.Read(archive, source), source);
    }

    /// <summary>The same body with the texture coordinates, facial front and head of the files that come with the published models; its
    /// parts stay what they are.</summary>
    /// <param name="mapper">mapper.txt: an OBJ with 'vt' lines and 'f a/b/c' lines, a line a face of this body.</param>
    /// <param name="front">front_facial.json: {"face": [...]}. Null to keep the body's own.</param>
    /// <param name="head">head.json: {"face": [...]}. Null to keep the body's own.</param>
    /// <returns>A new body: its hash differs, as its condition maps do.</returns>
    /// <exception cref="ModelFileException">A file is missing, not of its format, or names faces that are not there.</exception>
    /// <exception cref="BodyMismatchException">The mapper has another number of faces.</exception>
    public BodyModel WithSurfaceFiles(string mapper, string? front = null, string? head = null)
    {
        (float[] uv, int[] uvFaces) = BodySurface.ReadMapper(mapper);
        if (uvFaces.Length != Data.Faces.Length)
            throw new BodyMismatchException($"'{mapper}' has {uvFaces.Length / 3} faces, but this body has {FaceCount}.");
        return Owning(WithSurface(uv, uvFaces, Data.Part, Flags(front) ?? Data.FaceFront, Flags(head) ?? Data.Head), Source);

        int[]? Flags(string? path) => BodySurface.ReadFlags(path, FaceCount) is { } marked ? [.. marked.Select(m => m ? 1 : 0)] : null;
    }

    /// <summary>The same body with the ten parts (<see cref="BodyPart"/>), which appearance transfer needs: SMPL's files have
    /// none.</summary>
    /// <param name="list">smpl_part_info.json, which comes with the published models: part -> {"face": [...]}. Null for the parts whose
    /// joints move each face most.</param>
    /// <returns>A new body: its hash differs.</returns>
    /// <exception cref="ModelFileException">The list is missing, not of its format, or its names say other parts than the ten.</exception>
    public BodyModel WithParts(string? list = null) =>
        Owning(WithSurface(Data.Uv, Data.UvFaces, list is null ? BodyParts.FromSkinning(Data)
        : BodyParts.FromList(list, FaceCount), Data.FaceFront, Data.Head), Source);

    /// <summary>The same body with the texture coordinates, parts, facial front and head of another of the same faces.</summary>
    /// <param name="other">The other body.</param>
    /// <exception cref="BodyMismatchException">It has other faces.</exception>
    public BodyModel WithSurfaceOf(BodyModel other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Faces.SequenceEqual(other.Faces))
            throw new BodyMismatchException($"The surface of '{other.Source}' belongs to other faces than those of '{Source}'.");
        return Owning(WithSurface(other.Data.Uv, other.Data.UvFaces, other.Data.Part, other.Data.FaceFront, other.Data.Head), Source);
    }

    /// <summary>Writes the body as our .npz: a temporary file first, then moved.</summary>
    /// <param name="path">The file to make or replace.</param>
    public void Save(string path) => AtomicFile.Write(path, stream => BodyModelFile.Write(stream, Data));

    /// <summary>Writes the body as our .npz.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Save(Stream stream) => BodyModelFile.Write(stream, Data);

    private BodyModelData WithSurface(float[] uv, int[] uvFaces, int[] part, int[] front, int[] head) => new()
    {
        Template = Data.Template,
        ShapeDirections = Data.ShapeDirections,
        PoseDirections = Data.PoseDirections,
        JointRegressor = Data.JointRegressor,
        Parents = Data.Parents,
        SkinningWeights = Data.SkinningWeights,
        Faces = Data.Faces,
        KeypointRegressor = Data.KeypointRegressor,
        KeypointsAreDerived = Data.KeypointsAreDerived,
        Uv = uv,
        UvFaces = uvFaces,
        Part = part,
        FaceFront = front,
        Head = head,
    };

    /// <summary>
    /// Shape and pose blend shapes, forward kinematics and skinning: SMPL section 3. The root turns about its own joint;
    /// the camera moves nothing but the 2-D key points, s * (xy + t).
    /// </summary>
    /// <param name="smpl">The 85 numbers (<see cref="SmplLayout"/>), all finite.</param>
    /// <param name="into">Receives vertices, joints and key points; nothing is allocated.</param>
    /// <exception cref="ArgumentException">Not 85 finite numbers, or <paramref name="into"/> belongs to another body.</exception>
    public void Pose(ReadOnlySpan<float> smpl, PosedBody into)
    {
        Begin(smpl, into);
        for (int block = 0; block < _blendShapes.BlockCount; block++)
            _blendShapes.Add(block, into.Amounts, into.Vertices);
        Finish(smpl, into);
    }

    /// <summary>Several poses at once, which reads the blend shapes once for all of them; each result is the very one of
    /// <see cref="Pose(ReadOnlySpan{float}, PosedBody)"/>.</summary>
    /// <param name="smpl">85 numbers for each (<see cref="SmplLayout"/>), one after another, all finite.</param>
    /// <param name="into">Receives vertices, joints and key points, one for each; nothing is allocated.</param>
    /// <exception cref="ArgumentException">Not 85 finite numbers for each, one belongs to another body, or stands there twice.</exception>
    public void Pose(ReadOnlySpan<float> smpl, ReadOnlySpan<PosedBody> into)
    {
        const int Count = SmplLayout.ParameterCount;
        if (smpl.Length != Count * into.Length)
            throw new ArgumentException($"{into.Length} bodies need {Count * into.Length} numbers, but {smpl.Length} were given.",
                nameof(smpl));
        for (int i = 0; i < into.Length; i++)
        {
            if (into[..i].IndexOf(into[i]) >= 0)
                throw new ArgumentException($"The posed body at {i} stands there twice.", nameof(into));
            Begin(smpl.Slice(Count * i, Count), into[i]);
        }
        for (int block = 0; block < _blendShapes.BlockCount; block++)
        {
            foreach (PosedBody body in into)
                _blendShapes.Add(block, body.Amounts, body.Vertices);
        }
        for (int i = 0; i < into.Length; i++)
            Finish(smpl.Slice(Count * i, Count), into[i]);
    }

    // All that comes before the blend shapes that move most of the body: template, rotations, and how much of each is wanted.
    private void Begin(ReadOnlySpan<float> smpl, PosedBody into)
    {
        SmplLayout.Check(smpl);
        ArgumentNullException.ThrowIfNull(into);
        if (into.Body != this)
            throw new ArgumentException("This posed body was made for another body model.", nameof(into));
        Data.Template.CopyTo(into.Vertices, 0);
        var person = new ReadOnlySmpl(smpl);
        RestJoints(person.Shape, into.RestJoints);
        for (int j = 0; j < Skeleton.JointCount; j++)
            Rotations.FromAxisAngle(person.Joint(j), into.Rotations.AsSpan(9 * j, 9));
        Span<float> amounts = into.Amounts;
        person.Shape.CopyTo(amounts);
        for (int i = 0; i < _densePoseFeatures.Length; i++)
            amounts[SmplLayout.ShapeCount + i] = PoseFeature(into, _densePoseFeatures[i]);
    }

    private void Finish(ReadOnlySpan<float> smpl, PosedBody into)
    {
        foreach (PoseDirection direction in _poseDirections)
        {
            float feature = PoseFeature(into, direction.Feature);
            if (feature != 0)
                direction.AddTo(into.Vertices, feature);
        }
        PoseJoints(into);
        Skin(into);
        if (_keypoints is null)
            return;
        _keypoints.MultiplyPoints(into.Vertices, into.Keypoints);
        var person = new ReadOnlySmpl(smpl);
        for (int k = 0; k < Skeleton.KeypointCount; k++)
        {
            into.Keypoints2D[2 * k] = person.Scale * (into.Keypoints[3 * k] + person.TranslationX);
            into.Keypoints2D[2 * k + 1] = person.Scale * (into.Keypoints[3 * k + 1] + person.TranslationY);
        }
    }

    // R - I of joints 1..23.
    private static float PoseFeature(PosedBody into, int feature) => into.Rotations[9 + feature] - (feature % 9 is 0 or 4 or 8 ? 1 : 0);

    /// <summary>How many blend shapes move most of the body: the shape's and some of the pose's.</summary>
    internal int DenseDirectionCount => SmplLayout.ShapeCount + _densePoseFeatures.Length;

    /// <summary>
    /// The box around the person's places in a source picture when poses of a reference are taken over with their place
    /// (<see cref="PersonPlace"/>): what <c>RoomBoxColumnName</c> of FindPerson and CropPerson wants, so that the square is large enough.
    /// </summary>
    /// <param name="reference">The reference's SMPL numbers [85], a frame each, in its picture.</param>
    /// <param name="referenceSize">The reference's picture, pixels.</param>
    /// <param name="sourceSize">The source's picture, pixels.</param>
    /// <param name="place">How the place is taken over.</param>
    /// <returns>[4]: left, top, right, bottom, in the source's pixels; zeros where there is no frame.</returns>
    public float[] RoomOf(IEnumerable<float[]> reference, (int Width, int Height) referenceSize, (int Width, int Height) sourceSize,
        PersonPlace place) =>
        Retargeting.RoomOf(this, reference, referenceSize, sourceSize, place);

    /// <summary>The 24 joints [24,3] of the shaped body at rest.</summary>
    /// <param name="shape">The 10 shape numbers.</param>
    /// <param name="joints">Receives the joints, metres.</param>
    public void RestJoints(ReadOnlySpan<float> shape, Span<float> joints)
    {
        _joints.CopyTo(joints);
        for (int k = 0; k < SmplLayout.ShapeCount; k++)
            TensorPrimitives.MultiplyAdd(_jointShapeDirections[k], shape[k], joints, joints);
    }

    private void PoseJoints(PosedBody into)
    {
        // Each joint's transform as four columns (x, y, z, 0) of a 3x4 matrix that takes rest points to posed points.
        ReadOnlySpan<float> rest = into.RestJoints, local = into.Rotations;
        Span<float> world = into.WorldRotations, joints = into.Joints;
        Span<Vector128<float>> columns = into.Columns;
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            int parent = Data.Parents[j];
            ReadOnlySpan<float> r = local.Slice(9 * j, 9);
            Span<float> w = world.Slice(9 * j, 9), at = joints.Slice(3 * j, 3);
            ReadOnlySpan<float> rj = rest.Slice(3 * j, 3);
            if (parent < 0)
            {
                r.CopyTo(w);
                rj.CopyTo(at);
            }
            else
            {
                ReadOnlySpan<float> pw = world.Slice(9 * parent, 9), pr = rest.Slice(3 * parent, 3);
                Rotations.Multiply(pw, r, w);
                float dx = rj[0] - pr[0], dy = rj[1] - pr[1], dz = rj[2] - pr[2];
                for (int c = 0; c < 3; c++)
                    at[c] = joints[3 * parent + c] + pw[3 * c] * dx + pw[3 * c + 1] * dy + pw[3 * c + 2] * dz;
            }
            for (int c = 0; c < 3; c++)
                columns[4 * j + c] = Vector128.Create(w[c], w[3 + c], w[6 + c], 0);
            columns[4 * j + 3] = Vector128.Create(
                at[0] - w[0] * rj[0] - w[1] * rj[1] - w[2] * rj[2],
                at[1] - w[3] * rj[0] - w[4] * rj[1] - w[5] * rj[2],
                at[2] - w[6] * rj[0] - w[7] * rj[1] - w[8] * rj[2],
                0);
        }
    }

    private void Skin(PosedBody into)
    {
        // Two columns in one vector.
        ReadOnlySpan<Vector256<float>> pairs = MemoryMarshal.Cast<Vector128<float>, Vector256<float>>(into.Columns);
        ReadOnlySpan<int> starts = _skinning.Starts, bones = _skinning.Columns;
        ReadOnlySpan<float> weights = _skinning.Values;
        Span<float> rest = into.Vertices;
        for (int v = 0; v < starts.Length - 1; v++)
        {
            Vector256<float> xy = default, zt = default;
            for (int i = starts[v]; i < starts[v + 1]; i++)
            {
                var w = Vector256.Create(weights[i]);
                int b = 2 * bones[i];
                xy += w * pairs[b];
                zt += w * pairs[b + 1];
            }
            Vector128<float> p = xy.GetLower() * rest[0] + xy.GetUpper() * rest[1] + zt.GetLower() * rest[2] + zt.GetUpper();
            rest[2] = p[2];
            rest[1] = p[1];
            rest[0] = p[0];
            rest = rest[3..];
        }
    }

    // Some rows at a time, so that what is read of them stays in the cache; optimised at once, for it runs once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float[][] Columns(float[] data, int rows, int columns)
    {
        const int Step = 32;
        float[][] result = [.. Enumerable.Range(0, columns).Select(_ => new float[rows])];
        for (int first = 0; first < rows; first += Step)
        {
            int last = Math.Min(rows, first + Step);
            for (int c = 0; c < columns; c++)
            {
                float[] column = result[c];
                for (int r = first; r < last; r++)
                    column[r] = data[r * columns + c];
            }
        }
        return result;
    }

    private static float[] JointsOf(SparseRows regressor, float[] points)
    {
        var joints = new float[3 * Skeleton.JointCount];
        regressor.MultiplyPoints(points, joints);
        return joints;
    }

    private static string ComputeHash(BodyModelData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] array in (float[][])[data.Template, data.ShapeDirections, data.PoseDirections, data.JointRegressor,
            data.SkinningWeights, data.KeypointsAreDerived ? [] : data.KeypointRegressor, data.Uv])
            hash.AppendData(MemoryMarshal.AsBytes<float>(array));
        foreach (int[] array in (int[][])[data.Parents, data.Faces, data.UvFaces, data.Part, data.FaceFront, data.Head])
            hash.AppendData(MemoryMarshal.AsBytes<int>(array));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>One pose blend shape, kept as the runs of coordinates that it moves: our own body's are mostly zero, SMPL's are one
    /// run.</summary>
    private sealed class PoseDirection
    {
        private const int Gap = 64;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public PoseDirection(int feature, float[] direction)
        {
            Feature = feature;
            var runs = new List<(int Start, float[] Values)>();
            int i = 0;
            while (i < direction.Length)
            {
                if (direction[i] == 0)
                {
                    i++;
                    continue;
                }
                int start = i, last = i;
                for (; i < direction.Length && i - last < Gap; i++)
                {
                    if (direction[i] != 0)
                        last = i;
                }
                runs.Add((start, direction[start..(last + 1)]));
            }
            Runs = [.. runs];
        }

        public int Feature { get; }

        public (int Start, float[] Values)[] Runs { get; }

        public int Length => Runs.Sum(r => r.Values.Length);

        public void AddTo(Span<float> vertices, float feature)
        {
            foreach ((int start, float[] values) in Runs)
            {
                Span<float> target = vertices.Slice(start, values.Length);
                TensorPrimitives.MultiplyAdd(values, feature, target, target);
            }
        }
    }
}
