using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>A photograph, as mlContext.Data.LoadPhotos gives it.</summary>
internal sealed class PhotoRow
{
    private readonly byte[]? _bytes;

    internal PhotoRow(string name, byte[]? bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, _bytes) = (name, bytes);
    }

    /// <summary>The file's path, or the name that the caller gave.</summary>
    public string Name { get; }

    /// <summary>The photograph, upright; decoded now, and owned by whoever asks.</summary>
    /// <exception cref="ImageInputException">It cannot be read.</exception>
    [AnySizeImage]
    public MLImage Photo => ImageCodec.ToImage(_bytes is null ? ImageCodec.Load(Name) : ImageCodec.Decode(_bytes, Name));
}
