using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lwg.MLNet.Networks;

/// <summary>
/// A running network with shared ownership: it is released after its owner and all of its runs are disposed. Thread-safe; each thread has
/// its own <see cref="NetworkRun"/>.
/// </summary>
internal sealed class NetworkSession : IDisposable
{
    // The size limit of tensors that ONNX Runtime folds from constants when it opens a network; larger ones are computed when it runs,
    // within that network's memory.
    private const int LargestFolded = 64 << 20;

    private readonly InferenceSession _session;
    private readonly TimeSpan? _limit;
    private int _holders = 1;
    private int _disposed;

    private NetworkSession(InferenceSession session, string name, TimeSpan? limit) => (_session, Name, _limit) = (session, name, limit);

    /// <summary>The name in error messages.</summary>
    public string Name { get; }

    /// <summary>The inputs' names.</summary>
    public IReadOnlyList<string> Inputs => _session.InputNames;

    /// <summary>The outputs' names.</summary>
    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>Returns the shape of an input or output; -1 for a dimension that depends on the data.</summary>
    /// <param name="tensor">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    public IReadOnlyList<int> ShapeOf(string tensor) =>
        (_session.InputMetadata.TryGetValue(tensor, out NodeMetadata? node) ? node : _session.OutputMetadata[tensor]).Dimensions;

    /// <summary>Returns the element type of an input or output.</summary>
    internal TensorElementType TypeOf(string tensor) =>
        (_session.InputMetadata.TryGetValue(tensor, out NodeMetadata? node) ? node : _session.OutputMetadata[tensor]).ElementDataType;

    /// <summary>
    /// Opens a network, which may be untrusted: files that refer to other files, contain code, or declare disproportionate sizes are
    /// rejected before ONNX Runtime reads them; all untrusted networks of a process share a limited memory; and a network with loops is
    /// stopped if a run takes longer than a minute.
    /// </summary>
    /// <param name="onnx">The ONNX file's bytes.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <exception cref="ModelFileException">The file is not an ONNX file that this runtime supports, or it contains what is not
    /// allowed.</exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public static NetworkSession Open(byte[] onnx, string name, NetworkRuntimeOptions? options = null) =>
        Open(onnx, name, options, OnnxRules.Others);

    /// <summary>Opens a network that must follow rules.</summary>
    internal static NetworkSession Open(byte[] onnx, string name, NetworkRuntimeOptions? options, OnnxRules rules)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        options ??= new NetworkRuntimeOptions();
        options.Check();
        bool loops = OnnxCheck.HasLoops(onnx, name, rules);
        try
        {
            using SessionOptions session = Options(options);
            if (rules.BoundedMemory)
                SharedMemory.Use(session);
            return new NetworkSession(new InferenceSession(onnx, session), name, loops ? rules.LoopLimit : null);
        }
        catch (OnnxRuntimeException e) when (options.GpuDeviceId is int device && CudaDevice.IsAtFault(e))
        {
            CudaDevice.FallBack(options, device, e.Message.ReplaceLineEndings(" ").TrimEnd('.'));
            return Open(onnx, name, options with { GpuDeviceId = null }, rules);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException(name, null, $"it is not a network that can be run: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new LwgException("ONNX Runtime's native library is missing; add the package Microsoft.ML.OnnxRuntime (CPU) or "
                + "Microsoft.ML.OnnxRuntime.Gpu to the application.", e);
        }
    }

    /// <summary>Prepares runs on one set of arrays; use a run on one thread at a time.</summary>
    /// <param name="tensors">All inputs and the required outputs: name, array, shape. The arrays stay pinned until the run is
    /// disposed.</param>
    public NetworkRun CreateRun(params IReadOnlyList<(string Name, float[] Values, long[] Shape)> tensors)
    {
        Hold();
        try
        {
            return new NetworkRun(this, tensors);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Releases the network.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Release();
    }

    /// <summary>Runs the network once on an input of zeros to determine the shapes of outputs that the file leaves open.</summary>
    /// <param name="input">The name of the only input.</param>
    /// <param name="shape">Its shape.</param>
    /// <exception cref="LwgException">The network cannot compute the outputs.</exception>
    internal IReadOnlyList<KeyValuePair<string, long[]>> TryRun(string input, long[] shape)
    {
        using var options = new RunOptions();
        using var zeros = new NetworkTensor(Name, input, new float[shape.Aggregate(1L, (a, b) => a * b)], shape, TypeOf(input));
        return Run(options, (input, zeros.Value), static (session, options, zeros) =>
        {
            using IDisposableReadOnlyCollection<OrtValue> made = session.Run(options, [zeros.input], [zeros.Value], session.OutputNames);
            return (IReadOnlyList<KeyValuePair<string, long[]>>)[
                .. made.Select((v, i) => KeyValuePair.Create(session.OutputNames[i], v.GetTensorTypeAndShape().Shape))];
        }, CancellationToken.None);
    }

    /// <summary>Runs the network until it ends, is cancelled, or exceeds its time limit.</summary>
    internal TResult Run<TState, TResult>(RunOptions options, TState state, Func<InferenceSession, RunOptions, TState, TResult> run,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? clock = _limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        clock?.CancelAfter(_limit!.Value);
        CancellationToken stop = clock?.Token ?? cancellationToken;
        // ONNX Runtime checks this before each operator.
        CancellationTokenRegistration stopping = stop.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, options);
        try
        {
            return run(_session, options, state);
        }
        catch (OnnxRuntimeException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Network '{Name}' was cancelled.", e, cancellationToken);
        }
        catch (OnnxRuntimeException e) when (stop.IsCancellationRequested)
        {
            throw new LwgException($"Network '{Name}' has loops and did not end within {_limit!.Value.TotalSeconds} s, the limit of "
                + $"one run.", e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new LwgException($"Network '{Name}' failed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            stopping.Dispose();
            if (stop.IsCancellationRequested)
                options.Terminate = false;
        }
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _session.Dispose();
    }

    private void Hold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders == 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
    }

    private static SessionOptions Options(NetworkRuntimeOptions options)
    {
        var session = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // Bytes that OnnxCheck read as ONNX must not be interpreted as another format.
        session.AddSessionConfigEntry("session.load_model_format", "ONNX");
        session.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes",
            LargestFolded.ToString(CultureInfo.InvariantCulture));
        // Threads that spin while they wait for the next run take CPU time from the work between two runs, such as another network.
        session.AddSessionConfigEntry("session.force_spinning_stop", "1");
        if (options.IntraOpNumThreads is int intra)
            session.IntraOpNumThreads = intra;
        if (options.InterOpNumThreads is int inter)
        {
            session.InterOpNumThreads = inter;
            session.ExecutionMode = inter > 1 ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL;
        }
        if (options.GpuDeviceId is not int device)
            return session;
        if (CudaDevice.Use(session, device) is not { } reason)
            return session;
        try
        {
            CudaDevice.FallBack(options, device, reason);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        return session;
    }
}

