using System.Runtime.Intrinsics;
using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Generates sharp pictures from one or more pictures of a person on one thread: S is the size of the pictures, N the size of the
/// underlying generator, which makes the whole picture from the view that shows most of the target.
/// </summary>
internal sealed class SharpWorker : ITransferWorker
{
    // Where the low frequencies begin, as a share of N: finer detail comes more from the source than from a network, coarser from the
    // network alone. On 32 held-out people, by SSIM and L1 within the person, the best share of the source in coarse detail is 0 (against
    // .15, .25 and .5); in fine detail, .7 is as good as any share from .3 to 1.
    private const float LowPassShare = 2f / 256;
    private const float WarpedLow = 0, WarpedHigh = 0.7f;

    // With ClearsBacks: the source's share in detail that pictures of size N can show. The network's is right more often where the body
    // is estimated: on 40 people, SSIM within the person .458 with .7 and .462 with .45 (exact bodies .648 with both).
    private const float WarpedMiddle = 0.35f;

    // Mean differences of low frequencies up to the first are lighting; from the second on the source shows something else.
    private const float Agree = 0.15f, Disagree = 0.45f;

    // The network's background is the source's picture if it differs by no more than rounding and resampling.
    private const float SameBackground = 0.03f, OtherBackground = 0.1f;

    private readonly TextureWarpGenerator _warp;
    private readonly LiquidWarpingGenerator? _network;
    private readonly TextureWarpTarget? _texture;
    private readonly int _size, _plane, _small, _smallPlane;
    private readonly PixelPicker _picker;
    private readonly int[] _near;
    private readonly float[] _share;
    private readonly float _warpedLow, _warpedHigh;
    private readonly PlaneResizer _enlarge, _enlargePlate;
    private readonly TransferResult _result;
    private readonly InputAssembler _assembler;
    private readonly NetworkTarget _target;
    private readonly MaskedLowPass _lowPass;
    private readonly OutlineLimit _limit;
    private readonly NearestBody _body;

    // The views.
    private readonly List<SourceView> _views = [];
    private readonly float[] _plate;
    private bool _prepared, _hasPlate, _addsPatches, _clearsBacks;

    // The target at size N.
    private readonly int[] _faces;
    private readonly float[] _weights, _keep, _warped, _seen, _lowWarped, _lowColor;
    private readonly Vector128<float>[] _coarse;

    // The target, row by row.
    private readonly float[] _rowFlow, _rowView, _rowSample, _rowTotal, _rowColors, _rowSeen;

    /// <summary>Allocates buffers.</summary>
    /// <param name="warp">Determines how well the body is seen, and makes the whole picture if there is no network.</param>
    /// <param name="network">The learned generator; null for none.</param>
    /// <param name="size">S.</param>
    /// <exception cref="ArgumentException">The network cannot halve the pictures often enough.</exception>
    public SharpWorker(TextureWarpGenerator warp, LiquidWarpingGenerator? network, int size)
    {
        (_warp, _network, _size, _plane) = (warp, network, size, size * size);
        // Without a network the views are the best source at all frequencies.
        (_warpedLow, _warpedHigh) = network is null ? (1, 1) : (WarpedLow, WarpedHigh);
        _small = network is null ? size : Math.Min(size, network.Package.Manifest.ImageSize);
        if (network is not null && _small % network.Shape.Multiple != 0)
            throw new ArgumentException($"Pictures smaller than {network.Package.Manifest.ImageSize} pixels must have sides that are "
                + $"multiples of {network.Shape.Multiple}; {size} is not.", nameof(size));
        int n = _smallPlane = _small * _small;
        _picker = new PixelPicker(size, _small);
        double[] at = [.. Enumerable.Range(0, size)
            .Select(i => Math.Clamp((i + 0.5 - _picker.Offset) * _small / size - 0.5, 0, _small - 1))];
        (_near, _share) = ([.. at.Select(a => (int)a)], [.. at.Select(a => (float)(a - (int)a))]);
        // The network's output has the offset of the picked maps; its background has that of the source.
        (_enlarge, _enlargePlate) = (new PlaneResizer(_small, size, _picker.Offset), new PlaneResizer(_small, size));
        _result = new TransferResult(_small);
        _assembler = new InputAssembler(_small);
        _target = new NetworkTarget(warp.Body.Surface, _assembler);
        _lowPass = new MaskedLowPass(_small, Math.Max(1, (int)(LowPassShare * _small)));
        (_limit, _body) = (new OutlineLimit(_small, warp.Body), new NearestBody(_small));
        _texture = network is null ? new TextureWarpTarget(size) : null;
        _plate = new float[3 * _plane];
        (_faces, _weights, _keep, _warped, _seen) = (new int[n], new float[3 * n], new float[n], new float[3 * n], new float[n]);
        (_lowWarped, _lowColor, _coarse) = (new float[3 * n], new float[3 * n], new Vector128<float>[n]);
        (_rowFlow, _rowView, _rowSample, _rowTotal) = (new float[2 * size], new float[size], new float[3 * size], new float[size]);
        (_rowColors, _rowSeen) = (new float[3 * size], new float[size]);
        _views.Add(new SourceView(warp, network, _picker, _assembler));
    }

