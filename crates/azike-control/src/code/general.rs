//! AZK-00xx: azike itself, the command line, files.

catalogue! {
    INTERNAL = 1, Internal {
        title: "azike made a mistake",
        meaning: "Something happened that azike does not expect. It is not your fault and not \
                  the gateway's.",
        next: "Run the command again with -vv and report what it prints.",
    }
    USAGE = 2, Usage {
        title: "The command line is wrong",
        meaning: "An argument is missing, unknown or does not fit the others.",
        next: "Run the command with --help.",
    }
    UNSUPPORTED_PLATFORM = 3, Usage {
        title: "azike cannot make tunnels on this system yet",
        meaning: "azike sets up tunnels on Linux and macOS. Reading packages (azike profile show) \
                  and azike explain work everywhere.",
        next: "Use a computer with Linux or macOS, or a newer version of azike.",
    }
    OPTION_INVALID = 4, Usage {
        title: "An option has a value that cannot be used",
        meaning: "The value is too long, out of range or not of the wanted form.",
        next: "Correct the option; azike up --help lists them.",
    }
    CANCELLED = 5, NotConnected {
        title: "The connection attempt was stopped",
        meaning: "Ctrl-C, azike down or the end of the daemon came before the tunnel was ready. \
                  What had been set up was removed again.",
        next: "Run azike up again when you want the tunnel.",
    }
    TIMEOUT = 6, Network {
        title: "The tunnel was not ready in time",
        meaning: "The time given by --timeout ran out. The stage that was under way is named in \
                  the message.",
        next: "Try again; on a slow network use a longer --timeout, for example --timeout 60s.",
    }
    FILE_NOT_FOUND = 10, InvalidFile {
        title: "The file does not exist",
        meaning: "No file has this name.",
        next: "Check the name and the folder.",
    }
    FILE_NOT_READABLE = 11, PermissionDenied {
        title: "The file cannot be opened",
        meaning: "You have no right to read this file. azike opens files with your rights, also \
                  when a daemon does the work.",
        next: "Ask the owner for the file, or correct its permissions.",
    }
    FILE_KIND = 12, InvalidFile {
        title: "This is not a file that azike can read",
        meaning: "A folder, a device or a socket was given where a file is wanted, or the file \
                  is not open for reading.",
        next: "Give the name of the file itself.",
    }
    FILE_TOO_BIG = 13, InvalidFile {
        title: "The file is too big",
        meaning: "Packages from Azure are below 1 MB and certificate files below 100 KB. azike \
                  does not read files that are far bigger.",
        next: "Check that this is the right file.",
    }
}
