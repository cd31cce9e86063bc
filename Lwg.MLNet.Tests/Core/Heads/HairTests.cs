using Lwg.MLNet.Heads;

namespace Lwg.MLNet.Tests.Heads;

/// <summary>Tests the hair that no photograph shows: its strands and its colour.</summary>
[TestClass]
public sealed class HairTests
{
    private const int Size = 64, Plane = Size * Size;

    [TestMethod]
    public void StrandsAreSmoothWithoutASeamAndLightAsOftenAsDark()
    {
        double sum = 0, absolute = 0;
        int count = 0;
        for (float y = 1.4f; y < 1.7f; y += 0.003f)
        {
            for (int k = 0; k < 360; k++)
            {
                float value = At(k, y), next = At(k + 0.01f, y);
                Assert.IsTrue(value is >= -1 and <= 1, $"{value}");
                // 44 strands have at most 88 noise values around; a hundredth of a degree is 1/400 of one.
                Assert.AreEqual(value, next, 0.02f, $"at {k} degrees, height {y}");
                (sum, absolute, count) = (sum + value, absolute + Math.Abs(value), count + 1);
            }
            Assert.AreEqual(At(-0.001f, y), At(0.001f, y), 0.01f, "in front");
            Assert.AreEqual(At(179.999f, y), At(180.001f, y), 0.01f, "behind");
        }
        Assert.AreEqual(0, sum / count, 0.05, "the mean");
        Assert.AreEqual(0.3, absolute / count, 0.06, "the mean deviation that UnseenSurface assumes");

        static float At(float degrees, float y)
        {
            (float sine, float cosine) = MathF.SinCos(degrees * MathF.PI / 180);
            return HairStrands.At(0.1f * sine, y, 0.1f * cosine);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheColourIsThatOfTheHairBehindABrightRim(bool withRim)
    {
        float[] hair = [0.1f, -0.2f, -0.5f], rim = [0.9f, 0.9f, 0.8f], skin = [0.6f, 0.3f, 0.2f], image = new float[3 * Plane];
        List<int> head = [], face = [];
        bool[] person = new bool[Plane];
        for (int i = 0; i < Plane; i++)
        {
            float distance = Distance(i, 32, 32);
            person[i] = distance < 24;
            bool isFace = Distance(i, 32, 38) < 13;
            float[] color = isFace ? skin : withRim && distance > 22 ? rim : hair;
            for (int c = 0; c < 3; c++)
                image[c * Plane + i] = color[c];
            if (person[i])
                head.Add(i);
            if (isFace)
                face.Add(i);
        }
        (float[] found, float[] foundSkin, float strands) = HeadOutline.Find(image, i => person[i], head, face, Size)!.Value;
        for (int c = 0; c < 3; c++)
        {
            Assert.AreEqual(hair[c], found[c], 1e-5f);
            Assert.AreEqual(skin[c], foundSkin[c], 1e-5f);
        }
        Assert.IsTrue(strands is >= 0 and <= 0.12f, $"{strands}");
    }

    // Blond hair is near to the colour of skin, and a bright forehead differs from the face's middle as much as hair does.
    [TestMethod]
    public void BlondHairIsFoundBesideABrightForehead()
    {
        float[] hair = [0.33f, 0.02f, -0.2f], skin = [0.6f, 0.3f, 0.15f], image = new float[3 * Plane];
        List<int> head = [], face = [];
        for (int i = 0; i < Plane; i++)
        {
            bool isFace = Distance(i, 32, 38) < 13, isForehead = !isFace && i % Size is > 26 and < 38;
            for (int c = 0; c < 3; c++)
                image[c * Plane + i] = isFace ? skin[c] : isForehead ? 1.2f * (skin[c] + 1) - 1 : hair[c] + 0.04f * (i % 3 - 1);
            if (Distance(i, 32, 32) < 24)
                head.Add(i);
            if (isFace)
                face.Add(i);
        }
        (float[] found, _, float strands) = HeadOutline.Find(image, i => Distance(i, 32, 32) < 24, head, face, Size)!.Value;
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(hair[c], found[c], 0.05f);
        Assert.IsTrue(strands is > 0.005f and < 0.05f, $"{strands}");
    }

    // A thin layer of dark hair, a mask that is two pixels too wide on white, and a forehead that shines in another hue than the face. With
    // hair on one side only, the dark side is shade on a bald head.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ShortDarkHairIsFoundBetweenABrightWallAndABrightForehead(bool onBothSides)
    {
        float[] hair = [-0.3f, -0.35f, -0.4f], skin = [0.3f, -0.1f, -0.2f], shine = [0.4f, 0.2f, 0.2f], image = new float[3 * Plane];
        List<int> head = [], face = [];
        for (int i = 0; i < Plane; i++)
        {
            double distance = Distance(i, 32, 32);
            bool isFace = Distance(i, 32, 38) < 13, isHair = distance is >= 18 and < 22 && (onBothSides || i % Size < 32);
            for (int c = 0; c < 3; c++)
                image[c * Plane + i] = isHair ? hair[c] : distance >= 22 ? 0.95f : isFace ? skin[c] : shine[c];
            if (distance < 24)
                head.Add(i);
            if (isFace)
                face.Add(i);
        }
        float[] found = HeadOutline.Find(image, i => Distance(i, 32, 32) < 24, head, face, Size)!.Value.Hair;
        float difference = Enumerable.Range(0, 3).Max(c => Math.Abs(found[c] - hair[c]));
        Assert.AreEqual(onBothSides, difference < 0.01f, string.Join(' ', found));
    }

    [TestMethod]
    public void ABaldHeadHasNoStrands()
    {
        float[] image = [.. Enumerable.Range(0, 3 * Plane).Select(i => 0.4f + 0.1f * (i % 7) / 7)];
        int[] all = [.. Enumerable.Range(0, Plane).Where(i => Distance(i, 32, 32) < 24)];
        (float[] color, _, float strands) = HeadOutline.Find(image, i => Distance(i, 32, 32) < 24, [.. all], [.. all], Size)!.Value;
        Assert.AreEqual(0, strands);
        Assert.AreEqual(0.45f, color[0], 0.06f);
    }

    private static float Distance(int pixel, float x, float y) =>
        MathF.Sqrt((pixel % Size - x) * (pixel % Size - x) + (pixel / Size - y) * (pixel / Size - y));
}
