namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>How a convolution is computed on a machine.</summary>
/// <param name="Shape">The convolution.</param>
/// <param name="Way">The first way that is right; null where none is.</param>
/// <param name="Wrong">The ways before it and how far they are off, in words; empty where the first is right.</param>
internal sealed record ConvolutionChoice(ConvolutionShape Shape, ConvolutionWay? Way, string Wrong);
