using System.Text.Json.Serialization;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The options of a stage: the names of its columns and its settings. They cannot be changed once made; a stage checks them when
/// it is built.</summary>
public abstract class StageOptions
{
    private IReadOnlyList<string> _statusColumnNames = [];

    private protected StageOptions() { }

    // What a chain gives its stages: the name of its method, what they do not pass on, whether rows whose picture cannot be read are left
    // out, and without which column the stages add nothing. Saved with them.
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal string? ChainName { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<string>? HiddenColumnNames { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal bool LeavesOutUnreadable { get; private set; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal string? SkippedWithout { get; private set; }

    /// <summary>
    /// The columns that are read: what FindPerson tells of people (<see cref="Lwg.MLNet.Estimation.PersonFindingStatus"/> as a key). Where
    /// one of them is not Found, nothing is computed: the stage's numbers are 0 in that row, and its images are missing. Empty for none.
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
            throw new ArgumentException("The names of columns that are not passed on must not be empty.", nameof(HiddenColumnNames));
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
