using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Training.Data;

/// <summary>
/// Pairs of learned people, one person after another: from picture to picture, from the textured body in another pose to a picture, and
/// from pose to pose. Target and source always have the source's background.
/// </summary>
/// <param name="people">The people.</param>
/// <param name="renderedShare">The share of sources that are rendered.</param>
/// <param name="seed">The seed of all random choices.</param>
internal sealed class SubjectTrainingData(IReadOnlyList<SubjectPictures> people, double renderedShare, int seed) : ITrainingData
{
    private const double BackToPicture = 0.5;

    /// <inheritdoc/>
    public void Fill(long number, TrainingSample sample)
    {
        SubjectPictures person = people[(int)(number % people.Count)];
        var dice = new Dice(unchecked((ulong)number * 0x9E3779B97F4A7C15 + (ulong)seed));
        SubjectPictures.View source = person.Views[dice.Below(person.Views.Count)], target = person.Views[dice.Below(person.Views.Count)];
        bool rendersSource = dice.Share() < renderedShare, rendersTarget = rendersSource && dice.Share() >= BackToPicture;
        ReadOnlySpan<float> background = source.Analysis.Background;
        sample.Name = $"person {number % people.Count}, sample {number}";
        sample.HasTruth = true;
        background.CopyTo(sample.Background);
        if (rendersSource)
            Render(source, calm: true, sample.SourceSmpl, sample.SourceImage, sample.SourceMask);
        else
            Copy(source, sample.SourceSmpl, sample.SourceImage, sample.SourceMask);
        if (rendersTarget)
            Render(target, calm: false, sample.TargetSmpl, sample.TargetImage, sample.TargetMask);
        else
            Copy(target, sample.TargetSmpl, sample.TargetImage, sample.TargetMask);

        void Render(SubjectPictures.View view, bool calm, float[] smpl, float[] image, float[] mask)
        {
            view.Smpl.CopyTo(smpl, 0);
            SyntheticPose.Draw(ref dice, calm, anySide: false, new Smpl(smpl).Pose);
            TransferResult drawn = person.Render(smpl);
            for (int i = 0; i < mask.Length; i++)
                mask[i] = 1 - drawn.Mask[i];
            Compose(drawn.Color, mask, sample.Background, image);
        }

        void Copy(SubjectPictures.View view, float[] smpl, float[] image, float[] mask)
        {
            view.Smpl.CopyTo(smpl, 0);
            view.Analysis.Matte.CopyTo(mask);
            if (view == source)
                view.Image.CopyTo(image, 0);
            else
                Compose(view.Image, mask, sample.Background, image);
        }
    }

    private static void Compose(float[] color, float[] person, float[] background, float[] image)
    {
        for (int i = 0; i < image.Length; i++)
            image[i] = Math.Clamp(float.Lerp(background[i], color[i], person[i % person.Length]), -1, 1);
    }
}
