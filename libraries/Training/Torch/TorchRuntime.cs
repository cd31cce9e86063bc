using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Training.Torch;

/// <summary>
/// Makes libLibTorchSharp.so load on systems whose libstdc++ is older than GCC 13 (Debian 12). TorchSharp 0.107.0 asks for GLIBCXX_3.4.32 on account
/// of one symbol, std::ios_base_library_init(), which only makes sure that the streams are set up. In the copy beside the program that symbol becomes
/// std::ios_base::Init::Init(), which does the same and is as old as libstdc++. Newer systems, and files that need more of that version, stay as they are.
/// </summary>
public static class TorchRuntime
{
    private const string Wanted = "_ZSt21ios_base_library_initv", Substitute = "_ZNSt8ios_base4InitC1Ev";
    private const string WantedVersion = "GLIBCXX_3.4.32", SubstituteVersion = "GLIBCXX_3.4";

    private static readonly Lazy<bool> s_prepared = new(Prepare);

    /// <summary>Makes the library loadable; to be called before the first use of torch, any number of times.</summary>
    /// <exception cref="LwgException">The library needs more than is there.</exception>
    public static void EnsureLoadable() => _ = s_prepared.Value;

    private static bool Prepare()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return false;
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out nint library) || NativeLibrary.TryGetExport(library, Wanted, out _))
            return false;
        string[] places = ["runtimes/linux-x64/native/libLibTorchSharp.so", "libLibTorchSharp.so"];
        string? path = places.Select(p => Path.Combine(AppContext.BaseDirectory, p)).FirstOrDefault(File.Exists);
        if (path is null)
            return false;
        byte[] file = File.ReadAllBytes(path);
        if (!Patch(file, path))
            return false;
        UnixFileMode mode = File.GetUnixFileMode(path);
        AtomicFile.Write(path, stream => stream.Write(file));
        File.SetUnixFileMode(path, mode);
        return true;
    }

    /// <summary>Patches the file in memory; false when nothing is to be done.</summary>
    internal static bool Patch(byte[] file, string name)
    {
        // ELF64, little-endian: the section headers lead to symbols, their names, their versions and the versions needed.
        int headers = (int)Read64(file, 0x28), headerSize = Read16(file, 0x3A), headerCount = Read16(file, 0x3C);
        (int Offset, int Size) strings = default, symbols = default, versions = default, needs = default;
        for (int h = 0; h < headerCount; h++)
        {
            int at = headers + h * headerSize;
            (int, int) section = ((int)Read64(file, at + 0x18), (int)Read64(file, at + 0x20));
            switch (Read32(file, at + 4))
            {
                case 11:
                    symbols = section;
                    int link = headers + (int)Read32(file, at + 0x28) * headerSize;
                    strings = ((int)Read64(file, link + 0x18), (int)Read64(file, link + 0x20));
                    break;
                case 0x6FFFFFFF:
                    versions = section;
                    break;
                case 0x6FFFFFFE:
                    needs = section;
                    break;
            }
        }
        if (symbols.Size == 0 || versions.Size == 0 || needs.Size == 0)
            throw new LwgException($"'{name}' is not a shared library of the kind that is known.");

        string Text(uint offset)
        {
            ReadOnlySpan<byte> rest = file.AsSpan(strings.Offset + (int)offset);
            return System.Text.Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
        }

        int newNeed = -1, oldNeed = -1;
        for (int need = needs.Offset; ;)
        {
            for (int aux = need + (int)Read32(file, need + 8); ;)
            {
                string version = Text(Read32(file, aux + 8));
                (newNeed, oldNeed) = (version == WantedVersion ? aux : newNeed, version == SubstituteVersion ? aux : oldNeed);
                uint next = Read32(file, aux + 12);
                if (next == 0)
                    break;
                aux += (int)next;
            }
            uint after = Read32(file, need + 12);
            if (after == 0)
                break;
            need += (int)after;
        }
        if (newNeed < 0)
            return false;
        if (oldNeed < 0)
            throw new LwgException($"'{name}' needs {WantedVersion} of libstdc++, which this system lacks, and cannot do with less.");

        ushort newIndex = Read16(file, newNeed + 6), oldIndex = Read16(file, oldNeed + 6);
        int symbol = -1;
        for (int s = 0; s < symbols.Size / 24; s++)
        {
            if ((Read16(file, versions.Offset + 2 * s) & 0x7FFF) != newIndex)
                continue;
            string found = Text(Read32(file, symbols.Offset + 24 * s));
            if (found != Wanted)
                throw new LwgException($"'{name}' needs {found} of {WantedVersion} of libstdc++, which this system lacks.");
            symbol = s;
        }
        if (symbol < 0)
            throw new LwgException($"'{name}' needs {WantedVersion} of libstdc++ for no symbol that is known.");
        int nameAt = strings.Offset + (int)Read32(file, symbols.Offset + 24 * symbol);
        file.AsSpan(nameAt, Wanted.Length).Clear();
        System.Text.Encoding.ASCII.GetBytes(Substitute, file.AsSpan(nameAt));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(versions.Offset + 2 * symbol), oldIndex);
        // Hash and name of the version that is needed; its own number stays.
        file.AsSpan(oldNeed, 4).CopyTo(file.AsSpan(newNeed));
        file.AsSpan(oldNeed + 8, 4).CopyTo(file.AsSpan(newNeed + 8));
        return true;
    }

    private static ushort Read16(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint Read32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static ulong Read64(byte[] file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
}
