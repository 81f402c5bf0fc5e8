//! AZK-07xx: this computer: tun device, ports, addresses, routes, DNS.
#![expect(
    clippy::doc_markdown,
    reason = "the texts are for a terminal, not for Markdown"
)]

catalogue! {
    NO_RIGHT_TUN = 701, PermissionDenied {
        title: "No right to create the tunnel device",
        meaning: "Creating a network interface needs root, or CAP_NET_ADMIN on Linux.",
        next: "Run sudo azike up, or start the daemon once (sudo azike daemon) and let it do \
               the work.",
    }
    NO_TUN_DEVICE = 702, PermissionDenied {
        title: "This system has no tun device",
        meaning: "/dev/net/tun is missing or closed. In containers it must be passed in.",
        next: "Load the module (sudo modprobe tun), or start the container with \
               --device /dev/net/tun --cap-add NET_ADMIN.",
    }
    PORT_IN_USE = 703, Network {
        title: "Another program uses the local UDP port",
        meaning: "A local port was demanded that is not free, for example because another IPsec \
                  service runs.",
        next: "Leave out the option for the local port, or stop the other service.",
    }
    ADDRESS_FAILED = 704, Network {
        title: "The address could not be set on the tunnel device",
        meaning: "The system refused the address, the MTU or the link state.",
        next: "Run with -vv; the system's own message is in the error.",
    }
    ROUTE_FAILED = 705, Network {
        title: "A route of the tunnel could not be set",
        meaning: "The system refused the route.",
        next: "Look at ip route for one that is in the way; run with -vv for details.",
    }
    DNS_FAILED = 706, Network {
        title: "DNS could not be set",
        meaning: "The service or file that holds the DNS settings refused the change.",
        next: "Use --dns off to connect without, and report the message.",
    }
    JOURNAL_FAILED = 707, PermissionDenied {
        title: "The journal of changes cannot be written",
        meaning: "azike notes each change to this computer before making it, to be able to undo \
                  it after a crash. Without the note it changes nothing.",
        next: "Check that the disk is not full or read-only, and that azike runs as root.",
    }
    RECOVERY_FAILED = 708, Network {
        title: "Leftovers of an earlier tunnel could not be removed",
        meaning: "An earlier azike ended without undoing its changes, and undoing them now \
                  failed.",
        next: "Run sudo azike reset. If it fails again, restart the computer: routes and \
               devices do not survive that.",
    }
    SOCKET_FAILED = 709, Network {
        title: "The network socket could not be opened",
        meaning: "The system refused a UDP socket.",
        next: "Run with -vv; the system's own message is in the error.",
    }
    NO_ENTROPY = 710, Internal {
        title: "The system gives no random numbers",
        meaning: "Without them no key is safe, so nothing was sent.",
        next: "Restart the computer; report it if it happens again.",
    }
}
