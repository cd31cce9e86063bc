namespace Lwg.MLNet.Tests.Samples;

/// <summary>Cancels when the given words are written.</summary>
internal sealed class CancellingWriter(string words, CancellationTokenSource cancellation) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value!.Contains(words, StringComparison.Ordinal))
            cancellation.Cancel();
    }

    /// <summary>Runs the sample program until it writes these words.</summary>
    public static async Task<Imitate> RunUntilAsync(string words, params string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        using var output = new CancellingWriter(words, cancellation);
        return await Imitate.RunAsync(output, cancellation.Token, args);
    }
}
