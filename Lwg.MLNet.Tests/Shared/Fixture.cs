using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests;

/// <summary>Reads arrays made by a second implementation (PyTorch and numpy), which are copied to the output folder.</summary>
internal static class Fixture
{
    public static string PathOf(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Fixtures", name.Replace('/', Path.DirectorySeparatorChar));

    public static float[] Singles(string name) => NumpyArray.Load(PathOf(name)).ToSingles();

    public static int[] Int32s(string name) => NumpyArray.Load(PathOf(name)).ToInt32s();

    /// <summary>The random body of the fixtures: 380 vertices, 760 faces, without surface tables.</summary>
    public static BodyModel Body => s_body.Value;

    /// <summary>The surface tables of that body.</summary>
    public static BodySurface Surface => s_surface.Value;

    private static readonly Lazy<BodyModel> s_body = new(() => BodyModel.Load(PathOf("body/body.npz")));

    private static readonly Lazy<BodySurface> s_surface = new(() => BodySurface.FromFiles(
        PathOf("maps/mapper.txt"), PathOf("maps/smpl_part_info.json"), PathOf("maps/front_facial.json"), PathOf("maps/head.json")));

    /// <summary>The body with the tables that our format supports: condition, facial front and head; its ten parts have other names than
    /// ours.</summary>
    public static BodyModel SurfacedBody => s_surfacedBody.Value;

    private static readonly Lazy<BodyModel> s_surfacedBody =
        new(() => Body.WithSurfaceFiles(PathOf("maps/mapper.txt"), PathOf("maps/front_facial.json"), PathOf("maps/head.json")));

    public static void AreClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, $"{what}: the number of elements");
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs((double)expected[i] - actual[i]) <= tolerance))
                Assert.Fail($"{what}, element {i}: {actual[i]} where {expected[i]} is right; at most {tolerance} apart is allowed.");
        }
    }
}
