using Lwg.MLNet.Body;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Generation;

/// <summary>Goes on training a generator on the people that it will show: <c>SubjectTuner</c> of Lwg.MLNet.Training.</summary>
public interface ISubjectTuner
{
    /// <summary>Tunes a generator.</summary>
    /// <param name="generator">The generator; it stays what it is.</param>
    /// <param name="body">Its body.</param>
    /// <param name="subjects">The people.</param>
    /// <param name="cancellationToken">Ends the training early with an exception.</param>
    /// <returns>The tuned generator, of the same sizes and body; the same package where training it did the people no good.</returns>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken);

    /// <summary>Tunes a generator, and tells what there is to say about the training besides its result.</summary>
    /// <param name="generator">The generator; it stays what it is.</param>
    /// <param name="body">Its body.</param>
    /// <param name="subjects">The people.</param>
    /// <param name="report">Told line by line; a stage passes it on to mlContext.Log.</param>
    /// <param name="cancellationToken">Ends the training early with an exception.</param>
    /// <returns>As without <paramref name="report"/>; a tuner that has nothing to tell implements that one only.</returns>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken) =>
        Tune(generator, body, subjects, cancellationToken);
}
