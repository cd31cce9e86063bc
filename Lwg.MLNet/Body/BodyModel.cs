using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Body;

/// <summary>A body in SMPL's layout (Loper et al. 2015): any number of vertices and faces, 24 joints, 10 shape parameters. Immutable and
/// safe to share between threads; <see cref="PosedBody"/> holds the mutable state.</summary>
public sealed class BodyModel
{
    /// <summary>The number of pose features: R - I of joints 1..23, nine values each.</summary>
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
    /// <param name="data">The arrays. Later changes to them do not change the body.</param>
    /// <param name="source">The origin of the arrays, for errors.</param>
    /// <exception cref="ModelFileException">An array has the wrong size, a face has an index that is not a vertex, the skinning weights
    /// do not sum to one...</exception>
    internal BodyModel(BodyModelData data, string source = "body")
        : this(source, (data ?? throw new ArgumentNullException(nameof(data))).Copy())
    {
    }

    /// <summary>Checks the arrays and keeps them without a copy. Nothing else may refer to them.</summary>
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
        // Pose directions that move most of the body are stored densely with the shape directions; of the others, only the nonzero parts
        // are stored.
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

    /// <summary>The built-in body, which is embedded in this assembly and is free to use.</summary>
    public static BodyModel Default => s_default.Value;

    /// <summary>The arrays of the body. The hash is computed from them, so they are never written to.</summary>
    internal BodyModelData Data { get; }

    /// <summary>The file that the body was read from, or another name given by its creator.</summary>
    public string Source { get; }

    /// <summary>Whether saved pipelines contain only a reference to the body, for bodies that must not be distributed. Loading then looks
    /// the body up (<c>ModelReferences</c>).</summary>
    public bool StoredByReference { get; private set; }

    /// <summary>Whether this is the built-in body, which is free to distribute. For other bodies this is unknown.</summary>
    public bool IsOwn => Hash == Default.Hash;

    /// <summary>Returns the same body, stored by reference in saved pipelines.</summary>
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

    /// <summary>SHA-256 (lower-case hex) of the arrays, by which maps, models and columns identify a body.</summary>
    public string Hash { get; }

    /// <summary>Whether the body has a regressor for the 19 key points.</summary>
    public bool HasKeypoints => _keypoints is not null;

    /// <summary>The face tables: condition, parts, facial front, head.</summary>
    internal BodySurface Surface { get; }

    /// <summary>Reads a body from this library's .npz or from an SMPL file of any supported format: see
    /// <see cref="BodyModelFile.Read(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or not a body.</exception>
    public static BodyModel Load(string path) => Owning(BodyModelFile.Read(path), path);

    /// <summary>Reads a body from this library's .npz.</summary>
    /// <param name="stream">A seekable stream; left open.</param>
    /// <param name="source">The origin of the stream, for errors.</param>
    /// <exception cref="ModelFileException">The file is damaged or not a body.</exception>
    public static BodyModel Load(Stream stream, string source)
    {
        using var archive = new NumpyArchive(stream, source, leaveOpen: true);
        return Owning(BodyModelFile.Read(archive, source), source);
    }

    /// <summary>Returns the same body with the texture coordinates, facial front and head of the files that come with the published
    /// models. The parts do not change.</summary>
    /// <param name="mapper">mapper.txt: an OBJ with 'vt' lines and 'f a/b/c' lines, one line per face of this body.</param>
    /// <param name="front">front_facial.json: {"face": [...]}. Null keeps the facial front of this body.</param>
    /// <param name="head">head.json: {"face": [...]}. Null keeps the head of this body.</param>
    /// <returns>A new body. Its hash and condition maps differ.</returns>
    /// <exception cref="ModelFileException">A file is missing, has the wrong format, or contains a face index out of range.</exception>
    /// <exception cref="BodyMismatchException">The mapper has a different number of faces.</exception>
    public BodyModel WithSurfaceFiles(string mapper, string? front = null, string? head = null)
    {
        (float[] uv, int[] uvFaces) = BodySurface.ReadMapper(mapper);
        if (uvFaces.Length != Data.Faces.Length)
            throw new BodyMismatchException($"'{mapper}' has {uvFaces.Length / 3} faces, but this body has {FaceCount}.");
        return Owning(WithSurface(uv, uvFaces, Data.Part, Flags(front) ?? Data.FaceFront, Flags(head) ?? Data.Head), Source);

        int[]? Flags(string? path) => BodySurface.ReadFlags(path, FaceCount) is { } marked ? [.. marked.Select(m => m ? 1 : 0)] : null;
    }

    /// <summary>Returns the same body with the ten parts (<see cref="BodyPart"/>), which appearance transfer needs. SMPL's files have no
    /// parts.</summary>
    /// <param name="list">smpl_part_info.json, which comes with the published models: part -> {"face": [...]}. Null assigns each face to
    /// the part whose joints move it most.</param>
    /// <returns>A new body. Its hash differs.</returns>
    /// <exception cref="ModelFileException">The list is missing, has the wrong format, or its names are not those of the ten
    /// parts.</exception>
    public BodyModel WithParts(string? list = null) =>
        Owning(WithSurface(Data.Uv, Data.UvFaces, list is null ? BodyParts.FromSkinning(Data)
        : BodyParts.FromList(list, FaceCount), Data.FaceFront, Data.Head), Source);

