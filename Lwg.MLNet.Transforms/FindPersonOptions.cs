using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of FindPerson; the stages check them.</summary>
public sealed class FindPersonOptions
{
    /// <summary>What the names of the columns begin with.</summary>
    public string Prefix { get; init; } = "Source";

    /// <summary>S, the side of the square around the person, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>The column of the box [4] of the person who is meant, (minX, maxX, minY, maxY) in pixels of the photograph; null for the
    /// most prominent person.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The column of a further box [4] that the square must hold too, (minX, maxX, minY, maxY) in pixels of the photograph, all 0
    /// for none: where the person is to be put. Null for no such column.</summary>
    public string? RoomBoxColumnName { get; init; }

    /// <summary>What becomes of a row in which no single person is seen well enough, or, where it is <see cref="UnclearPerson.Report"/>,
    /// whose picture is missing or cannot be read.</summary>
    public UnclearPerson OnUnclear { get; init; }

    /// <summary>Whether the columns of the first look, at the whole photograph, are kept: prefix + Photo + Smpl, EstimatedBox and so
    /// on.</summary>
    public bool KeepIntermediate { get; init; }

    /// <summary>
    /// Whether data without the photographs' column pass unchanged, in place of an error: so that a chain of FindPerson and
    /// ImpersonateSubject, fitted on photographs, transforms motions alone. Default false.
    /// </summary>
    public bool LetsMotionsPass { get; init; }

    /// <summary>How people are found, and what is believed.</summary>
    public PersonFindingOptions Finding { get; init; } = new();

    // Where a box says who is meant, or an index, the others do not matter; in the square the person is the one whom the first look saw.
    internal PersonFindingOptions InPhoto => Finding with { Refine = false, AcceptSeveral = IsMeant };

    internal PersonFindingOptions InSquare => Finding with { AcceptSeveral = IsMeant, PersonIndex = null };

    private bool IsMeant => Finding.AcceptSeveral || Finding.PersonIndex is not null || BoxColumnName is not null;
}
