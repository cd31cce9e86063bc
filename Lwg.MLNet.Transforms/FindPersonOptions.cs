using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of FindPerson; validated by the stages.</summary>
public sealed class FindPersonOptions
{
    /// <summary>The prefix of the column names.</summary>
    public string Prefix { get; init; } = "Source";

    /// <summary>S, the side of the square around the person, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The column of the box [4] of the person to use, (minX, maxX, minY, maxY) in pixels of the photograph; null for the most
    /// prominent person.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The column of a further box [4] that the square must contain too, for example the new place of the person: (minX, maxX,
    /// minY, maxY) in pixels of the photograph, all 0 for none. Null for no such column.</summary>
    public string? RoomBoxColumnName { get; init; }

    /// <summary>How to handle a row that does not show exactly one person clearly or, with <see cref="UnclearPerson.Report"/>, whose
    /// picture is missing or cannot be read.</summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>Whether the columns of the first estimate, on the whole photograph, are kept: prefix + Photo + Smpl, EstimatedBox and so
    /// on.</summary>
    public bool KeepIntermediate { get; init; }

    /// <summary>Whether data without the photograph column are passed through unchanged instead of causing an error. A chain of
    /// FindPerson and ImpersonateSubject that is fitted on photographs can then transform motions alone. Default false.</summary>
    public bool LetsMotionsPass { get; init; }

    /// <summary>How people are found, and which results are accepted.</summary>
    public PersonFindingOptions Finding { get; init; } = new();

    // If a box or an index selects the person, other people are ignored. In the square, the person is the one from the first estimate.
    internal PersonFindingOptions InPhoto => Finding with { Refine = false, AcceptSeveral = IsMeant };

    internal PersonFindingOptions InSquare => Finding with { AcceptSeveral = IsMeant, PersonIndex = null };

    private bool IsMeant => Finding.AcceptSeveral || Finding.PersonIndex is not null || BoxColumnName is not null;
}
