using k8s;
using k8s.Models;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Tests the files for other schedulers.</summary>
[TestClass]
public class DeployTests
{
    [TestMethod]
    public async Task TheKubernetesManifestIsValid()
    {
        List<object> objects = await KubernetesYaml.LoadAllFromFileAsync(PathOf("kubernetes.yaml"), strict: true);
        V1Deployment deployment = objects.OfType<V1Deployment>().Single(d => d.Metadata.Name == "lwg-cluster");
        V1PodTemplateSpec pod = deployment.Spec.Template;
        // The settings that Orleans's hosting for Kubernetes reads.
        Assert.AreEqual("lwg", pod.Metadata.Labels["orleans/serviceId"]);
        Assert.AreEqual(pod.Metadata.Labels["orleans/clusterId"], deployment.Spec.Selector.MatchLabels["orleans/clusterId"]);
        V1Container silo = pod.Spec.Containers.Single();
        foreach (string name in (string[])["POD_NAMESPACE", "POD_NAME", "POD_IP", "ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID"])
            Assert.Contains(name, silo.Env.Select(e => e.Name));
        Assert.Contains("--kubernetes", silo.Args);
        Assert.Contains("--tls-certificate", silo.Args);
        Assert.AreEqual(("/health/ready", "/health/live"), (silo.ReadinessProbe.HttpGet.Path, silo.LivenessProbe.HttpGet.Path));
        int drain = int.Parse(silo.Args[silo.Args.IndexOf("--drain-seconds") + 1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(drain, pod.Spec.TerminationGracePeriodSeconds!.Value, "the pod is killed after it has drained");
        // The role can only read and delete pods.
        V1Role role = objects.OfType<V1Role>().Single();
        Assert.AreSequenceEqual(["pods"], role.Rules.Single().Resources);
        V1RoleBinding binding = objects.OfType<V1RoleBinding>().Single();
        Assert.AreEqual((role.Metadata.Name, pod.Spec.ServiceAccountName), (binding.RoleRef.Name, binding.Subjects.Single().Name));
        Assert.AreEqual(pod.Spec.ServiceAccountName, objects.OfType<V1ServiceAccount>().Single().Metadata.Name);
        // All options in the file exist.
        using StringWriter output = new(), error = new();
        await ClusterProgram.RunAsync([.. silo.Args.Where(a => a != "serve").Prepend("serve"), "--help"], output, error,
            CancellationToken.None);
        foreach (string option in silo.Args.Where(a => a.StartsWith("--", StringComparison.Ordinal)))
            Assert.Contains(option, output.ToString());
    }

    [TestMethod]
    public void SlurmsScriptRunsAShardATask()
    {
        string[] lines = File.ReadAllLines(PathOf("shards.slurm"));
        Assert.AreEqual("#!/bin/bash", lines[0]);
        string script = string.Join('\n', lines);
        Assert.Contains("#SBATCH --array=1-", script);
        Assert.Contains("--shard \"$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\"", script);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Deploy", name);
}
