namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Errors of the core, told with the stage and column that they are about.</summary>
internal static class StageErrors
{
    /// <summary>The same kind of error, with the stage's name and the column's.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="column">The column; null where the whole stage is meant.</param>
    /// <param name="error">What the core said; an argument that came from a column becomes an <see cref="LwgException"/>.</param>
    public static LwgException In(string stage, string? column, Exception error)
    {
        string message = column is null ? $"Stage '{stage}': {error.Message}" : $"Stage '{stage}': column '{column}': {error.Message}";
        return error switch
        {
            KeypointInputException => new KeypointInputException(message, error),
            ImageInputException => new ImageInputException(message, error),
            PersonNotFoundException => new PersonNotFoundException(message, error),
            BodyMismatchException => new BodyMismatchException(message, error),
            _ => new LwgException(message, error),
        };
    }
}
