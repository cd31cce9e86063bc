using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Models;

/// <summary>The short way for programs that do not want to know ML.NET: members of <see cref="PersonTransfer"/> that use the library's own
/// networks.</summary>
public static class PersonImitation
{
    extension(PersonTransfer)
    {
        /// <summary>
        /// Lets the person of a photograph do a motion: <c>await foreach (MLImage frame in PersonTransfer.Imitate("photo.jpg",
        /// "wave"))</c>. Nothing is computed before frames are asked for.
        /// </summary>
        /// <param name="photo">The photograph's file, in any format that <see cref="Transforms.Imaging.ImageCodec"/> reads.</param>
        /// <param name="motion">One of <see cref="MotionClip.BuiltInNames"/>, or a motion's file.</param>
        /// <param name="imageSize">S, the side of the square in which the person is worked on, 32 to 2048 pixels.</param>
        /// <param name="progress">Told of the share of the frames that are made, above 0, up to 1; null for nothing.</param>
        /// <param name="mlContext">The context whose log and GPU are used; null for a new one.</param>
        /// <returns>The frames, and the pipeline that makes them.</returns>
        /// <exception cref="ModelFileException">There is no such motion.</exception>
        public static Imitation Imitate(string photo, string motion, int imageSize = 256, IProgress<double>? progress = null,
            MLContext? mlContext = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(photo);
            ArgumentException.ThrowIfNullOrEmpty(motion);
            return new Imitation(mlContext ?? new MLContext(), photo, MotionClip.Load(motion), imageSize, progress);
        }
    }
}
