using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>
/// Trains every variant in a folder of its own and compares them, and the texture warp that learns nothing, on held-out people. What is
/// compared is each folder's model, which stands for its training: trainings may run at several places.
/// </summary>
internal sealed class AblationRun(GeneratorTrainingOptions options, int people, string folder, TimeSpan saveEvery, TextWriter output,
    string? only = null)
{
    private const int SheetPeople = 8;
    private const string ModelName = "model";

    public void Run(CancellationToken cancellationToken)
    {
        if (people < 1)
            throw new ArgumentException($"{people} people cannot be compared on; at least 1 is needed.");
        IReadOnlyList<AblationVariant> variants = AblationVariant.All(options);
        foreach (AblationVariant variant in variants)
            variant.Options.Check();
        if (only is not null && !variants.Any(v => v.Folder == only))
            throw new ArgumentException($"There is no generator '{only}' to compare; there are "
                + $"{string.Join(", ", variants.Select(v => v.Folder))}.");
        int size = options.Schedule[^1].Size;
        foreach (AblationVariant variant in variants.Where(v => only is null || v.Folder == only))
        {
            output.WriteLine($"{variant.Name}:");
            string place = Path.Combine(folder, variant.Folder), model = Path.Combine(place, ModelName);
            if (Directory.Exists(model) && NotesOf(model) == variant.Notes)
                continue;
            // Another training's model may go on, where its checkpoint is.
            if (Directory.Exists(model) && !File.Exists(Path.Combine(place, TrainRun.CheckpointName)))
                throw new ArgumentException($"'{model}' is of another training: '{NotesOf(model)}', not '{variant.Notes}'.");
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
