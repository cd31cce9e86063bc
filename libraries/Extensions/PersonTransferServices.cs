using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds person transfer to an application's services.</summary>
public static class PersonTransferServices
{
    /// <summary>
    /// Adds a <see cref="PersonTransferPool"/> of engines over one fitted pipeline, its <see cref="PersonTransferOptions"/> and a health
    /// check named 'person-transfer'. An estimator (<see cref="SmplEstimator"/>) or a generator (<see cref="TransferGenerator"/>) that is
    /// already registered takes precedence over the one in the options.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The configuration section to bind the options to.</param>
    /// <param name="configure">Changes the options after binding; null for no changes.</param>
    public static IServiceCollection AddPersonTransfer(this IServiceCollection services, string section = PersonTransferOptions.Section,
        Action<PersonTransferOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PersonTransferOptions> options = services.AddOptions<PersonTransferOptions>().BindConfiguration(section)
            .ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddSingleton<NetworkRuntimeOptions>(Runtime);
        services.TryAddSingleton(s => PersonEstimators.Open(Options(s).Estimator, s.GetRequiredService<NetworkRuntimeOptions>()));
        services.TryAddSingleton<TransferGenerator>(s => Options(s).Generator == PersonTransferOptions.Texture
            ? new TextureWarpGenerator(BodyModel.Default)
            : new SharpGenerator(BodyModel.Default, OwnModels.OpenGenerator(s.GetRequiredService<NetworkRuntimeOptions>())));
        services.TryAddSingleton<PersonTransferModel>();
        services.TryAddSingleton(s => new PersonTransferPool(s.GetRequiredService<PersonTransferModel>(),
            s.GetRequiredService<IOptions<PersonTransferOptions>>()));
        services.AddHealthChecks().AddCheck<PersonTransferHealth>(PersonTransferHealth.Name);
        return services;
    }

    private static PersonTransferOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<PersonTransferOptions>>().Value;

    // The device of the networks. A missing GPU is logged once.
    private static NetworkRuntimeOptions Runtime(IServiceProvider services)
    {
        string device = Options(services).Device;
        ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PersonTransferServices));
        return device == "cpu" ? new()
            : new() { GpuDeviceId = 0, FallbackToCpu = device == "auto", Warn = message => log.LogWarning("{Message}", message) };
    }
}
