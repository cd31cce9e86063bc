namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>
/// A value over time that interpolates keys: cubic Hermite pieces whose slopes are the harmonic means of the neighbouring chords (Fritsch
/// and Butland 1984). It eases in and out of extremes and never overshoots them.
/// </summary>
internal sealed class Curve
{
    private readonly (float Frame, float Value)[] _keys;
    private readonly float[] _slopes;
    private readonly float _period;

    /// <summary>Creates a curve that is constant before its first and after its last key.</summary>
    public Curve(params (float Frame, float Value)[] keys) : this(0, keys) { }

    private Curve(float period, (float Frame, float Value)[] keys)
    {
        _period = period;
        _keys = period > 0 ? [.. keys, (keys[0].Frame + period, keys[0].Value)] : keys;
        _slopes = new float[_keys.Length];
        for (int i = 0; i < _keys.Length; i++)
        {
            if (i > 0 && i < _keys.Length - 1)
                _slopes[i] = HarmonicMean(Chord(i - 1), Chord(i));
            else if (period > 0)
                _slopes[i] = HarmonicMean(Chord(_keys.Length - 2), Chord(0));
        }
    }

    /// <summary>Creates a periodic curve; the keys are within one period.</summary>
    public static Curve Cycle(float period, params (float Frame, float Value)[] keys) => new(period, keys);

    /// <summary>Returns the value at a frame.</summary>
    public float At(float frame)
    {
        if (_period > 0)
            frame -= _period * MathF.Floor((frame - _keys[0].Frame) / _period);
        if (frame <= _keys[0].Frame)
            return _keys[0].Value;
        int i = 1;
        while (i < _keys.Length && _keys[i].Frame < frame)
            i++;
        if (i == _keys.Length)
            return _keys[^1].Value;
        float length = _keys[i].Frame - _keys[i - 1].Frame;
        float t = (frame - _keys[i - 1].Frame) / length, u = 1 - t;
        return (1 + 2 * t) * u * u * _keys[i - 1].Value + t * u * u * length * _slopes[i - 1]
            + t * t * (3 - 2 * t) * _keys[i].Value - t * t * u * length * _slopes[i];
    }

    private float Chord(int i) => (_keys[i + 1].Value - _keys[i].Value) / (_keys[i + 1].Frame - _keys[i].Frame);

    private static float HarmonicMean(float a, float b) => a * b <= 0 ? 0 : 2 * a * b / (a + b);
}