    public void Prepare(in TransferFrame frame)
    {
        _views[0].Take(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, frame.SourcePersonMask, frame.MaskOpensBackgroundOnly,
            frame.ClearsBacks);
        _clearsBacks = frame.ClearsBacks;
        _limit.Take(frame.MaskOpensBackgroundOnly ? [] : frame.SourcePersonMask, _views[0].SmallFaces, _body);
        (_prepared, _hasPlate) = (true, false);
        _addsPatches = frame.BackgroundFill == BackgroundFill.Patches
            && _network?.Package.Manifest.Background == BackgroundComposition.RefinedFill;
    }

    /// <summary>Adds a picture of the same person.</summary>
    /// <param name="frame">The tensors, as for <see cref="Prepare"/>.</param>
    public void Add(in TransferFrame frame)
    {
        var view = new SourceView(_warp, _network, _picker, _assembler);
        view.Take(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, frame.SourcePersonMask, frame.MaskOpensBackgroundOnly);
        _views.Add(view);
    }

    /// <summary>Gives areas hidden in one view the colours of the others; call it after the last picture is added.</summary>
    public void ShareColours()
    {
        TextureWarpSource[] sources = [.. _views.Select(v => v.Source!)];
        foreach (SourceView view in _views)
            view.Source = _warp.WithColoursOf(view.Source!, sources);
    }

    /// <summary>Sets a known background that replaces the generator's.</summary>
    /// <param name="plate">[3,S,S].</param>
    public void SetPlate(ReadOnlySpan<float> plate)
    {
        plate.CopyTo(_plate);
        _hasPlate = true;
    }

