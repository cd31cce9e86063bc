using Lwg.MLNet.Composition;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>One source picture of a person for a <see cref="SharpWorker"/>, with the data computed from it once: S is its size, N that of
/// the generator.</summary>
internal sealed class SourceView : IDisposable
{
    // The outermost pixels of a person contain background.
    private const float PersonFrom = 0.8f;

    // With a network, surfaces seen obliquely have a lower weight than with colours spread by rule.
    private const float TrustByRule = 1.5f;

    private readonly TextureWarpGenerator _warp;
    private readonly LiquidWarpingGenerator? _network;
    private readonly PixelPicker _picker;
    private readonly PlaneResizer _shrink;
    private readonly int _small;
    private readonly float[] _matte;
    private readonly NetworkSource? _inputs;
    private readonly int[] _smallFaces;
    private PersonPixels? _pixels;
    private float[]? _person, _smallPerson;
    private LiquidWarpingGenerator.Worker? _worker;
    private bool _prepared;

    /// <summary>Allocates buffers for a picture.</summary>
    /// <param name="warp">Determines how well the body is seen.</param>
    /// <param name="network">The learned generator; null for none.</param>
    /// <param name="picker">Samples from S to N.</param>
    /// <param name="assembler">Assembles inputs of size N.</param>
    public SourceView(TextureWarpGenerator warp, LiquidWarpingGenerator? network, PixelPicker picker, InputAssembler assembler)
    {
        (_warp, _network, _picker, _small) = (warp, network, picker, picker.Small);
        int n = _small * _small;
        _shrink = new PlaneResizer(picker.Size, _small);
        (Picture, SmallPicture, Points) = (new float[3 * picker.Size * picker.Size], new float[3 * n], new float[6 * warp.Body.FaceCount]);
        _inputs = network is null ? null : new NetworkSource(warp, assembler);
        (_smallFaces, _matte) = (new int[n], new float[picker.Size]);
        (PersonPicture, SmallPersonPicture) = (Picture, SmallPicture);
    }

    /// <summary>The picture [3,S,S].</summary>
    public float[] Picture { get; }

    /// <summary>The picture [3,N,N].</summary>
    public float[] SmallPicture { get; }

    /// <summary>The picture [3,S,S] that the person is read from: the picture itself, or, with a mask, the picture without
    /// background.</summary>
    public float[] PersonPicture { get; private set; }

    /// <summary>The same picture [3,N,N].</summary>
    public float[] SmallPersonPicture { get; private set; }

    /// <summary>The network's inputs for the picture; only valid with a network.</summary>
    public NetworkSource Inputs => _inputs!;

    /// <summary>The picture points of the faces [F,3,2].</summary>
    public float[] Points { get; }

    /// <summary>The face index map [N,N].</summary>
    public ReadOnlySpan<int> SmallFaces => _smallFaces;

    /// <summary>The analysis of the picture.</summary>
    public TextureWarpSource? Source { get; set; }

    /// <summary>Sets another picture.</summary>
    /// <param name="picture">[3,S,S] in [-1,1].</param>
    /// <param name="points">The picture points of its person's faces [F,3,2].</param>
    /// <param name="faceIndex">Its person's face index map [S,S].</param>
    /// <param name="person">An estimator's person mask [G,G]; empty for none.</param>
    /// <param name="opensBackgroundOnly">Whether the mask only opens the background.</param>
    /// <param name="clearsBacks">Whether hidden surfaces are covered by rule, as <see cref="UnseenSurface"/> does. The inputs of the
    /// network do not depend on it.</param>
    public void Take(ReadOnlySpan<float> picture, ReadOnlySpan<float> points, ReadOnlySpan<int> faceIndex,
        ReadOnlySpan<float> person = default, bool opensBackgroundOnly = false, bool clearsBacks = false)
    {
        picture.CopyTo(Picture);
        points.CopyTo(Points);
        _shrink.Run(Picture, SmallPicture);
        _picker.Pick(faceIndex, 1, _smallFaces);
        ReadOnlySpan<float> keptTo = opensBackgroundOnly ? [] : person;
        // With a network the texture warp's background is not used.
        Source = _warp.Analyse(SmallPicture, Points, _smallFaces, _small, person, keptTo, _network is null ? BackgroundFill.Smooth
            : null, clearsBacks);
        TakeOutOfPerson(keptTo, faceIndex);
        _inputs?.Take(SmallPicture, SmallPersonPicture, _smallFaces, Source, _network!.BackgroundKernel(_small) ?? 1, person);
        _prepared = false;
    }

