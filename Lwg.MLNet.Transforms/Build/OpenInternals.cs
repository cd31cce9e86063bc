// Compiled by MSBuild as an inline task (OpenInternals.targets), not part of the library.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Mono.Cecil;

/// <summary>Copies reference assemblies and makes the listed types and their internal members public.</summary>
public sealed class OpenInternals : Task
{
    /// <summary>The assembly files.</summary>
    [Required]
    public ITaskItem[] Assemblies { get; set; }

    /// <summary>One item per assembly (simple name), whose metadata 'Types' lists full type names; a nested type as '+Name'.</summary>
    [Required]
    public ITaskItem[] Types { get; set; }

    /// <summary>The files of all references, which define the values of enumeration constants.</summary>
    [Required]
    public ITaskItem[] References { get; set; }

    /// <summary>The folder for the copies.</summary>
    [Required]
    public string Folder { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Folder);
        using var resolver = new DefaultAssemblyResolver();
        foreach (string folder in References.Select(reference => Path.GetDirectoryName(reference.GetMetadata("FullPath"))).Distinct())
            resolver.AddSearchDirectory(folder);
        foreach (ITaskItem item in Assemblies)
        {
            string path = item.GetMetadata("FullPath");
            ITaskItem types = Array.Find(Types, t => t.ItemSpec == Path.GetFileNameWithoutExtension(path));
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { AssemblyResolver = resolver });
            foreach (string missing in Open(assembly.MainModule, types.GetMetadata("Types").Split(';')))
                Log.LogError("{0} has no type '{1}' to open.", path, missing);
            if (!Log.HasLoggedErrors)
                assembly.Write(Path.Combine(Folder, Path.GetFileName(path)));
        }
        return !Log.HasLoggedErrors;
    }

    private static IEnumerable<string> Open(ModuleDefinition module, string[] types)
    {
        var wanted = new HashSet<string>(types);
        var missing = new HashSet<string>(types);
        foreach (TypeDefinition type in module.GetTypes())
        {
            string name = type.IsNested ? "+" + type.Name : type.FullName;
            if (!wanted.Contains(name))
                continue;
            missing.Remove(name);
            if (type.IsNestedAssembly)
                type.IsNestedPublic = true;
            else if (type.IsNotPublic)
                type.IsPublic = true;
            foreach (FieldDefinition field in type.Fields)
            {
                if (field.IsAssembly)
                    field.IsPublic = true;
            }
            foreach (MethodDefinition method in type.Methods)
            {
                if (method.IsAssembly)
                    method.IsPublic = true;
            }
        }
        return missing;
    }
}
