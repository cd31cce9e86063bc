using System.Diagnostics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Tests;

/// <summary>
/// Runs the tests marked with <see cref="Category"/> again without vector instructions: in a child process that starts this assembly as a
/// program, which is much faster than a second test runner.
/// </summary>
[TestClass]
public class ScalarHardwareTests
{
    public const string Category = "AlsoWithoutIntrinsics";

    private const string Done = "tests without vector instructions";

    [TestMethod]
    public void TheNumbersHoldWithoutVectorInstructions()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
            : "dotnet")
        {
            ArgumentList = { "exec", typeof(ScalarHardwareTests).Assembly.Location },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableHWIntrinsic"] = "0" },
        };
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.AreEqual(0, child.ExitCode, output + errors.Result);
        // Rasteriser, sampling, morphology, posing and the whole chain have about forty tests and rows; a handful would mean that the
        // marks are lost.
        Assert.MatchesRegex($"^[3-9][0-9] {Done}", output);
    }

    /// <summary>Runs every marked test in the child process, one after the other, until the first failure.</summary>
    public static int Main()
    {
        Assert.IsFalse(Vector128.IsHardwareAccelerated, "this program is for a process without vector instructions.");
        int count = 0;
        foreach (Type type in typeof(ScalarHardwareTests).Assembly.GetTypes())
        {
            foreach (MethodInfo method in type.GetMethods()
                .Where(m => m.IsDefined(typeof(TestMethodAttribute)) && (Marked(m) || Marked(type))))
            {
                object?[]?[] rows = [.. method.GetCustomAttributes<DataRowAttribute>().Select(r => r.Data)];
                foreach (object?[]? row in rows.Length > 0 ? rows : [null])
                {
                    try
                    {
                        method.Invoke(Activator.CreateInstance(type), row);
                    }
                    catch (TargetInvocationException e)
                    {
                        Console.WriteLine($"{type.Name}.{method.Name}({string.Join(", ", row ?? [])})");
                        ExceptionDispatchInfo.Throw(e.InnerException!);
                    }
                    count++;
                }
            }
        }
        Console.WriteLine($"{count} {Done}");
        return 0;
    }

    private static bool Marked(MemberInfo member) =>
        member.GetCustomAttributes<TestCategoryAttribute>().Any(c => c.TestCategories.Contains(Category));
}
