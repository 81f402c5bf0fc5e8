//! Numbers of the message framework: exchanges, payloads, protocols, selector types.

codepoint! {
    /// Which exchange a message belongs to (RFC 7296, section 3.1).
    ExchangeType(u8) {
        /// Algorithms, nonces and Diffie-Hellman values.
        IKE_SA_INIT = 34,
        /// Identities, authentication and the first Child SA.
        IKE_AUTH = 35,
        /// A new Child SA, or a new key for an SA.
        CREATE_CHILD_SA = 36,
        /// Deletes, notifications, liveness checks.
        INFORMATIONAL = 37,
        /// Resumption with a session ticket (RFC 5723).
        IKE_SESSION_RESUME = 38,
        /// Group key management: authentication (RFC 9838).
        GSA_AUTH = 39,
        /// Group key management: registration (RFC 9838).
        GSA_REGISTRATION = 40,
        /// Group key management: rekey (RFC 9838).
        GSA_REKEY = 41,
        /// More key exchange between `IKE_SA_INIT` and `IKE_AUTH` (RFC 9242).
        IKE_INTERMEDIATE = 43,
        /// Additional key exchanges of a rekey (RFC 9370).
        IKE_FOLLOWUP_KE = 44,
    }
}

codepoint! {
    /// What a payload is: the "Next Payload" field before it (RFC 7296, section 3.2).
    PayloadType(u8) {
        /// No further payload.
        NONE = 0,
        /// Security Association.
        SA = 33,
        /// Key Exchange.
        KE = 34,
        /// Identification of the initiator.
        ID_I = 35,
        /// Identification of the responder.
        ID_R = 36,
        /// Certificate.
        CERT = 37,
        /// Certificate Request.
        CERTREQ = 38,
        /// Authentication.
        AUTH = 39,
        /// Nonce of either side.
        NONCE = 40,
        /// Notify.
        NOTIFY = 41,
        /// Delete.
        DELETE = 42,
        /// Vendor ID.
        VENDOR_ID = 43,
        /// Traffic Selectors of the initiator.
        TS_I = 44,
        /// Traffic Selectors of the responder.
        TS_R = 45,
        /// Encrypted and authenticated payloads.
        SK = 46,
        /// Configuration.
        CP = 47,
        /// Extensible Authentication Protocol.
        EAP = 48,
        /// Generic Secure Password Method (RFC 6467).
        GSPM = 49,
        /// Group Identification (RFC 9838).
        ID_G = 50,
        /// Group Security Association (RFC 9838).
        GSA = 51,
        /// Key Download (RFC 9838).
        KD = 52,
        /// One fragment of encrypted and authenticated payloads (RFC 7383).
        SKF = 53,
        /// Puzzle Solution (RFC 8019).
        PS = 54,
    }
}

codepoint! {
    /// Which protocol an SPI belongs to (RFC 7296, section 3.3.1).
    ProtocolId(u8) {
        /// No SPI is meant.
        NONE = 0,
        /// IKE itself.
        IKE = 1,
        /// Authentication Header.
        AH = 2,
        /// Encapsulating Security Payload.
        ESP = 3,
    }
}

codepoint! {
    /// What kind of range a traffic selector is (RFC 7296, section 3.13.1).
    TrafficSelectorType(u8) {
        /// A range of IPv4 addresses.
        TS_IPV4_ADDR_RANGE = 7,
        /// A range of IPv6 addresses.
        TS_IPV6_ADDR_RANGE = 8,
        /// A range of Fibre Channel addresses (RFC 4595).
        TS_FC_ADDR_RANGE = 9,
        /// A security label (RFC 9478).
        TS_SECLABEL = 10,
    }
}
