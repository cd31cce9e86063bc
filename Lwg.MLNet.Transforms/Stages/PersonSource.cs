using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A source picture as a network reads the person from it: where a mask is given that fits the body, without background in the
/// silhouette (<see cref="PersonPixels"/>). Keeps its arrays from source to source.</summary>
internal sealed class PersonSource
{
    private readonly float[] _picture, _person;
    private readonly PersonPixels? _pixels;

    /// <param name="size">S.</param>
    /// <param name="masked">Whether there is a mask.</param>
    public PersonSource(int size, bool masked)
    {
        (_picture, _person) = (new float[3 * size * size], new float[masked ? 3 * size * size : 0]);
        _pixels = masked ? new PersonPixels(size) : null;
        Person = _picture;
    }

    /// <summary>The picture [3,S,S] to read the person from.</summary>
    public float[] Person { get; private set; }

    /// <summary>Takes another picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="mask">Where the person is [M,M]; empty for none.</param>
    /// <param name="condition">The condition map of the person's body [3,S,S]; read where there is a mask.</param>
    public void Take(ImageInput image, float[] mask, float[] condition)
    {
        image.ToTensor(_picture);
        Person = _picture;
        if (_pixels is null || !_pixels.TakeCondition(mask, condition))
            return;
        _pixels.PaintBody(_picture, _person);
        Person = _person;
    }
}
