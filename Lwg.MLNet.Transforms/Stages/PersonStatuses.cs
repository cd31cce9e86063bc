using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary><see cref="PersonFindingStatus"/> as a key: 1 is the first name, 0 is missing.</summary>
internal static class PersonStatuses
{
    /// <summary>The names of the key values.</summary>
    public static IReadOnlyList<string> Names { get; } = Enum.GetNames<PersonFindingStatus>();

    /// <summary>Returns the key of a status.</summary>
    public static uint ToKey(PersonFindingStatus status) => (uint)status + 1;
}
