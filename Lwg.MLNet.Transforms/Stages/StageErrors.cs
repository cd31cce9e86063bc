using System.Globalization;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Errors of the core, told with the stage and column that they are about, and with the row.</summary>
internal static class StageErrors
{
    private const string HasRow = "Lwg.Row", HasWayOut = "Lwg.WayOut";

    /// <summary>The same kind of error, with the stage's name and the column's.</summary>
    /// <param name="stage">The stage, as <see cref="StageTransformer.Title"/> calls it.</param>
    /// <param name="column">The column; null where the whole stage is meant.</param>
    /// <param name="error">What the core said; an argument that came from a column becomes an <see cref="LwgException"/>.</param>
    /// <param name="wayOut">A further sentence for whoever wrote the pipeline, which comes with the row; null for none.</param>
    public static LwgException In(string stage, string? column, Exception error, string? wayOut = null)
    {
        LwgException told = Again(error, column is null ? $"Stage '{stage}': {error.Message}"
            : $"Stage '{stage}': column '{column}': {error.Message}");
        if (wayOut is not null)
            told.Data[HasWayOut] = wayOut;
        return told;
    }

    /// <summary>The same kind of error with the number of the row, which is told once: by the stage in which it arose. What it said is the
    /// inner error, and what the core said that one's.</summary>
    /// <param name="position">The row's number, from 0 on.</param>
    /// <param name="error">What a stage said.</param>
    public static LwgException InRow(long position, LwgException error)
    {
        if (position < 0 || error.Data.Contains(HasRow))
            return error;
        LwgException told = Again(error,
            string.Create(CultureInfo.InvariantCulture,
            $"Row {position} (the first is 0): {error.Message}{(error.Data[HasWayOut] is string wayOut ? " " + wayOut : "")}"));
        told.Data[HasRow] = position;
        return told;
    }

    private static LwgException Again(Exception error, string message) => error switch
    {
        KeypointInputException => new KeypointInputException(message, error),
        ImageInputException => new ImageInputException(message, error),
        PersonNotFoundException => new PersonNotFoundException(message, error),
        BodyMismatchException => new BodyMismatchException(message, error),
        TransferQualityException => new TransferQualityException(message, error),
        // A kind that says where it belongs by itself.
        LwgException other when other.GetType() != typeof(LwgException) => other,
        _ => new LwgException(message, error),
    };
}
