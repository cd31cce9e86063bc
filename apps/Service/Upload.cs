using System.Globalization;
using System.Text;
using Lwg.MLNet.Motion;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Lwg.MLNet.Service;

/// <summary>Reads forms (multipart/form-data): a file 'picture', and the other fields of the address: 'motion' and 'frame' (or 'frames',
/// the number of frames), a file 'reference', 'parts', 'angle'.</summary>
/// <remarks>ASP.NET Core's form reader writes large parts to the disk, and disconnects clients that exceed the time limit; this one does
/// neither.</remarks>
internal static class Upload
{
    private const int MaximumParts = 16, LongestText = 100;

    /// <summary>Reads and validates a request.</summary>
    /// <param name="request">The HTTP request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="kind">The kind of the request.</param>
    /// <param name="cancellationToken">Cancelled when the client disconnects.</param>
    /// <exception cref="BadHttpRequestException">The form is invalid, too large or too slow, or names something that does not
    /// exist.</exception>
    public static async Task<TransferRequest> ReadAsync(HttpRequest request, ServiceOptions options, RequestKind kind,
        CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
            throw new BadHttpRequestException("A form (multipart/form-data) with a file 'picture' is needed.",
                StatusCodes.Status415UnsupportedMediaType);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.UploadSeconds));
        try
        {
            return ToRequest(await ReadPartsAsync(new MultipartReader(boundary.Value!, request.Body), patience.Token), options, kind);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"The upload took more than {options.UploadSeconds} seconds.",
                StatusCodes.Status408RequestTimeout, e);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            throw new BadHttpRequestException($"The upload was slower than {options.MinimumBytesPerSecond} bytes a second.",
                StatusCodes.Status408RequestTimeout, e);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException
        && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException($"The form cannot be read: {e.Message}", e);
        }
    }

    private static async Task<Dictionary<string, byte[]>> ReadPartsAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<string, byte[]>();
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            string? name = section.GetContentDispositionHeader() is { } disposition ? HeaderUtilities.RemoveQuotes(disposition.Name).Value
                : null;
            if (parts.Count == MaximumParts)
                throw new InvalidDataException($"It has more than {MaximumParts} parts.");
            if (string.IsNullOrEmpty(name))
                throw new InvalidDataException("A part has no name.");
            if (parts.ContainsKey(name))
                throw new InvalidDataException($"It has more than one part '{(name.Length > LongestText ? name[..LongestText] : name)}'.");
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, cancellationToken);
            parts.Add(name, content.ToArray());
        }
        return parts;
    }

    private static TransferRequest ToRequest(Dictionary<string, byte[]> parts, ServiceOptions options, RequestKind kind)
    {
        byte[] picture = parts.GetValueOrDefault("picture") ?? throw new BadHttpRequestException("The form has no file 'picture'.");
        return kind switch
        {
            RequestKind.Swap => ToSwap(picture, parts),
            RequestKind.View => new ViewRequest(picture, [Number(parts, "angle", 0, 0, 359)]),
            RequestKind.Turn => ToTurn(picture, Number(parts, "frames", Math.Min(16, options.MaximumFrames), 2, options.MaximumFrames)),
            _ => ToImitation(picture, parts, options, kind == RequestKind.Animate),
        };
    }

    private static SwapRequest ToSwap(byte[] picture, Dictionary<string, byte[]> parts)
    {
        byte[] reference = parts.GetValueOrDefault("reference")
            ?? throw new BadHttpRequestException("The form has no file 'reference', the photograph of the clothes.");
        string name = Text(parts, "parts") is { Length: > 0 } given ? given : SwapRequest.AllParts[0];
        return SwapRequest.AllParts.Contains(name) ? new SwapRequest(picture, reference, name)
            : throw new BadHttpRequestException($"'parts' is '{name}'; one of {string.Join(", ", SwapRequest.AllParts)} is allowed.");
    }

    private static ViewRequest ToTurn(byte[] picture, int count) =>
        new(picture, [.. Enumerable.Range(0, count).Select(i => 360f * i / count)]);

    private static ImitationRequest ToImitation(byte[] picture, Dictionary<string, byte[]> parts, ServiceOptions options, bool animated)
    {
        string name = Text(parts, "motion");
        if (parts.TryGetValue("reference", out byte[]? reference))
        {
            if (name.Length > 0 || animated)
                throw new BadHttpRequestException(animated ? "An animation needs a motion, but a reference picture was given."
                    : "Either a motion or a reference picture is imitated, but both were given.");
            return new ImitationRequest(picture, reference, null, [0]);
        }
        MotionClip motion = Motions.Find(name)
            ?? throw new BadHttpRequestException(
            $"The motion is '{name}'; one of {string.Join(", ", MotionClip.BuiltInNames)} or a file 'reference' is needed.");
        if (!animated)
            return new ImitationRequest(picture, null, motion, [Number(parts, "frame", 0, 0, motion.FrameCount - 1)]);
        int count = Number(parts, "frames", Math.Min(16, options.MaximumFrames), 2, Math.Min(options.MaximumFrames, motion.FrameCount));
        return new ImitationRequest(picture, null, motion, [.. Enumerable.Range(0, count).Select(i => i * motion.FrameCount / count)]);
    }

    private static int Number(Dictionary<string, byte[]> parts, string field, int otherwise, int low, int high)
    {
        string text = Text(parts, field);
        if (text.Length == 0)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= low && value <= high
            ? value : throw new BadHttpRequestException($"'{field}' is '{text}'; whole numbers from {low} to {high} are allowed.");
    }

    // Texts are cut: longer ones are neither names nor numbers, and are not repeated in errors.
    private static string Text(Dictionary<string, byte[]> parts, string field) =>
        parts.TryGetValue(field, out byte[]? bytes) ? Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, LongestText)) : "";
}
