using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Runtime;

[assembly: LoadableClass("A stage of Lwg.MLNet", typeof(ITransformer), typeof(StageFile), null, typeof(SignatureLoadModel),
    "Lwg.MLNet stage", StageFile.Signature)]

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>
/// Writes stages to ML.NET model files and reads them. The model header names this assembly, so an application that loads a model does
/// not need to register anything. A stage has one JSON entry (its name, version and options) and one entry for each learned person. Data
/// that several stages share, such as a body, are one entry named by its hash. docs/saved-models.md describes the format.
/// </summary>
internal static class StageFile
{
    public const string Signature = "LwgStage";

    public const string StateEntry = "Stage.json";

    /// <summary>The entry of learned people in models of version 0.</summary>
    public const string OldPeopleEntry = "Stage.data";

    public const string SharedFolder = "LwgShared";
    private const int MaximumStateBytes = 1 << 20;
    private const int MaximumSharedBytes = 1 << 30;
    private const string File = "saved model";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    // For the fields that every version has; other fields are ignored.
    private static readonly JsonSerializerOptions s_lenient = new(s_json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    // The shared data already written to or read from the model file that is being saved or loaded.
    private static readonly ConditionalWeakTable<RepositoryWriter, HashSet<string>> s_written = [];
    private static readonly ConditionalWeakTable<RepositoryReader, Dictionary<string, BodyModel>> s_bodies = [];
    private static readonly ConditionalWeakTable<RepositoryReader, Dictionary<string, ModelPackage>> s_packages = [];

    private static VersionInfo Version => new(
        modelSignature: "LWGSTAGE",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: Signature,
        loaderAssemblyName: typeof(StageFile).Assembly.GetName().Name);

    /// <summary>Writes a stage.</summary>
    public static void Save(ModelSaveContext context, StageTransformer stage)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.InRepository)
            throw new InvalidOperationException($"Stage '{stage.StageName}' can be saved with mlContext.Model.Save only.");
        stage.CheckSavable();
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        var licensed = new List<string>();
        if (stage.Body is { } body)
        {
            if (!body.StoredByReference)
                SaveShared(context.Repository, BodyEntry(body.Hash), body.Save);
            if (!body.IsOwn)
                licensed.Add($"body '{Path.GetFileName(body.Source)}', {(body.StoredByReference ? "by reference" : "in this file")}");
        }
        if (stage.Network?.Package is { } package)
        {
            if (!package.StoredByReference)
                SaveShared(context.Repository, PackageEntry(package.Hash), package.Save);
            if (!package.Manifest.Redistributable)
                licensed.Add($"weights '{Path.GetFileName(package.Source)}' ({package.Manifest.Licence}), "
                    + $"{(package.StoredByReference ? "by reference" : "in this file")}");
        }
        if (licensed.Count > 0)
            stage.Warn($"The saved model contains data that must not be redistributed freely: {string.Join("; ", licensed)}.");
        var state = new State
        {
            Stage = stage.StageName,
            Version = StageTable.Stages[stage.StageName].Version,
            Generator = stage.GeneratorKind,
            People = stage.People is { } people ? [.. people.Keys] : null,
            Body = stage.Body?.Hash,
            BodyFile = stage.Body is { StoredByReference: true } referred ? Path.GetFileName(referred.Source) : null,
            Network = stage.Network?.Package.Hash,
            NetworkByReference = stage.Network?.Package.StoredByReference ?? false,
            // The context that loads the network determines its device.
            Runtime = stage.Network is { } kept ? kept.Runtime with { GpuDeviceId = null, FallbackToCpu = false } : null,
            Licensed = licensed,
            Options = JsonSerializer.SerializeToElement(stage.StageOptions, stage.StageOptions.GetType(), s_json),
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(state, s_json);
        context.SaveBinaryStream(StateEntry, writer => writer.Write(json));
        int number = 0;
        foreach (Subject person in stage.People?.Values ?? [])
            context.SaveBinaryStream(PersonEntry(number++), writer => writer.Write(Bytes(person)));
    }

    /// <summary>Returns the name of the entry of a learned person, next to the entry of its stage.</summary>
    public static string PersonEntry(int number) => string.Create(CultureInfo.InvariantCulture, $"Person_{number:000}.npz");

