using Lwg.MLNet.Body;

namespace Lwg.MLNet.Heads;

/// <summary>The faces of a head by what grows on them: hair on the top and on the back above the nape, none on the facial front.
/// Immutable.</summary>
internal sealed class HeadFaces
{
    private HeadFaces(int count) => (Head, Top, Face) = (new bool[count], new bool[count], new bool[count]);

    /// <summary>The height of the chin, metres of the template.</summary>
    public float Chin { get; private init; }

    /// <summary>The height above which hair grows at the back, metres of the template: that of the mouth.</summary>
    public float Nape { get; private init; }

    /// <summary>The height above which hair grows all around, metres of the template.</summary>
    public float Hairline { get; private init; }

    /// <summary>Whether each face is on the head, above the nape.</summary>
    public bool[] Head { get; }

    /// <summary>Whether each face is on the head, above the hairline.</summary>
    public bool[] Top { get; }

    /// <summary>Whether each face is of the facial front, below the hairline.</summary>
    public bool[] Face { get; }

    /// <summary>Finds the faces.</summary>
    /// <param name="body">The body.</param>
    /// <returns>Null if the body does not mark head and facial front.</returns>
    public static HeadFaces? Of(BodyModel body)
    {
        BodySurface surface = body.Surface;
        if (!surface.HasHead || !surface.HasFront)
            return null;
        float low = float.MaxValue, high = float.MinValue;
        for (int f = 0; f < body.FaceCount; f++)
        {
            if (!surface.Front[f])
                continue;
            foreach (int v in body.Faces.Slice(3 * f, 3))
                (low, high) = (Math.Min(low, body.Data.Template[3 * v + 1]), Math.Max(high, body.Data.Template[3 * v + 1]));
        }
        // The facial front extends from the chin (0) to the forehead (1).
        var found = new HeadFaces(body.FaceCount) { Chin = low, Hairline = low + 0.8f * (high - low), Nape = low + 0.3f * (high - low) };
        for (int f = 0; f < body.FaceCount; f++)
        {
            if (!surface.Head[f])
                continue;
            float lowest = float.MaxValue;
            foreach (int v in body.Faces.Slice(3 * f, 3))
                lowest = Math.Min(lowest, body.Data.Template[3 * v + 1]);
            found.Head[f] = lowest > found.Nape;
            found.Top[f] = lowest > found.Hairline;
            found.Face[f] = surface.Front[f] && !found.Top[f];
        }
        return found;
    }
}
