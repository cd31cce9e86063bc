using System.Globalization;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Adds the stage, the column and the row to errors of the core library.</summary>
internal static class StageErrors
{
    private const string HasRow = "Lwg.Row", HasWayOut = "Lwg.WayOut";

    /// <summary>Creates the same type of error with the names of the stage and the column.</summary>
    /// <param name="stage">The name of the stage, see <see cref="StageTransformer.Title"/>.</param>
    /// <param name="column">The column; null for the whole stage.</param>
    /// <param name="error">The error of the core library; an argument error caused by a column becomes an
    /// <see cref="LwgException"/>.</param>
    /// <param name="wayOut">A further sentence for the author of the pipeline, added with the row; null for none.</param>
    public static LwgException In(string stage, string? column, Exception error, string? wayOut = null)
    {
        LwgException told = Again(error, column is null ? $"Stage '{stage}': {error.Message}"
            : $"Stage '{stage}': column '{column}': {error.Message}");
        if (wayOut is not null)
            told.Data[HasWayOut] = wayOut;
        return told;
    }

    /// <summary>Creates the same type of error with the row number, which is added once, by the stage that reports it. The error of the
    /// stage is the inner exception, and the error of the core library is its inner exception.</summary>
    /// <param name="position">The row number, from 0 on.</param>
    /// <param name="error">The error of the stage.</param>
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
        // Other types already include the location.
        LwgException other when other.GetType() != typeof(LwgException) => other,
        _ => new LwgException(message, error),
    };
}
