using Lwg.MLNet.Body;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Generation;

/// <summary>Continues the training of a generator on the people that it will show: <c>SubjectTuner</c> of Lwg.MLNet.Training.</summary>
public interface ISubjectTuner
{
    /// <summary>Tunes a generator.</summary>
    /// <param name="generator">The generator; it is not changed.</param>
    /// <param name="body">Its body.</param>
    /// <param name="subjects">The people.</param>
    /// <param name="cancellationToken">Ends the training early with an exception.</param>
    /// <returns>The tuned generator, of the same sizes and body; the same package if training did not improve it.</returns>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken);

    /// <summary>Tunes a generator and reports on the training.</summary>
    /// <param name="generator">The generator; it is not changed.</param>
    /// <param name="body">Its body.</param>
    /// <param name="subjects">The people.</param>
    /// <param name="report">Receives lines of text; a stage passes them on to mlContext.Log.</param>
    /// <param name="cancellationToken">Ends the training early with an exception.</param>
    /// <returns>As without <paramref name="report"/>; a tuner that reports nothing implements only that overload.</returns>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken) =>
        Tune(generator, body, subjects, cancellationToken);
}
