namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The options of a stage: the names of its columns and its settings. They cannot be changed once made; a stage checks them when it is built.</summary>
public abstract class StageOptions
{
    private IReadOnlyList<string> _statusColumnNames = [];

    private protected StageOptions() { }

    /// <summary>
    /// The columns that are read: what FindPerson tells of people (<see cref="Lwg.MLNet.Estimation.PersonFindingStatus"/>, Int32). Where one of them is not Found, nothing is computed: the
    /// stage's numbers are 0 in that row, and its images are missing. Empty for none.
    /// </summary>
    public IReadOnlyList<string> StatusColumnNames { get => _statusColumnNames; init => _statusColumnNames = value; }

    internal abstract void Check();

    // For chains, whose stages have it from the chain's options.
    internal void LeaveOut(IReadOnlyList<string> statusColumnNames) => _statusColumnNames = statusColumnNames;

    internal void CheckStatuses()
    {
        if (StatusColumnNames is null || StatusColumnNames.Any(string.IsNullOrEmpty))
            throw new ArgumentException("The names of status columns must not be empty.", nameof(StatusColumnNames));
    }

    private protected static void CheckImageSize(int size, string name)
    {
        if (size is < 32 or > 2048)
            throw new ArgumentOutOfRangeException(name, size, "The image size must be 32 to 2048 pixels.");
    }

    private protected static void CheckKernel(int kernel, string name)
    {
        if (kernel is < 1 or > 255 || kernel % 2 == 0)
            throw new ArgumentOutOfRangeException(name, kernel, "The erosion kernel's side must be odd, 1 to 255.");
    }

    private protected static void CheckEnum<T>(T value, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"It must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
