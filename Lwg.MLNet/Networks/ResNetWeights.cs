using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Networks;

/// <summary>
/// The weights of <see cref="ResNetNetwork"/>: from ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT), whose
/// tensor names are numbers, or from the extract of them that <see cref="OnnxFile"/> writes.
/// </summary>
internal static class ResNetWeights
{
    /// <summary>The name and version of the package, and the name of its file.</summary>
    public const string PackageName = "microsoft.ml.dnnimagefeaturizer.resnet18", PackageVersion = "0.23.1", FileName = "ResNet18.onnx";

    private const long LargestFile = 256 << 20;
    private const string First = "conv1.weight";

    // The first convolution's output is halved, and its normalisation adjusted: otherwise its largest variance, 72,282, would exceed half
    // precision.
    private const float Halved = 0.5f;

    /// <summary>Returns the file in the application or the NuGet folder; null if it is missing.</summary>
    public static string? Find()
    {
        string nuget = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] places =
        [
            Path.Combine(AppContext.BaseDirectory, FileName),
            Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", FileName),
            Path.Combine(nuget, PackageName, PackageVersion, "tools", "DnnImageModels", "ResNet18Onnx", FileName),
        ];
        return Array.Find(places, File.Exists);
    }

    /// <summary>Reads the weights of the features.</summary>
    /// <param name="path">The package's file, or an extract.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged, or contains another network.</exception>
    public static INamedWeights Read(string path)
    {
        byte[] onnx = BoundedFile.Read(path, LargestFile);
        OnnxWeights stored = OnnxWeights.Read(onnx, path);
        INamedWeights weights = stored.TryGetShape(First, out _) ? stored
            : Named(stored, Convolutions(onnx), ResNetNetwork.Features.Count, path);
        WeightReport.Compare([ResNetNetwork.Build()], weights).ThrowUnlessComplete(path);
        return weights;
    }

    /// <summary>Reads the weights of all stages, with each normalisation folded into its convolution: kernels and biases.</summary>
    /// <param name="path">The package's file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged, or contains another network.</exception>
    public static ArrayWeights Folded(string path)
    {
        const double Epsilon = 1e-5;
        byte[] onnx = BoundedFile.Read(path, LargestFile);
        ArrayWeights stored = Named(OnnxWeights.Read(onnx, path), Convolutions(onnx), ResNetNetwork.StageCount, path);
        var folded = new ArrayWeights();
        foreach ((string convolution, string normalisation) in ResNetNetwork.Layers(ResNetNetwork.StageCount))
        {
            (float[] kernel, int[] shape) = Values(convolution + ".weight");
            float[] scale = Values(normalisation + ".weight").Values, shift = Values(normalisation + ".bias").Values,
                mean = Values(normalisation + ".running_mean").Values, variance = Values(normalisation + ".running_var").Values;
            int each = kernel.Length / scale.Length;
            for (int c = 0; c < scale.Length; c++)
            {
                float gain = (float)(scale[c] / Math.Sqrt(variance[c] + Epsilon));
                Scale(kernel.AsSpan(c * each, each), gain);
                shift[c] -= gain * mean[c];
            }
            folded.Set(convolution + ".weight", shape, kernel);
            folded.Set(convolution + ".bias", [shift.Length], shift);
        }
        return folded;

        (float[] Values, int[] Shape) Values(string name)
        {
            if (!stored.TryGetShape(name, out int[] shape))
                throw new ModelFileException(path, name, "it is missing.");
            float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            stored.Read(name, values);
            return (values, shape);
        }
    }

    // Each convolution is followed by its normalisation.
    private static ArrayWeights Named(OnnxWeights stored, List<(string Kernel, string[] Normalisation)> convolutions, int stages,
        string file)
    {
        List<(string Convolution, string Normalisation)> names = [.. ResNetNetwork.Layers(stages)];
        if (convolutions.Count < names.Count)
            throw new ModelFileException(file, null, $"it has {convolutions.Count} convolutions with a normalisation; ResNet-18 has more.");
        var weights = new ArrayWeights();
        foreach (((string convolution, string norm), (string kernel, string[] normalisation)) in names.Zip(convolutions))
        {
            bool first = convolution + ".weight" == First;
            Copy(kernel, convolution + ".weight", first ? FromBytes : null);
            foreach ((string from, string to) in normalisation.Zip(["weight", "bias", "running_mean", "running_var"]))
                Copy(from, $"{norm}.{to}", !first ? null : to == "running_mean" ? values =>
                    Scale(values, Halved) : to == "running_var" ? values => Scale(values, Halved * Halved) : null);
        }
        return weights;

        void Copy(string from, string to, Action<float[]>? change)
        {
            if (!stored.TryGetShape(from, out int[] shape))
                throw new ModelFileException(file, from, "it is not stored with the network.");
            float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            stored.Read(from, values);
            change?.Invoke(values);
            weights.Set(to, shape, values);
        }
    }

    // The file's network reads blue, green and red from 0 to 255; this library's reads red, green and blue from -1 to 1.
    private static void FromBytes(float[] kernel)
    {
        const int Plane = 7 * 7, Channels = 3;
        for (int output = 0; output < kernel.Length; output += Channels * Plane)
        {
            for (int i = 0; i < Plane; i++)
                (kernel[output + i], kernel[output + 2 * Plane + i]) = (kernel[output + 2 * Plane + i], kernel[output + i]);
        }
        Scale(kernel, Halved * 127.5f);
    }

    private static void Scale(Span<float> values, float factor)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] *= factor;
    }

    private static List<(string Kernel, string[] Normalisation)> Convolutions(ReadOnlyMemory<byte> onnx)
    {
        var found = new List<(string, string[])>();
        var kernels = new Dictionary<string, string>();
        foreach (ProtobufField node in ProtobufReader.Fields(onnx).Where(f => f.Number == 7)
            .SelectMany(graph => ProtobufReader.Fields(graph.Bytes)).Where(f => f.Number == 1))
        {
            List<ProtobufField> fields = [.. ProtobufReader.Fields(node.Bytes)];
            string[] inputs = Texts(fields, 1), outputs = Texts(fields, 2);
            switch (Texts(fields, 4))
            {
                case ["Conv"] when inputs.Length > 1 && outputs.Length > 0:
                    kernels[outputs[0]] = inputs[1];
                    break;
                case ["BatchNormalization"] when inputs.Length == 5 && kernels.TryGetValue(inputs[0], out string? kernel):
                    found.Add((kernel, inputs[1..]));
                    break;
            }
        }
        return found;
    }

    private static string[] Texts(List<ProtobufField> fields, int number) =>
        [.. fields.Where(f => f.Number == number).Select(f => Encoding.UTF8.GetString(f.Bytes.Span))];
}
