//! Numbers of the Extensible Authentication Protocol (RFC 3748).

codepoint! {
    /// What an EAP packet is (RFC 3748, section 4).
    EapCode(u8) {
        /// The server asks.
        REQUEST = 1,
        /// The peer answers.
        RESPONSE = 2,
        /// The method ended well.
        SUCCESS = 3,
        /// The method ended badly.
        FAILURE = 4,
    }
}

codepoint! {
    /// Which EAP method a request or response belongs to (RFC 3748, section 5).
    EapType(u8) {
        /// Who are you?
        IDENTITY = 1,
        /// Text for the user.
        NOTIFICATION = 2,
        /// Not this method (response only).
        NAK = 3,
        /// MD5-Challenge.
        MD5_CHALLENGE = 4,
        /// One-Time Password.
        OTP = 5,
        /// Generic Token Card.
        GTC = 6,
        /// EAP-TLS (RFC 5216, RFC 9190).
        TLS = 13,
        /// EAP-TTLS (RFC 5281).
        TTLS = 21,
        /// Protected EAP.
        PEAP = 25,
        /// EAP-MSCHAPv2.
        MSCHAPV2 = 26,
        /// Tunnel EAP (RFC 7170).
        TEAP = 55,
        /// A vendor's type follows.
        EXPANDED = 254,
    }
}
