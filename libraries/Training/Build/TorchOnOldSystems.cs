// Compiled by MSBuild as an inline task (TorchOnOldSystems.targets), not part of the library.
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Patches the copy of libLibTorchSharp.so in the output folder to load on systems whose libstdc++ is older than GCC 13 (Debian 12).
/// TorchSharp requires GLIBCXX_3.4.32 because of one symbol, std::ios_base_library_init(), which only ensures that the streams are
/// initialised. The task replaces that symbol with std::ios_base::Init::Init(), which does the same and exists in every version. The file
/// is left unchanged on newer systems and when it needs other symbols of that version.
/// </summary>
public sealed class TorchOnOldSystems : Task
{
    private const string Wanted = "_ZSt21ios_base_library_initv", Substitute = "_ZNSt8ios_base4InitC1Ev";
    private const string WantedVersion = "GLIBCXX_3.4.32", SubstituteVersion = "GLIBCXX_3.4";

    /// <summary>The copy to patch.</summary>
    [Required]
    public string Library { get; set; }

    /// <summary>The paths where the system's libstdc++ may be.</summary>
    [Required]
    public string[] SystemLibraries { get; set; }

    public override bool Execute()
    {
        string system = Array.Find(SystemLibraries, File.Exists);
        if (system == null || Contains(File.ReadAllBytes(system), WantedVersion))
            return true;
        byte[] file = File.ReadAllBytes(Library);
        if (Contains(file, WantedVersion) && Patch(file))
        {
            // Writes a new file, since the old one may be shared or in use. It keeps the timestamp, so the next build does not copy the
            // original again.
            DateTime age = File.GetLastWriteTimeUtc(Library);
            string made = Library + ".new";
            File.WriteAllBytes(made, file);
            File.SetLastWriteTimeUtc(made, age);
            File.Delete(Library);
            File.Move(made, Library);
            Log.LogMessage(MessageImportance.High, "{0}: changed for {1}, which lacks {2}.", Library, system, WantedVersion);
        }
        return !Log.HasLoggedErrors;
    }

    private bool Patch(byte[] file)
    {
        // ELF64, little-endian: the section headers lead to the symbols, their names, their versions and the required versions.
        int headers = (int)BitConverter.ToInt64(file, 0x28), headerSize = BitConverter.ToUInt16(file, 0x3A),
            headerCount = BitConverter.ToUInt16(file, 0x3C);
        int strings = 0, symbols = 0, symbolsSize = 0, versions = 0, needs = 0;
        for (int h = 0; h < headerCount; h++)
        {
            int at = headers + h * headerSize, offset = (int)BitConverter.ToInt64(file, at + 0x18);
            uint kind = BitConverter.ToUInt32(file, at + 4);
            if (kind == 11)
            {
                (symbols, symbolsSize) = (offset, (int)BitConverter.ToInt64(file, at + 0x20));
                strings = (int)BitConverter.ToInt64(file, headers + BitConverter.ToInt32(file, at + 0x28) * headerSize + 0x18);
            }
            (versions, needs) = (kind == 0x6FFFFFFF ? offset : versions, kind == 0x6FFFFFFE ? offset : needs);
        }
        (int wanted, int substitute) = FindNeeds(file, strings, needs);
        if (wanted < 0)
            return false;
        int symbol = FindSymbol(file, symbols, symbolsSize, versions, strings, BitConverter.ToUInt16(file, wanted + 6));
        if (substitute < 0 || symbol < 0)
        {
            Log.LogError("'{0}' needs unknown symbols of {1} of libstdc++, which this system lacks.", Library, WantedVersion);
            return false;
        }
        int name = strings + BitConverter.ToInt32(file, symbols + 24 * symbol);
        Array.Clear(file, name, Wanted.Length);
        Encoding.ASCII.GetBytes(Substitute).CopyTo(file, name);
        Array.Copy(file, substitute + 6, file, versions + 2 * symbol, 2);
        // Replaces the hash and name of the required version; its index stays.
        Array.Copy(file, substitute, file, wanted, 4);
        Array.Copy(file, substitute + 8, file, wanted + 8, 4);
        return true;
    }

    // Returns the positions of the two versions in the list of required versions; -1 for a version that is not in the list.
    private static (int Wanted, int Substitute) FindNeeds(byte[] file, int strings, int needs)
    {
        int wanted = -1, substitute = -1;
        for (int need = needs; ;)
        {
            for (int aux = need + BitConverter.ToInt32(file, need + 8); ;)
            {
                string version = Text(file, strings + BitConverter.ToInt32(file, aux + 8));
                (wanted, substitute) = (version == WantedVersion ? aux : wanted, version == SubstituteVersion ? aux : substitute);
                int next = BitConverter.ToInt32(file, aux + 12);
                if (next == 0)
                    break;
                aux += next;
            }
            int after = BitConverter.ToInt32(file, need + 12);
            if (after == 0)
                return (wanted, substitute);
            need += after;
        }
    }

    // Returns the only symbol that has the version; -1 if another symbol has it too.
    private static int FindSymbol(byte[] file, int symbols, int size, int versions, int strings, ushort version)
    {
        int symbol = -1;
        for (int s = 0; s < size / 24; s++)
        {
            if ((BitConverter.ToUInt16(file, versions + 2 * s) & 0x7FFF) != version)
                continue;
            if (Text(file, strings + BitConverter.ToInt32(file, symbols + 24 * s)) != Wanted)
                return -1;
            symbol = s;
        }
        return symbol;
    }

    private static bool Contains(byte[] file, string text) =>
        Encoding.GetEncoding("iso-8859-1").GetString(file).IndexOf(text + "\0", StringComparison.Ordinal) >= 0;

    private static string Text(byte[] file, int at) => Encoding.ASCII.GetString(file, at, Array.IndexOf(file, (byte)0, at) - at);
}
