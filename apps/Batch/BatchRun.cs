using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Batch;

/// <summary>One run over a table, or a part of it: what the journal of an earlier run knows is kept, all else goes through one fitted pipeline.</summary>
internal sealed class BatchRun(BatchSettings settings, TextWriter output)
{
    public const string PicturesName = "pictures";
    public const string TimingsName = "timings.csv";

    public static IReadOnlyList<string> TimingsColumns { get; } = ["Row", "Id", "Milliseconds"];

    /// <summary>Runs.</summary>
    /// <param name="cancellationToken">Stops it between two rows; what is done is kept for the next run.</param>
    /// <exception cref="LwgException">Table or folders cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        RequestTable table = await RequestTable.LoadAsync(settings.Requests);
        var pictures = new PictureFolder(settings.Pictures);
        string folder = MakeFolder(settings.Out);
        using Journal journal = Journal.Open(folder);
        foreach (string abandoned in Directory.GetFiles(folder, "*.tmp", SearchOption.AllDirectories))
            File.Delete(abandoned);

        using var estimator = PersonEstimators.Open(settings.Estimator, settings.Device.Runtime(TextWriter.Null)) as IDisposable;
        string identity = Identity(((ISmplEstimator)estimator!).Package!.Hash);
        Request[] requests = [.. table.Rows.Take(settings.Shard?.Of(table.Rows.Count) ?? Range.All)];
        string[] keys = [.. requests.Select(r => KeyOf(r, table.HasKeypoints, identity, pictures))];
        var entries = keys.Select(journal.Find).ToArray();
        int[] open = [.. Enumerable.Range(0, requests.Length).Where(i => entries[i] is null)];
        if (requests.Length > open.Length)
            output.WriteLine($"{requests.Length - open.Length} of {requests.Length} rows are kept from an earlier run.");

        if (open.Length > 0)
            Make(mlContext, table.HasKeypoints, pictures, folder, [.. open.Select(i => requests[i])], (i, entry) => journal.Add(entries[open[i]] = entry with { Key = keys[open[i]] }), cancellationToken);

        ResultRow[] rows = [.. requests.Select((request, i) => entries[i]!.Result with { Row = request.Row })];
        await ResultTable.WriteAsync(folder, rows, settings.Parquet);
        CsvTable.Write(Path.Combine(folder, TimingsName), TimingsColumns, rows.Select((row, i) => (string[])[Text(row.Row), row.Id, Text(entries[i]!.Milliseconds)]));
        new BatchManifest { RequestsSha256 = table.Sha256, Rows = table.Rows.Count, Settings = identity, Shard = settings.Shard?.ToString(), Parquet = settings.Parquet }.Write(folder);
        output.WriteLine($"{rows.Count(r => r.Status == ResultRow.Made)} pictures made, {rows.Count(r => r.Status == ResultRow.Refused)} rows refused: {Path.Combine(folder, ResultTable.CsvName)}");
    }

    /// <summary>Lets rows go through the pipeline.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="marked">Whether the rows have key points.</param>
    /// <param name="pictures">Where their pictures are.</param>
    /// <param name="folder">Where the results go.</param>
    /// <param name="requests">The rows.</param>
    /// <param name="through">Hears of every row that is through, by its place in <paramref name="requests"/>.</param>
    /// <param name="cancellationToken">Stops it between two rows.</param>
    private void Make(MLContext mlContext, bool marked, PictureFolder pictures, string folder, Request[] requests, Action<int, JournalEntry> through, CancellationToken cancellationToken)
    {
        NetworkRuntimeOptions runtime = settings.Device.Runtime(output);
        ISmplEstimator estimator = PersonEstimators.Open(settings.Estimator, runtime);
        using var ownedEstimator = estimator as IDisposable;
        ITransferGenerator generator = GeneratorChoice.Open(settings.Generator, runtime);
        using var owned = generator as IDisposable;
        using var photos = new SourcePhotos(pictures, output);
        var poses = new ReferencePoses(mlContext, pictures, estimator, settings.Size, output);
        IDataView rows = mlContext.Data.LoadFromEnumerable(requests.Select(request => new WorkRow(request, marked, photos, poses)));
        ITransformer model = BatchPipeline.Build(mlContext, settings, marked, estimator, generator).Fit(rows);
        var progress = new BatchProgress(output, requests.Length);
        using var reader = new WorkReader(model.Transform(rows));
        for (int i = 0; i < requests.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reader.MoveNext();
            var watch = Stopwatch.StartNew();
            ResultRow result = MakeRow(requests[i], reader, folder);
            through(i, new JournalEntry("", watch.ElapsedMilliseconds, result));
            progress.Add(result.Status == ResultRow.Refused);
        }
    }

    private ResultRow MakeRow(Request request, WorkReader reader, string folder)
    {
        var result = new ResultRow { Id = request.Id, Source = request.Source, Motion = request.Motion, Frame = request.Frame, Reference = request.Reference };
        try
        {
            reader.Measure(result);
            using MLImage photo = reader.Photo();
            string name = $"{PicturesName}/{request.Id}.png", path = Path.Combine(folder, name);
            ImageCodec.SavePng(photo, path, settings.Provenance ? Provenance.CompositeWithTrainedAlgorithms : null);
            return result with { Picture = name, PictureSha256 = Journal.HashOf(path)!, Width = photo.Width, Height = photo.Height };
        }
        catch (LwgException e)
        {
            return result with { Status = ResultRow.Refused, Refusal = e.GetType().Name, Message = ConsoleProgram.MessageOf(e).ReplaceLineEndings(" ") };
        }
    }

    /// <summary>All but the rows themselves that pictures and table depend on.</summary>
    private string Identity(string estimator) => string.Create(
        CultureInfo.InvariantCulture,
        $"library {typeof(LwgException).Assembly.GetName().Version}, body {BodyModel.Default.Hash}, estimator {estimator}, generator {GeneratorChoice.Identity(settings.Generator)}, size {settings.Size}, camera {settings.Camera}, minimum shown {settings.MinimumShown}, refuse poor {settings.RefusePoor}, provenance {settings.Provenance}{(settings.Device == ComputeDevice.Cpu ? "" : $", device {settings.Device}")}");

    /// <summary>The hash of all that a row's result depends on, the content of its files too.</summary>
    private static string KeyOf(Request request, bool marked, string identity, PictureFolder pictures)
    {
        string motion = request.Motion.Length == 0 || MotionClip.BuiltInNames.Contains(request.Motion) ? "" : pictures.HashOf(request.Motion);
        string reference = request.Reference.Length == 0 ? "" : pictures.HashOf(request.Reference);
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { identity, marked, request, source = pictures.HashOf(request.Source), motion, reference })));
    }

    private static string MakeFolder(string path)
    {
        if (File.Exists(path))
            throw new LwgException($"'{path}' is a file; --out needs a folder.");
        string folder = Directory.CreateDirectory(path).FullName;
        Directory.CreateDirectory(Path.Combine(folder, PicturesName));
        return folder;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
