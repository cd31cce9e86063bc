using System.Numerics.Tensors;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// Fills the area hidden by a person with patches from the rest of the picture, from coarse to fine: a search finds patches that match
/// the surroundings (<see cref="PatchField"/>), and all patches that cover a pixel vote on its colour (Wexler et al. 2007, Darabi et al.
/// 2012); at the end, the patches with the most common offset give the pixel's texture (<see cref="SeamlessCopy"/>). Bricks, shelves and
/// boards continue. The first guess is the smooth fill (<see cref="BackgroundPlate"/>). The search is seeded and uses integers, so it gives
/// the same picture on every machine.
/// </summary>
internal static class ExemplarFill
{
    private const int SmallestSize = 32;
    private const int CoarseRounds = 6, MiddleRounds = 3, FineRounds = 2, LargeRounds = 1, Large = 512, Passes = 2;

    // At this mean deviation of the votes, of 255, patches count as agreeing by half.
    private const float Trusted = 1;

    // The other fill gives the colours over more than a few pixels (this share of S is the radius). Patches add what is finer, and only a
    // share of it where they do not agree. L1 and perceptual distance of the background that 24 painted people uncover (256 pixels):
    // these values .0781 and .292; colours of patches in proportion to their agreement as well .0840 and .299; the other fill alone
    // .0768 and .307; all of the patches' fine detail .0801 and .302. In holes beside the people of 31 photographs (512 pixels): .1083
    // and .494; .1146 and .507; .1072 and .521; .1113 and .507. On walls by rule, whose patches agree exactly, colours of patches are
    // better; with a weight that prefers these, smooth walls of studios get spots.
    private const float LowPassShare = 1f / 64, Detail = 0.5f;

    /// <summary>Fills the unknown pixels of a picture.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="hole">[S,S]: 1 where the picture is filled, 0 where it is known.</param>
    /// <param name="size">S.</param>
    /// <param name="plate">Receives [3,S,S]; equal to the picture where it is known. If nothing can be copied, the fill is
    /// smooth.</param>
    /// <param name="agreement">Receives [S,S]: how well the copied patches agree on each pixel of the hole, 0 to 1, and 1 outside the
    /// hole; empty if not required.</param>
    /// <param name="cancellationToken">Cancels the fill.</param>
    public static void Fill(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> plate,
        Span<float> agreement = default, CancellationToken cancellationToken = default)
    {
        BackgroundPlate.Fill(image, hole, size, plate);
        int n = size * size;
        float[] hidden = new float[n];
        new Morphology(size, size).Dilate(hole, 2 * Math.Max(size / 64, 1) + 1, hidden);
        PictureMargins.Hide(image, hole, size, hidden);
        var picture = PatchPicture.Of(plate, hole, hidden, size);
        (PatchField? field, int[] sums) = CoarseToFine(Pyramid(picture), cancellationToken);
        if (field is null)
        {
            for (int i = 0; i < agreement.Length; i++)
                agreement[i] = hole[i] == 0 ? 1 : 0;
            return;
        }
        if (!agreement.IsEmpty)
            Agree(field, sums, agreement);
        // The mean of all patches, as the best alone leave blocks.
        int[] offsets = field.Offsets();
        field.Vote(sums, sharp: false);
        for (int i = 0; i < n; i++)
        {
            if (hole[i] == 0)
                continue;
            float share = 1 / (16 * 127.5f * sums[4 * i + 3]);
            for (int c = 0; c < 3; c++)
                plate[c * n + i] = Math.Clamp(sums[4 * i + c] * share - 1, -1, 1);
        }
        SeamlessCopy.Fill(picture, offsets, plate);
    }

    // The patches of the finest picture and their votes [S,S,4]; no field where nothing can be copied.
    private static (PatchField? Field, int[] Sums) CoarseToFine(List<PatchPicture> pyramid, CancellationToken cancellationToken)
    {
        PatchField? field = null;
        int[] sums = [];
        for (int level = pyramid.Count - 1; level >= 0; level--)
        {
            PatchPicture picture = pyramid[level];
            if (picture.Size < PatchField.Side)
                continue;
            var next = new PatchField(picture, (uint)level + 1);
            if (!next.HasSources)
            {
                field = null;
                continue;
            }
            sums = new int[4 * picture.Size * picture.Size];
            if (field is null)
                next.Begin();
            else
            {
                next.Begin(field);
                next.Refresh();
                next.Vote(sums, sharp: false);
            }
            field = next;
            int rounds = level == pyramid.Count - 1 ? CoarseRounds : picture.Size >= Large ? LargeRounds : level == 0 ? FineRounds
                : MiddleRounds;
            for (int round = 0; round < rounds; round++)
            {
                field.Refresh();
                for (int pass = 0; pass < Passes; pass++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    field.Search(backwards: pass % 2 == 1, Math.Max(picture.Size / (picture.Size >= Large ? 16 : 2), 1));
                }
                field.Vote(sums, sharp: round == rounds - 1);
            }
        }
        return (field, sums);
    }

    // The picture and its successive halves down to the smallest size.
    private static List<PatchPicture> Pyramid(PatchPicture picture)
    {
        List<PatchPicture> pyramid = [picture];
        while (pyramid[^1].Size / 2 >= SmallestSize)
            pyramid.Add(pyramid[^1].Half());
        return pyramid;
    }

    /// <summary>Adds the fine detail of patches to another fill, weighted by how well the patches agree.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="hole">[S,S]: 1 where the picture is filled, 0 where it is known.</param>
    /// <param name="size">S.</param>
    /// <param name="plate">The other fill [3,S,S]; receives the blend. Unchanged outside the hole.</param>
    public static void Add(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> plate)
    {
        int n = size * size;
        float[] patches = new float[3 * n], agreement = new float[n], low = new float[3 * n];
        Fill(image, hole, size, patches, agreement);
        TensorPrimitives.Subtract<float>(patches, plate, patches);
        new MaskedLowPass(size, Math.Max((int)(LowPassShare * size), 1)).Run(patches, hole, low);
        for (int i = 0; i < n; i++)
        {
            if (hole[i] == 0)
                continue;
            float detail = agreement[i] + Detail * (1 - agreement[i]);
            for (int c = i; c < 3 * n; c += n)
                plate[c] = Math.Clamp(plate[c] + detail * (patches[c] - low[c]), -1, 1);
        }
        EdgeMatch.Apply(image, hole, size, plate);
    }

    private static void Agree(PatchField field, int[] sums, Span<float> agreement)
    {
        int[] spread = new int[agreement.Length];
        field.Spread(sums, sharp: true, spread);
        for (int i = 0; i < agreement.Length; i++)
        {
            float apart = spread[i] / 48f;
            agreement[i] = Trusted * Trusted / (Trusted * Trusted + apart * apart);
        }
    }
}
