using System.CommandLine;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'swap'.</summary>
internal static class SwapProgram
{
    private static readonly Option<string> s_referencePerson =
        new("--reference-person") { Description = "The person with the clothes without --reference: one of the painted people.",
        DefaultValueFactory = _ => SamplePeople.Names[1] };
    private static readonly Option<string?> s_reference =
        new("--reference") { Description = "A photograph of the person with the clothes.", HelpName = "photo" };
    private static readonly Option<string[]> s_parts =
        new("--parts") { Description = $"The parts to take from the reference: {string.Join(", ", PartSelection.Groups)}; one or several.",
        HelpName = "part", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [PartSelection.Body] };

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var swap = new Command("swap", "Shows the person of a photograph in another person's clothes.");
        foreach (Option option in (Option[])[.. PersonOptions.All, s_referencePerson, s_reference, PersonOptions.ReferenceKeypoints,
            s_parts])
            swap.Options.Add(option);
        swap.Validators.Add(command =>
        {
            PersonOptions.Validate(command);
            command.Needs(PersonOptions.ReferenceKeypoints, s_reference);
            command.Apart(s_referencePerson, s_reference, "either a painted person's clothes or a photograph's are used");
            command.OneOf(s_referencePerson, SamplePeople.Names);
        });
        swap.SetAction(parsed =>
        {
            var settings = new SwapSettings(PersonOptions.Read(parsed))
            {
                ReferencePerson = parsed.GetValue(s_referencePerson)!,
                Reference = parsed.GetValue(s_reference),
                ReferenceKeypoints = parsed.GetValue(PersonOptions.ReferenceKeypoints),
                Parts = parsed.GetValue(s_parts)!,
            };
            new SwapRun(settings, output).Run(cancellationToken);
            return 0;
        });
        return swap;
    }
}
