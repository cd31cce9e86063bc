using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>Decodes photographs. Consecutive rows of the same photograph share the decoded image.</summary>
internal sealed class SourcePhotos(IPictures folder, TextWriter output) : IDisposable
{
    private string? _name;
    private MLImage? _image;

    /// <summary>Returns a photograph. This object owns it and disposes of it when another one is requested.</summary>
    /// <exception cref="LwgException">The file cannot be read.</exception>
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
