using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>Detects the format of a motion file by the names in it, and reads it.</summary>
internal static class MotionDialects
{
    private const int MostFrames = MotionFile.MaxFrames;

    // Rates for files without a rate: the usual one of videos, and that of the cameras of AIST++.
    private const float UsualRate = 30, AistRate = 60;

    private static readonly string[] s_rates = ["mocap_framerate", "mocap_frame_rate", "fps", "frame_rate", "framerate", "mocap_rate"];

    // The names of objects that contain motions.
    private static readonly string[] s_wrappers = ["results", "smpl_params_incam", "smpl_params_global", "smpl", "params", "data"];

    /// <summary>Reads the dictionary or list of a file.</summary>
    /// <exception cref="ModelFileException">The format is unknown, or the content is not a motion.</exception>
    public static RawMotion Read(MotionNode node, int depth = 0)
    {
        if (node.Has("poses") && node["poses"].IsList)
            return Of3dpw(node);
        if (node.Has("poses"))
            return OfPoses(node);
        if (node.Has("smpl_poses"))
            return OfAist(node);
        if (node.Has("cams", "pose", "shape"))
            return OfIper(node);
        if (node.Find("root_orient", "global_orient") is { IsArray: true } root && node.Find("pose_body", "body_pose") is { } body)
            return OfSplit(node, root, body);
        if (node.Has("pose") && node["pose"].IsArray && node["pose"].ToArray().Shape.Length > 1)
            return OfTracked(node, "1 person");
        MotionNode[] people = [.. node.Entries.Where(e => e.Has("pose") && e["pose"].IsArray && e["pose"].ToArray().Shape.Length > 1)];
        if (people.Length > 0)
        {
            MotionNode longest = people.MaxBy(p => p["pose"].ToArray().Shape[0])!;
            return OfTracked(longest, people.Length == 1 ? "1 person"
                : $"person '{longest.Name}' of {people.Length}, the one in most frames");
        }
        if (FrameTracks.Read(node) is { } tracked)
            return tracked;
        foreach (string wrapper in depth < 3 ? s_wrappers : [])
        {
            if (node.Has(wrapper) && (node[wrapper].IsDictionary || node[wrapper].IsList))
                return Read(node[wrapper], depth + 1);
        }
        if (node.Find(s_rates) is not null)
            throw new ModelFileException(node.Source, "poses", $"the array is missing; the file contains {Listing.Of([.. node.Keys])}.");
        throw node.Bad($"it contains no motion in a supported format (Lwg.MLNet, AMASS, SMPL-X, iPER, VIBE, WHAM, 4D-Humans, AIST++, 3DPW, "
            + $"ROMP); it contains {Listing.Of([.. node.Keys])}.");
    }

    // AMASS (Mahmood et al. 2019) has SMPL-H or SMPL-X poses of 156 or 165 values, whose first 22 joints are SMPL's, z up.
    private static RawMotion OfPoses(MotionNode node)
    {
        MotionNode rate = node.Find(s_rates)
            ?? throw new ModelFileException(node.Source, "fps",
            $"it is missing: there are poses, but no frame rate ({string.Join(", ", s_rates)}).");
        bool amass = rate.Name.Contains("mocap", StringComparison.Ordinal);
        float[] poses = PoseArrays.Read(node["poses"]);
        int frames = Frames(poses, node["poses"]), width = node["poses"].ToArray().Length / frames;
        bool smpl = width is SmplLayout.PoseCount or 9 * Skeleton.JointCount;
        string kind = smpl ? "SMPL" : width == 156 ? "SMPL-H" : width == 165 ? "SMPL-X" : $"{width} values a frame";
        return new RawMotion(
            amass ? $"AMASS ({kind})" : smpl ? "Lwg.MLNet (poses and fps)" : $"poses and fps ({kind})",
            Rate(rate), poses, Way(node, frames), Betas(node), amass || !smpl ? MotionUpAxis.Z : MotionUpAxis.Y, IsUpCertain: smpl
            || amass);
    }

    // 3DPW (von Marcard et al. 2018): a list of people.
    private static RawMotion Of3dpw(MotionNode node)
    {
        MotionNode[] people = [.. node["poses"].Entries];
        if (people.Length == 0)
            throw node["poses"].Bad("it is an empty list, so there is no person.");
        float[] poses = PoseArrays.Read(people[0]);
        int frames = Frames(poses, people[0]);
        return new RawMotion(
            $"3DPW ({(people.Length == 1 ? "1 person" : $"the first of {people.Length} people")})", UsualRate, poses,
            node.Find("trans")?.Entries.FirstOrDefault()?.Rows(frames, 3) ?? [],
            node.Find("betas", "betas_clothed")?.Entries.FirstOrDefault()?.Shape() ?? [], MotionUpAxis.Y);
    }

