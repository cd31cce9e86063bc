using Npgsql;

namespace Lwg.MLNet.Cluster;

/// <summary>The PostgreSQL tables and queries that Orleans's database providers need.</summary>
internal static class PostgresSchema
{
    /// <summary>The name of the driver in Orleans.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>Creates missing tables and queries.</summary>
    /// <exception cref="LwgException">The database cannot be used.</exception>
    public static async Task CreateAsync(string connection, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream("postgres.sql")!);
            await using var database = new NpgsqlConnection(connection);
            await database.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(await reader.ReadToEndAsync(cancellationToken), database);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            throw new LwgException($"The database cannot be used: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
