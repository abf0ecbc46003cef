using Concentrator.Configuration.Intakes;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration.Intakes;

/// <summary>Edits of an <c>intakes.yaml</c>, on virtual time.</summary>
[TestFixture]
internal sealed class IntakesWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private ConfigurationFolder _folder = null!;
    private string _file = null!;
    private int _changes;

    [SetUp]
    public void WriteFile()
    {
        _folder = new ConfigurationFolder();
        _file = _folder.Write("intakes.yaml", "one");
        _changes = 0;
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_file_that_stays_as_it_was_is_never_reported()
    {
        using IntakesWatch watch = Watch("one"u8);
        Pass(5);
        File.SetLastWriteTimeUtc(_file, DateTime.UtcNow.AddHours(1));
        Pass(5);
        Assert.That(_changes, Is.Zero);
    }

    [Test]
    public void An_edit_in_place_and_a_replacement_are_reported_once_each()
    {
        using IntakesWatch watch = Watch("one"u8);
        File.WriteAllText(_file, "two");
        Pass(5);
        Assert.That(_changes, Is.EqualTo(1));

        File.Move(_folder.Write("new", "three"), _file, overwrite: true);
        Pass(5);
        Assert.That(_changes, Is.EqualTo(2));
    }

    [Test]
    public void A_file_that_is_still_being_written_is_left_alone()
    {
        using IntakesWatch watch = Watch("one"u8);
        foreach (string text in new[] { "", "t", "tw", "two" })
        {
            File.WriteAllText(_file, text);
            Pass(1);
        }
        Assert.That(_changes, Is.Zero);
        Pass(1);
        Assert.That(_changes, Is.EqualTo(1));
    }

    [Test]
    public void An_edit_between_the_reading_and_the_first_look_is_not_missed()
    {
        using IntakesWatch watch = Watch("older"u8);
        Pass(2);
        Assert.That(_changes, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_vanishes_is_reported_once_and_again_when_it_is_back()
    {
        using IntakesWatch watch = Watch("one"u8);
        File.Delete(_file);
        Pass(5);
        Assert.That(_changes, Is.EqualTo(1));
        File.WriteAllText(_file, "one");
        Pass(5);
        Assert.That(_changes, Is.EqualTo(2));
    }

    private IntakesWatch Watch(ReadOnlySpan<byte> known) => new(_file, known.ToArray(), () => _changes++, _time);

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
