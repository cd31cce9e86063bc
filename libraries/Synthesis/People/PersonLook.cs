using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Haircuts.</summary>
internal enum HairCut
{
    /// <summary>Short all over, ears visible.</summary>
    Cropped,

    /// <summary>Down to the chin, over the ears.</summary>
    Bob,

    /// <summary>Combed back and tied, ears visible.</summary>
    Tied,
}

/// <summary>Garments above the waist.</summary>
internal enum TopKind
{
    /// <summary>Sleeves to the middle of the upper arm, a round collar.</summary>
    TShirt,

    /// <summary>Sleeves to the wrist, ribbed cuffs, hem and collar.</summary>
    Jumper,
}

/// <summary>Patterns of the top.</summary>
internal enum TopPattern
{
    /// <summary>No pattern.</summary>
    Plain,

    /// <summary>Narrow horizontal stripes all over.</summary>
    Stripes,

    /// <summary>One wide band across the chest and the sleeves.</summary>
    Band,

    /// <summary>A round print on the chest.</summary>
    Disc,
}

/// <summary>The appearance of a person: colours and clothes. Equal looks give equal pictures.</summary>
internal sealed record PersonLook
{
    /// <summary>The seed of the texture of skin, hair, cloth and walls.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The skin's colour in uniform light.</summary>
    public Rgb Skin { get; init; } = new(226, 176, 148);

    /// <summary>The lips' colour.</summary>
    public Rgb Lips { get; init; } = new(188, 98, 92);

    /// <summary>The irises' colour.</summary>
    public Rgb Eyes { get; init; } = new(92, 66, 42);

    /// <summary>The strength of the brows, 1 is normal.</summary>
    public float Brows { get; init; } = 1;

    /// <summary>The hair's colour, also used for brows and stubble.</summary>
    public Rgb Hair { get; init; } = new(70, 46, 32);

    /// <summary>The haircut.</summary>
    public HairCut HairCut { get; init; } = HairCut.Cropped;

    /// <summary>The darkness of beard stubble, 0 (none) to 1.</summary>
    public float Stubble { get; init; }

    /// <summary>The garment above the waist.</summary>
    public TopKind Top { get; init; } = TopKind.TShirt;

    /// <summary>The pattern of the top.</summary>
    public TopPattern Pattern { get; init; } = TopPattern.Plain;

    /// <summary>The top's colour.</summary>
    public Rgb TopColor { get; init; } = new(60, 92, 140);

    /// <summary>The colour of the top's pattern and collar.</summary>
    public Rgb Accent { get; init; } = new(236, 230, 218);

    /// <summary>The trousers' colour.</summary>
    public Rgb Trousers { get; init; } = new(52, 62, 84);

    /// <summary>The shoes' colour.</summary>
    public Rgb Shoes { get; init; } = new(64, 60, 58);

    /// <summary>The soles' colour.</summary>
    public Rgb Soles { get; init; } = new(232, 228, 220);

    /// <summary>The wall's colour.</summary>
    public Rgb Wall { get; init; } = new(206, 202, 192);

    /// <summary>The floor's colour.</summary>
    public Rgb Floor { get; init; } = new(158, 120, 86);
}
