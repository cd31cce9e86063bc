using System.CommandLine;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'swap'.</summary>
internal static class SwapProgram
{
    private static readonly Option<string> s_referencePerson =
        new("--reference-person") { Description = "The person with the clothes if there is no --reference: one of our own people.",
        DefaultValueFactory = _ => SamplePeople.Names[1] };
    private static readonly Option<string?> s_reference =
        new("--reference") { Description = "A photograph of the person whose clothes are worn.", HelpName = "photo" };
    private static readonly Option<string[]> s_parts =
        new("--parts") { Description = $"The parts to take from the reference: {string.Join(", ", PartSelection.Groups)}; also several.",
        HelpName = "part", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [PartSelection.Body] };

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var swap = new Command("swap", "Dresses a person in a photograph as another one is dressed.");
        foreach (Option option in (Option[])[.. PersonOptions.All, s_referencePerson, s_reference, PersonOptions.ReferenceKeypoints,
            s_parts])
            swap.Options.Add(option);
        swap.Validators.Add(command =>
        {
            PersonOptions.Validate(command);
            command.Needs(PersonOptions.ReferenceKeypoints, s_reference);
            command.Apart(s_referencePerson, s_reference, "either our own person's clothes or a photograph's are worn");
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
