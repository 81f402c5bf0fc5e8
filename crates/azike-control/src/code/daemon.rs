//! AZK-08xx: between command line and daemon.

catalogue! {
    DAEMON_NOT_REACHABLE = 801, DaemonNotReachable {
        title: "The azike daemon does not run",
        meaning: "Nobody answers at the control socket. Without a daemon only root (or a user \
                  with CAP_NET_ADMIN) can make a tunnel.",
        next: "Start the daemon (sudo azike service install, or sudo azike daemon), or run this command with sudo.",
    }
    DAEMON_NOT_ALLOWED = 802, PermissionDenied {
        title: "You may not use the azike daemon",
        meaning: "The daemon serves root and the members of the group azike.",
        next: "Ask the administrator of this computer to add you to the group azike, then log \
               in again; or use sudo.",
    }
    DAEMON_VERSION = 803, DaemonNotReachable {
        title: "Command line and daemon are of different versions",
        meaning: "They speak different versions of the control protocol.",
        next: "Restart the daemon after an update.",
    }
    DAEMON_PROTOCOL = 804, DaemonNotReachable {
        title: "The message at the control socket is not understood",
        meaning: "What came is not a well-formed request or reply of azike.",
        next: "Use the command line and the daemon of the same version.",
    }
    DAEMON_BUSY = 805, DaemonNotReachable {
        title: "The daemon has too many requests at once",
        meaning: "This user has as many open requests as the daemon allows.",
        next: "Wait a moment and try again.",
    }
    DAEMON_ALREADY_RUNNING = 806, NotConnected {
        title: "Another azike already serves this socket",
        meaning: "One daemon, or one azike up in the foreground, runs at a time.",
        next: "Use the one that runs (azike up without --foreground, azike status), or stop it \
               first.",
    }
    SOCKET_PATH = 807, PermissionDenied {
        title: "The control socket cannot be made at this place",
        meaning: "Something else has the name, or the folder belongs to somebody else or is \
                  open for writing to everybody.",
        next: "Choose another place with --socket, in a folder that only you can write.",
    }
    DAEMON_GONE = 808, DaemonNotReachable {
        title: "The daemon ended before it answered",
        meaning: "The connection to it was cut. It was stopped, or it crashed.",
        next: "Run azike status; if the daemon is gone, start it again and look at its log.",
    }
    DESCRIPTORS = 809, Usage {
        title: "The request came without its files",
        meaning: "The files of a request are passed beside it as open descriptors; they were \
                  missing, too many or of the wrong kind.",
        next: "Use the azike command line; other programs must follow the protocol.",
    }
    SERVER_NOT_TRUSTED = 810, PermissionDenied {
        title: "The process at the control socket is neither root's nor yours",
        meaning: "azike hands certificates and passwords only to a daemon of root or of \
                  yourself.",
        next: "Check --socket. If you did not set it, tell the administrator of this computer.",
    }
    ALREADY_CONNECTED = 820, AlreadyInState {
        title: "The tunnel is already connected",
        meaning: "There was nothing to do. Without --strict this is a success.",
        next: "Nothing to do; azike status shows the tunnel.",
    }
    ALREADY_DISCONNECTED = 821, AlreadyInState {
        title: "No tunnel is connected",
        meaning: "There was nothing to do. Without --strict this is a success.",
        next: "Nothing to do.",
    }
    OTHER_TUNNEL = 822, NotConnected {
        title: "Another tunnel is connected",
        meaning: "This version keeps one tunnel at a time.",
        next: "Run azike down first.",
    }
    ALREADY_CONNECTING = 823, NotConnected {
        title: "Another azike up is under way",
        meaning: "A connection attempt has begun and has not ended yet.",
        next: "Wait for it (azike status), or stop it with azike down.",
    }
    NOT_CONNECTED = 824, NotConnected {
        title: "Not connected",
        meaning: "No tunnel is up.",
        next: "Run azike up.",
    }
}
