namespace Lwg.MLNet.Body;

/// <summary>Read-only access to the 85 SMPL parameters of a person by name (<see cref="SmplLayout"/>).</summary>
/// <param name="numbers">The parameters; nothing is copied.</param>
internal readonly ref struct ReadOnlySmpl(ReadOnlySpan<float> numbers)
{
    private readonly ReadOnlySpan<float> _numbers = numbers;

    /// <summary>The camera's scale s.</summary>
    public float Scale => _numbers[SmplLayout.CameraOffset];

    /// <summary>The camera's translation to the right, tx.</summary>
    public float TranslationX => _numbers[SmplLayout.CameraOffset + 1];

    /// <summary>The camera's translation downwards, ty.</summary>
    public float TranslationY => _numbers[SmplLayout.CameraOffset + 2];

    /// <summary>The camera (s, tx, ty).</summary>
    public ReadOnlySpan<float> Camera => _numbers.Slice(SmplLayout.CameraOffset, SmplLayout.CameraCount);

    /// <summary>The pose [24,3]: an axis-angle vector per joint, radians.</summary>
    public ReadOnlySpan<float> Pose => _numbers.Slice(SmplLayout.PoseOffset, SmplLayout.PoseCount);

    /// <summary>The root's axis-angle vector.</summary>
    public ReadOnlySpan<float> Root => Joint(Skeleton.Pelvis);

    /// <summary>The shape [10].</summary>
    public ReadOnlySpan<float> Shape => _numbers.Slice(SmplLayout.ShapeOffset, SmplLayout.ShapeCount);

    /// <summary>A joint's axis-angle vector.</summary>
    /// <param name="joint">The joint, see <see cref="Skeleton"/>.</param>
    public ReadOnlySpan<float> Joint(int joint) => Pose.Slice(3 * joint, 3);
}

/// <summary>Access to the 85 SMPL parameters of a person by name (<see cref="SmplLayout"/>).</summary>
/// <param name="numbers">The parameters; nothing is copied.</param>
internal readonly ref struct Smpl(Span<float> numbers)
{
    private readonly Span<float> _numbers = numbers;

    /// <summary>The camera's scale s.</summary>
    public ref float Scale => ref _numbers[SmplLayout.CameraOffset];

    /// <summary>The camera's translation to the right, tx.</summary>
    public ref float TranslationX => ref _numbers[SmplLayout.CameraOffset + 1];

    /// <summary>The camera's translation downwards, ty.</summary>
    public ref float TranslationY => ref _numbers[SmplLayout.CameraOffset + 2];

    /// <summary>The camera (s, tx, ty).</summary>
    public Span<float> Camera => _numbers.Slice(SmplLayout.CameraOffset, SmplLayout.CameraCount);

    /// <summary>The pose [24,3]: an axis-angle vector per joint, radians.</summary>
    public Span<float> Pose => _numbers.Slice(SmplLayout.PoseOffset, SmplLayout.PoseCount);

    /// <summary>The root's axis-angle vector.</summary>
    public Span<float> Root => Joint(Skeleton.Pelvis);

    /// <summary>The shape [10].</summary>
    public Span<float> Shape => _numbers.Slice(SmplLayout.ShapeOffset, SmplLayout.ShapeCount);

    /// <summary>A joint's axis-angle vector.</summary>
    /// <param name="joint">The joint, see <see cref="Skeleton"/>.</param>
    public Span<float> Joint(int joint) => Pose.Slice(3 * joint, 3);

    /// <summary>Sets the camera.</summary>
    /// <param name="scale">s.</param>
    /// <param name="x">tx.</param>
    /// <param name="y">ty.</param>
    public void SetCamera(float scale, float x, float y) => (Scale, TranslationX, TranslationY) = (scale, x, y);
}
