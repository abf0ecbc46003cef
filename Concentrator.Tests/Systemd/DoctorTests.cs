using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>What the doctor says of our units under a real systemd, and that its remedies help.</summary>
[Parallelizable]
internal sealed class DoctorTests(string suite) : HostTests(suite)
{
    [SetUp]
    public void TakeOver() => Host.TakeOver();

    [Test]
    public void A_socket_unit_that_is_not_enabled_or_not_active_fails_until_its_remedy_is_pasted()
    {
        Assert.That(Say(), Has.Some.EqualTo($"ok    {Service}: active (running)").And.Some.StartsWith($"ok    {Socket}: active ("));
        Root.Run($"systemctl disable {Socket}");
        Cure($"FAIL  {Socket}: is not enabled");
        Root.Run($"systemctl stop {Socket}");
        Assert.That(Root.Show(Service, "ActiveState"), Is.EqualTo("active"));
        Cure($"FAIL  {Socket}: inactive (dead): systemd does not hold the socket");
        Root.Run($"systemctl disable --now {Service} {Socket}");
        Cure($"FAIL  {Service}: inactive (dead): no server is reading");
        Cure($"FAIL  {Service}: is not enabled");
        Host.ServesAndLogs();
    }

    [Test]
    public void A_service_that_does_not_come_up_fails_with_the_reason()
    {
        Root.Run("mv /var/spool/concentrator /var/spool/away; touch /var/spool/concentrator");
        Root.Try("systemctl", "restart", Service);
        Host.WaitForRestarts(1);
        Eventually.Holds(
            () => Say().Any(static line => line.StartsWith($"FAIL  {Service}: activating (", StringComparison.Ordinal) && line.Contains("restarted repeatedly", StringComparison.Ordinal)),
            "the doctor says so", Deadline.Process, Host.Doctor);
        Root.Run("rm /var/spool/concentrator; mv /var/spool/away /var/spool/concentrator");
        Root.WaitFor(Service, "ActiveState", "active");
        Assert.That(Say(), Has.Some.EqualTo($"ok    {Service}: active (running)"));
    }

    /// <summary>Pastes the line under the finding, after which it is not said any more.</summary>
    private void Cure(string finding)
    {
        Root.Run(Host.Remedy(finding));
        Root.WaitFor(Service, "ActiveState", "active");
        Assert.That(Say(), Has.None.StartsWith(finding));
    }

    private string[] Say() => Host.Doctor().Split('\n');
}