    /// <summary>Reads a stage. ML.NET finds and calls this method through the attribute above.</summary>
    private static ITransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        ArgumentNullException.ThrowIfNull(environment);
        MLNetVersion.Require();
        context.CheckAtModel(Version);
        string entry = $"{context.Directory}/{StateEntry}".Replace('\\', '/');
        if (!context.InRepository)
            throw new ModelFileException(File, entry, "a stage must be in a model file made by mlContext.Model.Save.");
        byte[] json = [];
        if (!Undamaged(entry, () => context.TryLoadBinaryStream(StateEntry, reader =>
            json = ReadAll(reader.BaseStream, MaximumStateBytes, entry))))
            throw new ModelFileException(File, entry, "it is missing.");
        StageKind kind = KindOf(json, entry);
        State state = Parse<State>(json, entry);
        BodyModel? body = state.Body is null ? null : state.BodyFile is null ? LoadBody(context.Repository, state.Body, state.Stage)
            : ModelReferences.FindBody(state.Body, Path.GetFileName(state.BodyFile));
        StageNetwork? network = state.Network is null ? null : new StageNetwork(
            state.NetworkByReference ? ModelReferences.FindModel(state.Network, $"{File}, stage '{state.Stage}'")
            : LoadPackage(context.Repository, state.Network, state.Stage), ContextRuntime.Of(environment, state.Runtime));
        try
        {
            ITransformer stage = kind.Load(environment,
                new StageState(state.Stage, state.Version, entry, state.Options, body, network, state.Generator,
                LoadPeople(context, state, entry)));
            (stage as StageTransformer)?.ReportUse();
            return stage;
        }
        catch (ArgumentException e)
        {
            throw new ModelFileException(File, entry, $"the options of stage '{state.Stage}' are not allowed: {e.Message}", e);
        }
    }

    // Stage and version are checked first, because other fields of newer versions are unknown.
    private static StageKind KindOf(byte[] json, string entry)
    {
        Head head = Parse<Head>(json, entry, s_lenient);
        if (!StageTable.Stages.TryGetValue(head.Stage, out StageKind? kind))
            throw new ModelFileException(File, entry,
                $"this version has no stage '{head.Stage}'; its stages are {string.Join(", ", StageTable.Stages.Keys)}.");
        if (head.Version < 0)
            throw new ModelFileException(File, entry,
                $"stage '{head.Stage}' has version {head.Version}; versions are 0 to {kind.Version}.");
        if (head.Version > kind.Version)
        {
            throw new ModelFileException(
                File, entry,
                $"stage '{head.Stage}' was saved in version {head.Version}, and version {kind.Version} is the newest that "
                + $"Lwg.MLNet.Transforms {typeof(StageFile).Assembly.GetName().Version?.ToString(3)} reads. Load the model with the "
                + $"packages that it was saved with, or newer ones.");
        }
        return kind;
    }

    private static Dictionary<string, Subject>? LoadPeople(ModelLoadContext context, State state, string entry)
    {
        if (state.People is not { } names)
            return Load(context, OldPeopleEntry) is { } data ? SubjectFile.Read(data) : null;
        var people = new Dictionary<string, Subject>();
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] is null)
                throw new ModelFileException(File, entry, "the name of a person is null.");
            byte[] npz = Load(context, PersonEntry(i))
                ?? throw new ModelFileException(File, $"{context.Directory}/{PersonEntry(i)}".Replace('\\', '/'),
                $"it is missing: stage '{state.Stage}' has learned '{names[i]}'.");
            using var stream = new MemoryStream(npz);
            if (!people.TryAdd(names[i], Subject.Load(stream, $"{File}, person '{names[i]}'")))
                throw new ModelFileException(File, entry, $"'{names[i]}' occurs twice.");
        }
        return people.Count > 0 ? people : throw new ModelFileException(File, entry, $"stage '{state.Stage}' lists no people.");
    }

    // Returns an entry of the stage, or null if it is missing.
    private static byte[]? Load(ModelLoadContext context, string name)
    {
        string entry = $"{context.Directory}/{name}".Replace('\\', '/');
        byte[]? bytes = null;
        Undamaged(entry, () => context.TryLoadBinaryStream(name, reader => bytes = ReadAll(reader.BaseStream, MaximumSharedBytes, entry)));
        return bytes;
    }

    private static byte[] Bytes(Subject person)
    {
        using var stream = new MemoryStream();
        person.Save(stream);
        return stream.ToArray();
    }

    /// <summary>Parses untrusted JSON.</summary>
    public static T Parse<T>(ReadOnlySpan<byte> json, string entry) => Parse<T>(json, entry, s_json);

    private static T Parse<T>(ReadOnlySpan<byte> json, string entry, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options) ?? throw new ModelFileException(File, entry, "it is JSON's null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelFileException(File, entry, "it is not in the format of this version: " + e.Message, e);
        }
    }

    private static void SaveShared(RepositoryWriter repository, string entry, Action<Stream> write)
    {
        HashSet<string> written = s_written.GetOrCreateValue(repository);
        lock (written)
        {
            if (!written.Add(entry))
                return;
            using Repository.Entry target = repository.CreateEntry(SharedFolder, entry);
            write(target.Stream);
        }
    }

    private static BodyModel LoadBody(RepositoryReader repository, string hash, string stage)
    {
        string name = $"{SharedFolder}/{BodyEntry(hash)}", file = $"{File}, stage '{stage}'";
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            throw new ModelFileException(file, name, "the name of a body must be 64 hexadecimal digits.");
        Dictionary<string, BodyModel> bodies = s_bodies.GetOrCreateValue(repository);
        lock (bodies)
        {
            if (bodies.TryGetValue(hash, out BodyModel? body))
                return body;
            using Repository.Entry? source = Undamaged(name, () => repository.OpenEntryOrNull(SharedFolder, BodyEntry(hash)));
            if (source is null)
                throw new ModelFileException(file, name, "the body is missing.");
            using var npz = new MemoryStream(ReadAll(source.Stream, MaximumSharedBytes, name));
            body = BodyModel.Load(npz, $"{file}, entry '{name}'");
            if (body.Hash != hash)
                throw new ModelFileException(file, name, $"the body in it has the hash {body.Hash}: the file was changed.");
            bodies.Add(hash, body);
            return body;
        }
    }

    private static ModelPackage LoadPackage(RepositoryReader repository, string hash, string stage)
    {
        string name = $"{SharedFolder}/{PackageEntry(hash)}", file = $"{File}, stage '{stage}'";
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            throw new ModelFileException(file, name, "the name of a network must be 64 hexadecimal digits.");
        Dictionary<string, ModelPackage> packages = s_packages.GetOrCreateValue(repository);
        lock (packages)
        {
            if (packages.TryGetValue(hash, out ModelPackage? package))
                return package;
            using Repository.Entry? source = Undamaged(name, () => repository.OpenEntryOrNull(SharedFolder, PackageEntry(hash)));
            if (source is null)
                throw new ModelFileException(file, name, "the network is missing.");
            package = Undamaged(name, () => ModelPackage.Load(source.Stream, $"{file}, entry '{name}'"));
            if (package.Hash != hash)
                throw new ModelFileException(file, name, $"the network in it has the hash {package.Hash}: the file was changed.");
            packages.Add(hash, package);
            return package;
        }
    }

    /// <summary>Opens or reads an entry, and converts errors of the zip reader to errors that name the entry.</summary>
    private static T Undamaged<T>(string entry, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException)
        {
            throw new ModelFileException(File, entry, "it is truncated or damaged.", e);
        }
    }

    private static string PackageEntry(string hash) => $"Network-{hash}.zip";

    private static string BodyEntry(string hash) => $"Body-{hash}.npz";

    private static byte[] ReadAll(Stream stream, int limit, string entry)
    {
        if (stream.Length > limit)
            throw new ModelFileException(File, entry, $"it has {stream.Length} bytes; at most {limit} are allowed.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Head
    {
        public required string Stage { get; init; }

        public int Version { get; init; }
    }

    private sealed record State
    {
        public required string Stage { get; init; }

        /// <summary>The version of the stage's format; 0 in models saved before versions were introduced.</summary>
        public int Version { get; init; }

        /// <summary>The kind of the stage's generator; not in models of version 0.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public GeneratorKind? Generator { get; init; }

        /// <summary>The names of the learned people; the first is stored in the entry Person_000.npz. In models of version 0 they are in
        /// Stage.data.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? People { get; init; }

        public string? Body { get; init; }

        /// <summary>The file of the body, if only a reference is saved.</summary>
        public string? BodyFile { get; init; }

        public string? Network { get; init; }

        public bool NetworkByReference { get; init; }

        public NetworkRuntimeOptions? Runtime { get; init; }

        /// <summary>The data of the stage that must not be redistributed freely.</summary>
        public IReadOnlyList<string> Licensed { get; init; } = [];

        public required JsonElement Options { get; init; }
    }
}
