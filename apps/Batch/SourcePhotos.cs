using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>Decodes photographs; rows that follow each other and are about the same one share it.</summary>
internal sealed class SourcePhotos(IPictures folder, TextWriter output) : IDisposable
{
    private string? _name;
    private MLImage? _image;

    /// <summary>A photograph; it stays ours, and is good until another one is asked for.</summary>
    /// <exception cref="LwgException">It cannot be read.</exception>
    public MLImage Get(string name)
    {
        if (name == _name)
            return _image!;
        byte[] file = folder.Read(name);
        MLImage image = ImageCodec.ToImage(ImageCodec.Decode(file, name, AlphaMode.Keep));
        Stills.TellLeftOut(output, name, ImageCodec.Inspect(file, name));
        Dispose();
        (_name, _image) = (name, image);
        return image;
    }

    public void Dispose()
    {
        _image?.Dispose();
        (_name, _image) = (null, null);
    }
}
