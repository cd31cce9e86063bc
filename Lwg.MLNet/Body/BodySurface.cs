using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Body;

/// <summary>The attributes of each face of a body: condition (texture coordinates of its centre), part, and whether it is on the head and
/// on the facial front. Tables have F + 1 rows; the last row is the background, so face -1 can be looked up too.</summary>
internal sealed class BodySurface
{
    /// <summary>The names of the files that come with the published models: texture coordinates, facial front, head, parts.</summary>
    public const string MapperFile = "mapper.txt", FrontFile = "front_facial.json", HeadFile = "head.json",
        PartFile = "smpl_part_info.json";

    private const long LargestText = 64 << 20;

    private readonly float[]? _condition;
    private readonly int[]? _part;
    private readonly bool[]? _front;
    private readonly bool[]? _head;

    private BodySurface(int faceCount, float[]? condition, string[] partNames, int[]? part, bool[]? front, bool[]? head) =>
        (FaceCount, _condition, PartNames, _part, _front, _head) = (faceCount, condition, partNames, part, front, head);

    /// <summary>F, the number of faces.</summary>
    public int FaceCount { get; }

    /// <summary>The names of the parts, in the order of the part channels.</summary>
    public IReadOnlyList<string> PartNames { get; }

    /// <summary>Whether the faces have texture coordinates.</summary>
    public bool HasCondition => _condition is not null;

    /// <summary>Whether the faces belong to parts.</summary>
    public bool HasParts => _part is not null;

    /// <summary>Whether the facial front is marked.</summary>
    public bool HasFront => _front is not null;

    /// <summary>Whether the head is marked.</summary>
    public bool HasHead => _head is not null;

    /// <summary>Condition [F + 1,3]: (u, 1 - v, 0) with u and v of the centre of the texture triangle of the face; the last row is (0, 0,
    /// 1).</summary>
    /// <exception cref="BodyMismatchException">The body has no texture coordinates.</exception>
    public ReadOnlySpan<float> Condition => _condition ?? throw Missing("texture coordinates (uv, uv_faces)");

    /// <summary>The part of each face [F], an index into <see cref="PartNames"/>.</summary>
    /// <exception cref="BodyMismatchException">The body has no parts.</exception>
    public ReadOnlySpan<int> Part => _part ?? throw Missing("parts (part)");

    /// <summary>Whether each face is on the facial front [F].</summary>
    /// <exception cref="BodyMismatchException">The body has no facial front.</exception>
    public ReadOnlySpan<bool> Front => _front ?? throw Missing("facial front (face_front)");

    /// <summary>Whether each face is on the head [F].</summary>
    /// <exception cref="BodyMismatchException">The body has no head.</exception>
    public ReadOnlySpan<bool> Head => _head ?? throw Missing("head (head)");

