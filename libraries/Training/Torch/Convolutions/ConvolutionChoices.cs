using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>The implementation of each convolution on a device: checked once, then kept in memory and in a file.</summary>
internal sealed class ConvolutionChoices
{
    // The single-precision values in a vector of 512 bits.
    private const int Vector512 = 16;

    private static readonly ConcurrentDictionary<string, ConvolutionChoices> s_shared = new();

    private readonly Device _device;
    private readonly IReadOnlyList<ConvolutionWay> _ways;
    private readonly ConvolutionCache? _cache;
    private readonly ConcurrentDictionary<ConvolutionShape, ConvolutionChoice> _chosen = new();
    private readonly Lock _checking = new();

    /// <param name="device">The device.</param>
    /// <param name="ways">The implementations, in the order in which they are tried.</param>
    /// <param name="cache">The results of earlier processes; null for none.</param>
    public ConvolutionChoices(Device device, IReadOnlyList<ConvolutionWay> ways, ConvolutionCache? cache = null) =>
        (_device, _ways, _cache) = (device, ways, cache);

    /// <summary>The folder of the cache files; null for none.</summary>
    public static string? CacheFolder { get; set; } = ConvolutionCache.DefaultFolder;

    /// <summary>Returns the shared instance with all implementations, one for all networks of the process on a device.</summary>
    public static ConvolutionChoices Shared(Device device)
    {
        string? machine = ConvolutionMachine.Identity(device);
        return s_shared.GetOrAdd($"{device} {machine} {CacheFolder}", _ =>
            new ConvolutionChoices(device, ConvolutionWay.All, machine is null || CacheFolder is null ? null
            : new ConvolutionCache(CacheFolder, machine)));
    }

    /// <summary>Returns the implementation of a convolution if it is known, otherwise null.</summary>
    public ConvolutionChoice? Find(ConvolutionShape shape) => _chosen.GetValueOrDefault(shape);

    /// <summary>Checks convolutions that are not known yet.</summary>
    /// <param name="shapes">The convolutions.</param>
    /// <param name="cancellationToken">Stops between two convolutions; results up to then are kept.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ConvolutionReport Check(IEnumerable<ConvolutionShape> shapes, CancellationToken cancellationToken)
    {
        lock (_checking)
        {
            ConvolutionShape[] all = [.. shapes.Distinct()];
            ConvolutionShape[] unknown = [.. all.Where(s => !_chosen.ContainsKey(s))];
            int remembered = unknown.Length == 0 ? 0 : Remember(unknown);
            List<ConvolutionChoice> found = [];
            string? problem = null;
            var clock = System.Diagnostics.Stopwatch.StartNew();
            try
            {
                foreach (ConvolutionShape shape in unknown.Where(s => !_chosen.ContainsKey(s)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    ConvolutionChoice choice = Choose(shape);
                    found.Add(choice);
                    // If no implementation is correct, the next training checks again.
                    if (choice.Way is not null)
                        _chosen[shape] = choice;
                }
            }
            finally
            {
                if (found.Count > 0)
                    problem = _cache?.Add(found);
            }
            return new ConvolutionReport([.. all.Where(_chosen.ContainsKey).Select(s => _chosen[s]), .. found.Where(c => c.Way is null)],
                found.Count, remembered, clock.Elapsed, found.Count == 0 ? null : _cache?.Path, problem);
        }
    }

    private int Remember(ConvolutionShape[] shapes)
    {
        if (_cache is null)
            return 0;
        Dictionary<string, (string Way, string Wrong)> file = _cache.Read();
        int count = 0;
        foreach (ConvolutionShape shape in shapes)
        {
            if (!file.TryGetValue(shape.ToString(), out (string Way, string Wrong) entry)
                || _ways.FirstOrDefault(w => w.Name == entry.Way && w.Fits(shape)) is not { } way)
                continue;
            _chosen[shape] = new ConvolutionChoice(shape, way, entry.Wrong);
            count++;
        }
        return count;
    }

    /// <summary>Returns whether libtorch's kernels for AVX-512 may read memory that was never written: they multiply it by 0, so that the
    /// result is wrong only if it happens to contain infinity or NaN, which a comparison with float64 rarely meets.</summary>
    /// <param name="shape">The convolution.</param>
    internal static bool ReadsUnwritten(ConvolutionShape shape) => shape.Type != TorchSharp.torch.ScalarType.Float64
        && (shape.Inputs / shape.Groups % Vector512 != 0 || shape.Outputs / shape.Groups % Vector512 != 0);

    private ConvolutionChoice Choose(ConvolutionShape shape)
    {
        List<string> wrong = [];
        using var probe = new ConvolutionProbe(shape, _device);
        foreach (ConvolutionWay way in _ways.Where(w => w.Fits(shape)))
        {
            if (way is DirectConvolution && _device.type == TorchSharp.DeviceType.CPU && ConvolutionMachine.HasVectors512
                && ReadsUnwritten(shape))
            {
                wrong.Add($"{way.Name}: reads memory that was never written, on processors with AVX-512");
                continue;
            }
            if (probe.IsRight(way, out ConvolutionErrors errors))
                return new ConvolutionChoice(shape, way, string.Join("; ", wrong));
            wrong.Add($"{way.Name}: {errors}");
        }
        return new ConvolutionChoice(shape, null, string.Join("; ", wrong));
    }
}
