using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Tests.Rendering;

[TestClass]
public class MapTableFixtureTests
{
    private const int Faces = 760;

    // A face index map with each face once, then background: its maps are the tables.
    private static readonly int[] s_all = [.. Enumerable.Range(0, Faces), -1];

    [TestMethod]
    public void TheConditionTableAgrees()
    {
        var map = new float[3 * (Faces + 1)];
        BodyMaps.Condition(s_all, Fixture.Surface, map);
        Fixture.AreClose(Fixture.Singles("maps/map_uv_seg.npy"), ChannelsLast(map, 3), 1e-6, "condition table");
    }

    [TestMethod]
    public void ThePartTableAgrees()
    {
        var map = new float[11 * (Faces + 1)];
        BodyMaps.Parts(s_all, Fixture.Surface, map);
        Fixture.AreClose(Fixture.Singles("maps/map_par.npy"), ChannelsLast(map, 11), 0, "part table");
    }

    [TestMethod]
    public void FrontAndHeadAgree()
    {
        var map = new float[Faces + 1];
        BodyMaps.Front(s_all, Fixture.Surface, map);
        Fixture.AreClose(Fixture.Singles("maps/map_front.npy"), map, 0, "facial front");
        BodyMaps.Head(s_all, Fixture.Surface, map);
        Fixture.AreClose(Fixture.Singles("maps/map_head.npy"), map, 0, "head");
    }

    private static float[] ChannelsLast(float[] map, int channels)
    {
        var result = new float[map.Length];
        int n = map.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < n; i++)
                result[i * channels + c] = map[c * n + i];
        }
        return result;
    }
}