    /// <summary>Runs the network with this source; for a view that is never the best one it does not run.</summary>
    /// <param name="frame">The target's network inputs.</param>
    /// <param name="result">Receives the network's output.</param>
    /// <param name="withoutBackground">Whether the network's background is not used.</param>
    public void Generate(in TransferFrame frame, TransferResult result, bool withoutBackground)
    {
        _worker ??= _network!.CreateOwnWorker(_small);
        if (!_prepared)
            // The caller copies patches at full size.
            _worker.Prepare(new TransferFrame { SourceImage = SmallPicture, BackgroundInput = Inputs.BackgroundInput,
                ForegroundInput = Inputs.ForegroundInput, BackgroundFill = BackgroundFill.Smooth, WithoutBackground = withoutBackground });
        _prepared = true;
        _worker.Generate(frame, result);
    }

    /// <summary>The map [N,N] of the network's background: 1 where it is the picture itself, 0 in the filled hole. Valid after the
    /// network has run.</summary>
    public ReadOnlySpan<float> OutsideHole => _worker!.OutsideHole;

    /// <summary>Computes where and how well this picture shows the surface at each pixel of a row.</summary>
    /// <param name="faces">The row of the target's face index map.</param>
    /// <param name="weights">The row of its weight map.</param>
    /// <param name="flow">Receives T; outside the picture where nothing is seen.</param>
    /// <param name="seen">Receives 0 (hidden) to 1.</param>
    /// <returns>The sum of <paramref name="seen"/>.</returns>
    public float See(ReadOnlySpan<int> faces, ReadOnlySpan<float> weights, Span<float> flow, Span<float> seen)
    {
        ReadOnlySpan<int> corners = _warp.Body.Faces;
        ReadOnlySpan<float> points = Source!.Points, qualities = Source.Quality;
        float trust = _network is null ? TrustByRule : 1;
        Span<float> matte = _matte.AsSpan(0, faces.Length);
        flow.Fill(TransformationFlow.Nowhere);
        seen.Clear();
        for (int x = 0; x < faces.Length; x++)
        {
            if (faces[x] < 0)
                continue;
            var at = new VertexBlend(corners, faces[x], weights.Slice(3 * x, 3));
            float quality = at.Of(qualities);
            if (quality <= 0)
                continue;
            (flow[2 * x], flow[2 * x + 1]) = at.PointOf(points);
            seen[x] = Math.Min(quality * trust, 1);
        }
        GridSampler.Sample(Source.Matte, 1, _small, _small, flow, alignCorners: false, matte);
        float sum = 0;
        for (int x = 0; x < seen.Length; x++)
            sum += seen[x] *= Ramp.Smooth(PersonFrom, 1, matte[x]);
        return sum;
    }

    public void Dispose() => _worker?.Dispose();

    /// <summary>Replaces the background outside the mask before the picture is reduced, which would mix both.</summary>
    private void TakeOutOfPerson(ReadOnlySpan<float> mask, ReadOnlySpan<int> faceIndex)
    {
        (PersonPicture, SmallPersonPicture) = (Picture, SmallPicture);
        if (mask.IsEmpty || !(_pixels ??= new PersonPixels(_picker.Size)).Take(mask, faceIndex))
            return;
        (PersonPicture, SmallPersonPicture) = (_person ??= new float[Picture.Length], _smallPerson ??= new float[SmallPicture.Length]);
        _pixels.Paint(Picture, PersonPicture);
        _shrink.Run(PersonPicture, SmallPersonPicture);
    }
}
