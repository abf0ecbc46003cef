using System.Text.Json;

namespace Concentrator.Tools.Switch;

/// <summary>A step's notes for undoing it. Each note is on disk before the setter returns.</summary>
internal sealed class JournalEntry(string step, Dictionary<string, string> notes, Action save)
{
    public string Step { get; } = step;

    public IReadOnlyDictionary<string, string> Notes => notes;

    public string? this[string key]
    {
        get => notes.GetValueOrDefault(key);
        set
        {
            if (value is null) notes.Remove(key);
            else notes[key] = value;
            save();
        }
    }
}

/// <summary>The steps that a switch has done so far, in order, in a file. The file exists as long as there is something to undo.</summary>
internal sealed class SwitchJournal
{
    private readonly string _file;
    private readonly List<JournalEntry> _entries = [];

    private SwitchJournal(string file, SwitchPlace place)
    {
        _file = file;
        Place = place;
    }

    public SwitchPlace Place { get; }

    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>False while steps run, and after an interrupted run.</summary>
    public bool IsFinished { get; private set; }

    public static SwitchJournal Create(string file, SwitchPlace place) => new(file, place);

    /// <summary>Reads the journal; null when there is none.</summary>
    /// <exception cref="SwitchFailure">The journal cannot be read.</exception>
    public static SwitchJournal? Read(string file)
    {
        if (!File.Exists(file)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement root = document.RootElement;
            SwitchPlace place = new(
                root.GetProperty("chroot").GetString()!, root.GetProperty("path").GetString()!, root.GetProperty("ownName").GetBoolean());
            SwitchJournal journal = new(file, place) { IsFinished = root.GetProperty("finished").GetBoolean() };
            foreach (JsonElement step in root.GetProperty("steps").EnumerateArray())
            {
                Dictionary<string, string> notes = step.GetProperty("notes").EnumerateObject()
                    .ToDictionary(static note => note.Name, static note => note.Value.GetString() ?? "", StringComparer.Ordinal);
                journal._entries.Add(new JournalEntry(step.GetProperty("step").GetString()!, notes, journal.Save));
            }
            return journal;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SwitchFailure($"{file} was not written by the switch, or is damaged: {e.Message}");
        }
    }

    /// <summary>Adds an entry, which is on disk when this returns.</summary>
    public JournalEntry Begin(string step)
    {
        JournalEntry entry = new(step, new Dictionary<string, string>(StringComparer.Ordinal), Save);
        _entries.Add(entry);
        IsFinished = false;
        Save();
        return entry;
    }

    /// <summary>Notes that all steps are done.</summary>
    public void Finish()
    {
        IsFinished = true;
        Save();
    }

    /// <summary>Notes that a step is undone. Deletes the file with the last entry.</summary>
    public void Remove(JournalEntry entry)
    {
        _entries.Remove(entry);
        if (_entries.Count > 0) Save();
        else File.Delete(_file);
    }

    private void Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        string beside = _file + "~";
        File.Delete(beside);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (FileStream stream = new(beside, options))
        {
            using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true })) Write(json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, _file, overwrite: true);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("chroot", Place.Chroot);
        json.WriteString("path", Place.Address);
        json.WriteBoolean("ownName", Place.IsOwnName);
        json.WriteBoolean("finished", IsFinished);
        json.WriteStartArray("steps");
        foreach (JournalEntry entry in _entries)
        {
            json.WriteStartObject();
            json.WriteString("step", entry.Step);
            json.WriteStartObject("notes");
            foreach ((string key, string value) in entry.Notes) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