    /// <summary>Returns the same body with the texture coordinates, parts, facial front and head of another body with the same
    /// faces.</summary>
    /// <param name="other">The other body.</param>
    /// <exception cref="BodyMismatchException">The other body has different faces.</exception>
    public BodyModel WithSurfaceOf(BodyModel other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Faces.SequenceEqual(other.Faces))
            throw new BodyMismatchException($"The surface of '{other.Source}' does not match the faces of '{Source}'.");
        return Owning(WithSurface(other.Data.Uv, other.Data.UvFaces, other.Data.Part, other.Data.FaceFront, other.Data.Head), Source);
    }

    /// <summary>Writes the body as .npz, to a temporary file that is then moved.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void Save(string path) => AtomicFile.Write(path, stream => BodyModelFile.Write(stream, Data));

    /// <summary>Writes the body as .npz.</summary>
    /// <param name="stream">The target stream; left open.</param>
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

    /// <summary>Poses the body: shape and pose blend shapes, forward kinematics and skinning (SMPL, section 3). The root rotates about
    /// its own joint. The camera affects only the 2-D key points, s * (xy + t).</summary>
    /// <param name="smpl">The 85 SMPL parameters (<see cref="SmplLayout"/>), all finite.</param>
    /// <param name="into">Receives vertices, joints and key points. Nothing is allocated.</param>
    /// <exception cref="ArgumentException">There are not 85 finite parameters, or <paramref name="into"/> belongs to another
    /// body.</exception>
    public void Pose(ReadOnlySpan<float> smpl, PosedBody into)
    {
        Begin(smpl, into);
        for (int block = 0; block < _blendShapes.BlockCount; block++)
            _blendShapes.Add(block, into.Amounts, into.Vertices);
        Finish(smpl, into);
    }

    /// <summary>Computes several poses and reads the blend shapes only once. Each result is identical to that of
    /// <see cref="Pose(ReadOnlySpan{float}, PosedBody)"/>.</summary>
    /// <param name="smpl">85 SMPL parameters (<see cref="SmplLayout"/>) for each pose, one pose after another, all finite.</param>
    /// <param name="into">Receives vertices, joints and key points, one element per pose. Nothing is allocated.</param>
    /// <exception cref="ArgumentException">There are not 85 finite parameters for each pose, or a posed body belongs to another body or
    /// occurs twice.</exception>
    public void Pose(ReadOnlySpan<float> smpl, ReadOnlySpan<PosedBody> into)
    {
        const int Count = SmplLayout.ParameterCount;
        if (smpl.Length != Count * into.Length)
            throw new ArgumentException($"{into.Length} bodies need {Count * into.Length} SMPL parameters, but {smpl.Length} were given.",
                nameof(smpl));
        for (int i = 0; i < into.Length; i++)
        {
            if (into[..i].IndexOf(into[i]) >= 0)
                throw new ArgumentException($"The posed body at {i} occurs twice.", nameof(into));
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

    // Everything before the dense blend shapes: template, rotations, and the weight of each direction.
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

    /// <summary>The number of dense blend shapes: those of the shape and some of the pose.</summary>
    internal int DenseDirectionCount => SmplLayout.ShapeCount + _densePoseFeatures.Length;

    /// <summary>
    /// Returns the box around all places of the person in a source picture when the poses of a reference are used with their place
    /// (<see cref="PersonPlace"/>). It is the input for <c>RoomBoxColumnName</c> of FindPerson and CropPerson, which make the square
    /// large enough.
    /// </summary>
    /// <param name="reference">The SMPL parameters [85] of each frame of the reference, with the camera of the reference picture.</param>
    /// <param name="referenceSize">The size of the reference picture, pixels.</param>
    /// <param name="sourceSize">The size of the source picture, pixels.</param>
    /// <param name="place">How the place is transferred.</param>
    /// <returns>The box [4], (minX, maxX, minY, maxY), in pixels of the source picture; zeros if there are no frames.</returns>
    public float[] RoomOf(IEnumerable<float[]> reference, (int Width, int Height) referenceSize, (int Width, int Height) sourceSize,
        PersonPlace place) =>
        Retargeting.RoomOf(this, reference, referenceSize, sourceSize, place);

    /// <summary>Computes the 24 joints [24,3] of the shaped body at rest.</summary>
    /// <param name="shape">The 10 shape parameters.</param>
    /// <param name="joints">Receives the joints, metres.</param>
    public void RestJoints(ReadOnlySpan<float> shape, Span<float> joints)
    {
        _joints.CopyTo(joints);
        for (int k = 0; k < SmplLayout.ShapeCount; k++)
            TensorPrimitives.MultiplyAdd(_jointShapeDirections[k], shape[k], joints, joints);
    }

    private void PoseJoints(PosedBody into)
    {
        // The transform of each joint as four columns (x, y, z, 0) of a 3x4 matrix that maps rest points to posed points.
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
        // Two columns per vector.
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

    // Processes blocks of rows so that the rows stay in the cache. Optimised immediately because it runs only once.
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

    /// <summary>One pose blend shape, stored as runs of nonzero coordinates. Those of the built-in body are mostly zero; those of SMPL
    /// are one run.</summary>
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
