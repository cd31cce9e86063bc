using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.Verification;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Verification;

/// <summary>A dump as a user of the second implementation would make it, from the fixtures; errors can be inserted.</summary>
internal sealed class DumpFile
{
    public const int Rows = 2, Size = 64;

    private readonly Dictionary<string, float[]> _tensors = [];

    private DumpFile() { }

    public float[] this[string name]
    {
        get => _tensors[name];
        set => _tensors[name] = value;
    }

    public void Remove(string name) => _tensors.Remove(name);

    /// <summary>Creates a dump of everything up to the transfer input of the training sample: all from PyTorch except vertices, points
    /// and the target's weights, which the fixtures do not have.</summary>
    public static DumpFile OfFlow()
    {
        var dump = new DumpFile
        {
            ["image"] = Fixture.Singles("flow/source_image.npy"),
            ["source_theta"] = Fixture.Singles("flow/source_theta.npy"),
            ["target_theta"] = Fixture.Singles("flow/reference_theta.npy"),
            ["source_face_index"] = Fixture.Singles("flow/source_face_index.npy"),
            ["source_weights"] = Fixture.Singles("render/weights_64.npy"),
            ["target_face_index"] = Fixture.Singles("flow/reference_face_index.npy"),
            ["source_condition"] = Fixture.Singles("flow/source_condition.npy"),
            ["target_condition"] = Fixture.Singles("flow/reference_condition.npy"),
            ["T"] = Fixture.Singles("flow/T.npy"),
            ["background_input"] = Fixture.Singles("flow/input_background_k15.npy"),
            ["source_input"] = Fixture.Singles("flow/input_source.npy"),
            ["warped"] = Fixture.Singles("flow/warped_align_true.npy"),
            ["transfer_input"] = Fixture.Singles("flow/input_transfer_align_true.npy"),
        };
        BodyModel body = Fixture.Body;
        var posed = new PosedBody(body);
        foreach (string person in (string[])["source", "target"])
        {
            var vertices = new List<float>();
            var points = new List<float>();
            var weights = new List<float>();
            for (int row = 0; row < Rows; row++)
            {
                float[] theta = dump[$"{person}_theta"][(85 * row)..(85 * row + 85)];
                body.Pose(theta, posed);
                vertices.AddRange(posed.Vertices);
                float[] projected = new float[posed.Vertices.Length], facePoints = new float[2 * body.Faces.Length],
                    map = new float[3 * Size * Size];
                Camera.Project(posed.Vertices, theta.AsSpan(0, 3), projected);
                Camera.FacePoints(projected, body.Faces, facePoints);
                new MeshRasterizer(Size).Draw(projected, body.Faces, new int[Size * Size], map);
                points.AddRange(facePoints);
                weights.AddRange(map);
            }
            dump[$"{person}_vertices"] = [.. vertices];
            if (person == "source")
                dump["source_points"] = [.. points];
            else
                dump["target_weights"] = [.. weights];
        }
        return dump;
    }

    /// <summary>Creates a dump of the networks' inputs and outputs: all from PyTorch except the composition.</summary>
    public static DumpFile OfNetworks()
    {
        var dump = new DumpFile
        {
            ["T"] = Fixture.Singles("networks/generator_T.npy"),
            ["background_input"] = FormulaWeights.Input("bg", Rows * 4 * Size * Size),
            ["source_input"] = FormulaWeights.Input("src", Rows * 6 * Size * Size),
            ["transfer_input"] = FormulaWeights.Input("tsf", Rows * 6 * Size * Size),
            ["background"] = Fixture.Singles("networks/generator_background.npy"),
            ["color"] = Fixture.Singles("networks/generator_transfer_color_align_true.npy"),
            ["mask"] = Fixture.Singles("networks/generator_transfer_mask_align_true.npy"),
        };
        float[] background = dump["background"], color = dump["color"], mask = dump["mask"];
        const int Plane = Size * Size;
        dump["result"] = [.. Enumerable.Range(0, color.Length).Select(i =>
        {
            float m = mask[i / (3 * Plane) * Plane + i % Plane];
            return m * background[i] + (1 - m) * color[i];
        })];
        return dump;
    }

