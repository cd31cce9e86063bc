using System.CommandLine;
using System.Reflection;
using Lwg.MLNet.Docs;

var outOption = new Option<string>("--out") { Description = "The folder to create; the site of an earlier run is replaced.",
    HelpName = "folder", DefaultValueFactory = _ => "site" };
var picturesOption = new Option<bool>(
    "--pictures") { Description = "First paints the example pictures of the stages (docs/images/stages) again." };
var program = new RootCommand("Builds the documentation site from README, docs, model cards and the XML docs of the built assemblies. "
    + "The exit code is 1 if there are warnings.") { outOption, picturesOption };
program.SetAction(parsed =>
{
    string root = Path.GetFullPath(Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!);
    if (parsed.GetValue(picturesOption))
        StagePictures.Paint(Path.Combine(root, "models", "people"), Path.Combine(root, StagePictures.Folder));
    var warnings = new Warnings();
    int pages = Site.Make(root, parsed.GetValue(outOption)!, warnings);
    foreach (string warning in warnings.All)
        Console.Error.WriteLine("warning: " + warning);
    Console.WriteLine($"{pages} pages in {Path.GetFullPath(parsed.GetValue(outOption)!)}, {warnings.All.Count} warnings");
    return warnings.All.Count == 0 ? 0 : 1;
});
return program.Parse(args).Invoke();
