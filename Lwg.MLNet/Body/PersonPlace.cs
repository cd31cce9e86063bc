namespace Lwg.MLNet.Body;

/// <summary>How the place of a person in one picture is brought into a picture of another size or shape.</summary>
public enum PersonPlace
{
    /// <summary>The person takes the same share of the picture's height; the middles of the pictures are laid on each other.</summary>
    Height,

    /// <summary>The person takes the same share of the picture's width; the middles of the pictures are laid on each other.</summary>
    Width,

    /// <summary>As <see cref="Height"/>, but the feet stand on the line on which the source's feet stand.</summary>
    Feet,
}
