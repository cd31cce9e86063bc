using System.Text.Json.Serialization;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The options of a stage: the names of its columns and its settings. They are immutable; a stage validates them when it is
/// created.</summary>
public abstract class StageOptions
{
    private IReadOnlyList<string> _statusColumnNames = [];

    private protected StageOptions() { }

    // The settings of a chain for its stages: the name of its method, the hidden columns, whether rows with unreadable pictures are left
    // out, and the column without which the stages add nothing. They are saved with the stages.
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal string? ChainName { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<string>? HiddenColumnNames { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal bool LeavesOutUnreadable { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal string? SkippedWithout { get; private set; }

    /// <summary>
    /// The status columns of FindPerson to read (<see cref="Lwg.MLNet.Estimation.PersonFindingStatus"/> as a key). If one of them is not
    /// Found, nothing is computed: the numeric outputs of that row are 0, and its images are missing. Empty for none.
    /// </summary>
    public IReadOnlyList<string> StatusColumnNames { get => _statusColumnNames; init => _statusColumnNames = value; }

    internal abstract void Check();

    internal void PutInto(StageChain chain) =>
        (ChainName, _statusColumnNames, LeavesOutUnreadable, SkippedWithout) =
        (chain.Name, chain.StatusColumnNames, chain.LeavesOutUnreadable, chain.SkippedWithout);

    internal void Hide(IReadOnlyList<string> columnNames) => HiddenColumnNames = columnNames;

    internal void CheckStatuses()
    {
        if (StatusColumnNames is null || StatusColumnNames.Any(string.IsNullOrEmpty))
            throw new ArgumentException("The names of status columns must not be empty.", nameof(StatusColumnNames));
        if (HiddenColumnNames?.Any(string.IsNullOrEmpty) == true)
            throw new ArgumentException("The names of hidden columns must not be empty.", nameof(HiddenColumnNames));
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
