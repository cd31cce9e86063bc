using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class CutOffTests
{
    [TestMethod]
    public void PixelsOutsideThePhotographAreCounted()
    {
        // A square of 8 pixels that extends two pixels beyond the left edge of a photograph of 20 x 20.
        var crop = new CropTransform(1, 0, -2, 0, 1, 5);
        var photograph = new CutOff(20, 20, isSquare: false);
        photograph.Look(0, Body((3, 3)), crop);
        Assert.IsNull(photograph.Explain());
        photograph.Look(1, Body((3, 3), (1, 3)), crop);
        photograph.Look(2, Body((3, 3), (3, 7)), crop);
        StringAssert.Contains(photograph.Explain(), "In 2 of 3 frames, first in frame 1,");
        StringAssert.Contains(photograph.Explain(), "leaves the photograph");
        var square = new CutOff(20, 20, isSquare: true);
        square.Look(0, Body((1, 3)), crop);
        Assert.IsNull(square.Explain());
        square.Look(1, Body((0, 3)), null);
        StringAssert.Contains(square.Explain(), "leaves the square");
    }

    private static int[] Body(params (int X, int Y)[] pixels)
    {
        int[] faces = [.. Enumerable.Repeat(-1, 64)];
        foreach ((int x, int y) in pixels)
            faces[8 * y + x] = 5;
        return faces;
    }
}
