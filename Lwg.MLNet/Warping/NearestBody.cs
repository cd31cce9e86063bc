namespace Lwg.MLNet.Warping;

/// <summary>The nearest pixel of a body for each pixel of a picture. Holds buffers; use an instance on one thread at a time.</summary>
/// <param name="size">S.</param>
internal sealed class NearestBody(int size)
{
    private readonly NearestPixels _search = new(size);
    private readonly bool[] _isBody = new bool[size * size];
    private readonly int[] _nearest = new int[size * size];

    /// <summary>Whether each pixel is the body [S,S].</summary>
    public bool[] IsBody => _isBody;

    /// <summary>The index of the nearest pixel of the body [S,S]; -1 everywhere without a body.</summary>
    public int[] Nearest => _nearest;

    /// <summary>Searches.</summary>
    /// <param name="faceIndex">The face index map [S,S].</param>
    public void Find(ReadOnlySpan<int> faceIndex)
    {
        for (int i = 0; i < _isBody.Length; i++)
            _isBody[i] = faceIndex[i] >= 0;
        _search.Find(_isBody, _nearest);
    }
}
