using System.CommandLine;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'view'.</summary>
internal static class ViewProgram
{
    private static readonly Option<int> s_views =
        new("--views") { Description = "The number of views of a turn, 1 to 360.", DefaultValueFactory = _ => 36 };
    private static readonly Option<float> s_tilt =
        new("--tilt") { Description = "The angle from which the person is seen from above.", HelpName = "degrees" };
    private static readonly Option<ViewPose> s_pose =
        new("--pose") { Description = "The pose: the photograph's (source), or upright with level arms (tpose)." };

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var view = new Command("view", "Shows the person of a photograph from all sides.");
        foreach (Option option in (Option[])[.. PersonOptions.All, s_views, s_tilt, s_pose, PersonOptions.Background, PersonOptions.Gif])
            view.Options.Add(option);
        view.Validators.Add(command =>
        {
            PersonOptions.Validate(command);
            command.Within(s_views, 1, 360);
        });
        view.SetAction(async (parsed, _) =>
        {
            var settings = new ViewSettings(PersonOptions.Read(parsed))
            {
                Views = parsed.GetValue(s_views),
                Tilt = parsed.GetValue(s_tilt),
                Pose = parsed.GetValue(s_pose),
                Background = parsed.GetValue(PersonOptions.Background)!,
                Gif = parsed.GetValue(PersonOptions.Gif),
            };
            await new ViewRun(settings, output).RunAsync(cancellationToken);
            return 0;
        });
        return view;
    }
}
