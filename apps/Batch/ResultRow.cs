using System.Globalization;
using System.Numerics;

namespace Lwg.MLNet.Batch;

/// <summary>One row of the result table. It holds nothing that differs from run to run: how long a row took is in another file.</summary>
internal sealed record ResultRow
{
    public const string Made = "made";
    public const string Refused = "refused";

    /// <summary>The machine, and not the row, gave up: only a cluster says this, after three tries.</summary>
    public const string Failed = "failed";

    /// <summary>The number of the request's row, from 1.</summary>
    public int Row { get; set; }

    public string Id { get; set; } = "";

    public string Source { get; set; } = "";

    public string Motion { get; set; } = "";

    public string Frame { get; set; } = "";

    public string Reference { get; set; } = "";

    /// <summary><see cref="Made"/>, <see cref="Refused"/> or <see cref="Failed"/>.</summary>
    public string Status { get; set; } = Made;

    /// <summary>The picture's file in the results' folder.</summary>
    public string Picture { get; set; } = "";

    /// <summary>The SHA-256 of that file.</summary>
    public string PictureSha256 { get; set; } = "";

    public int? Width { get; set; }

    public int? Height { get; set; }

    /// <summary>The share of the target's visible surface that the source shows, 0 to 1.</summary>
    public double? SurfaceShown { get; set; }

    /// <summary>How well the body's silhouette covers the person that the estimator saw, intersection over union; where it was
    /// asked.</summary>
    public double? SilhouetteOverlap { get; set; }

    /// <summary>The mean distance between the body's key points and the given ones, as a share of the person's height; where they were
    /// given.</summary>
    public double? FitResidual { get; set; }

    /// <summary>Whether all thresholds are kept.</summary>
    public bool? Acceptable { get; set; }

    /// <summary>The type of the error for which the row was refused.</summary>
    public string Refusal { get; set; } = "";

    /// <summary>What it said.</summary>
    public string Message { get; set; } = "";

    /// <summary>The columns' names in CSV; in Parquet they are the same.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        nameof(Row), nameof(Id), nameof(Source), nameof(Motion), nameof(Frame), nameof(Reference), nameof(Status), nameof(Picture),
        nameof(PictureSha256), nameof(Width),
        nameof(Height), nameof(SurfaceShown), nameof(SilhouetteOverlap), nameof(FitResidual), nameof(Acceptable), nameof(Refusal),
        nameof(Message),
    ];

    /// <summary>The cells of the row, in the order of <see cref="Columns"/>.</summary>
    public string[] ToCells() =>
    [
        Text(Row), Id, Source, Motion, Frame, Reference, Status, Picture, PictureSha256, Text(Width),
        Text(Height), Text(SurfaceShown), Text(SilhouetteOverlap), Text(FitResidual), Acceptable is { } acceptable
        ? (acceptable ? "true" : "false") : "", Refusal, Message,
    ];

    /// <summary>The row of what <see cref="ToCells"/> made.</summary>
    /// <exception cref="FormatException">A number is none.</exception>
    public static ResultRow FromCells(string[] cells) => new()
    {
        Row = int.Parse(cells[0], CultureInfo.InvariantCulture),
        Id = cells[1],
        Source = cells[2],
        Motion = cells[3],
        Frame = cells[4],
        Reference = cells[5],
        Status = cells[6],
        Picture = cells[7],
        PictureSha256 = cells[8],
        Width = Number<int>(cells[9]),
        Height = Number<int>(cells[10]),
        SurfaceShown = Number<double>(cells[11]),
        SilhouetteOverlap = Number<double>(cells[12]),
        FitResidual = Number<double>(cells[13]),
        Acceptable = cells[14].Length == 0 ? null : bool.Parse(cells[14]),
        Refusal = cells[15],
        Message = cells[16],
    };

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    private static T? Number<T>(string cell) where T : struct, INumber<T> =>
        cell.Length == 0 ? null : TableNumber.TryParse(cell, out double value) ? T.CreateChecked(value)
        : throw new FormatException($"It has '{cell}' where a number belongs.");
}
