//! AZK-03xx: whether the gateway is who the profile says (`azike_ike::trust`).

catalogue! {
    GATEWAY_UNKNOWN_ISSUER = 301, Trust {
        title: "The gateway's certificate comes from an unknown root",
        meaning: "Its chain does not end at a root certificate of the package. Azure changes \
                  the roots of its gateways from time to time, and then old packages fail; it \
                  may also be somebody else's gateway.",
        next: "Download a new package from the Azure portal and use it. If that does not help, \
               somebody may stand between you and the gateway: tell the administrator.",
    }
    GATEWAY_EXPIRED = 302, Trust {
        title: "The gateway's certificate has expired",
        meaning: "Its validity is over, by the clock of this computer.",
        next: "Check the clock of this computer. If it is right, tell the Azure administrator.",
    }
    GATEWAY_NOT_YET_VALID = 303, Trust {
        title: "The gateway's certificate is not valid yet",
        meaning: "Its validity begins in the future, by the clock of this computer.",
        next: "Check the clock and time zone of this computer.",
    }
    GATEWAY_WRONG_NAME = 304, Trust {
        title: "The gateway's certificate is for another name",
        meaning: "The certificate must be for the server of the package, or for the virtual \
                  network's name under vpn.azure.com. Both names are in the message.",
        next: "Check that package and gateway belong together. Only if you know that the name \
               in the certificate is right, give it with --server-name.",
    }
    GATEWAY_NOT_FOR_SERVER = 305, Trust {
        title: "The gateway's certificate is not for a server",
        meaning: "Its extended key usage does not allow server authentication, so any client \
                  certificate could pose as the gateway.",
        next: "Tell the Azure administrator; do not connect.",
    }
    GATEWAY_KEY_USAGE = 306, Trust {
        title: "The gateway's certificate must not be used for signatures",
        meaning: "Its key usage lacks digitalSignature.",
        next: "Tell the administrator of the gateway.",
    }
    GATEWAY_WEAK_KEY = 307, Trust {
        title: "The gateway's key or signature is too weak",
        meaning: "The key is shorter than 2048 bits (RSA), or the certificate is signed with an \
                  algorithm that is broken.",
        next: "Tell the administrator of the gateway.",
    }
    GATEWAY_REVOKED = 308, Trust {
        title: "The gateway's certificate was revoked",
        meaning: "Its issuer declared it invalid.",
        next: "Do not connect; tell the Azure administrator.",
    }
    GATEWAY_NO_CERTIFICATE = 309, Trust {
        title: "The gateway sent no certificate",
        meaning: "Without it the gateway cannot prove who it is.",
        next: "Tell the administrator of the gateway.",
    }
    GATEWAY_CERTIFICATE_MALFORMED = 310, Trust {
        title: "The gateway's certificate cannot be read",
        meaning: "What the gateway sent is not a well-formed certificate, or there are far too \
                  many of them.",
        next: "Try again; if it happens again, tell the administrator of the gateway.",
    }
    GATEWAY_PROOF_WRONG = 311, Trust {
        title: "The gateway could not prove that it owns its certificate",
        meaning: "The signature or code in its AUTH payload is wrong. Somebody may stand between \
                  you and the gateway.",
        next: "Try from another network. If it happens again, tell the administrator.",
    }
    GATEWAY_SKIPPED_LOGIN = 312, Trust {
        title: "The gateway ended the login before proving who it is",
        meaning: "It declared success too early. An honest gateway does not do this.",
        next: "Do not connect from this network; tell the administrator.",
    }
    GATEWAY_TLS_CERTIFICATE = 313, Trust {
        title: "The gateway's certificate in the EAP-TLS login is not accepted",
        meaning: "The login (EAP-TLS) shows a certificate that does not pass the checks that \
                  the gateway's own certificate passes.",
        next: "Tell the Azure administrator.",
    }
    GATEWAY_AUTH_METHOD = 314, Trust {
        title: "The gateway proves itself in a way that azike does not accept",
        meaning: "azike wants a certificate signature. A shared secret, or no proof at all, is \
                  not enough.",
        next: "Check that this is the gateway of the package.",
    }
}
