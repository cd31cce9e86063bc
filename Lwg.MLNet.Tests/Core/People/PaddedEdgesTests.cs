using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public sealed class PaddedEdgesTests
{
    private const int Size = 64;

    // The person fills columns 24 to 40 and rows 10 to 60; the shoulders are in row 20.
    private static readonly (int Left, int Right, int Top, int Bottom) s_person = (24, 40, 10, 60);

    [TestMethod]
    public void OutsideTheEdgesTheOutermostPixelsAreRepeated()
    {
        int tall = 0, headless = 0, footless = 0, unchanged = 0;
        for (ulong seed = 0; seed < 500; seed++)
        {
            Snapshot before = Picture(), after = Picture();
            var dice = new Dice(seed);
            new PaddedEdges(ref dice, before, s_person, towards: 1).Apply(after);
            // The first pixels that a row or a column shows unchanged are the edges.
            int middle = 32 * Size, left = 0, right = Size, top = 0, bottom = Size;
            while (after.Image[middle + left] == after.Image[middle + left + 1])
                left++;
            while (after.Image[middle + right - 1] == after.Image[middle + right - 2])
                right--;
            while (after.Image[top * Size + 32] == after.Image[(top + 1) * Size + 32])
                top++;
            while (after.Image[(bottom - 1) * Size + 32] == after.Image[(bottom - 2) * Size + 32])
                bottom--;
            for (int y = 0; y < Size; y++)
            {
                for (int x = 0; x < Size; x++)
                {
                    (int column, int row) = (Math.Clamp(x, left, right - 1), Math.Clamp(y, top, bottom - 1));
                    Assert.AreEqual(before.Image[row * Size + column], after.Image[y * Size + x], $"seed {seed}, {x}, {y}");
                    Assert.AreEqual((column, row) == (x, y) ? before.Mask[y * Size + x] : 0, after.Mask[y * Size + x]);
                }
            }
            for (int k = 0; k < 17; k++)
            {
                (float x, float y) = (after.Keypoints[3 * k], after.Keypoints[3 * k + 1]);
                Assert.AreEqual(x >= left && x < right && y >= top && y < bottom ? 1 : 0, after.Keypoints[3 * k + 2]);
            }
            Assert.IsTrue(left <= s_person.Left && right > s_person.Right, "Sides never cut the person.");
            tall += left > 0 || right < Size ? 1 : 0;
            headless += top > s_person.Top ? 1 : 0;
            footless += bottom <= s_person.Bottom ? 1 : 0;
            unchanged += (left, right, top, bottom) == (0, Size, 0, Size) ? 1 : 0;
        }
        // Of 500: sides in 35 % (of which one in 18 has no padding), no head in 12 %, no feet in 6 %.
        Assert.IsInRange(120, 220, tall);
        Assert.IsInRange(35, 95, headless);
        Assert.IsInRange(10, 55, footless);
        Assert.IsGreaterThan(100, unchanged);
    }

    [TestMethod]
    public void HeadlessPeopleMostlyShowTheirFront()
    {
        Assert.AreEqual(0.12f, PaddedEdges.HeadlessShare(1), 1e-6f);
        Assert.AreEqual(PaddedEdges.HeadlessShare(0), PaddedEdges.HeadlessShare(-1));
        Assert.IsLessThan(0.03f, PaddedEdges.HeadlessShare(-1));
    }

    // Every pixel has another value.
    private static Snapshot Picture()
    {
        var snapshot = new Snapshot(Size);
        for (int i = 0; i < snapshot.Image.Length; i++)
            snapshot.Image[i] = i / (float)snapshot.Image.Length;
        snapshot.Mask.AsSpan().Fill(0.7f);
        for (int k = 0; k < 17; k++)
            (snapshot.Keypoints[3 * k], snapshot.Keypoints[3 * k + 1], snapshot.Keypoints[3 * k + 2]) = (24 + k, 20 + 2.4f * k, 1);
        // The head: nose, eyes and ears.
        for (int k = 0; k < 5; k++)
            snapshot.Keypoints[3 * k + 1] = 12 + k;
        return snapshot;
    }
}
