using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>Files of frames with several people each: 4D-Humans and PHALP (Goel et al. 2023), ROMP (Sun et al. 2021). The person in most
/// frames is selected.</summary>
internal static class FrameTracks
{
    private const float UsualRate = 30;

    /// <summary>Reads a dictionary or list of frames, or one frame; null if it is none of these.</summary>
    public static RawMotion? Read(MotionNode node)
    {
        string? format = FormatOf(node);
        MotionNode[] frames = format is not null ? [node] : [.. node.Entries];
        format ??= frames.Select(FormatOf).FirstOrDefault(f => f is not null);
        if (format is null)
            return null;
        var tracks = new Dictionary<string, PersonTrack>();
        if (frames.Length > MotionFile.MaxFrames)
            throw node.Bad($"it contains {frames.Length} frames; 1 to {MotionFile.MaxFrames} are allowed.");
        for (int f = 0; f < frames.Length; f++)
            AddPeople(frames[f], f, tracks);
        if (tracks.Count == 0)
            throw node.Bad("its frames contain no person.");
        (string who, PersonTrack longest) = tracks.MaxBy(t => t.Value.Count);
        (float[] poses, float[] way, float[] shape) = longest.ToArrays();
        return new RawMotion($"{format} ({(tracks.Count == 1 ? "1 person" : $"person {who} of {tracks.Count}, the one in most frames")})",
            UsualRate, poses, way, shape, MotionUpAxis.NegativeY);
    }

    private static string? FormatOf(MotionNode frame)
    {
        if (frame.Has("smpl") && frame["smpl"].IsList
            && (frame.Has("camera") || frame.Has("tid") || frame.Has("time") || frame.Has("tracked_ids")))
            return "4D-Humans";
        if (frame.Has("smpl_thetas"))
            return "ROMP";
        return frame.IsList && frame.Entries.FirstOrDefault() is { IsDictionary: true } person
            && (person.Has("pose") || person.Has("poses") || person.Has("smpl_thetas")) ? "ROMP" : null;
    }

    private static void AddPeople(MotionNode frame, int number, Dictionary<string, PersonTrack> tracks)
    {
        if (frame.Has("smpl"))
            AddOf4dHumans(frame, number, tracks);
        else if (frame.Has("smpl_thetas"))
            AddOfRomp(frame, number, tracks);
        else if (frame.IsList)
        {
            int p = 0;
            foreach (MotionNode person in frame.Entries.Where(e => e.IsDictionary && e.Find("pose", "poses", "smpl_thetas") is not null))
            {
                float[] pose = PoseArrays.Read(person.Find("pose", "poses", "smpl_thetas")!, isOneFrame: true);
                Track(tracks, $"{person.Find("track_id", "id")?.Numbers()[0] ?? p}")
                    .Add(number, pose, Place(person.Find("cam_trans", "trans")), person.Find("betas", "smpl_betas")?.Shape());
                p++;
            }
        }
    }

    private static void AddOf4dHumans(MotionNode frame, int number, Dictionary<string, PersonTrack> tracks)
    {
        MotionNode[] people = [.. frame["smpl"].Entries], cameras = [.. frame.Find("camera")?.Entries ?? []];
        float[] ids = frame.Find("tid", "tracked_ids")?.Numbers() ?? [];
        float[]? all = frame.Find("camera") is { IsArray: true } array ? array.Numbers() : null;
        for (int p = 0; p < people.Length; p++)
        {
            if (!people[p].Has("global_orient", "body_pose"))
                continue;
            float[] pose = PoseArrays.Read(people[p]["global_orient"], people[p]["body_pose"], isOneFrame: true);
            float[] place = all is not null && all.Length >= 3 * (p + 1) ? all[(3 * p)..(3 * p + 3)] : p < cameras.Length
                ? Place(cameras[p]) : new float[3];
            Track(tracks, p < ids.Length ? $"{ids[p]}" : $"{p}").Add(number, pose, place, people[p].Find("betas")?.Shape());
        }
    }

    private static void AddOfRomp(MotionNode frame, int number, Dictionary<string, PersonTrack> tracks)
    {
        float[] poses = PoseArrays.Read(frame["smpl_thetas"], isOneFrame: frame["smpl_thetas"].ToArray().Shape.Length == 1);
        int people = poses.Length / SmplLayout.PoseCount;
        float[]? places = frame.Find("cam_trans")?.Rows(people, 3), ids = frame.Find("track_ids")?.Numbers();
        float[]? betas = frame.Find("smpl_betas")?.Numbers();
        for (int p = 0; p < people; p++)
        {
            int width = (betas?.Length ?? 0) / people;
            float[] shape = new float[SmplLayout.ShapeCount];
            betas?.AsSpan(p * width, Math.Min(width, shape.Length)).CopyTo(shape);
            Track(tracks, ids?.Length == people ? $"{ids[p]}" : $"{p}")
                .Add(number, poses[(p * SmplLayout.PoseCount)..((p + 1) * SmplLayout.PoseCount)], places?[(3 * p)..(3 * p + 3)]
                ?? new float[3], betas is null ? null : shape);
        }
    }

    private static PersonTrack Track(Dictionary<string, PersonTrack> tracks, string id)
    {
        if (!tracks.TryGetValue(id, out PersonTrack? track))
            tracks[id] = track = new PersonTrack();
        return track;
    }

    private static float[] Place(MotionNode? node) => node?.Numbers() is { Length: 3 } place ? place : new float[3];
}
