namespace Lwg.MLNet.Body;

/// <summary>The arrays of a body in SMPL's layout, row-major (C order). Rest pose in metres, y up, facing +z, the person's left at +x;
/// faces counter-clockwise seen from outside. V vertices, F faces, Vt texture vertices, 24 joints.</summary>
internal sealed class BodyModelData
{
    /// <summary>v_template [V,3]: the mean body at rest.</summary>
    public required float[] Template { get; init; }

    /// <summary>shapedirs [V,3,10]: the offset of each vertex per unit of each shape parameter, metres.</summary>
    public required float[] ShapeDirections { get; init; }

    /// <summary>posedirs [V,3,207]: pose-dependent corrections for vec(R_1..23 - I); empty if there are none.</summary>
    public float[] PoseDirections { get; init; } = [];

    /// <summary>J_regressor [24,V]: maps the shaped vertices to the joints.</summary>
    public required float[] JointRegressor { get; init; }

    /// <summary>The parent of each of the 24 joints, -1 for the root (row 0 of kintree_table).</summary>
    public required int[] Parents { get; init; }

    /// <summary>weights [V,24]: skinning weights; each row sums to one.</summary>
    public required float[] SkinningWeights { get; init; }

    /// <summary>f [F,3]: the faces.</summary>
    public required int[] Faces { get; init; }

    /// <summary>cocoplus_regressor [19,V]: maps the posed vertices to the 19 key points; empty if the file has none.</summary>
    public float[] KeypointRegressor { get; init; } = [];

    /// <summary>Whether the key points were derived from the mesh because the file has none. They are then not part of the hash.</summary>
    internal bool KeypointsAreDerived { get; init; }

    /// <summary>uv [Vt,2]: texture coordinates in [0,1], v up (as in OBJ files); empty if the file has none.</summary>
    public float[] Uv { get; init; } = [];

    /// <summary>uv_faces [F,3]: the texture vertices of each face; empty if the file has none.</summary>
    public int[] UvFaces { get; init; } = [];

    /// <summary>part [F]: the part of each face (<see cref="BodyPart"/>); empty if the file has none.</summary>
    public int[] Part { get; init; } = [];

    /// <summary>face_front [F]: 1 on the facial front; empty if the file has none.</summary>
    public int[] FaceFront { get; init; } = [];

    /// <summary>head [F]: 1 on the whole head; empty if the file has none.</summary>
    public int[] Head { get; init; } = [];

    /// <summary>Copies all arrays.</summary>
    internal BodyModelData Copy() => new()
    {
        Template = [.. Template],
        ShapeDirections = [.. ShapeDirections],
        PoseDirections = [.. PoseDirections],
        JointRegressor = [.. JointRegressor],
        Parents = [.. Parents],
        SkinningWeights = [.. SkinningWeights],
        Faces = [.. Faces],
        KeypointRegressor = [.. KeypointRegressor],
        KeypointsAreDerived = KeypointsAreDerived,
        Uv = [.. Uv],
        UvFaces = [.. UvFaces],
        Part = [.. Part],
        FaceFront = [.. FaceFront],
        Head = [.. Head],
    };
}
