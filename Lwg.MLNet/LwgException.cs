namespace Lwg.MLNet;

/// <summary>The base class of all exceptions of this library for invalid input: files, pictures, key points, bodies.</summary>
public class LwgException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
    /// <param name="innerException">The cause, if any.</param>
    public LwgException(string message, Exception? innerException = null) : base(message, innerException) { }
}

/// <summary>The exception for a model, body, motion or array file that cannot be read or has unexpected content.</summary>
public sealed class ModelFileException : LwgException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file (or resource) as named by the user.</param>
    /// <param name="entry">The entry, array or key inside the file; null for the file itself.</param>
    /// <param name="reason">What is wrong and what is allowed, without the names of file and entry.</param>
    /// <param name="innerException">The cause, if any.</param>
    public ModelFileException(string file, string? entry, string reason, Exception? innerException = null)
        : base(entry is null ? $"'{file}': {reason}" : $"'{file}', entry '{entry}': {reason}", innerException)
    {
        File = file;
        Entry = entry;
        Reason = reason;
    }

    /// <summary>The file (or resource) as named by the user.</summary>
    public string File { get; }

    /// <summary>The entry, array or key inside the file; null for the file itself.</summary>
    public string? Entry { get; }

    /// <summary>What is wrong and what is allowed.</summary>
    public string Reason { get; }
}

/// <summary>The exception for a picture that cannot be decoded, is truncated, or exceeds the limits.</summary>
/// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class ImageInputException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>The exception for key points that do not describe a person in the picture.</summary>
/// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class KeypointInputException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>The exception for a picture in which an estimator detects no person, or none with enough confidence.</summary>
/// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class PersonNotFoundException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>The exception for a body that does not match a model, a column or a map, or lacks required data.</summary>
/// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class BodyMismatchException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>The exception for a row whose transfer is worse than the required quality.</summary>
/// <param name="message">One sentence: the measured and the required quality.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class TransferQualityException(string message, Exception? innerException = null) : LwgException(message, innerException);

/// <summary>The exception for a training that cannot continue: values that are not finite, unsuitable data, a checkpoint of another
/// training.</summary>
/// <param name="message">One sentence: what is wrong, where, and what is allowed.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class TrainingException(string message, Exception? innerException = null) : LwgException(message, innerException);
