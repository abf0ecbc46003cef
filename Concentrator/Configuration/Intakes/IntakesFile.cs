using Concentrator.Configuration.Loading;

namespace Concentrator.Configuration.Intakes;

/// <summary>An <c>intakes.yaml</c> and the forwarder's environment, as a layer of configuration keys.</summary>
internal static class IntakesFile
{
    /// <summary>
    /// Reads the keys; null after reporting if nothing further can be checked. If errors were reported, some keys may be
    /// substitutes.
    /// </summary>
    /// <param name="content">The bytes read, valid or not; empty if the file cannot be read.</param>
    public static Dictionary<string, string?>? Read(
        string file, ConfigurationEnvironment environment, KeyOrigins origins, ConfigurationErrors errors, out byte[] content)
    {
        ForwarderEnvironment forwarder = ForwarderEnvironment.Read(environment.Variables, errors);
        const string Remedy = "name a readable YAML file with --intakes FILE, or mount one there (if the file to mount "
            + "does not exist, Docker creates a directory)";
        if (!SourceFile.Read(file, Remedy).TryGet(out byte[]? bytes, out string? problem))
        {
            content = [];
            errors.AddForFile(file, problem);
            return null;
        }
        content = bytes;
        if (IntakesReader.Read(file, bytes, origins, errors) is not { Count: > 0 } entries)
        {
            return null;
        }
        IReadOnlyList<Intake> intakes = new IntakeRules(errors).Judge(entries);
        if (intakes.All(static intake => intake.Protocol is null))
        {
            errors.Add(IntakesReader.Section, "has no intake that listens; add at least one with protocol and port");
            return null;
        }
        return new IntakesTranslator(file, forwarder, environment.CertificatesFolder, origins, errors).Translate(intakes);
    }
}
