using System.Reflection;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Body;

/// <summary>Reads, checks and writes the .npz of a body. The arrays have SMPL's names; those of the surface have names of this
/// library.</summary>
internal static class BodyModelFile
{
    /// <summary>The version that this code writes. A file without a version is read as an SMPL file.</summary>
    public const int Version = 1;

    private const int MaximumVertices = 1_000_000;
    private const string Keypoints = "cocoplus_regressor", Derived = "keypoints_derived";
    private const string DefaultResource = "lwg_body.npz";

    /// <summary>Reads the arrays of a body.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="source">The name of the archive, for errors.</param>
    /// <exception cref="ModelFileException">An array is missing, damaged or has the wrong shape.</exception>
    public static BodyModelData Read(NumpyArchive archive, string source)
    {
        ArgumentNullException.ThrowIfNull(archive);
        return Read((INumpyArrays)archive, source);
    }

    /// <summary>
    /// Reads a body from any format in which SMPL is distributed, detected by content: .npz (of this library and of the SMPL-X toolbox),
    /// pickles with numpy arrays and scipy sparse matrices (HMR), pickles with chumpy arrays (the official release). Only the first ten
    /// shape components are used. The official files have no key point regressor; the 19 key points are then derived from the joints and
    /// the shape of the head.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or not a body.</exception>
    public static BodyModelData Read(string path)
    {
        using FileStream stream = NumpyArchive.OpenForReading(path);
        if (!PickleFile.IsZip(stream))
            return Read(PickleFile.ReadDictionary(stream, path), path);
        using var archive = new NumpyArchive(stream, path, leaveOpen: true);
        return Read(archive, path);
    }

    private static BodyModelData Read(INumpyArrays archive, string source)
    {
        if (archive.Contains("version") && archive.Read("version").ToInt32s(1)[0] is var version && version is < 1 or > Version)
            throw new ModelFileException(source, "version", $"it is {version}; this library reads up to {Version}.");
        float[] template = archive.Read("v_template").ToSingles(-1, 3);
        int v = template.Length / 3;
        if (v is 0 or > MaximumVertices)
            throw new ModelFileException(source, "v_template", $"it has {v} vertices; 1 to {MaximumVertices} are allowed.");
        (float[] joints, float[] weights) =
            (archive.Read("J_regressor").ToSingles(Skeleton.JointCount, v), archive.Read("weights").ToSingles(v, Skeleton.JointCount));
        float[] keypoints = archive.Contains(Keypoints) ? archive.Read(Keypoints).ToSingles(Skeleton.KeypointCount, v) : [];
        // Files of this library record whether the key points were derived. A body created without key points stays without them.
        bool derived = keypoints.Length == 0 && (archive.Contains(Derived) || !archive.Contains("version"));
        if (derived)
            keypoints = DerivedKeypoints.Make(template, joints, weights);
        int[] kintree = archive.Read("kintree_table").ToInt32s(2, Skeleton.JointCount);
        return new BodyModelData
        {
            Template = template,
            ShapeDirections = FirstTen(archive.Read("shapedirs"), v, source),
            PoseDirections = archive.Contains("posedirs") ? archive.Read("posedirs").ToSingles(v, 3, BodyModel.PoseFeatureCount) : [],
            JointRegressor = joints,
            Parents = kintree[..Skeleton.JointCount],
            SkinningWeights = weights,
            Faces = archive.Read("f").ToInt32s(-1, 3),
            KeypointRegressor = keypoints,
            KeypointsAreDerived = derived && keypoints.Length > 0,
            Uv = archive.Contains("uv") ? archive.Read("uv").ToSingles(-1, 2) : [],
            UvFaces = archive.Contains("uv_faces") ? archive.Read("uv_faces").ToInt32s(-1, 3) : [],
            Part = archive.Contains("part") ? archive.Read("part").ToInt32s(-1) : [],
            FaceFront = archive.Contains("face_front") ? archive.Read("face_front").ToInt32s(-1) : [],
            Head = archive.Contains("head") ? archive.Read("head").ToInt32s(-1) : [],
        };
    }

