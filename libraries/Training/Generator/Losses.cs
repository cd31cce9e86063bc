using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Generator;

/// <summary>The terms of the generator's loss. Each is a mean, so its magnitude does not depend on batch and picture size.</summary>
internal static class Losses
{
    /// <summary>The additional weight of a pixel inside the person.</summary>
    private const float PersonShare = 4;

    private const int StructureWindow = 7;

    /// <summary>Computes weights [N,1,S,S] with mean 1 that are higher on the person.</summary>
    /// <param name="person">[N,1,S,S], 1 inside the person.</param>
    public static Tensor Stress(Tensor person)
    {
        Tensor weight = person * PersonShare + 1;
        return weight / weight.mean();
    }

    /// <summary>Computes the weighted mean absolute difference.</summary>
    public static Tensor L1(Tensor predicted, Tensor actual, Tensor? weight = null)
    {
        Tensor difference = (predicted - actual).abs();
        return weight is null ? difference.mean() : (difference * weight).mean();
    }

    /// <summary>Computes the mean absolute difference where a mask is 1; zero if the mask is 0 everywhere.</summary>
    public static Tensor L1Within(Tensor predicted, Tensor actual, Tensor mask) =>
        ((predicted - actual).abs() * mask).sum() / (mask.sum() * predicted.shape[1] + 1);

    /// <summary>Computes the weighted 1 - SSIM (Wang et al. 2004, windows of 7 x 7 with equal weights) at full and half size.</summary>
    public static Tensor Structure(Tensor predicted, Tensor actual, Tensor weight)
    {
        Tensor sum = Dissimilarity(predicted, actual, weight);
        Tensor Half(Tensor x) => nn.functional.avg_pool2d(x, [2, 2], stride: [2, 2]);
        return (sum + Dissimilarity(Half(predicted), Half(actual), Half(weight))) / 2;
    }

    /// <summary>Computes the binary cross-entropy of masks in (0,1).</summary>
    public static Tensor Mask(Tensor predicted, Tensor actual)
    {
        const double Edge = 1e-5;
        Tensor p = predicted.clamp(Edge, 1 - Edge);
        return -(actual * p.log() + (1 - actual) * (1 - p).log()).mean();
    }

    /// <summary>Computes the mean absolute difference of neighbouring pixels.</summary>
    public static Tensor TotalVariation(Tensor mask)
    {
        long height = mask.shape[2], width = mask.shape[3];
        Tensor down = (mask.narrow(2, 1, height - 1) - mask.narrow(2, 0, height - 1)).abs().mean();
        return down + (mask.narrow(3, 1, width - 1) - mask.narrow(3, 0, width - 1)).abs().mean();
    }

    /// <summary>Computes the least-squares adversarial loss (Mao et al. 2017): real +1, fake -1, the generator's aim 0.</summary>
    public static Tensor Verdict(Tensor verdict, double wanted) => (verdict - wanted).pow(2).mean();

    private static Tensor Dissimilarity(Tensor a, Tensor b, Tensor weight)
    {
        // The data range is 2.
        const double C1 = 0.02 * 0.02, C2 = 0.06 * 0.06;
        Tensor Window(Tensor x) => nn.functional.avg_pool2d(x, [StructureWindow, StructureWindow], stride: [1, 1],
            padding: [StructureWindow / 2, StructureWindow / 2], count_include_pad: false);
        Tensor meanA = Window(a), meanB = Window(b);
        Tensor varianceA = Window(a * a) - meanA * meanA, varianceB = Window(b * b) - meanB * meanB, covariance = Window(a * b) - meanA
            * meanB;
        Tensor index = (2 * meanA * meanB + C1)
            * (2 * covariance + C2) / ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
        return ((1 - index) * weight).mean();
    }
}
