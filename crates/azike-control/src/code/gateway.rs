//! AZK-04xx: what the gateway answers: login, algorithms, traffic selectors, addresses.
#![expect(
    clippy::doc_markdown,
    reason = "the texts are for a terminal, not for Markdown"
)]

catalogue! {
    AUTHENTICATION_FAILED = 401, AuthenticationRejected {
        title: "The gateway rejected the login",
        meaning: "It answered AUTHENTICATION_FAILED. Gateways do not say why: the certificate's \
                  root is not uploaded, the certificate was revoked there, or the gateway does \
                  not accept the identity.",
        next: "Ask the Azure administrator to compare the root certificates and the revoked \
               thumbprints (point-to-site configuration) with your certificate, and to look at \
               the gateway's IKEDiagnosticLog. --auth and --local-id change how you log in.",
    }
    CERTIFICATE_REFUSED = 402, AuthenticationRejected {
        title: "The gateway refused the client certificate",
        meaning: "The login (EAP-TLS) was ended by the gateway after it saw the certificate: \
                  revoked, expired, or not from a root it knows.",
        next: "Ask the Azure administrator whether the certificate's thumbprint is listed as \
               revoked and whether its root is uploaded.",
    }
    LOGIN_METHOD = 403, Refused {
        title: "The gateway wants a login that azike does not offer",
        meaning: "It asks for a password or another EAP method; azike logs in with a \
                  certificate (EAP-TLS or certificate signature).",
        next: "Ask the Azure administrator to enable Azure certificate authentication.",
    }
    LOGIN_TLS = 404, Refused {
        title: "The TLS part of the login failed",
        meaning: "Gateway and client have no TLS version or cipher in common, or the gateway's \
                  TLS messages are not correct.",
        next: "Try --auth signature, which does not use TLS.",
    }
    LOGIN_ENDLESS = 405, Refused {
        title: "The login did not come to an end",
        meaning: "The gateway went on asking far longer than any login takes.",
        next: "Try --auth signature; if it happens again, tell the administrator.",
    }
    NO_PROPOSAL_CHOSEN = 410, Refused {
        title: "Gateway and client have no common IKE algorithms",
        meaning: "The gateway answered NO_PROPOSAL_CHOSEN to all that azike offers. It may \
                  have a custom policy with algorithms that are no longer safe.",
        next: "Ask the Azure administrator for the point-to-site IPsec policy. If it has \
               DHGroup2, --allow-weak lets azike use it.",
    }
    NO_PROPOSAL_CHOSEN_CHILD = 411, Refused {
        title: "Gateway and client have no common ESP algorithms",
        meaning: "The login succeeded, but the gateway answered NO_PROPOSAL_CHOSEN for the \
                  tunnel's own encryption.",
        next: "Ask the Azure administrator for the IPsec (ESP) part of the point-to-site policy.",
    }
    GROUP_REFUSED = 412, Refused {
        title: "The gateway wants a key exchange that azike does not offer",
        meaning: "It asked for a Diffie-Hellman group outside the offer (INVALID_KE_PAYLOAD).",
        next: "Ask the Azure administrator for the policy. If it has DHGroup2, --allow-weak \
               lets azike use it.",
    }
    WEAK_NOT_ALLOWED = 413, Refused {
        title: "The gateway insists on an algorithm that is too weak",
        meaning: "Somebody with enough money can break it. azike uses it only when told to.",
        next: "Ask the Azure administrator to change the policy; until then use --allow-weak.",
    }
    TS_UNACCEPTABLE = 414, Refused {
        title: "The gateway does not accept the networks of the tunnel",
        meaning: "It answered TS_UNACCEPTABLE: it has no network to offer to this client.",
        next: "Ask the Azure administrator whether the virtual network has an address space and \
               the point-to-site configuration an address pool.",
    }
    INTERNAL_ADDRESS_FAILURE = 415, Refused {
        title: "The gateway has no address for this client",
        meaning: "It answered INTERNAL_ADDRESS_FAILURE: all addresses of its pool are in use, or \
                  the limit of connections of its SKU is reached.",
        next: "Try again later, or ask the Azure administrator for a bigger address pool.",
    }
    ADDRESS_MISSING = 416, Refused {
        title: "The gateway assigned no usable address",
        meaning: "Its answer has no inner address, or one that no host can have.",
        next: "Ask the Azure administrator to check the address pool of the point-to-site \
               configuration.",
    }
    FAILED_CP_REQUIRED = 417, Refused {
        title: "The gateway could not agree on the client's configuration",
        meaning: "It answered FAILED_CP_REQUIRED.",
        next: "Ask the Azure administrator to check the point-to-site configuration.",
    }
    NO_ADDITIONAL_SAS = 418, Refused {
        title: "The gateway accepts no more tunnels",
        meaning: "It answered NO_ADDITIONAL_SAS or TEMPORARY_FAILURE.",
        next: "Wait a minute and try again.",
    }
    MS_STATUS = 420, Refused {
        title: "The gateway reported a Windows error",
        meaning: "Azure's gateways send the number of a Windows error (MS_STATUS) when \
                  something failed on their side. The number and its meaning are in the message.",
        next: "Give the number to the Azure administrator; the gateway's IKEDiagnosticLog has \
               the details.",
    }
    OTHER_NOTIFY = 421, Refused {
        title: "The gateway refused the connection",
        meaning: "It sent an error notification that has no entry of its own here.",
        next: "Give the name in the message to the Azure administrator.",
    }
    GATEWAY_PROTOCOL = 422, Refused {
        title: "The gateway's answer breaks the protocol",
        meaning: "The message was authentic, but it does not say what this exchange needs.",
        next: "Run the command with -vv and report what it prints.",
    }
    NO_COMMON_PROTOCOL = 423, Refused {
        title: "The gateway does not understand our messages",
        meaning: "It answered INVALID_SYNTAX, INVALID_MAJOR_VERSION or \
                  UNSUPPORTED_CRITICAL_PAYLOAD.",
        next: "Check that the address is that of an IKEv2 gateway; run with -vv and report it.",
    }
    TOO_MANY_RETRIES = 424, Network {
        title: "The gateway asked to start again too often",
        meaning: "It sent one cookie or one other group after another. It may be overloaded, or \
                  somebody sends answers in its name.",
        next: "Try again in a minute, or from another network.",
    }
    REDIRECTED = 425, Refused {
        title: "The gateway sends its clients elsewhere",
        meaning: "It answered with a redirection that azike does not follow.",
        next: "Download the package again: it names the gateway that is in charge.",
    }
    LIFETIME_ENDED = 426, Refused {
        title: "The keys of the tunnel could not be renewed",
        meaning: "The gateway refused new keys, and the old ones may not be used any longer.",
        next: "Run azike up again.",
    }
}
