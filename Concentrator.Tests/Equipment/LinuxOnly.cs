using System.Runtime.Versioning;

// Unix sockets with modes, /proc, kill(2): the tests run where the server runs.
[assembly: SupportedOSPlatform("linux")]