    /// <summary>Returns the index of a part by name (case-insensitive).</summary>
    /// <exception cref="BodyMismatchException">The body has no such part; the message lists its parts.</exception>
    public int PartIndex(string name)
    {
        for (int i = 0; HasParts && i < PartNames.Count; i++)
        {
            if (string.Equals(PartNames[i], name, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        throw new BodyMismatchException(
            $"This body has no part '{name}'; it has {(HasParts ? string.Join(", ", PartNames) : "no parts at all")}.");
    }

    /// <summary>Creates the tables from the arrays of a body.</summary>
    internal static BodySurface From(BodyModelData data) => new(
        data.Faces.Length / 3,
        data.UvFaces.Length == 0 ? null : ConditionOf(data.Uv, data.UvFaces),
        ["head", "torso", "left leg", "right leg", "left arm", "right arm", "left foot", "right foot", "left hand", "right hand"],
        data.Part.Length == 0 ? null : data.Part,
        data.FaceFront.Length == 0 ? null : [.. data.FaceFront.Select(x => x == 1)],
        data.Head.Length == 0 ? null : [.. data.Head.Select(x => x == 1)]);

    /// <summary>Creates the tables from the files that come with the published models.</summary>
    /// <param name="mapper">mapper.txt: an OBJ with 'vt' lines and 'f a/b/c' lines.</param>
    /// <param name="partInfo">smpl_part_info.json: part -> {"face": [...]}; channels in ordinal order of the names. Null if there is
    /// none.</param>
    /// <param name="front">front_facial.json: {"face": [...]}. Null if there is none.</param>
    /// <param name="head">head.json: {"face": [...]}. Null if there is none.</param>
    /// <exception cref="ModelFileException">A file is missing, has the wrong format, or contains a face index out of range.</exception>
    internal static BodySurface FromFiles(string mapper, string? partInfo, string? front, string? head)
    {
        (float[] uv, int[] uvFaces) = ReadMapper(mapper);
        int faces = uvFaces.Length / 3;
        (string[] names, int[]? part) = partInfo is null ? ([], null) : ReadParts(partInfo, faces);
        return new BodySurface(faces, ConditionOf(uv, uvFaces), names, part, ReadFlags(front, faces), ReadFlags(head, faces));
    }

    // Returns the names in ordinal order, and the part of each face.
    internal static (string[] Names, int[] Part) ReadParts(string path, int faces) => ReadJson(path, root =>
    {
        string[] names = [.. root.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
        int[] part = new int[faces];
        Array.Fill(part, -1);
        for (int p = 0; p < names.Length; p++)
        {
            foreach (int face in FaceList(root.GetProperty(names[p]), faces, path, names[p]))
                part[face] = p;
        }
        return Array.IndexOf(part, -1) is var lost and >= 0 ? throw new ModelFileException(path, null, $"face {lost} belongs to no part.")
            : (names, part);
    });

    private static float[] ConditionOf(float[] uv, int[] uvFaces)
    {
        int faces = uvFaces.Length / 3;
        var condition = new float[3 * (faces + 1)];
        for (int f = 0; f < faces; f++)
        {
            for (int c = 0; c < 2; c++)
            {
                float a = Texture(uvFaces[3 * f], c), b = Texture(uvFaces[3 * f + 1], c), o = Texture(uvFaces[3 * f + 2], c);
                condition[3 * f + c] = o + (a - o) / 2 + (b - o) / 2;
            }
        }
        condition[3 * faces + 2] = 1;
        return condition;

        float Texture(int vertex, int c) => c == 1 ? 1 - uv[2 * vertex + 1] : uv[2 * vertex + c];
    }

    /// <summary>Reads the texture coordinates of mapper.txt: vt as [Vt,2], and the texture vertices of the faces [F,3].</summary>
    internal static (float[] Uv, int[] Faces) ReadMapper(string path)
    {
        var uv = new List<float>();
        var faces = new List<int>();
        int number = 0;
        foreach (string line in ReadText(path).Split('\n'))
        {
            number++;
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words[0] == "vt")
            {
                if (words.Length < 3)
                    throw Bad("'vt' needs two values");
                uv.Add(Number(words[1]));
                uv.Add(Number(words[2]));
            }
            else if (words[0] == "f")
            {
                if (words.Length != 4)
                    throw Bad("a face needs three corners");
                for (int k = 1; k < 4; k++)
                {
                    string[] corner = words[k].Split('/');
                    if (corner.Length < 2 || !int.TryParse(corner[1], NumberStyles.None, CultureInfo.InvariantCulture, out int vt)
                        || vt < 1)
                        throw Bad($"the corner '{words[k]}' has no texture vertex");
                    faces.Add(vt - 1);
                }
            }
        }
        if (faces.Count == 0)
            throw new ModelFileException(path, null, "it has no faces ('f a/b/c' lines).");
        if (faces.Max() >= uv.Count / 2)
            throw new ModelFileException(path, null, $"a face refers to texture vertex {faces.Max() + 1}, but there are {uv.Count / 2}.");
        return ([.. uv], [.. faces]);

        ModelFileException Bad(string what) => new(path, null, $"line {number}: {what}.");

        float Number(string word) => float.TryParse(word, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value : throw Bad($"'{word}' is not a number");
    }

    /// <summary>Reads the faces that a list marks [F]; null if there is no list.</summary>
    internal static bool[]? ReadFlags(string? path, int faces)
    {
        if (path is null)
            return null;
        var flags = new bool[faces];
        foreach (int face in ReadJson(path, root => FaceList(root, faces, path, null)))
            flags[face] = true;
        return flags;
    }

    private static List<int> FaceList(JsonElement element, int faces, string path, string? entry)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("face", out JsonElement list)
            || list.ValueKind != JsonValueKind.Array)
            throw new ModelFileException(path, entry, "it must be an object with a list named 'face'.");
        var result = new List<int>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int face) || face < 0 || face >= faces)
                throw new ModelFileException(path, entry, $"element {result.Count} is not a face; 0 to {faces - 1} are allowed.");
            result.Add(face);
        }
        return result;
    }

    private static T ReadJson<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument json = OutsideJson.Parse(BoundedFile.ReadOrEmpty(path, LargestText));
            return json.RootElement.ValueKind == JsonValueKind.Object ? read(json.RootElement)
                : throw new ModelFileException(path, null, "it must contain a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: strings that are not valid Unicode, which are detected only when they are read.
            throw new ModelFileException(path, null, "it is not JSON: " + e.Message, e);
        }
    }

    private static string ReadText(string path)
    {
        using FileStream stream = Checkpoints.NumpyArchive.OpenForReading(path);
        if (stream.Length > LargestText)
            throw new ModelFileException(path, null, $"it has {stream.Length} bytes; at most 64 MB are allowed.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private BodyMismatchException Missing(string what) => new($"This body ({FaceCount} faces) has no {what}, which this operation needs.");
}
