using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>Tests that models of earlier versions load and give their earlier results. With LWG_MAKE_SAVED_MODELS=folder, missing cases
/// are made in the folder first.</summary>
[TestClass]
public sealed class SavedModelTests
{
    // Pictures: each value within 1 of 255. Other values, relative to the largest one in the column: rounding only. A fit stops within
    // its own step, and a label near a boundary can change.
    private const int Level = 1;
    private const double Rounding = 2e-4, Fitted = 5e-3;

    private static readonly string s_folder = Path.GetDirectoryName(Fixture.PathOf("SavedModels/" + FrozenModels.Rows))!;

    [ClassInitialize]
    public static void Make(TestContext context)
    {
        if (Environment.GetEnvironmentVariable("LWG_MAKE_SAVED_MODELS") is { Length: > 0 } folder)
            FrozenModels.Make(folder);
        ModelReferences.AddFolder(Path.Combine(s_folder, FrozenModels.References));
    }

    [TestMethod]
    public void EveryCaseIsThere() => Assert.HasCount(25, Cases.ToArray());

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void ItLoadsAndMakesTheSame(string name)
    {
        var context = new MLContext();
        ITransformer model = context.Model.Load(Path.Combine(s_folder, name + ".zip"), out _);
        IDataView made = model.Transform(FrozenRow.Data(context, FrozenRow.Read(Path.Combine(s_folder, FrozenModels.Rows))));
        using NumpyArchive expected = NumpyArchive.Open(Path.Combine(s_folder, name + ".npz"));
        Assert.IsNotEmpty(expected.Names);
        foreach (string column in expected.Names)
        {
            if (!FrozenOutput.IsWhole(made.Schema[column].Type))
            {
                float[] right = expected.Read(column).ToSingles();
                bool fitted = name == "fit-and-find" && column is "FittedSmpl" or "FitError" or "SourceSmpl";
                Fixture.AreClose(right, FrozenOutput.Singles(made, column), (fitted ? Fitted : Rounding) * Math.Max(1, right.Max(Math.Abs)),
                    $"{name}, {column}");
                continue;
            }
            int[] wanted = expected.Read(column).ToInt32s(), found = FrozenOutput.Wholes(made, column);
            int allowed = made.Schema[column].Type.RawType == typeof(MLImage) ? Level : 0;
            Assert.HasCount(wanted.Length, found, column);
            for (int i = 0; i < wanted.Length; i++)
                Assert.IsLessThanOrEqualTo(allowed, Math.Abs(wanted[i] - found[i]),
                    $"{name}, {column}, element {i}: {found[i]} where it was {wanted[i]}");
        }
    }

    public static IEnumerable<object[]> Cases =>
        Directory.EnumerateFiles(s_folder, "*.zip").Order(StringComparer.Ordinal)
        .Select(f => new object[] { Path.GetFileNameWithoutExtension(f) });
}
