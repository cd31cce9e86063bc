using System.Globalization;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Counts frames in which a hand or another part of the person reaches beyond the picture.</summary>
/// <param name="width">The photograph's width in pixels.</param>
/// <param name="height">The photograph's height in pixels.</param>
/// <param name="isSquare">Whether the picture is the person's square instead of the photograph.</param>
internal sealed class CutOff(int width, int height, bool isSquare)
{
    private int _first = -1, _count, _checked;

    /// <summary>Checks a frame.</summary>
    /// <param name="number">The frame's number.</param>
    /// <param name="faceIndex">The face index map of the square [S,S]; -1 on background.</param>
    /// <param name="crop">The transform from the square to the photograph; null if not known.</param>
    public void Look(int number, int[] faceIndex, CropTransform? crop)
    {
        _checked++;
        if (!Leaves(faceIndex, crop))
            return;
        _first = _first < 0 ? number : Math.Min(_first, number);
        _count++;
    }

    /// <summary>Returns a message about the frames; null if there are none.</summary>
    public string? Explain() => _count == 0 ? null : string.Create(
        CultureInfo.InvariantCulture, $"In {_count} of {_checked} frames, first in frame {_first}, a part of the person (a hand, a foot) "
        + $"leaves the {(isSquare ? "square" : "photograph")} and is cut off there; a photograph with more room around the person shows "
        + $"it.");

    private bool Leaves(int[] faceIndex, CropTransform? crop)
    {
        int size = (int)Math.Sqrt(faceIndex.Length);
        for (int i = 0; i < faceIndex.Length; i++)
        {
            if (faceIndex[i] < 0)
                continue;
            int x = i % size, y = i / size;
            if (x == 0 || y == 0 || x == size - 1 || y == size - 1)
                return true;
            if (!isSquare && crop is { } transform && transform.Apply(x + 0.5f, y + 0.5f) is var at
                && !(at.X >= 0 && at.Y >= 0 && at.X <= width && at.Y <= height))
                return true;
        }
        return false;
    }
}
