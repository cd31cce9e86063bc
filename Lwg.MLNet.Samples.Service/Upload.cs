using System.Globalization;
using Lwg.MLNet.Motion;
using Microsoft.AspNetCore.Http.Features;

namespace Lwg.MLNet.Samples.Service;

/// <summary>Reads forms (multipart/form-data): a file 'picture', then either 'motion' and 'frame' (or 'frames', how many) or a file 'reference'. Nothing goes to the disk.</summary>
internal static class Upload
{
    /// <summary>Reads what is asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="animated">Whether several frames are wanted.</param>
    /// <param name="cancellationToken">The client's patience.</param>
    /// <exception cref="BadHttpRequestException">It is no such form, too large or too slow, or what it asks for is not there.</exception>
    public static async Task<ImitationRequest> ReadAsync(HttpRequest request, ServiceOptions options, bool animated, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
            throw new BadHttpRequestException("A form (multipart/form-data) with a file 'picture' is needed.", StatusCodes.Status415UnsupportedMediaType);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.UploadSeconds));
        try
        {
            IFormCollection form = await request.ReadFormAsync(
                new FormOptions { MemoryBufferThreshold = options.MaximumUploadBytes, MultipartBodyLengthLimit = options.MaximumUploadBytes, ValueCountLimit = 16, ValueLengthLimit = 1024 }, patience.Token);
            return ToRequest(form, options, animated);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"The upload took more than {options.UploadSeconds} seconds.", StatusCodes.Status408RequestTimeout, e);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"The form cannot be read: {e.Message}", e);
        }
    }

    private static ImitationRequest ToRequest(IFormCollection form, ServiceOptions options, bool animated)
    {
        byte[] picture = Bytes(form.Files["picture"]) ?? throw new BadHttpRequestException("The form has no file 'picture'.");
        string name = form["motion"].ToString();
        if (form.Files["reference"] is { } reference)
        {
            if (name.Length > 0 || animated)
                throw new BadHttpRequestException(animated ? "An animation needs a motion, but a reference picture was given." : "Either a motion or a reference picture is imitated, but both were given.");
            return new ImitationRequest(picture, Bytes(reference), null, [0]);
        }
        MotionClip motion = Motions.Find(name)
            ?? throw new BadHttpRequestException($"The motion is '{name}'; one of {string.Join(", ", MotionClip.BuiltInNames)} or a file 'reference' is needed.");
        if (!animated)
            return new ImitationRequest(picture, null, motion, [Number(form, "frame", 0, 0, motion.FrameCount - 1)]);
        int count = Number(form, "frames", Math.Min(16, options.MaximumFrames), 2, Math.Min(options.MaximumFrames, motion.FrameCount));
        return new ImitationRequest(picture, null, motion, [.. Enumerable.Range(0, count).Select(i => i * motion.FrameCount / count)]);
    }

    private static int Number(IFormCollection form, string field, int otherwise, int low, int high)
    {
        string text = form[field].ToString();
        if (text.Length == 0)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= low && value <= high
            ? value : throw new BadHttpRequestException($"'{field}' is '{text}'; whole numbers from {low} to {high} are allowed.");
    }

    private static byte[]? Bytes(IFormFile? file)
    {
        if (file is null)
            return null;
        byte[] bytes = new byte[file.Length];
        using Stream stream = file.OpenReadStream();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
