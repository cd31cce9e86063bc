using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Synthesis.Choreography;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Synthesis.Sculpting;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Makes the files of the models folder with the code that they come from.</summary>
internal static class ModelsRun
{
    private const int PictureSize = 512;

    /// <summary>Makes body, motions and people.</summary>
    public static void Run(string folder, TextWriter output, CancellationToken cancellationToken)
    {
        string body = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "body")).FullName, "lwg_body.npz");
        var model = new BodyModel(DefaultBodySculptor.Build(cancellationToken), body);
        model.Save(body);
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(body)));
        WriteText(body + ".sha256", $"{hash}  lwg_body.npz\n");
        output.WriteLine(body);

        string motions = Directory.CreateDirectory(Path.Combine(folder, "motions")).FullName;
        foreach (string name in MotionClip.BuiltInNames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = Path.Combine(motions, name + ".npz");
            Choreographer.Make(name).Save(path);
            output.WriteLine(path);
        }

        string people = Directory.CreateDirectory(Path.Combine(folder, "people")).FullName;
        var painter = new PersonPainter(model);
        var marked = new List<MarkedPerson>();
        foreach (SamplePerson person in SamplePerson.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = Path.Combine(people, person.Name + ".png");
            ImageCodec.SavePng(painter.Paint([.. person.Smpl], person.Look, PictureSize), path);
            marked.Add(new MarkedPerson(Path.GetFileName(path), PictureSize, PictureSize, Keypoints(model, person)));
            output.WriteLine(path);
        }
        CocoKeypoints.Save(Path.Combine(people, "keypoints.json"), marked);
        AtomicFile.Write(Path.Combine(people, "smpl.npz"), stream =>
        {
            using var writer = new NumpyArchiveWriter(stream);
            foreach (SamplePerson person in SamplePerson.All)
                writer.Add(person.Name, [.. person.Smpl], SmplLayout.ParameterCount);
        });
    }

    /// <summary>Computes the body's key points in the picture, rounded to a tenth of a pixel.</summary>
    private static KeypointSet Keypoints(BodyModel body, SamplePerson person)
    {
        var posed = new PosedBody(body);
        body.Pose([.. person.Smpl], posed);
        float[] values = new float[KeypointSet.Length];
        for (int i = 0; i < CocoSkeleton.KeypointCount; i++)
        {
            int k = Skeleton.CocoToKeypoint[i];
            for (int c = 0; c < 2; c++)
                values[3 * i + c] = MathF.Round((posed.Keypoints2D[2 * k + c] + 1) / 2 * PictureSize, 1);
            values[3 * i + 2] = 1;
        }
        return KeypointSet.Create(values);
    }

    private static void WriteText(string path, string text) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    });
}
