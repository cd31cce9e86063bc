using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Tests.Rendering;

[TestClass]
[TestCategory(ScalarHardwareTests.Category)]
public class RasterizerFixtureTests
{
    [TestMethod]
    [DataRow(64)]
    [DataRow(96)]
    public void FaceIndexIsEqualEverywhereAndWeightsAgree(int size)
    {
        float[] corners = Fixture.Singles($"render/faces_{size}.npy");
        int[] faceIndex = Fixture.Int32s($"render/face_index_{size}.npy");
        float[] weights = Fixture.Singles($"render/weights_{size}.npy");
        int faces = corners.Length / 2 / 9, pixels = size * size;
        int[] identity = [.. Enumerable.Range(0, 3 * faces)];
        var rasterizer = new MeshRasterizer(size);
        var index = new int[pixels];
        var w = new float[3 * pixels];
        for (int i = 0; i < 2; i++)
        {
            rasterizer.Draw(corners.AsSpan(i * 9 * faces, 9 * faces), identity, index, w);
            CollectionAssert.AreEqual(faceIndex[(i * pixels)..((i + 1) * pixels)], index);
            // 5e-3: the second implementation fuses multiply and add, which changes weights on thin faces.
            Fixture.AreClose(weights.AsSpan(i * 3 * pixels, 3 * pixels), w, 5e-3, $"weights of mesh {i}");
        }
    }
}