    public void Generate(in TransferFrame frame, TransferResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!_prepared)
            throw new InvalidOperationException("A source must be prepared before a target can be generated.");
        _picker.Pick(frame.TargetFaceIndex, 1, _faces);
        _picker.Pick(frame.TargetWeights, 3, _weights);
        SourceView best = Look();
        if (_network is null)
            _texture!.Draw(best.Source!, _faces, _weights, _result);
        else
            RunNetwork(best);
        if (!_hasPlate)
            MakePlate();
        BlendLow();
        _enlarge.Run(_result.Color, _result.Mask, new TargetSink(this, frame.TargetFaceIndex, frame.TargetWeights, result));
        _plate.CopyTo(result.Background, 0);
        result.Compose();
    }

    public void Dispose() => _views.ForEach(view => view.Dispose());

    /// <summary>Warps all views at size N, and returns the one that shows most of the target.</summary>
    private SourceView Look()
    {
        Span<double> sums = stackalloc double[_views.Count];
        for (int y = 0; y < _small; y++)
        {
            Look(_faces.AsSpan(y * _small, _small), _weights.AsSpan(3 * y * _small, 3 * _small), _small, sums);
            _rowSeen.AsSpan(0, _small).CopyTo(_seen.AsSpan(y * _small));
            for (int c = 0; c < 3; c++)
                _rowColors.AsSpan(c * _small, _small).CopyTo(_warped.AsSpan(c * _smallPlane + y * _small));
        }
        int best = 0;
        for (int v = 1; v < sums.Length; v++)
            best = sums[v] > sums[best] ? v : best;
        return _views[best];
    }

    /// <summary>Blends a row of all views: each colour comes from the views that show it best, with smooth transitions over the
    /// surface.</summary>
    private void Look(ReadOnlySpan<int> faces, ReadOnlySpan<float> weights, int size, Span<double> sums)
    {
        Span<float> flow = _rowFlow.AsSpan(0, 2 * size), view = _rowView.AsSpan(0, size), sample = _rowSample.AsSpan(0, 3 * size);
        Span<float> colors = _rowColors.AsSpan(0, 3 * size), seen = _rowSeen.AsSpan(0, size), total = _rowTotal.AsSpan(0, size);
        colors.Clear();
        seen.Clear();
        total.Clear();
        if (faces.IndexOfAnyInRange(0, int.MaxValue) < 0)
            return;
        for (int v = 0; v < _views.Count; v++)
        {
            float sum = _views[v].See(faces, weights, flow, view);
            sums[v] += sum;
            if (sum == 0)
                continue;
            GridSampler.Sample(size == _size ? _views[v].PersonPicture
                : _views[v].SmallPersonPicture, 3, size, size, flow, alignCorners: false, sample);
            for (int x = 0; x < size; x++)
            {
                float weight = TextureWarpGenerator.Preference(view[x]);
                total[x] += weight;
                seen[x] = Math.Max(seen[x], view[x]);
                for (int c = x; c < 3 * size; c += size)
                    colors[c] += weight * sample[c];
            }
        }
        for (int x = 0; x < size; x++)
        {
            // Below this total the share could no longer be computed in single precision.
            float scale = total[x] > TextureWarpGenerator.LeastPreference ? 1 / total[x] : 0;
            if (scale == 0)
                seen[x] = 0;
            for (int c = x; c < 3 * size; c += size)
                colors[c] *= scale;
        }
    }

    private void RunNetwork(SourceView best)
    {
        _target.Warp(best.Points, best.Inputs.Person, _faces, _weights, _network!.Shape.AlignCorners);
        if (_views.Count > 1)
            AddOtherViews(best);
        _target.Assemble(_faces);
        best.Generate(new TransferFrame { TransferInput = _target.TransferInput, Flow = _target.Flow, ClearsBacks = _clearsBacks }, _result,
            _hasPlate);
        if (_clearsBacks && _warp.Unseen is { } unseen)
        {
            _body.Find(_faces);
            // The mask is the first view's.
            if (best == _views[0])
                _limit.Apply(best.Source!, _faces, _weights, _body, _result.Mask);
            unseen.Cover(best.Source!, _faces, _weights, _body, _result.Mask, _result.Color);
        }
    }

    /// <summary>Where other views show a surface better than the best view, gives the network their pixels: light and folds of one
    /// picture are consistent.</summary>
    private void AddOtherViews(SourceView best)
    {
        for (int y = 0; y < _small; y++)
        {
            int first = y * _small;
            Span<float> view = _rowView.AsSpan(0, _small);
            best.See(_faces.AsSpan(first, _small), _weights.AsSpan(3 * first, 3 * _small), _rowFlow.AsSpan(0, 2 * _small), view);
            for (int x = 0; x < _small; x++)
            {
                float seen = _seen[first + x], share = seen > 0 ? seen * (1 - Math.Min(view[x] / seen, 1)) : 0;
                for (int c = first + x; c < 3 * _smallPlane; c += _smallPlane)
                    _target.Warped[c] = float.Lerp(_target.Warped[c], _warped[c], share);
            }
        }
    }

    /// <summary>Makes the background: the source's own pixels where the network's background equals the source's; otherwise enlarged. The
    /// same for all targets of a source.</summary>
    private void MakePlate()
    {
        SourceView view = _views[0];
        for (int i = 0; i < _smallPlane; i++)
        {
            float difference = 0;
            for (int c = i; c < 3 * _smallPlane; c += _smallPlane)
                difference = Math.Max(difference, Math.Abs(_result.Background[c] - view.SmallPicture[c]));
            _keep[i] = view.Inputs.BackgroundInput[3 * _smallPlane + i]
                * (1 - Ramp.Smooth(SameBackground, OtherBackground, difference));
        }
        _enlargePlate.Run(_result.Background, _keep, new PlateSink(view.Picture, _plate, _size));
        if (_addsPatches)
            AddPatches(view);
        _hasPlate = true;
    }

    /// <summary>Copies patches at the source picture's own size, so that they are as sharp as the picture. A pixel is in the hole if the
    /// nearest pixel of size N is.</summary>
    private void AddPatches(SourceView view)
    {
        ReadOnlySpan<float> outside = view.OutsideHole;
        float[] hole = new float[_plane];
        for (int y = 0; y < _size; y++)
        {
            int row = (int)((long)y * _small / _size) * _small;
            for (int x = 0; x < _size; x++)
                hole[y * _size + x] = 1 - outside[row + (int)((long)x * _small / _size)];
        }
        ExemplarFill.Add(view.Picture, hole, _size, _plate);
    }

    /// <summary>At size N: replaces a share of the generator's high frequencies by the views' where they have their own, or removes it
    /// if the views' are added at size S; and blends in the views' low frequencies.</summary>
    private void BlendLow()
    {
        int n = _smallPlane;
        float[] color = _result.Color;
        bool isApart = _clearsBacks && _network is not null;
        _lowPass.Run(_warped, _seen, _lowWarped);
        _lowPass.Run(color, _seen, _lowColor);
        for (int i = 0; i < n; i++)
        {
            float difference = 0;
            for (int c = i; c < 3 * n; c += n)
                difference += Math.Abs(_lowWarped[c] - _lowColor[c]) / 3;
            float agreement = _network is null ? 1 : 1 - Ramp.Smooth(Agree, Disagree, difference), weight = _seen[i]
                * agreement;
            float[] coarse = isApart && _seen[i] > 0 ? _warped : _lowWarped;
            _coarse[i] = Vector128.Create(coarse[i], coarse[n + i], coarse[2 * n + i], agreement);
            for (int c = i; c < 3 * n; c += n)
            {
                color[c] += isApart ? weight * WarpedMiddle * (_lowColor[c] - color[c] + _warped[c] - _lowWarped[c])
                    : weight * (_warpedHigh * (_lowColor[c] - color[c]) + _warpedLow * (_lowWarped[c] - _lowColor[c]));
            }
        }
    }

    /// <summary>Interpolates what the views show at size N, or its low frequencies, bilinearly at a pixel of size S.</summary>
    private Vector128<float> Coarse(int x, int y)
    {
        int left = _near[x], right = Math.Min(left + 1, _small - 1), upper = _near[y] * _small, lower = Math.Min(_near[y] + 1, _small - 1)
            * _small;
        Vector128<float> top = _coarse[upper + left] + _share[x] * (_coarse[upper + right] - _coarse[upper + left]);
        Vector128<float> bottom = _coarse[lower + left] + _share[x] * (_coarse[lower + right] - _coarse[lower + left]);
        return top + _share[y] * (bottom - top);
    }

    /// <summary>Writes the background: the source's own pixels in proportion to the fourth plane.</summary>
    private readonly struct PlateSink(float[] picture, float[] plate, int size) : IRowSink
    {
        public void Write(int y, ReadOnlySpan<float> row)
        {
            for (int c = 0; c < 3; c++)
            {
                int at = (c * size + y) * size;
                for (int x = 0; x < size; x++)
                    plate[at + x] = float.Lerp(row[4 * x + c], picture[at + x], Math.Clamp(row[4 * x + 3], 0, 1));
            }
        }
    }

    /// <summary>Writes at size S the enlarged colours and mask, and the views' high frequencies.</summary>
    private readonly ref struct TargetSink(SharpWorker worker, ReadOnlySpan<int> faces, ReadOnlySpan<float> weights,
        TransferResult result) : IRowSink
    {
        private readonly ReadOnlySpan<int> _faces = faces;
        private readonly ReadOnlySpan<float> _weights = weights;

        public void Write(int y, ReadOnlySpan<float> row)
        {
            int size = worker._size, first = y * size;
            Span<double> sums = stackalloc double[worker._views.Count];
            worker.Look(_faces.Slice(first, size), _weights.Slice(3 * first, 3 * size), size, sums);
            for (int x = 0; x < size; x++)
            {
                result.Mask[first + x] = Math.Clamp(row[4 * x + 3], 0, 1);
                if (worker._rowSeen[x] == 0)
                {
                    for (int c = 0; c < 3; c++)
                        result.Color[c * worker._plane + first + x] = row[4 * x + c];
                    continue;
                }
                Vector128<float> coarse = worker.Coarse(x, y);
                float weight = worker._warpedHigh * worker._rowSeen[x] * coarse[3];
                for (int c = 0; c < 3; c++)
                    result.Color[c * worker._plane + first + x] = row[4 * x + c] + weight * (worker._rowColors[c * size + x] - coarse[c]);
            }
        }
    }
}