    /// <summary>Writes the arrays of a body. The bytes depend only on the arrays.</summary>
    /// <param name="stream">The target stream; left open.</param>
    /// <param name="data">The arrays.</param>
    public static void Write(Stream stream, BodyModelData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Check(data, "body");
        int v = data.Template.Length / 3;
        using var writer = new NumpyArchiveWriter(stream);
        writer.Add("version", [Version], 1);
        writer.Add("v_template", data.Template, v, 3);
        writer.Add("shapedirs", data.ShapeDirections, v, 3, SmplLayout.ShapeCount);
        if (data.PoseDirections.Length > 0)
            writer.Add("posedirs", data.PoseDirections, v, 3, BodyModel.PoseFeatureCount);
        writer.Add("J_regressor", data.JointRegressor, Skeleton.JointCount, v);
        writer.Add("kintree_table", [.. data.Parents, .. Enumerable.Range(0, Skeleton.JointCount)], 2, Skeleton.JointCount);
        writer.Add("weights", data.SkinningWeights, v, Skeleton.JointCount);
        writer.Add("f", data.Faces, data.Faces.Length / 3, 3);
        if (data.KeypointsAreDerived)
            writer.Add(Derived, [1], 1);
        else if (data.KeypointRegressor.Length > 0)
            writer.Add(Keypoints, data.KeypointRegressor, Skeleton.KeypointCount, v);
        if (data.Uv.Length > 0)
        {
            writer.Add("uv", data.Uv, data.Uv.Length / 2, 2);
            writer.Add("uv_faces", data.UvFaces, data.UvFaces.Length / 3, 3);
        }
        if (data.Part.Length > 0)
            writer.Add("part", data.Part, data.Part.Length);
        if (data.FaceFront.Length > 0)
            writer.Add("face_front", data.FaceFront, data.FaceFront.Length);
        if (data.Head.Length > 0)
            writer.Add("head", data.Head, data.Head.Length);
    }

    internal static BodyModel LoadDefault()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(DefaultResource)
            ?? throw new ModelFileException(DefaultResource, null, "the resource is missing from this build of Lwg.MLNet.");
        return BodyModel.Load(stream, DefaultResource);
    }

    internal static void Check(BodyModelData data, string source)
    {
        int v = data.Template.Length / 3, f = data.Faces.Length / 3;
        Require(data.Template, "v_template", 3 * v, v > 0);
        Require(data.ShapeDirections, "shapedirs", 3 * v * SmplLayout.ShapeCount);
        Require(data.PoseDirections, "posedirs", 3 * v * BodyModel.PoseFeatureCount, optional: true);
        Require(data.JointRegressor, "J_regressor", Skeleton.JointCount * v);
        Require(data.Parents, "kintree_table", Skeleton.JointCount);
        Require(data.SkinningWeights, "weights", Skeleton.JointCount * v);
        Require(data.Faces, "f", 3 * f, f > 0);
        Require(data.KeypointRegressor, "cocoplus_regressor", Skeleton.KeypointCount * v, optional: true);
        Require(data.Part, "part", f, optional: true);
        Require(data.FaceFront, "face_front", f, optional: true);
        Require(data.Head, "head", f, optional: true);
        Require(data.UvFaces, "uv_faces", 3 * f, optional: data.Uv.Length == 0);
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            if (data.Parents[j] is var parent && (j == 0 ? parent != -1 : parent < 0 || parent >= j))
                throw new ModelFileException(source, "kintree_table",
                    $"joint {j} has the parent {parent}; the root must have none, and any other joint one with a lower index.");
        }
        InRange(data.Faces, "f", v);
        InRange(data.UvFaces, "uv_faces", data.Uv.Length / 2);
        InRange(data.FaceFront, "face_front", 2);
        InRange(data.Head, "head", 2);
        InRange(data.Part, "part", Enum.GetValues<BodyPart>().Length);
        for (int i = 0; i < v; i++)
        {
            double sum = 0;
            for (int j = 0; j < Skeleton.JointCount; j++)
                sum += data.SkinningWeights[i * Skeleton.JointCount + j];
            if (!(Math.Abs(sum - 1) <= 1e-2))
                throw new ModelFileException(source, "weights",
                    $"the skinning weights of vertex {i} sum to {sum:0.####}; they must sum to 1.");
        }

        void Require<T>(T[] array, string name, int length, bool ok = true, bool optional = false)
        {
            if (!(optional && array.Length == 0) && (array.Length != length || !ok))
                throw new ModelFileException(source, name,
                    $"it has {array.Length} elements; for {v} vertices and {f} faces it must have {length} (and more than 0).");
        }

        void InRange(int[] array, string name, int limit)
        {
            for (int i = 0; i < array.Length; i++)
            {
                if ((uint)array[i] >= (uint)limit)
                    throw new ModelFileException(source, name, $"element {i} is {array[i]}; 0 to {limit - 1} are allowed.");
            }
        }
    }

    private static float[] FirstTen(NumpyArray array, int vertices, string source)
    {
        float[] all = array.ToSingles(vertices, 3, -1);
        int count = array.Shape[2];
        if (count < SmplLayout.ShapeCount)
            throw new ModelFileException(source, "shapedirs",
                $"it has {count} shape components; at least {SmplLayout.ShapeCount} are needed.");
        if (count == SmplLayout.ShapeCount)
            return all;
        var ten = new float[vertices * 3 * SmplLayout.ShapeCount];
        for (int i = 0; i < vertices * 3; i++)
            all.AsSpan(i * count, SmplLayout.ShapeCount).CopyTo(ten.AsSpan(i * SmplLayout.ShapeCount));
        return ten;
    }
}
