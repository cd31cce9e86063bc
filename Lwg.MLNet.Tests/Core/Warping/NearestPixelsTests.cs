using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

/// <summary>Compares the nearest pixel with a search of all pixels.</summary>
[TestClass]
public sealed class NearestPixelsTests
{
    [TestMethod]
    public void EveryPixelFindsANearestOne()
    {
        var random = new Random(5);
        foreach (int size in (int[])[1, 2, 7, 33])
        {
            var search = new NearestPixels(size);
            int[] nearest = new int[size * size];
            foreach (double share in (double[])[0.002, 0.02, 0.3, 0.95])
            {
                bool[] chosen = [.. Enumerable.Range(0, size * size).Select(_ => random.NextDouble() < share)];
                chosen[random.Next(chosen.Length)] = true;
                search.Find(chosen, nearest);
                for (int i = 0; i < nearest.Length; i++)
                {
                    Assert.IsTrue(chosen[nearest[i]], $"size {size}, share {share}, pixel {i}");
                    int least = Enumerable.Range(0, chosen.Length).Where(j => chosen[j]).Min(j => Squared(i, j, size));
                    Assert.AreEqual(least, Squared(i, nearest[i], size), $"size {size}, share {share}, pixel {i}");
                }
            }
            search.Find(new bool[size * size], nearest);
            Assert.IsTrue(nearest.All(i => i == -1), "None is chosen, and none of the last search is left.");
        }
    }

    private static int Squared(int a, int b, int size)
    {
        int x = a % size - b % size, y = a / size - b / size;
        return x * x + y * y;
    }
}
