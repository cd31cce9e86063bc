using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>
/// Small pose networks whose truth is known: key points with even numbers are at the reddest position, those with odd numbers at the
/// greenest one. They read colours in [0,1], so means are 0 and deviations 255.
/// </summary>
internal static class PoseNetworks
{
    public const int Stride = 4, BinsPerPixel = 2, K = CocoSkeleton.KeypointCount;

    public static KeypointDetectorOptions Plain { get; } = new() { Mean = [0, 0, 0], Deviation = [255, 255, 255], Padding = 0 };

    /// <summary>Creates a network with heat maps of a quarter of the input's sides: cell i is a mean around pixel 4 i.</summary>
    public static byte[] HeatMaps(int width, int height, bool openSides = false, bool blueFirst = false, int keypoints = K)
    {
        var g = new GraphBuilder("heat");
        GraphValue image = openSides ? g.Input("input", -1, 3, -1, -1) : g.Input("input", 1, 3, height, width);
        const int Kernel = 7;
        GraphValue maps = g.Conv(image, "maps", keypoints, Kernel, Stride, padding: Kernel / 2);
        if (openSides)
            g.Output(maps, "output", -1, keypoints, -1, -1);
        else
            g.Output(maps, "output", 1, keypoints, height / Stride, width / Stride);
        var weights = new ArrayWeights();
        weights.Set("maps.weight", [keypoints, 3, Kernel, Kernel],
            [.. Enumerable.Range(0, keypoints * 3 * Kernel * Kernel)
                .Select(i => Colour(i / (3 * Kernel * Kernel), i / (Kernel * Kernel) % 3, blueFirst) / (Kernel * Kernel))]);
        return OnnxRun.File(g.Build(), weights);
    }

    /// <summary>Creates a network with two bins for each pixel: the sums of the colours along columns and rows.</summary>
    public static byte[] SimCC(int width, int height, bool rowsFirst = false)
    {
        var g = new GraphBuilder("simcc");
        GraphValue colours = g.Conv(g.Input("input", 1, 3, height, width), "colours", K, 1);
        int columnBins = BinsPerPixel * width, rowBins = BinsPerPixel * height;
        GraphValue columns = g.Reshape(g.MatMul(g.MatMul(g.Weight("ones_h", 1, height), colours), g.Weight("bins_w", width, columnBins)), K,
            0, 0, columnBins);
        GraphValue rows = g.Reshape(g.MatMul(g.Weight("bins_h", rowBins, height), g.MatMul(colours, g.Weight("ones_w", width, 1))), K, 0, 0,
            rowBins);
        if (rowsFirst)
            g.Output(rows, "y", 1, K, rowBins);
        g.Output(columns, "x", 1, K, columnBins);
        if (!rowsFirst)
            g.Output(rows, "y", 1, K, rowBins);
        var weights = new ArrayWeights();
        weights.Set("colours.weight", [K, 3, 1, 1], [.. Enumerable.Range(0, 3 * K).Select(i => Colour(i / 3, i % 3, blueFirst: false))]);
        weights.Set("ones_h", [1, height], [.. Enumerable.Repeat(0.06f, height)]);
        weights.Set("ones_w", [width, 1], [.. Enumerable.Repeat(0.06f, width)]);
        weights.Set("bins_w", [width, columnBins], Interpolation(width, columnBins, transposed: false));
        weights.Set("bins_h", [rowBins, height], Interpolation(height, rowBins, transposed: true));
        return OnnxRun.File(g.Build(), weights);
    }

    /// <summary>Creates a network with YOLO's output of constant people: (score, 51 values) each.</summary>
    public static byte[] Yolo(int side, bool transposed, params (float Score, float[] Keypoints)[] people)
    {
        int n = people.Length, length = 5 + 3 * K;
        float[] numbers = new float[length * n];
        for (int i = 0; i < n; i++)
        {
            float[] person = [side / 2f, side / 2f, side, side, people[i].Score, .. people[i].Keypoints];
            for (int j = 0; j < length; j++)
                numbers[transposed ? i * length + j : j * n + i] = person[j];
        }
        var g = new GraphBuilder("yolo");
        int[] shape = transposed ? [1, n, length] : [1, length, n];
        GraphValue nothing = g.Reshape(g.Conv(g.AveragePool(g.Input("images", 1, 3, side, side), side), "nothing", 1, 1), 1, 1, 1, 1);
        g.Output(g.Add(g.Weight("people", shape), nothing), "output0", shape);
        var weights = new ArrayWeights();
        weights.Set("nothing.weight", [1, 3, 1, 1], new float[3]);
        weights.Set("people", shape, numbers);
        return OnnxRun.File(g.Build(), weights);
    }

    /// <summary>Creates a network with heat maps of stride 1, in which key point k has 0.5 + 0.1 times the input's channel k %
    /// 3.</summary>
    public static byte[] Channels(int side)
    {
        var g = new GraphBuilder("channels");
        g.Output(g.Conv(g.Input("input", 1, 3, side, side), "maps", K, 1, bias: true), "output", 1, K, side, side);
        var weights = new ArrayWeights();
        weights.Set("maps.weight", [K, 3, 1, 1], [.. Enumerable.Range(0, 3 * K).Select(i => i / 3 % 3 == i % 3 ? 0.1f : 0)]);
        weights.Set("maps.bias", [K], [.. Enumerable.Repeat(0.5f, K)]);
        return OnnxRun.File(g.Build(), weights);
    }

    /// <summary>Draws soft spots of one colour each on black.</summary>
    public static PixelBuffer Spots(int width, int height, float deviation,
        params (float X, float Y, int Channel, float Brightness)[] spots)
    {
        var picture = new PixelBuffer(width, height);
        for (int i = 0; i < width * height; i++)
        {
            foreach ((float x, float y, int channel, float brightness) in spots)
            {
                double distance = Math.Pow(i % width + 0.5 - x, 2) + Math.Pow(i / width + 0.5 - y, 2);
                ref byte value = ref picture.Data[3 * i + channel];
                value = (byte)Math.Max(value, Math.Round(255 * brightness * Math.Exp(-distance / (2 * deviation * deviation))));
            }
        }
        return picture;
    }

    private static float Colour(int keypoint, int channel, bool blueFirst)
    {
        int own = keypoint % 2 == 0 ? (blueFirst ? 2 : 0) : 1;
        return channel == own ? 1 : 0;
    }

    // Bin i is at pixel i / 2: values between pixels are interpolated.
    private static float[] Interpolation(int pixels, int bins, bool transposed)
    {
        float[] matrix = new float[pixels * bins];
        for (int bin = 0; bin < bins; bin++)
        {
            float at = (float)bin * pixels / bins;
            for (int pixel = 0; pixel < pixels; pixel++)
                matrix[transposed ? bin * pixels + pixel : pixel * bins + bin] = Math.Max(0, 1 - Math.Abs(at - pixel));
        }
        return matrix;
    }
}
