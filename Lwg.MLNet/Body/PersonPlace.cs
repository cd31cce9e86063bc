namespace Lwg.MLNet.Body;

/// <summary>How the place of a person in one picture is transferred to a picture of another size or shape.</summary>
public enum PersonPlace
{
    /// <summary>The person takes the same fraction of the picture height. The centres of the pictures coincide.</summary>
    Height,

    /// <summary>The person takes the same fraction of the picture width. The centres of the pictures coincide.</summary>
    Width,

    /// <summary>As <see cref="Height"/>, but the feet are on the same line as the feet of the source.</summary>
    Feet,
}
