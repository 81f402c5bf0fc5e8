//! AZK-06xx: warnings. The command does its work; a person should look.

catalogue! {
    FILE_READABLE_BY_OTHERS = 601, Ok {
        title: "The file can be read by other users",
        meaning: "A private key or a password is in a file that is not yours alone.",
        next: "Run chmod 600 on the file.",
    }
    IDENTITY_EXPIRES_SOON = 602, Ok {
        title: "The client certificate expires soon",
        meaning: "When it has expired, the gateway refuses it.",
        next: "Ask for a new client certificate now.",
    }
    GATEWAY_EXPIRES_SOON = 603, Ok {
        title: "The gateway's certificate expires soon",
        meaning: "Azure renews the certificates of its gateways by itself.",
        next: "If the date passes and the connection fails, download a new package.",
    }
    ROOT_RETIRING = 611, Ok {
        title: "The package only has a root certificate that is being retired",
        meaning: "Azure changes the roots of its gateways. A package that knows only the old \
                  one stops working one day.",
        next: "Download a new package from the Azure portal.",
    }
    ROOT_EXPIRED = 612, Ok {
        title: "A root certificate of the package has expired",
        meaning: "It is not used. Another root of the package may still be good.",
        next: "Download a new package from the Azure portal.",
    }
    WEAK_ALGORITHM = 620, Ok {
        title: "The tunnel uses an algorithm that is weak",
        meaning: "It was allowed by --allow-weak, and the gateway chose it.",
        next: "Ask the Azure administrator to change the point-to-site policy.",
    }
    SHA1_SIGNATURE = 621, Ok {
        title: "The login is signed with SHA-1",
        meaning: "The gateway announces no newer signature hash, so the login uses the oldest \
                  method of IKEv2. Azure's gateways do this.",
        next: "Nothing to do; --auth eap-tls avoids it.",
    }
    CERTIFICATE_LIST_HINT = 622, Ok {
        title: "The gateway does not list the root of your certificate",
        meaning: "Its list of accepted roots (CERTREQ) lacks yours; the login was tried anyway.",
        next: "If the login fails, ask the Azure administrator to upload the root certificate.",
    }
    DNS_UNCHECKED = 630, Ok {
        title: "The tunnel's DNS server did not answer",
        meaning: "Names inside the virtual network may not resolve.",
        next: "Ask the Azure administrator which DNS server the virtual network uses.",
    }
    DNS_CHANGED_BY_OTHERS = 631, Ok {
        title: "Somebody else changed the DNS settings meanwhile",
        meaning: "azike does not undo what is no longer its own.",
        next: "Check that names resolve; else restart the network service of this computer.",
    }
    DNS_NOT_SET = 632, Ok {
        title: "The tunnel's DNS server is not used",
        meaning: "The gateway named none, or this computer's DNS settings cannot be changed.",
        next: "Use --match DOMAIN to say which names belong to the tunnel, or --dns all.",
    }
    ROUTE_EXISTS = 633, Ok {
        title: "A network of the tunnel already has another route",
        meaning: "azike leaves routes alone that it did not make; traffic to this network may \
                  not use the tunnel.",
        next: "Look at ip route. A home network with the same addresses is a usual cause.",
    }
    SELECTOR_COVERS_GATEWAY = 634, Ok {
        title: "The tunnel's networks contain the gateway itself",
        meaning: "azike keeps the way to the gateway outside the tunnel.",
        next: "Nothing to do.",
    }
    PROFILE_SETTING_IGNORED = 640, Ok {
        title: "A setting of the package is not supported",
        meaning: "The connection works without it.",
        next: "azike profile show lists what is not supported, and why.",
    }
    LEFTOVERS_REMOVED = 650, Ok {
        title: "Leftovers of an earlier tunnel were removed",
        meaning: "An earlier azike ended without undoing its changes to this computer.",
        next: "Nothing to do.",
    }
}