    // AIST++ (Li et al. 2021): the translation is in units of the scaling.
    private static RawMotion OfAist(MotionNode node)
    {
        float[] poses = PoseArrays.Read(node["smpl_poses"]);
        int frames = Frames(poses, node["smpl_poses"]);
        float[] way = node.Find("smpl_trans")?.Rows(frames, 3) ?? [];
        float scaling = node.Find("smpl_scaling")?.Numbers() is [var given, ..] ? given : 1;
        if (!(scaling > 0))
            throw node["smpl_scaling"].Bad($"it is {scaling}; a number above 0 is needed.");
        for (int i = 0; i < way.Length; i++)
            way[i] /= scaling;
        return new RawMotion("AIST++", node.Find(s_rates) is { } rate ? Rate(rate)
            : AistRate, poses, way, node.Find("smpl_betas", "betas")?.Shape() ?? [], MotionUpAxis.Y);
    }

    // iPER (Liu et al. 2019): cams [N,3], pose [N,72], shape [N,10], in the camera frame. The videos of the data set have 30 frames per
    // second.
    private static RawMotion OfIper(MotionNode node)
    {
        float[] cameras = node["cams"].ToArray().ToSingles(-1, SmplLayout.CameraCount), poses = PoseArrays.Read(node["pose"]);
        int frames = Frames(poses, node["pose"]);
        node["cams"].Rows(frames, SmplLayout.CameraCount);
        node["shape"].Rows(frames, SmplLayout.ShapeCount);
        return new RawMotion("iPER", UsualRate, poses, OfCameras(cameras, 3, 1), node["shape"].Shape(), MotionUpAxis.NegativeY,
            IsUpCertain: true);
    }

    // SMPL-X's toolboxes store the rotation of the root separately from those of the body.
    private static RawMotion OfSplit(MotionNode node, MotionNode root, MotionNode body)
    {
        float[] poses = PoseArrays.Read(root, body);
        int frames = Frames(poses, body);
        MotionNode? rate = node.Find(s_rates);
        bool amass = rate?.Name.Contains("mocap", StringComparison.Ordinal) ?? false;
        return new RawMotion(
            $"SMPL-X in parts ({root.Name} and {body.Name}){(rate is null ? $", {UsualRate} frames a second assumed" : "")}", rate is null
            ? UsualRate : Rate(rate), poses, Way(node, frames), Betas(node),
            amass || root.Name.EndsWith("root_orient", StringComparison.Ordinal) ? MotionUpAxis.Z : MotionUpAxis.NegativeY);
    }

    // VIBE (Kocabas et al. 2020) and WHAM (Shin et al. 2024): a dictionary for each person. VIBE's camera is that of the whole picture;
    // WHAM gives the translation in metres.
    private static RawMotion OfTracked(MotionNode person, string who)
    {
        float[] poses = PoseArrays.Read(person["pose"]);
        int frames = Frames(poses, person["pose"]);
        float[] way = person.Find("trans", "transl") is { } told ? told.Rows(frames, 3) : person.Find("orig_cam") is { } camera
            && camera.Numbers() is var numbers && numbers.Length == 4 * frames ? OfCameras(numbers, 4, 2) : new float[3 * frames];
        float[] shape = person.Find("betas", "shape")?.Shape() ?? [];
        string format = $"{(person.Has("pose_world") || person.Has("trans") ? "WHAM" : "VIBE")} ({who})";
        if (person.Find("frame_ids", "frame_id")?.Numbers() is { } ids && ids.Length == frames)
        {
            var track = new PersonTrack();
            for (int f = 0; f < frames; f++)
                track.Add((int)ids[f], poses[(f * SmplLayout.PoseCount)..((f + 1) * SmplLayout.PoseCount)], way[(3 * f)..(3 * f + 3)],
                    null);
            (poses, way, _) = track.ToArrays();
            Frames(poses, person["pose"]);
        }
        return new RawMotion(format, person.Find(s_rates) is { } rate ? Rate(rate) : UsualRate, poses, way, shape, MotionUpAxis.NegativeY);
    }

    // Movement of a weak-perspective camera is equivalent to movement of the person in the same direction; both are in the camera frame,
    // y down.
    private static float[] OfCameras(float[] cameras, int width, int at)
    {
        float[] way = new float[cameras.Length / width * 3];
        for (int f = 0; f < cameras.Length / width; f++)
            (way[3 * f], way[3 * f + 1]) = (cameras[f * width + at], cameras[f * width + at + 1]);
        return way;
    }

    private static float[] Way(MotionNode node, int frames) => node.Find("trans", "transl", "translation")?.Rows(frames, 3) ?? [];

    private static float[] Betas(MotionNode node) => node.Find("betas", "shape")?.Shape() ?? [];

    private static int Frames(float[] poses, MotionNode node) => poses.Length / SmplLayout.PoseCount is > 0 and <= MostFrames and var frames
        ? frames : throw node.Bad($"it contains {poses.Length / SmplLayout.PoseCount} frames; 1 to {MostFrames} are allowed.");

    private static float Rate(MotionNode node)
    {
        float[] rate = node.Numbers();
        return rate.Length == 1 && rate[0] >= MotionFile.SlowestRate && rate[0] <= 1000 ? rate[0]
            : throw node.Bad($"it is [{string.Join(", ", rate.Take(4))}]; one number from {MotionFile.SlowestRate} to 1000 is needed.");
    }
}
