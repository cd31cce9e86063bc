using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Warping;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Synthetic people outside the training data of all generators, with exact truth.</summary>
internal sealed class HeldOutPeople
{
    /// <summary>The first identity for measurement, and for calibration.</summary>
    public const long ToMeasure = 1_000_000, ToCalibrate = 2_000_000;

    // The least number of pixels of a face from which its colour is taken.
    private const int LeastFace = 20;

    private readonly long _first;
    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly SyntheticPeople _people;
    private readonly SyntheticPair _pair, _other;
    private readonly MeshRasterizer _rasterizer;
    private readonly float[] _points, _weights, _front;
    private readonly int[] _faceIndex;
    private readonly int _size;

    /// <summary>Creates the people.</summary>
    /// <param name="body">The body.</param>
    /// <param name="size">The side of the pictures, in pixels.</param>
    /// <param name="first">The first identity.</param>
    /// <param name="painter">The version of the painter.</param>
    /// <param name="backdrops">The photographs behind all people; null for painted backdrops.</param>
    public HeldOutPeople(BodyModel body, int size, long first = ToMeasure, int painter = SyntheticPeople.FirstVersion,
        BackdropPhotographs? backdrops = null)
    {
        _first = first;
        _body = body;
        _size = size;
        _posed = new PosedBody(body);
        _people = new SyntheticPeople(body, size) { Version = painter, Photographs = backdrops, PhotographShare = 1 };
        (_pair, _other) = (new SyntheticPair(size), new SyntheticPair(size));
        _rasterizer = new MeshRasterizer(size);
        _points = new float[3 * body.VertexCount];
        (_weights, _front, _faceIndex) = (new float[3 * size * size], new float[size * size], new int[size * size]);
    }

    /// <summary>Creates a row whose target is the person in another pose.</summary>
    public EvaluationRow SelfImitation(int number)
    {
        _people.Fill(_first + number, 0, _pair);
        return Row(_pair.TargetSmpl, _pair.TargetImage, _pair.TargetMask);
    }

    /// <summary>Creates a row whose target is the person in the pose and with the camera of the next person.</summary>
    public EvaluationRow CrossImitation(int number)
    {
        _people.Fill(_first + number, 0, _pair);
        _people.Fill(_first + number + 1, 0, _other);
        float[] target = [.. _other.TargetSmpl];
        new ReadOnlySmpl(_pair.SourceSmpl).Shape.CopyTo(new Smpl(target).Shape);
        float[] image = new float[3 * _size * _size], mask = new float[_size * _size];
        _people.Paint(_first + number, target, image, mask);
        return Row(_other.TargetSmpl, image, mask, target);
    }

    /// <summary>Creates a row whose target is the person in the same pose, in the clothes of the next person.</summary>
    public EvaluationRow Appearance(int number)
    {
        _people.Fill(_first + number, 0, _pair);
        _people.Fill(_first + number + 1, 0, _other);
        float[] image = new float[3 * _size * _size], mask = new float[_size * _size];
        _people.PaintDressed(_first + number, _first + number + 1, _pair.SourceSmpl, image, mask);
        return Row(_other.SourceSmpl, image, mask, _pair.SourceSmpl, _other.SourceImage);
    }

    /// <summary>Creates a row whose target is the person turned by a multiple of 45 degrees, which depends on the number.</summary>
    public EvaluationRow View(int number)
    {
        _people.Fill(_first + number, 0, _pair);
        float[] angles = [0, 45 * (1 + number % 7), 0], target = Turned(_pair.SourceSmpl, angles);
        float[] image = new float[3 * _size * _size], mask = new float[_size * _size];
        _people.Paint(_first + number, target, image, mask);
        return Row(target, image, mask, angles: angles);
    }

