using System.Reflection;
using System.Runtime.CompilerServices;
using Lwg.MLNet.Networks;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Where networks run by ML.NET's conventions: on MLContext.GpuDeviceId, or on the CPU where MLContext.FallbackToCpu allows
/// it.</summary>
internal static class ContextRuntime
{
    // The root of the environments of a context; ML.NET keeps it to itself.
    private const string RootField = "Root";

    private static readonly ConditionalWeakTable<object, Action<string>> s_warnings = [];

    /// <summary>How a network runs: as it asks to, and where it names no device, where the context says.</summary>
    /// <param name="environment">The context's environment.</param>
    /// <param name="own">What the network asks for; null for nothing.</param>
    public static NetworkRuntimeOptions Of(IHostEnvironment environment, NetworkRuntimeOptions? own = null)
    {
        own ??= new NetworkRuntimeOptions();
        if (own.GpuDeviceId is not null || environment is not IHostEnvironmentInternal { GpuDeviceId: { } device } context)
            return own;
        return own with { GpuDeviceId = device, FallbackToCpu = own.FallbackToCpu || context.FallbackToCpu, Warn = own.Warn
            ?? s_warnings.GetValue(RootOf(environment), _ => Warning(environment)) };
    }

    private static Action<string> Warning(IHostEnvironment environment) => message =>
    {
        using IChannel channel = environment.Start("Networks");
        channel.Warning(MessageSensitivity.None, message);
    };

    private static object RootOf(IHostEnvironment environment)
    {
        for (Type? type = environment.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField(RootField, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
                | BindingFlags.DeclaredOnly)?.GetValue(environment) is { } root)
                return root;
        }
        return environment;
    }
}
