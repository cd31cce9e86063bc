using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Trains every variant in a folder of its own and compares them, and the texture warp that learns nothing, on held-out people.</summary>
internal sealed class AblationRun(GeneratorTrainingOptions options, int people, string folder, TimeSpan saveEvery, TextWriter output)
{
    private const int SheetPeople = 8;

    public void Run(CancellationToken cancellationToken)
    {
        if (people < 1)
            throw new ArgumentException($"{people} people cannot be compared on; at least 1 is needed.");
        IReadOnlyList<AblationVariant> variants = AblationVariant.All(options);
        foreach (AblationVariant variant in variants)
            variant.Options.Check();
        int size = options.Schedule[^1].Size;
        foreach (AblationVariant variant in variants)
        {
            output.WriteLine($"{variant.Name}:");
            new TrainRun(variant.Options, new SyntheticTrainingData(BodyModel.Default, options.Seed), Path.Combine(folder, variant.Folder), saveEvery, output).Run(cancellationToken);
        }
        var report = new AblationReport(options, people);
        var heldOut = new HeldOutTransfers(BodyModel.Default, size, people);
        List<IReadOnlyList<float[]>> columns = [heldOut.Sources(SheetPeople)];
        Compare("texture warp, no network", new TextureWarpGenerator(BodyModel.Default), options);
        foreach (AblationVariant variant in variants)
        {
            using GeneratorTrainer trainer = GeneratorTrainer.Resume(Path.Combine(folder, variant.Folder, TrainRun.CheckpointName));
            using var generator = new LiquidWarpingGenerator(trainer.ToPackage(storage: WeightStorage.Full));
            Compare(variant.Name, generator, variant.Options);
        }
        columns.Add(heldOut.Targets(SheetPeople));
        int rows = columns[0].Count;
        PictureSheet.Save([.. Enumerable.Range(0, rows).SelectMany(row => columns.Select(column => column[row]))], columns.Count, size, Path.Combine(folder, "ablation.png"));
        AtomicFile.Write(Path.Combine(folder, "ablation.json"), report.WriteJson);
        AtomicFile.Write(Path.Combine(folder, "ablation.md"), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(report.ToMarkdown())));
        output.WriteLine(report.ToMarkdown());

        void Compare(string name, ITransferGenerator generator, GeneratorTrainingOptions with)
        {
            var pictures = new List<float[]>();
            report.Add(name, heldOut.Measure(generator, with, SheetPeople, pictures, cancellationToken));
            columns.Add(pictures);
        }
    }
}
