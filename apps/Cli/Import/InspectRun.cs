using System.Globalization;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Cli;

/// <summary>Lists the contents of a file.</summary>
internal static class InspectRun
{
    private const string Array = "numpy array (.npy)";

    public static void Run(string path, TextWriter output)
    {
        if (Directory.Exists(path))
            Model(path, output);
        else if (Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            Network(path, File.Exists(path) ? File.ReadAllBytes(path)
                : throw new ModelFileException(path, null, "there is no such file."), output);
        else
            Arrays(path, output);
    }

    private static void Model(string folder, TextWriter output)
    {
        ModelPackage package = ModelPackage.LoadFolder(folder);
        output.WriteLine($"{folder}: a model whose files match its manifest");
        output.WriteLine(Encoding.UTF8.GetString(package.Manifest.ToJson()));
        foreach (string file in package.Manifest.Files.Keys.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal)))
            Network(file, package.Get(file), output);
    }

    private static void Network(string name, byte[] onnx, TextWriter output)
    {
        using NetworkSession session = NetworkSession.Open(onnx, name);
        output.WriteLine($"{name}: ONNX network");
        foreach (string input in session.Inputs)
            output.WriteLine($"  reads {input} {Shape(session.ShapeOf(input))}");
        foreach (string made in session.Outputs)
            output.WriteLine($"  outputs {made} {Shape(session.ShapeOf(made))}");
    }

    private static void Motion(string path, TextWriter output)
    {
        try
        {
            MotionClip clip = MotionClip.Load(path);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"It is a motion: {clip.Format}, {clip.FrameCount} frames, {clip.FramesPerSecond:0.###} a second"));
        }
        catch (ModelFileException e)
        {
            output.WriteLine($"It is not a motion that 'imitate' can read: {e.Reason}");
        }
    }

    private static void Arrays(string path, TextWriter output)
    {
        FileContents contents = FileContents.Read(path);
        output.WriteLine($"{path}: {contents.Format}, {contents.Arrays.Count} {(contents.Format == "BVH motion" ? "joints" : "arrays")}");
        foreach (ListedArray array in contents.Arrays)
            output.WriteLine($"  {array.Name} {Shape(array.Shape)} {array.ElementType}");
        if (contents.IsBody)
        {
            BodyModel body = BodyModel.Load(path);
            output.WriteLine($"It is a body: {body.VertexCount} vertices, {body.FaceCount} faces, "
                + $"{(body.HasKeypoints ? "with" : "without")} key points, {(body.Surface.HasCondition ? "with" : "without")} texture "
                + $"coordinates, hash {body.Hash}");
        }
        if (!contents.IsCheckpoint)
        {
            if (!contents.IsBody && contents.Format != Array)
                Motion(path, output);
            return;
        }
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        output.WriteLine(PublishedNetwork.Recognize(checkpoint) is { } network
            ? $"It is a {network.Description}. {network.Compare(checkpoint)}"
            : "Its weights belong to no known network.");
    }

    private static string Shape(IEnumerable<int> shape) => $"[{string.Join(",", shape.Select(side => side < 0 ? "?" : $"{side}"))}]";
}
