using System.Text.RegularExpressions;
using Concentrator.Configuration.Intakes;
using Concentrator.Tests.Equipment;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace Concentrator.Tests.Peers;

/// <summary>The samples that no other test runs with.</summary>
internal sealed partial class SampleTests
{
    [Test]
    public void The_configuration_of_a_HAProxy_host_lacks_nothing_but_the_key_file()
    {
        using TempDirectory directory = new();
        const string KeyFile = "/etc/concentrator/intake.key";
        string sample = Repository.ReadSample("haproxy-host.json");
        Assert.That(sample, Does.Contain(KeyFile));
        string adapted = sample.Replace(KeyFile, directory["intake.key"], StringComparison.Ordinal);
        string file = directory.Write("concentrator.json", adapted);

        (int exitCode, string output, string errors) = ServerProcess.Run(directory, "check", "--config", file);
        string[] said = (output + errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(said, Has.Length.EqualTo(1).And.All.Contains("Outputs:sekoia:IntakeKeyFile").And.All.Contains("does not exist"));

        directory.Write("intake.key", ServerSetup.IntakeKey + "\n");
        (exitCode, output, errors) = ServerProcess.Run(directory, "check", "--config", file);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public void The_configuration_for_the_HTTPS_intake_lacks_nothing_but_the_files_of_its_secrets()
    {
        using TempDirectory directory = new();
        string adapted = Repository.ReadSample("sekoia-https.json").Replace("/etc/concentrator/", $"{directory.Path}/", StringComparison.Ordinal);
        string file = directory.Write("concentrator.json", adapted);
        directory.Write("intake.key", ServerSetup.IntakeKey + "\n");
        directory.Write("proxy.credentials", "user:password\n");
        foreach (string secret in new[] { "intake.key", "proxy.credentials" }) File.SetUnixFileMode(directory[secret], UnixFileMode.UserRead);
        (int exitCode, string output, string errors) = ServerProcess.Run(directory, "check", "--config", file);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")), output);
    }

    [Test]
    public void The_kernel_knows_every_setting_and_the_HAProxy_sample_names_the_same_values()
    {
        string haproxy = Repository.ReadSample("haproxy.cfg");
        (string Name, long Value)[] settings = [.. KernelSample.Settings()];
        Assert.That(settings, Is.Not.Empty);
        foreach ((string name, long value) in settings)
        {
            Assert.That("/proc/sys/" + name.Replace('.', '/'), Does.Exist);
            if (haproxy.Contains(name, StringComparison.Ordinal)) Assert.That(haproxy, Does.Contain($"{name} = {value}"));
        }
    }

    [Test]
    public void Every_file_that_the_readme_lists_exists()
    {
        string[] named = [.. Row().Matches(Repository.ReadSample("README.md")).Select(static row => row.Groups[1].Value)];
        Assert.That(named, Has.Length.GreaterThanOrEqualTo(6));
        foreach (string name in named) Assert.That(Repository.Sample(name), Does.Exist);
    }

    [Test]
    public void An_executable_that_runs_is_replaced_by_the_command_of_the_readme()
    {
        using TempDirectory directory = new();
        string installed = directory["concentrator"], published = directory.Write("published/concentrator", "");
        string sleep = Peer.Require("sleep", "coreutils");
        File.Copy(sleep, installed);
        File.Copy(sleep, published, overwrite: true);
        using PeerProcess running = PeerProcess.Start(new PeerStart { Path = installed, Arguments = ["3600"] });
        string command = Repository.ReadSample("README.md").Split('\n')
            .Single(static line => line.StartsWith("       install ", StringComparison.Ordinal) && line.EndsWith(" /usr/local/bin/concentrator", StringComparison.Ordinal))
            .Replace("/usr/local/bin/concentrator", installed, StringComparison.Ordinal)
            .Replace(" published/concentrator", $" {published}", StringComparison.Ordinal);

        Assert.That(Shell($"cp {published} {installed}"), Does.Contain("Text file busy"));
        Assert.That(Shell(command), Is.Empty);
        Assert.That(running.HasExited, Is.False);

        static string Shell(string script) => PeerProcess.Run(new PeerStart { Path = Peer.Require("sh", "dash"), Arguments = ["-c", script] }).Errors;
    }

    [Test]
    public void A_second_entry_for_the_log_is_refused_by_logrotate_and_the_packages_is_none()
    {
        const string HAProxys = "/etc/logrotate.d/haproxy";
        Peer.RequireFile([HAProxys], "haproxy");
        const string Refusal = "duplicate log entry";
        Assert.That(Rotate(Repository.ReadSample("logrotate/concentrator")), Does.Contain(Refusal));
        Assert.That(Rotate(Repository.Read("packaging/logrotate")), Does.Not.Contain("error"));
        Assert.That(Repository.ReadSample("README.md"), Does.Contain(Refusal));
        Assert.That(Repository.Read("docs/guide/haproxy-host.md"), Does.Contain(Refusal));

        static string Rotate(string ours)
        {
            using TempDirectory directory = new();
            string file = directory.Write("logrotate.conf", $"{File.ReadAllText(HAProxys)}\n{ours}");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return PeerProcess.Run(new PeerStart
            {
                Path = Peer.Require("logrotate", "logrotate"),
                Arguments = ["--debug", "--state", directory["state"], file],
            }).Errors;
        }
    }

    [Test]
    public void Systemd_makes_every_directory_of_the_tmpfiles_sample()
    {
        using TempDirectory directory = new();
        string sample = Repository.ReadSample("tmpfiles.d/concentrator.conf");
        (int exitCode, string output, string errors) = PeerProcess.Run(new PeerStart
        {
            Path = Peer.Require("systemd-tmpfiles", "systemd"),
            Arguments = [$"--root={directory.Path}", "--create", directory.Write("etc/tmpfiles.d/concentrator.conf", sample)],
        });
        Assert.That(exitCode, Is.Zero, output + errors);
        foreach (Match made in DirectoryLine().Matches(sample))
        {
            string path = directory[made.Groups[1].Value.TrimStart('/')];
            Assert.That(path, Does.Exist);
            Assert.That(Convert.ToString((int)File.GetUnixFileMode(path), 8), Is.EqualTo(made.Groups[2].Value.TrimStart('0')));
        }
        Assert.That(directory["var/spool/concentrator"], Does.Exist);
    }

    [TestCase("docker-compose.yml")]
    [TestCase("docker-compose.haproxy.yml")]
    public void A_compose_file_is_YAML_drops_what_the_image_does_not_need_and_names_variables_that_are_read(string name)
    {
        string sample = Repository.ReadSample(name);
        YamlStream yaml = [];
        yaml.Load(new StringReader(sample));
        YamlMappingNode server = (YamlMappingNode)yaml.Documents[0].RootNode["services"]["concentrator"];
        Assert.That(server["read_only"].ToString(), Is.EqualTo("true"));
        Assert.That(((YamlSequenceNode)server["cap_drop"]).Single().ToString(), Is.EqualTo("ALL"));
        Assert.That(((YamlSequenceNode)server["cap_add"]).Single().ToString(), Is.EqualTo("NET_BIND_SERVICE"));
        string[] known = [ForwarderEnvironment.RegionVariable, ForwarderEnvironment.EndpointVariable, ForwarderEnvironment.MemoryVariable,
            ForwarderEnvironment.DiskVariable, ForwarderEnvironment.RelpVariable];
        string[] variables = [.. Variable().Matches(sample).Select(static match => match.Groups[1].Value)];
        Assert.That(variables, Is.SubsetOf(known));
        Assert.That(name.Contains("haproxy", StringComparison.Ordinal) ? variables.Length : 4 - variables.Length, Is.Zero);
    }

    [Test]
    public void In_Kubernetes_and_compose_each_concentrator_finds_what_its_configuration_names_and_may_run()
    {
        YamlStream manifests = [];
        manifests.Load(new StringReader(Repository.ReadSample("scale-out/kubernetes.yaml")));
        Assert.That(manifests.Documents, Has.Count.EqualTo(2));
        foreach (YamlNode manifest in manifests.Documents.Select(static document => document.RootNode))
        {
            YamlNode pod = manifest["spec"]["template"]["spec"];
            YamlNode container = Containers(pod).Single(static one => one["image"].ToString() == "concentrator");
            YamlNode capabilities = container["securityContext"]["capabilities"];
            Assert.That(((YamlSequenceNode)capabilities["drop"]).Single().ToString(), Is.EqualTo("ALL"));

            // It lies on the binary's file: without it execve fails with EPERM, also under allowPrivilegeEscalation: false.
            Assert.That(((YamlSequenceNode)capabilities["add"]).Single().ToString(), Is.EqualTo("NET_BIND_SERVICE"));
            YamlNode secret = ((YamlSequenceNode)pod["volumes"]).Single(static volume => volume["name"].ToString() == "configuration")["secret"];
            Dictionary<string, string> items = ((YamlSequenceNode)secret["items"]).ToDictionary(static item => $"/etc/concentrator/{item["path"]}", static item => item["key"].ToString());
            string configuration = Repository.ReadSample($"scale-out/{items["/etc/concentrator/concentrator.json"]}");
            string[] mounts = [.. ((YamlSequenceNode)container["volumeMounts"]).Select(static mount => mount["mountPath"].ToString())];
            foreach (string path in AbsolutePath().Matches(configuration).Select(static match => match.Groups[1].Value).Where(static path => path != "/var/log/haproxy.log"))
                Assert.That(items.ContainsKey(path) || mounts.Contains(path) || mounts.Contains(Path.GetDirectoryName(path)), path);
        }

        YamlStream compose = [];
        compose.Load(new StringReader(Repository.ReadSample("scale-out/docker-compose.yml")));
        foreach (string server in (string[])["nats1", "nats2", "nats3"])
            Assert.That(compose.Documents[0].RootNode["services"][server]["environment"]["NATS_PASSWORD"].ToString(), Is.EqualTo("\"${NATS_PASSWORD:?}\""));
        foreach (string relay in (string[])["relay1", "relay2"])
        {
            YamlNode service = compose.Documents[0].RootNode["services"][relay];
            string[] mounts = [.. ((YamlSequenceNode)service["volumes"]).Select(static mount => mount.ToString().Split(':')[1])];
            Assert.That(mounts, Is.SupersetOf(AbsolutePath().Matches(Repository.ReadSample("scale-out/relay.json")).Select(static match => match.Groups[1].Value)));
        }

        static IEnumerable<YamlNode> Containers(YamlNode pod) =>
            from list in (string[])["initContainers", "containers"]
            where ((YamlMappingNode)pod).Children.ContainsKey(list)
            from container in (YamlSequenceNode)pod[list]
            select container;
    }

    [GeneratedRegex("^ *(?!//)[^/\\n]*\"(?:unix-dgram:)?(/[^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"^d (/\S+)\s+(0\d+) ", RegexOptions.Multiline)]
    private static partial Regex DirectoryLine();

    [GeneratedRegex(@"^ +(?:# )?- ([A-Z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