/// <summary>A network bound to arrays: each run reads its inputs from them and writes its outputs to them.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly NetworkSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _inputNames, _outputNames;
    private readonly NetworkTensor[] _inputTensors, _outputTensors;
    private readonly OrtValue[] _inputs, _outputs;
    private int _disposed;

    internal NetworkRun(NetworkSession session, IReadOnlyList<(string Name, float[] Values, long[] Shape)> tensors)
    {
        _session = session;
        var given = tensors.ToDictionary(t => t.Name);
        if (session.Inputs.FirstOrDefault(i => !given.ContainsKey(i)) is { } missing)
            throw new ArgumentException($"Network '{session.Name}' needs an input '{missing}'; given: {string.Join(", ", given.Keys)}.",
                nameof(tensors));
        if (given.Keys.FirstOrDefault(n => !session.Inputs.Contains(n) && !session.Outputs.Contains(n)) is { } unknown)
            throw new ArgumentException($"Network '{session.Name}' has no input or output '{unknown}'; it has "
                + $"{string.Join(", ", session.Inputs.Concat(session.Outputs))}.", nameof(tensors));
        foreach ((string name, float[] values, long[] shape) in tensors)
        {
            IReadOnlyList<int> declared = session.ShapeOf(name);
            if (declared.Count != shape.Length || declared.Zip(shape).Any(d => d.First >= 0 && d.First != d.Second))
                throw new ArgumentException($"Network '{session.Name}': '{name}' is [{string.Join(",", declared)}], but "
                    + $"[{string.Join(",", shape)}] was given.", nameof(tensors));
            if (shape.Aggregate(1L, (a, b) => a * b) != values.Length)
                throw new ArgumentException($"Network '{session.Name}': '{name}' of [{string.Join(",", shape)}] does not have the "
                    + $"{values.Length} elements of its array.", nameof(tensors));
        }
        _inputNames = [.. session.Inputs];
        _outputNames = [.. session.Outputs.Where(given.ContainsKey)];
        _inputTensors = [.. _inputNames.Select(Tensor)];
        _outputTensors = [.. _outputNames.Select(Tensor)];
        (_inputs, _outputs) = ([.. _inputTensors.Select(t => t.Value)], [.. _outputTensors.Select(t => t.Value)]);

        NetworkTensor Tensor(string name) => new(session.Name, name, given[name].Values, given[name].Shape, session.TypeOf(name));
    }

    /// <summary>Computes the outputs.</summary>
    /// <exception cref="LwgException">The network cannot compute the outputs.</exception>
    public void Run() => Run(CancellationToken.None);

    /// <summary>Computes the outputs.</summary>
    /// <param name="cancellationToken">Cancels the run after the current operator.</param>
    /// <exception cref="LwgException">The network cannot compute the outputs.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the contents of the outputs are undefined.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        foreach (NetworkTensor input in _inputTensors)
            input.Write();
        _session.Run(_options, this, static (session, options, run) =>
        {
            session.Run(options, run._inputNames, run._inputs, run._outputNames, run._outputs);
            return true;
        }, cancellationToken);
        foreach (NetworkTensor output in _outputTensors)
            output.Read();
    }

    /// <summary>Releases the arrays and the network.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        foreach (NetworkTensor tensor in _inputTensors.Concat(_outputTensors))
            tensor.Dispose();
        _options.Dispose();
        _session.Release();
    }
}
