using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A source picture as the network input for the person. If a mask is given and fits the body, the silhouette contains no
/// background (<see cref="PersonPixels"/>). The arrays are reused for all sources.</summary>
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

    /// <summary>Sets the picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="mask">The person mask [M,M]; empty for none.</param>
    /// <param name="condition">The condition map of the person's body [3,S,S]; read only with a mask.</param>
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
