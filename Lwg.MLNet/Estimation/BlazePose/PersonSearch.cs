namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>Searches for people with the detector: in the whole picture, in parts of it if people are small, or around a position. Use an
/// instance on one thread at a time.</summary>
internal sealed class PersonSearch(PersonDetector detector) : IDisposable
{
    // The detector detects people from a sixth of its square on; parts of an eighth of the picture show people of a fiftieth.
    private const float WholeFrom = 0.5f, PartFrom = 0.65f, AroundFrom = 0.4f;
    private const int SmallestPart = 96, FinestParts = 4;

    // From this overlap on, two regions are the same person.
    private const float Same = 0.4f;

    // The square includes the surroundings of the box, as in the detector's training pictures.
    private static readonly float[] s_contexts = [1.5f, 2.5f];

    /// <summary>Returns all people by descending score; searches parts of the picture only if the whole shows none.</summary>
    public List<PersonDetection> Everywhere(PicturePyramid picture)
    {
        float side = Math.Max(picture.Width, picture.Height);
        List<PersonDetection> people = Look(picture, picture.Width / 2f, picture.Height / 2f, side, WholeFrom);
        for (int parts = 2; people.Count == 0 && parts <= FinestParts && side / parts >= SmallestPart; parts *= 2)
            people = InParts(picture, side / parts, IsSameRegion);
        return people;
    }

    /// <summary>Returns all people in the whole picture and its parts, however many and however small, for the choice of one of
    /// several.</summary>
    public List<PersonDetection> Everyone(PicturePyramid picture)
    {
        float side = Math.Max(picture.Width, picture.Height);
        List<PersonDetection> people = Look(picture, picture.Width / 2f, picture.Height / 2f, side, WholeFrom);
        for (int parts = 2; parts <= FinestParts && side / parts >= SmallestPart; parts *= 2)
            Join(people, InParts(picture, side / parts, IsSameBox), IsSameBox);
        return people;
    }

    /// <summary>Returns the people around a position.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="x">The centre, in pixels.</param>
    /// <param name="y">The centre, in pixels.</param>
    /// <param name="side">The side of the square that the person fills.</param>
    public List<PersonDetection> Around(PicturePyramid picture, float x, float y, float side)
    {
        var people = new List<PersonDetection>();
        foreach (float context in s_contexts)
            Join(people, Look(picture, x, y, context * side, AroundFrom), IsSameRegion);
        return people;
    }

    public void Dispose() => detector.Dispose();

    private List<PersonDetection> InParts(PicturePyramid picture, float side, Func<PersonDetection, PersonDetection, bool> isSame)
    {
        var people = new List<PersonDetection>();
        int columns = Count(picture.Width), rows = Count(picture.Height);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                Join(people, Look(picture, Middle(column, columns, picture.Width), Middle(row, rows, picture.Height), side, PartFrom),
                    isSame);
        }
        people.Sort((a, b) => b.Score.CompareTo(a.Score));
        return people;

        // Parts overlap by half.
        int Count(int length) => Math.Max(1, (int)MathF.Ceiling(2 * length / side) - 1);

        float Middle(int part, int parts, int length) => parts == 1 ? length / 2f : side / 2 + part * (length - side) / (parts - 1);
    }

    private List<PersonDetection> Look(PicturePyramid picture, float x, float y, float side, float least) =>
        detector.Detect(picture, new BodyRegion(x, y, side, 0).ToPicture(PersonDetector.Size), least);

    private static bool IsSameRegion(PersonDetection a, PersonDetection b) => a.Region.Overlap(b.Region) > Same;

    // The regions of people side by side overlap; the boxes around their heads and shoulders overlap less.
    private static bool IsSameBox(PersonDetection a, PersonDetection b) => PersonDetector.Overlap(a, b) > Same;

    private static void Join(List<PersonDetection> people, List<PersonDetection> further, Func<PersonDetection, PersonDetection,
        bool> isSame)
    {
        foreach (PersonDetection person in further)
        {
            int known = people.FindIndex(p => isSame(p, person));
            if (known < 0)
                people.Add(person);
            else if (people[known].Score < person.Score)
                people[known] = person;
        }
    }
}
