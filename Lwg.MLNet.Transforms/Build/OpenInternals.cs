// Compiled by MSBuild as an inline task (OpenInternals.targets), not part of the library.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies reference assemblies and makes the internal ones among the named types, and the internal members of the named types, public:
/// a few bits in the metadata tables TypeDef, Field and MethodDef (ECMA-335, II.22 and II.24).
/// </summary>
public sealed class OpenInternals : Task
{
    private const int Module = 0x00, TypeRef = 0x01, TypeDef = 0x02, FieldPtr = 0x03, Field = 0x04, MethodPtr = 0x05, MethodDef = 0x06, Param = 0x08;
    private const int ModuleRef = 0x1A, TypeSpec = 0x1B, AssemblyRef = 0x23;

    /// <summary>The assemblies' files.</summary>
    [Required]
    public ITaskItem[] Assemblies { get; set; }

    /// <summary>For each assembly (by simple name) its metadata 'Types': full names; a nested type as '+Name'.</summary>
    [Required]
    public ITaskItem[] Types { get; set; }

    /// <summary>Where the copies go.</summary>
    [Required]
    public string Folder { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Folder);
        foreach (ITaskItem assembly in Assemblies)
        {
            string path = assembly.GetMetadata("FullPath");
            ITaskItem types = Array.Find(Types, t => t.ItemSpec == Path.GetFileNameWithoutExtension(path));
            byte[] image = File.ReadAllBytes(path);
            foreach (string missing in Open(image, types.GetMetadata("Types").Split(';')))
                Log.LogError("{0} has no type '{1}' to open.", path, missing);
            if (!Log.HasLoggedErrors)
                File.WriteAllBytes(Path.Combine(Folder, Path.GetFileName(path)), image);
        }
        return !Log.HasLoggedErrors;
    }

    private static IEnumerable<string> Open(byte[] image, string[] types)
    {
        int metadata = FindMetadata(image), tables = 0, strings = 0;
        int stream = metadata + 16 + BitConverter.ToInt32(image, metadata + 12);
        int streams = BitConverter.ToUInt16(image, stream + 2);
        stream += 4;
        for (int i = 0; i < streams; i++)
        {
            string name = ReadString(image, stream + 8);
            if (name == "#~")
                tables = metadata + BitConverter.ToInt32(image, stream);
            if (name == "#Strings")
                strings = metadata + BitConverter.ToInt32(image, stream);
            stream += 8 + (name.Length + 4) / 4 * 4;
        }

        ulong valid = BitConverter.ToUInt64(image, tables + 8);
        var rows = new int[64];
        int at = tables + 24;
        for (int t = 0; t < 64; t++)
        {
            if ((valid >> t & 1) != 0)
            {
                rows[t] = BitConverter.ToInt32(image, at);
                at += 4;
            }
        }
        if (rows[FieldPtr] != 0 || rows[MethodPtr] != 0)
            throw new BadImageFormatException("The assembly has uncompressed metadata, which compilers do not write.");

        byte heaps = image[tables + 6];
        int text = (heaps & 1) != 0 ? 4 : 2, guid = (heaps & 2) != 0 ? 4 : 2, blob = (heaps & 4) != 0 ? 4 : 2;
        int fieldIndex = IndexSize(rows, 0, Field), methodIndex = IndexSize(rows, 0, MethodDef), baseIndex = IndexSize(rows, 2, TypeDef, TypeRef, TypeSpec);
        int typeSize = 4 + 2 * text + baseIndex + fieldIndex + methodIndex, fieldSize = 2 + text + blob, methodSize = 8 + text + blob + IndexSize(rows, 0, Param);
        int typeTable = at + rows[Module] * (2 + text + 3 * guid) + rows[TypeRef] * (IndexSize(rows, 2, Module, ModuleRef, AssemblyRef, TypeRef) + 2 * text);
        int fieldTable = typeTable + rows[TypeDef] * typeSize, methodTable = fieldTable + rows[Field] * fieldSize;

        var wanted = new HashSet<string>(types);
        var missing = new HashSet<string>(types);
        for (int t = 0; t < rows[TypeDef]; t++)
        {
            int row = typeTable + t * typeSize, lists = row + 4 + 2 * text + baseIndex;
            int visibility = image[row] & 7;
            string space = ReadString(image, strings + ReadIndex(image, row + 4 + text, text)), name = ReadString(image, strings + ReadIndex(image, row + 4, text));
            string full = visibility >= 2 ? "+" + name : space + "." + name;
            if (!wanted.Contains(full))
                continue;
            missing.Remove(full);
            // Type visibility: 0 internal -> 1 public; nested: 5 internal -> 2 public.
            if (visibility is 0 or 5)
                image[row] = (byte)(image[row] & ~7 | (visibility == 0 ? 1 : 2));
            bool last = t == rows[TypeDef] - 1;
            int firstField = ReadIndex(image, lists, fieldIndex), endField = last ? rows[Field] + 1 : ReadIndex(image, lists + typeSize, fieldIndex);
            for (int f = firstField; f < endField; f++)
                OpenMember(image, fieldTable + (f - 1) * fieldSize);
            int firstMethod = ReadIndex(image, lists + fieldIndex, methodIndex), endMethod = last ? rows[MethodDef] + 1 : ReadIndex(image, lists + typeSize + fieldIndex, methodIndex);
            for (int m = firstMethod; m < endMethod; m++)
                OpenMember(image, methodTable + (m - 1) * methodSize + 6);
        }
        return missing;
    }

    // Member access: 3 internal -> 6 public.
    private static void OpenMember(byte[] image, int flags)
    {
        if ((image[flags] & 7) == 3)
            image[flags] = (byte)(image[flags] & ~7 | 6);
    }

    private static int FindMetadata(byte[] image)
    {
        int coff = BitConverter.ToInt32(image, 0x3C) + 4, optional = coff + 20;
        int directories = optional + (BitConverter.ToUInt16(image, optional) == 0x20B ? 112 : 96);
        int sections = BitConverter.ToUInt16(image, coff + 2), table = optional + BitConverter.ToUInt16(image, coff + 16);
        int cli = ToOffset(image, table, sections, BitConverter.ToInt32(image, directories + 14 * 8));
        return ToOffset(image, table, sections, BitConverter.ToInt32(image, cli + 8));
    }

    private static int ToOffset(byte[] image, int table, int sections, int address)
    {
        for (int s = table; s < table + 40 * sections; s += 40)
        {
            int start = BitConverter.ToInt32(image, s + 12);
            if (address >= start && address < start + BitConverter.ToInt32(image, s + 16))
                return address - start + BitConverter.ToInt32(image, s + 20);
        }
        throw new BadImageFormatException("The assembly's metadata lies in no section.");
    }

    private static int IndexSize(int[] rows, int tagBits, params int[] targets)
    {
        foreach (int target in targets)
        {
            if (rows[target] >= 1 << (16 - tagBits))
                return 4;
        }
        return 2;
    }

    private static int ReadIndex(byte[] image, int at, int size) => size == 2 ? BitConverter.ToUInt16(image, at) : BitConverter.ToInt32(image, at);

    private static string ReadString(byte[] image, int at)
    {
        int end = at;
        while (image[end] != 0)
            end++;
        return Encoding.UTF8.GetString(image, at, end - at);
    }
}