    /// <summary>Creates a dump of a retargeted person: the source's camera, moved as the reference has moved since its first frame; the
    /// reference's pose; the source's shape.</summary>
    public static DumpFile OfRetargeting()
    {
        float[] source = Fixture.Singles("flow/source_theta.npy"), reference = Fixture.Singles("flow/reference_theta.npy");
        float[] origin = [.. FormulaWeights.Input("origin", Rows * 85)];
        var target = new List<float>();
        for (int row = 0; row < Rows; row++)
        {
            int at = 85 * row;
            target.AddRange([source[at], source[at + 1] + reference[at + 1] - origin[at + 1], source[at + 2] + reference[at + 2]
                - origin[at + 2]]);
            target.AddRange([.. reference[(at + 3)..(at + 75)], .. source[(at + 75)..(at + 85)]]);
        }
        return new() { ["source_theta"] = source, ["reference_theta"] = reference, ["reference_origin"] = origin,
            ["target_theta"] = [.. target] };
    }

    /// <summary>Creates a dump of a front warp as published, over the fixtures' facial front.</summary>
    public static DumpFile OfFrontWarp()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("maps/front_facial.json")));
        HashSet<float> faces = [.. json.RootElement.GetProperty("face").EnumerateArray().Select(f => f.GetSingle())];
        float[] index = Fixture.Singles("flow/reference_face_index.npy"), front = [.. index.Select(f => faces.Contains(f) ? 1f : 0f)];
        float[] result = FormulaWeights.Input("result", Rows * 3 * Size * Size), warped = FormulaWeights.Input("warped", result.Length);
        float[] mask = [.. FormulaWeights.Input("mask", Rows * Size * Size).Select(m => (m + 1) / 2)];
        const int Plane = Size * Size;
        return new()
        {
            ["target_face_index"] = index,
            ["target_front"] = front,
            ["result"] = result,
            ["mask"] = mask,
            ["warped"] = warped,
            ["front_result"] = [.. Enumerable.Range(0, result.Length).Select(i =>
            {
                int pixel = i / (3 * Plane) * Plane + i % Plane;
                return front[pixel] == 1 ? (1 - mask[pixel]) * warped[i] : result[i];
            })],
        };
    }

    /// <summary>Creates a dump of the SMPL estimator.</summary>
    public static DumpFile OfEstimator() => new()
    {
        ["estimator_image"] = FormulaWeights.Input("hmr", 3 * 224 * 224),
        ["estimator_theta"] = Fixture.Singles("networks/hmr_theta.npy"),
    };

    /// <summary>Creates the generator of the fixtures as a model.</summary>
    public static ModelPackage Generator(bool alignCorners = true) => LiquidWarpingGenerator.Write(
        new ModelManifest
        {
            Kind = ModelKind.Generator,
            ImageSize = Size,
            BodyHash = Fixture.Body.Hash,
            Generator = new GeneratorShape { Width = 4, AlignCorners = alignCorners },
            Background = BackgroundComposition.WholePicture,
            BackgroundKernel = 15,
            Licence = "none",
        },
        FormulaWeights.Generator, WeightStorage.Full);

    public void Save(string path)
    {
        using FileStream stream = File.Create(path);
        using var writer = new NumpyArchiveWriter(stream);
        foreach ((string name, float[] values) in _tensors)
        {
            int rows = name.StartsWith("estimator", StringComparison.Ordinal) ? 1 : Rows;
            int[] shape = [rows, .. DumpTensor.All.Single(t => t.Name == name).Shape.Split(',').Select(d => d switch
            {
                "S" => Size,
                "V" => Fixture.Body.VertexCount,
                "F" => Fixture.Body.FaceCount,
                _ => int.Parse(d, System.Globalization.CultureInfo.InvariantCulture),
            })];
            writer.Add(name, values, shape);
        }
    }
}
