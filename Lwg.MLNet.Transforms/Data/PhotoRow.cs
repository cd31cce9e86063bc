using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>A photograph, a row of mlContext.Data.LoadPhotos.</summary>
internal sealed class PhotoRow
{
    private readonly byte[]? _bytes;

    internal PhotoRow(string name, byte[]? bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, _bytes) = (name, bytes);
    }

    /// <summary>The path of the file, or the name given by the caller.</summary>
    public string Name { get; }

    /// <summary>The photograph, upright. Each read decodes it; the caller owns the image.</summary>
    /// <exception cref="ImageInputException">The photograph cannot be read.</exception>
    [AnySizeImage]
    public MLImage Photo => ImageCodec.ToImage(_bytes is null ? ImageCodec.Load(Name) : ImageCodec.Decode(_bytes, Name));
}
