using Lwg.MLNet.Motion;
using Lwg.MLNet.Synthesis.Choreography;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A person of the library's sample pictures: a look, a shape and a relaxed stance.</summary>
internal sealed class SamplePerson
{
    private SamplePerson(string name, PersonLook look, float[] smpl) => (Name, Look, Smpl) = (name, look, smpl);

    /// <summary>The people: Anna, Ben and Carla.</summary>
    public static IReadOnlyList<SamplePerson> All { get; } =
    [
        new("anna",
            new PersonLook
            {
                Seed = 11, Skin = new(232, 184, 158), Lips = new(196, 100, 98), Eyes = new(74, 98, 92), Hair = new(96, 58, 34),
                HairCut = HairCut.Bob, Brows = 0.7f,
                Top = TopKind.Jumper, TopColor = new(176, 62, 54), Accent = new(238, 226, 204), Pattern = TopPattern.Band,
                Trousers = new(66, 84, 122), Shoes = new(226, 222, 214), Soles = new(246, 244, 240), Wall = new(206, 208, 200),
                Floor = new(164, 126, 92),
            },
            Stance([-0.7f, -0.4f, -0.7f, 0.5f, 0.2f, 0, 0, 0.5f, -0.6f, -0.3f], shift: 0.018f, heading: 2)),
        new("ben",
            new PersonLook
            {
                Seed = 23, Skin = new(206, 156, 124), Lips = new(166, 96, 84), Eyes = new(70, 48, 32), Hair = new(38, 28, 22),
                HairCut = HairCut.Cropped, Stubble = 0.34f,
                Top = TopKind.TShirt, TopColor = new(44, 88, 112), Accent = new(240, 224, 186), Pattern = TopPattern.Disc,
                Trousers = new(150, 132, 104), Shoes = new(62, 58, 60), Soles = new(228, 224, 216), Wall = new(210, 200, 186),
                Floor = new(140, 102, 72),
            },
            Stance([0.7f, 0.1f, 0.9f, -0.4f, 0.1f, 0.1f, 0, 0.3f, 0.1f, 0.4f], shift: -0.016f, heading: -2)),
        new("carla",
            new PersonLook
            {
                Seed = 37, Skin = new(142, 92, 66), Lips = new(142, 70, 66), Eyes = new(48, 32, 22), Hair = new(30, 22, 20),
                HairCut = HairCut.Tied, Brows = 0.75f,
                Top = TopKind.TShirt, TopColor = new(240, 236, 224), Accent = new(52, 74, 120), Pattern = TopPattern.Stripes,
                Trousers = new(58, 60, 66), Shoes = new(190, 88, 62), Soles = new(240, 236, 228), Wall = new(186, 200, 208),
                Floor = new(176, 144, 108),
            },
            Stance([0, 0.3f, -0.3f, 0.6f, 0.4f, 0.1f, 0, 0.6f, 0, 0], shift: 0.010f, heading: 3)),
    ];

    /// <summary>The name, in lower case.</summary>
    public string Name { get; }

    /// <summary>The person's appearance.</summary>
    public PersonLook Look { get; }

    /// <summary>The 85 SMPL parameters.</summary>
    public IReadOnlyList<float> Smpl { get; }

    // Weight slightly on one leg, arms slightly away from the body.
    private static float[] Stance(float[] shape, float shift, float heading)
    {
        float side = MathF.Sign(shift);
        var figure = new Figure
        {
            Pelvis = new(shift, -0.004f, 0),
            PelvisYaw = heading,
            PelvisPitch = 1,
            PelvisLean = -90 * shift,
            SpineLean = 110 * shift,
            SpineTwist = -0.5f * heading,
            HeadYaw = 0.5f * heading,
            HeadPitch = 1,
            HeadLean = -60 * shift,
            LeftArm = new ArmPose(25, 3, 16, Wrist: 6),
            RightArm = new ArmPose(26, 1, 19, Wrist: 7),
            LeftFoot = new FootPose(new(0.115f, 0, side < 0 ? 0.01f : -0.03f), 7, 0),
            RightFoot = new FootPose(new(-0.115f, 0, side > 0 ? 0.01f : -0.03f), -8, 0),
        };
        return MotionCamera.ToSmpl(Choreographer.Still(figure, shape), 0.97f);
    }
}
