using System.Numerics;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Docs;

/// <summary>Draws maps and points as pictures.</summary>
internal static class Panels
{
    private const int Gap = 6, Side = 192;

    /// <summary>Places pictures side by side at the same height.</summary>
    public static PixelBuffer Beside(IReadOnlyList<PixelBuffer> pictures)
    {
        var sheet = new PixelBuffer(pictures.Count * (Side + Gap) - Gap, Side);
        sheet.Data.Fill(255);
        for (int i = 0; i < pictures.Count; i++)
        {
            PixelBuffer panel = Resize(pictures[i]);
            for (int y = 0; y < Side; y++)
                panel.Row(y).CopyTo(sheet.Row(y)[(3 * i * (Side + Gap))..]);
        }
        return sheet;
    }

    /// <summary>Draws three planes, starting at a channel, with values from -1 to 1.</summary>
    public static PixelBuffer Color(float[] planes, int channel, int size) =>
        PixelBuffer.FromTensor(planes.AsSpan(channel * size * size, 3 * size * size), size, size);

    /// <summary>Draws one plane with values from 0 to 1.</summary>
    public static PixelBuffer Grey(float[] plane, int size) => Paint(size, p => Grey(255 * Math.Clamp(plane[p], 0, 1)));

    /// <summary>Draws each face in a different colour.</summary>
    public static PixelBuffer Faces(int[] faces, int size) => Paint(size, p => faces[p] < 0 ? White : ColorOf(faces[p]));

    /// <summary>Draws barycentric weights.</summary>
    public static PixelBuffer Weights(float[] weights, int[] faces, int size) =>
        Paint(size, p => faces[p] < 0 ? White : 255 * new Vector3(weights[3 * p], weights[3 * p + 1], weights[3 * p + 2]));

    /// <summary>Draws the part with the highest value for each pixel; the last part is background.</summary>
    public static PixelBuffer Parts(float[] planes, int size)
    {
        int plane = size * size, count = planes.Length / plane;
        return Paint(size, p => Enumerable.Range(0, count).MaxBy(c => planes[c * plane + p]) is var part && part == count - 1 ? White
            : ColorOf(7 * part + 3));
    }

    /// <summary>Draws a flow: x is red, y is green, and pixels without a source are white.</summary>
    public static PixelBuffer Flow(float[] flow, int size) =>
        Paint(size, p => flow[2 * p] <= -2 ? White : new Vector3(127.5f * (flow[2 * p] + 1), 127.5f * (flow[2 * p + 1] + 1), 128));

    /// <summary>Marks the target's faces that are visible in the source.</summary>
    public static PixelBuffer Shown(int[] source, int[] target, int size)
    {
        HashSet<int> seen = [.. source];
        return Paint(size, p => target[p] < 0 ? White : seen.Contains(target[p]) ? new Vector3(70, 160, 90) : new Vector3(200, 80, 70));
    }

    /// <summary>Draws a body's silhouette over a picture.</summary>
    public static PixelBuffer Over(PixelBuffer picture, int[] faces)
    {
        PixelBuffer result = picture.Clone();
        for (int p = 0; p < faces.Length; p++)
        {
            if (faces[p] >= 0)
                Set(result, p, 0.45f * Get(result, p) + 0.55f * new Vector3(70, 120, 200));
        }
        return result;
    }

    /// <summary>Draws key points [17,3] in pixels of a picture, except those of confidence 0.</summary>
    public static PixelBuffer Dots(PixelBuffer picture, float[] keypoints, int radius)
    {
        PixelBuffer result = picture.Clone();
        for (int k = 0; k < keypoints.Length; k += 3)
        {
            if (keypoints[k + 2] > 0)
                Dot(result, keypoints[k], keypoints[k + 1], radius);
        }
        return result;
    }

    /// <summary>Draws joints [19,2] with coordinates from -1 to 1.</summary>
    public static PixelBuffer Joints(PixelBuffer picture, float[] joints)
    {
        PixelBuffer result = picture.Clone();
        for (int k = 0; k < joints.Length; k += 2)
            Dot(result, (joints[k] + 1) * picture.Width / 2, (joints[k + 1] + 1) * picture.Height / 2, 3);
        return result;
    }

    /// <summary>Draws boxes (minX, maxX, minY, maxY).</summary>
    public static PixelBuffer Boxes(PixelBuffer picture, params float[][] boxes)
    {
        PixelBuffer result = picture.Clone();
        foreach (float[] box in boxes)
        {
            for (int y = 0; y < picture.Height; y++)
            {
                for (int x = 0; x < picture.Width; x++)
                {
                    bool inside = x >= box[0] && x <= box[1] && y >= box[2] && y <= box[3];
                    if (inside && (x < box[0] + 2 || x > box[1] - 2 || y < box[2] + 2 || y > box[3] - 2))
                        Set(result, y * picture.Width + x, new Vector3(200, 60, 50));
                }
            }
        }
        return result;
    }

    private static readonly Vector3 White = new(255);

    private static Vector3 Grey(float value) => new(value);

    private static Vector3 ColorOf(int number)
    {
        uint hash = (uint)number * 2654435761;
        return new Vector3(60 + hash % 170, 60 + (hash >> 8) % 170, 60 + (hash >> 16) % 170);
    }

    private static PixelBuffer Paint(int size, Func<int, Vector3> color)
    {
        var picture = new PixelBuffer(size, size);
        for (int p = 0; p < size * size; p++)
            Set(picture, p, color(p));
        return picture;
    }

    private static void Dot(PixelBuffer picture, float x, float y, int radius)
    {
        for (int v = Math.Max(0, (int)y - radius); v < Math.Min(picture.Height, (int)y + radius + 1); v++)
        {
            for (int u = Math.Max(0, (int)x - radius); u < Math.Min(picture.Width, (int)x + radius + 1); u++)
            {
                float distance = Vector2.Distance(new(u + 0.5f, v + 0.5f), new(x, y));
                if (distance <= radius)
                    Set(picture, v * picture.Width + u, distance > radius - 1 ? White : new Vector3(210, 50, 60));
            }
        }
    }

    private static PixelBuffer Resize(PixelBuffer picture)
    {
        if (picture.Width == Side && picture.Height == Side)
            return picture;
        var crop = SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, Side, margin: 0);
        return SquareCrop.Crop(picture, crop, Side);
    }

    private static Vector3 Get(PixelBuffer picture, int pixel) =>
        new(picture.Data[3 * pixel], picture.Data[3 * pixel + 1], picture.Data[3 * pixel + 2]);

    private static void Set(PixelBuffer picture, int pixel, Vector3 color)
    {
        for (int c = 0; c < 3; c++)
            picture.Data[3 * pixel + c] = (byte)Math.Clamp(color[c] + 0.5f, 0, 255);
    }
}
