namespace Lwg.MLNet;

/// <summary>The base of every error this library raises on account of what came from outside: files, pictures, key points,
/// bodies.</summary>
public class LwgException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
    /// <param name="innerException">What it was caught from, if anything.</param>
    public LwgException(string message, Exception? innerException = null) : base(message, innerException) { }
}

/// <summary>A model, body, motion or array file that cannot be read or does not hold what it should.</summary>
public sealed class ModelFileException : LwgException
{
    /// <summary>Makes the error.</summary>
    /// <param name="file">The file (or resource) as the user named it.</param>
    /// <param name="entry">The entry, array or key inside the file; null when the file itself is meant.</param>
    /// <param name="reason">What was wrong and what is allowed, without the names of file and entry.</param>
    /// <param name="innerException">What it was caught from, if anything.</param>
    public ModelFileException(string file, string? entry, string reason, Exception? innerException = null)
        : base(entry is null ? $"'{file}': {reason}" : $"'{file}', entry '{entry}': {reason}", innerException)
    {
        File = file;
        Entry = entry;
        Reason = reason;
    }

    /// <summary>The file (or resource) as the user named it.</summary>
    public string File { get; }

    /// <summary>The entry, array or key inside the file; null when the file itself is meant.</summary>
    public string? Entry { get; }

    /// <summary>What was wrong and what is allowed.</summary>
    public string Reason { get; }
}

/// <summary>A picture that cannot be decoded, is cut short, or is outside the limits.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class ImageInputException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>Key points that cannot describe a person in the picture.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class KeypointInputException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>A picture in which an estimator finds nobody, or nobody of whom it could be sure.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class PersonNotFoundException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>A body that does not belong to a model, a column or a map, or that lacks what was asked of it.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class BodyMismatchException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>A row whose transfer would be worse than what was asked for.</summary>
/// <param name="message">One sentence: what was measured and what is needed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class TransferQualityException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>A training that cannot go on: numbers that are no numbers, data that cannot be learned from, a checkpoint of another
/// training.</summary>
/// <param name="message">One sentence: what was wrong, where, and what is allowed.</param>
/// <param name="innerException">What it was caught from, if anything.</param>
public sealed class TrainingException(string message, Exception? innerException = null) : LwgException(message, innerException);
