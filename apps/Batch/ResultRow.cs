using System.Globalization;
using System.Numerics;

namespace Lwg.MLNet.Batch;

/// <summary>One row of the result table. It contains nothing that differs from run to run; the duration of a row is in another
/// file.</summary>
internal sealed record ResultRow
{
    public const string Made = "made";
    public const string Refused = "refused";

    /// <summary>The machine failed, not the row. Only a cluster sets this status, after three tries.</summary>
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

    /// <summary>The intersection over union of the body's silhouette and the person mask of the estimator; null for tables with key
    /// points.</summary>
    public double? SilhouetteOverlap { get; set; }

    /// <summary>The mean distance between the body's key points and the given ones, as a share of the person's height; null for other
    /// tables.</summary>
    public double? FitResidual { get; set; }

    /// <summary>Whether the row meets all thresholds.</summary>
    public bool? Acceptable { get; set; }

    /// <summary>The type of the error for which the row was refused.</summary>
    public string Refusal { get; set; } = "";

    /// <summary>The message of that error.</summary>
    public string Message { get; set; } = "";

    /// <summary>The columns' names, the same in CSV and Parquet.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        nameof(Row), nameof(Id), nameof(Source), nameof(Motion), nameof(Frame), nameof(Reference), nameof(Status), nameof(Picture),
        nameof(PictureSha256), nameof(Width),
        nameof(Height), nameof(SurfaceShown), nameof(SilhouetteOverlap), nameof(FitResidual), nameof(Acceptable), nameof(Refusal),
        nameof(Message),
    ];

    /// <summary>Returns the cells of the row, in the order of <see cref="Columns"/>.</summary>
    public string[] ToCells() =>
    [
        Text(Row), Id, Source, Motion, Frame, Reference, Status, Picture, PictureSha256, Text(Width),
        Text(Height), Text(SurfaceShown), Text(SilhouetteOverlap), Text(FitResidual), Acceptable is { } acceptable
        ? (acceptable ? "true" : "false") : "", Refusal, Message,
    ];

    /// <summary>Creates a row from the cells of <see cref="ToCells"/>.</summary>
    /// <exception cref="FormatException">A cell is not a number.</exception>
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
        : throw new FormatException($"It has '{cell}' in place of a number.");
}
