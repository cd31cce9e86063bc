using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>One person tracked over frames, some of which may be missing.</summary>
internal sealed class PersonTrack
{
    // Longer gaps are not filled: the person has left the picture and returned.
    private const int LongestGap = 10_000;

    private readonly List<(int Frame, float[] Pose, float[] Translation)> _frames = [];
    private readonly List<float[]> _shapes = [];

    /// <summary>The number of frames with the person.</summary>
    public int Count => _frames.Count;

    /// <summary>Adds a frame.</summary>
    public void Add(int frame, float[] pose, float[] translation, float[]? shape)
    {
        if (_frames.Count > 0 && frame <= _frames[^1].Frame)
            return;
        _frames.Add((frame, pose, translation));
        if (shape is not null)
            _shapes.Add(shape);
    }

    /// <summary>Returns poses [N,72], translations [N,3] and shape [10] of the frames from first to last; frames in shorter gaps are
    /// interpolated.</summary>
    public (float[] Poses, float[] Translations, float[] Shape) ToArrays()
    {
        var poses = new List<float>();
        var translations = new List<float>();
        for (int i = 0; i < _frames.Count; i++)
        {
            (int at, float[] pose, float[] translation) = _frames[i];
            int steps = i + 1 < _frames.Count && _frames[i + 1].Frame - at <= LongestGap ? _frames[i + 1].Frame - at : 1;
            for (int s = 0; s < steps; s++)
            {
                float share = (float)s / steps;
                float[] between = [.. pose], moved = [.. translation];
                for (int k = 0; s > 0 && k < SmplLayout.PoseCount; k += 3)
                    AxisAngle.Between(pose.AsSpan(k, 3), _frames[i + 1].Pose.AsSpan(k, 3), share, between.AsSpan(k, 3));
                for (int k = 0; s > 0 && k < 3; k++)
                    moved[k] = float.Lerp(translation[k], _frames[i + 1].Translation[k], share);
                poses.AddRange(between);
                translations.AddRange(moved);
            }
        }
        float[] shape = _shapes.Count == 0 ? [] : [.. Enumerable.Range(0, SmplLayout.ShapeCount).Select(b => _shapes.Average(s => s[b]))];
        return ([.. poses], [.. translations], shape);
    }
}
