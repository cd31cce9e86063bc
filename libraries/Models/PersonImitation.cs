using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Models;

/// <summary>Short forms for programs that do not use ML.NET directly: members of <see cref="PersonTransfer"/> that use the built-in
/// networks.</summary>
public static class PersonImitation
{
    extension(PersonTransfer)
    {
        /// <summary>Animates the person of a photograph with a motion: <c>await foreach (MLImage frame in
        /// PersonTransfer.Imitate("photo.jpg", "wave"))</c>. Nothing is computed until frames are read.</summary>
        /// <param name="photo">The photograph's file, in any format that <see cref="Transforms.Imaging.ImageCodec"/> reads.</param>
        /// <param name="motion">One of <see cref="MotionClip.BuiltInNames"/>, or a motion file.</param>
        /// <param name="imageSize">S, the side of the square crop around the person, 32 to 2048 pixels.</param>
        /// <param name="progress">Receives the share of the frames that are finished, above 0 and up to 1; null for none.</param>
        /// <param name="mlContext">The context whose log and GPU are used; null for a new one.</param>
        /// <returns>The frames and the pipeline that creates them.</returns>
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
