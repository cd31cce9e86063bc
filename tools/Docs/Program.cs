using System.Reflection;
using Lwg.MLNet.Docs;
using Lwg.MLNet.Transforms;

// Writes the stages' pages to obj/stages, where docfx reads them. With --pictures, paints the stages' example pictures instead.
string root = Path.GetFullPath(typeof(StagePages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
    .Single(data => data.Key == "RepositoryRoot").Value!);
if (args is ["--pictures"])
{
    StagePictures.Paint(Path.Combine(root, "models", "people"), Path.Combine(root, StagePictures.Folder));
    return 0;
}
// The trainer is loaded from its own folder, because a reference would bring TorchSharp here. Its options need none of it.
string built = AppContext.BaseDirectory[Path.Combine(root, "tools", "Docs").Length..].Trim(Path.DirectorySeparatorChar);
string trainer = Path.Combine(root, "libraries", "Training", built, "Lwg.MLNet.Training.dll");
if (args.Length > 0 || !File.Exists(trainer))
{
    Console.Error.WriteLine(args.Length > 0 ? "The only argument is --pictures." : $"{trainer} is missing: build the solution first.");
    return 2;
}
string folder = Path.Combine(root, "tools", "Docs", "obj", "stages");
// The pages of an earlier run, docfx's too, may be of stages and types that no longer exist.
foreach (string earlier in new[] { folder, Path.Combine(root, "tools", "Docs", "obj", "api") }.Where(Directory.Exists))
    Directory.Delete(earlier, recursive: true);
Directory.CreateDirectory(folder);
var pages = new StagePages(typeof(CropPersonOptions).Assembly, Assembly.LoadFrom(trainer));
foreach (string stage in pages.Stages)
    File.WriteAllText(Path.Combine(folder, stage + ".md"), pages.Page(stage));
Console.WriteLine($"{pages.Stages.Count} pages in {folder}");
return 0;
