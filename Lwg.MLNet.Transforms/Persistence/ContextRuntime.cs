using System.Reflection;
using System.Runtime.CompilerServices;
using Lwg.MLNet.Networks;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The device of networks by the conventions of ML.NET: MLContext.GpuDeviceId, or the CPU if MLContext.FallbackToCpu allows
/// it.</summary>
internal static class ContextRuntime
{
    // The private field of ML.NET for the root of the environments of a context.
    private const string RootField = "Root";

    private static readonly ConditionalWeakTable<object, Action<string>> s_warnings = [];

    /// <summary>Returns the settings of a network; if they name no device, the device of the context is used.</summary>
    /// <param name="environment">The context's environment.</param>
    /// <param name="own">The settings of the network; null for none.</param>
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
