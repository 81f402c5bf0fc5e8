//! AZK-083x: azike as a service of this computer.

catalogue! {
    SERVICE_NO_RIGHT = 830, PermissionDenied {
        title: "You may not change the services of this computer",
        meaning: "Only root may install, remove, start and stop a service.",
        next: "Run the same command with sudo.",
    }
    SERVICE_NO_MANAGER = 831, Usage {
        title: "azike cannot be a service on this computer",
        meaning: "azike knows two programs that run services: systemd on Linux and launchd on \
                  macOS. Neither of them runs this computer. In a container that is usual.",
        next: "Run sudo azike daemon, or have the program that starts your services run it.",
    }
    SERVICE_PACKAGED = 832, Usage {
        title: "The service belongs to a package",
        meaning: "A package brought its own service. A second one would get in its way.",
        next: "Use the package manager. Start and stop work here too, unless it is Homebrew's.",
    }
    SERVICE_FOREIGN = 833, Usage {
        title: "A service file of this name is not azike's",
        meaning: "azike knows its own service files by their first lines. This one is somebody \
                  else's, so it is neither replaced nor removed.",
        next: "Look at the file. If it is not needed, remove it and run the command again.",
    }
    SERVICE_NO_SAFE_PLACE = 834, PermissionDenied {
        title: "There is no place that only root can write to",
        meaning: "Root runs the program of the service, so nobody else may be able to exchange \
                  it. The place where azike puts a copy can be changed by others too.",
        next: "Have root own the folder that is named, and take the right to write from others \
               (chmod go-w).",
    }
    SERVICE_COMMAND_FAILED = 835, DaemonNotReachable {
        title: "The service manager refused",
        meaning: "A command of systemd or launchd ended with an error. What it said is the \
                  evidence. Steps before it are made; the same command goes on from here.",
        next: "Look at the log (journalctl -u azike, on macOS log show --predicate 'process == \
               \"azike\"' --last 5m), then run the command again.",
    }
    SERVICE_FILE_FAILED = 836, PermissionDenied {
        title: "A file of the service cannot be read or changed",
        meaning: "The disk is full or read-only, or the system protects the file.",
        next: "Correct what the message names, then run the command again: it goes on from here.",
    }
    SERVICE_NOT_INSTALLED = 837, NotConnected {
        title: "The service is not installed",
        meaning: "There is nothing to start or to stop.",
        next: "Run sudo azike service install.",
    }
    SERVICE_IN_USE = 838, NotConnected {
        title: "azike is still needed here",
        meaning: "Another azike runs, or settings of this computer are not put back yet. Only \
                  what is not needed for that was removed.",
        next: "Stop the other azike, run sudo azike reset, then sudo azike service uninstall \
               again.",
    }
    SERVICE_HANDOVER = 839, Internal {
        title: "What the service manager handed over cannot be used",
        meaning: "The daemon was started with a socket that is not the control socket, or with \
                  several.",
        next: "Run sudo azike service install: it replaces service files of older versions. Look \
               for own settings in /etc/systemd/system/azike.socket.d.",
    }
}