    // A view turns the vertices about the origin. In the 85 SMPL parameters this is a turn of the root and a translation, because the
    // root turns about the pelvis.
    private float[] Turned(float[] smpl, float[] angles)
    {
        float[] target = [.. smpl], turned = new float[3], root = new float[9], turn = new float[9], both = new float[9];
        _body.Pose(smpl, _posed);
        BodyView.Rotate(_posed.Joints.AsSpan(0, 3), angles, default, turned);
        var person = new Smpl(target);
        person.TranslationX += turned[0] - _posed.Joints[0];
        person.TranslationY += turned[1] - _posed.Joints[1];
        // Transposed, because views multiply row vectors.
        BodyView.Rotate([1, 0, 0, 0, 1, 0, 0, 0, 1], angles, default, turn);
        (turn[1], turn[3], turn[2], turn[6], turn[5], turn[7]) = (turn[3], turn[1], turn[6], turn[2], turn[7], turn[5]);
        Rotations.FromAxisAngle(person.Root, root);
        Rotations.Multiply(turn, root, both);
        Rotations.ToAxisAngle(both, person.Root);
        return target;
    }

    private EvaluationRow Row(float[] reference, float[] actual, float[] person, float[]? target = null, float[]? referenceImage = null,
        float[]? angles = null)
    {
        float[] uncovered = new float[_size * _size];
        for (int i = 0; i < uncovered.Length; i++)
            uncovered[i] = _pair.SourceMask[i] > 0.5f && person[i] < 0.5f ? 1 : 0;
        (float[] face, float[] feet, float[] hair, float[] back) = Parts(target ?? reference, person);
        return new EvaluationRow
        {
            Background = [.. _pair.Background],
            FaceColour = face,
            FeetMask = feet,
            HairMask = hair,
            BackMask = back,
            SourceImage = Image(_pair.SourceImage),
            SourceSmpl = [.. _pair.SourceSmpl],
            ReferenceSmpl = [.. reference],
            ReferenceImage = Image(referenceImage ?? _pair.SourceImage),
            ViewAngles = angles ?? new float[3],
            ActualImage = Image(actual),
            PersonMask = [.. person],
            UncoveredMask = uncovered,
            FaceMask = FaceBox(target ?? reference),
        };
    }

    // The masks of FaultShares, and the colour of the source's face.
    private (float[] Face, float[] Feet, float[] Hair, float[] Back) Parts(float[] target, float[] person)
    {
        int n = _size * _size;
        float[] feet = new float[n], hair = new float[n], back = new float[n];
        Draw(_pair.SourceSmpl);
        BodyMaps.Front(_faceIndex, _body.Surface, _front);
        int[] skin = [.. Enumerable.Range(0, n).Where(i => _front[i] > 0.5f)];
        Draw(target);
        BodyMaps.Front(_faceIndex, _body.Surface, _front);
        bool behind = skin.Length >= LeastFace && !_front.Any(f => f > 0.5f);
        bool[] body = Array.ConvertAll(_faceIndex, f => f >= 0);
        int[] nearest = new int[n];
        new NearestPixels(_size).Find(body, nearest);
        for (int i = 0; i < n; i++)
        {
            if (person[i] < 0.99f || nearest[i] < 0)
                continue;
            var part = (BodyPart)_body.Surface.Part[_faceIndex[nearest[i]]];
            feet[i] = part is BodyPart.LeftFoot or BodyPart.RightFoot ? 1 : 0;
            hair[i] = !body[i] && part == BodyPart.Head ? 1 : 0;
            back[i] = behind && body[i] && part is BodyPart.Head or BodyPart.Torso ? 1 : 0;
        }
        float[] face = [.. Enumerable.Range(0, 3).Select(c =>
            skin.Length == 0 ? 0 : skin.Select(i => _pair.SourceImage[c * n + i]).Order().ElementAt(skin.Length / 2))];
        return (face, feet, hair, back);
    }

    private void Draw(float[] smpl)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _points);
        _rasterizer.Draw(_points, _body.Faces, _faceIndex, _weights);
    }

    private MLImage Image(float[] tensor) => ImageCodec.ToImage(tensor, _size, _size);

    // Returns the box around the visible front of the face; empty if too few pixels of it are visible.
    private float[] FaceBox(float[] smpl)
    {
        Draw(smpl);
        BodyMaps.Front(_faceIndex, _body.Surface, _front);
        float[] mask = new float[_size * _size], box = new float[4];
        if (!BodyBoxes.Face(_front, _size, box))
            return mask;
        for (int y = (int)box[2]; y <= (int)box[3]; y++)
            mask.AsSpan(y * _size + (int)box[0], (int)(box[1] - box[0]) + 1).Fill(1);
        return mask;
    }
}
