//! AZK-05xx: the way to the gateway.

catalogue! {
    NAME_NOT_RESOLVED = 501, Network {
        title: "The name of the gateway does not resolve",
        meaning: "DNS knows no address for it: there is no network, the DNS server of this \
                  network does not answer, or the gateway was deleted.",
        next: "Check that this computer has a network. If other names resolve, download the \
               package again: a gateway that was made anew has another name.",
    }
    NAME_SUSPICIOUS = 502, Network {
        title: "The name of the gateway resolves to an impossible address",
        meaning: "The address belongs to this computer or to a group of receivers. A captive \
                  portal or a filter may answer in place of DNS.",
        next: "Log in to the network first (open any web page), or use another network.",
    }
    NO_ANSWER_500 = 503, Network {
        title: "The gateway does not answer on UDP port 500",
        meaning: "Nothing came back. The network may block VPN traffic, the gateway may be \
                  switched off, or IKEv2 is not enabled on it.",
        next: "Try --port-4500, which skips port 500. If that fails too, try another network \
               (a phone's hotspot), then ask the Azure administrator whether IKEv2 is enabled.",
    }
    NO_ANSWER_4500 = 504, Network {
        title: "The gateway does not answer on UDP port 4500",
        meaning: "The network lets port 500 through and not port 4500, or drops big packets on \
                  the way.",
        next: "Ask the network's administrator to allow UDP 4500 outbound, or try another \
               network.",
    }
    NETWORK_UNREACHABLE = 505, Network {
        title: "There is no way to the gateway's network",
        meaning: "This computer has no route to the address: no network, or one without \
                  Internet.",
        next: "Connect to a network and try again.",
    }
    PORT_REFUSED = 506, Network {
        title: "Nobody listens at the gateway's address",
        meaning: "The computer at this address says that the port is closed.",
        next: "Check the address. Is the gateway switched on, with IKEv2 enabled?",
    }
    GATEWAY_LOST = 507, Network {
        title: "The gateway stopped answering",
        meaning: "The tunnel was up, then the gateway no longer answered. The network changed, \
                  or the gateway was restarted.",
        next: "azike connects again by itself as soon as the network lets it. Check the network.",
    }
    GATEWAY_CLOSED = 508, Network {
        title: "The gateway ended the tunnel",
        meaning: "It sent a Delete. It was restarted or updated, an administrator ended the \
                  session, or another device logged in with the same certificate.",
        next: "azike connects again by itself. If it repeats, give each device its own certificate.",
    }
    TUNNEL_SILENT = 509, Network {
        title: "Nothing comes back through the tunnel",
        meaning: "The gateway answers, but packets that go out bring nothing back. Something on \
                  the way lets IKE through and not ESP, or the host that you talk to is down.",
        next: "Try another host of the virtual network. If none answers, try another network, or \
               azike down and azike up.",
    }
}
