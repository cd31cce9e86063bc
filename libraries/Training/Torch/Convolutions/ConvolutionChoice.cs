namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>The implementation of a convolution on a machine.</summary>
/// <param name="Shape">The convolution.</param>
/// <param name="Way">The first correct implementation; null if there is none.</param>
/// <param name="Wrong">The implementations before it with their errors, as text; empty if the first is correct.</param>
internal sealed record ConvolutionChoice(ConvolutionShape Shape, ConvolutionWay? Way, string Wrong);
