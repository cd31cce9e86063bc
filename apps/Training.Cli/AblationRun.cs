using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>
/// Trains every variant in a separate folder and compares them, and the texture warp without a network, on held-out people. The
/// comparison uses the model in each folder, so trainings may run on several machines.
/// </summary>
internal sealed class AblationRun(GeneratorTrainingOptions options, int people, string folder, TimeSpan saveEvery, TextWriter output,
    string? only = null)
{
    private const int SheetPeople = 8;
    private const string ModelName = "model";

    public void Run(CancellationToken cancellationToken)
    {
        if (people < 1)
            throw new ArgumentException($"{people} people are too few for a comparison; at least 1 is required.");
        IReadOnlyList<AblationVariant> variants = AblationVariant.All(options);
        foreach (AblationVariant variant in variants)
            variant.Options.Check();
        if (only is not null && !variants.Any(v => v.Folder == only))
            throw new ArgumentException($"There is no generator '{only}' to compare; choose one of "
                + $"{string.Join(", ", variants.Select(v => v.Folder))}.");
        int size = options.Schedule[^1].Size;
        foreach (AblationVariant variant in variants.Where(v => only is null || v.Folder == only))
        {
            output.WriteLine($"{variant.Name}:");
            string place = Path.Combine(folder, variant.Folder), model = Path.Combine(place, ModelName);
            if (Directory.Exists(model) && NotesOf(model) == variant.Notes)
                continue;
            // A model of another training is replaced if its checkpoint is there, since that training can be resumed.
            if (Directory.Exists(model) && !File.Exists(Path.Combine(place, TrainRun.CheckpointName)))
                throw new ArgumentException($"'{model}' belongs to another training: '{NotesOf(model)}', not '{variant.Notes}'.");
            new TrainRun(variant.Options, new SyntheticTrainingData(BodyModel.Default, options.Seed), place, saveEvery, output).Run(
                cancellationToken);
            using GeneratorTrainer trainer = GeneratorTrainer.Resume(Path.Combine(place, TrainRun.CheckpointName));
            trainer.ToPackage(variant.Notes).SaveFolder(model);
        }
        if (only is not null)
            return;
        var report = new AblationReport(options, people);
        var heldOut = new HeldOutTransfers(BodyModel.Default, size, people);
        List<IReadOnlyList<float[]>> columns = [heldOut.Sources(SheetPeople)];
        Compare("texture warp, no network", new TextureWarpGenerator(BodyModel.Default), options);
        foreach (AblationVariant variant in variants)
        {
            using LiquidWarpingGenerator generator = LiquidWarpingGenerator.Load(Path.Combine(folder, variant.Folder, ModelName));
            Compare(variant.Name, generator, variant.Options);
        }
        columns.Add(heldOut.Targets(SheetPeople));
        int rows = columns[0].Count;
        PictureSheet.Save([.. Enumerable.Range(0, rows).SelectMany(row => columns.Select(column => column[row]))], columns.Count, size,
            Path.Combine(folder, "ablation.png"));
        AtomicFile.Write(Path.Combine(folder, "ablation.json"), report.WriteJson);
        AtomicFile.Write(Path.Combine(folder, "ablation.md"), stream =>
            stream.Write(System.Text.Encoding.UTF8.GetBytes(report.ToMarkdown())));
        output.WriteLine(report.ToMarkdown());

        static string? NotesOf(string model) => ModelPackage.LoadFolder(model).Manifest.Notes;

        void Compare(string name, TransferGenerator generator, GeneratorTrainingOptions with)
        {
            var pictures = new List<float[]>();
            report.Add(name, heldOut.Measure(generator, with, SheetPeople, pictures, cancellationToken));
            columns.Add(pictures);
        }
    }
}
