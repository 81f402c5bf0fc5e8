//! Numbers of the Notify payload (RFC 7296, section 3.10.1).

codepoint! {
    /// What a Notify payload says (RFC 7296, section 3.10.1).
    NotifyType(u16) {
        /// A payload with the critical bit is not known; one octet of data: its type.
        UNSUPPORTED_CRITICAL_PAYLOAD = 1,
        /// No IKE SA has this SPI.
        INVALID_IKE_SPI = 4,
        /// The major version is not supported.
        INVALID_MAJOR_VERSION = 5,
        /// A field is out of range.
        INVALID_SYNTAX = 7,
        /// A Message ID is outside the window.
        INVALID_MESSAGE_ID = 9,
        /// An ESP or AH packet came with an unknown SPI.
        INVALID_SPI = 11,
        /// No proposal is acceptable.
        NO_PROPOSAL_CHOSEN = 14,
        /// Another key exchange method is wanted; two octets of data: which.
        INVALID_KE_PAYLOAD = 17,
        /// The peer was not authenticated.
        AUTHENTICATION_FAILED = 24,
        /// Only one pair of addresses is acceptable.
        SINGLE_PAIR_REQUIRED = 34,
        /// No more Child SAs are acceptable.
        NO_ADDITIONAL_SAS = 35,
        /// No inner address can be assigned.
        INTERNAL_ADDRESS_FAILURE = 36,
        /// A Configuration payload was expected.
        FAILED_CP_REQUIRED = 37,
        /// None of the traffic selectors is acceptable.
        TS_UNACCEPTABLE = 38,
        /// A packet did not fit the selectors of its SA.
        INVALID_SELECTORS = 39,
        /// The new addresses are not acceptable (RFC 4555).
        UNACCEPTABLE_ADDRESSES = 40,
        /// There is a NAT where none was allowed (RFC 4555).
        UNEXPECTED_NAT_DETECTED = 41,
        /// Use the assigned home address (RFC 5026).
        USE_ASSIGNED_HOA = 42,
        /// Not now: a rekey or a delete is going on.
        TEMPORARY_FAILURE = 43,
        /// The Child SA to rekey does not exist.
        CHILD_SA_NOT_FOUND = 44,
        /// The group does not exist (RFC 9838).
        INVALID_GROUP_ID = 45,
        /// The peer is known, but may not do this (RFC 9838).
        AUTHORIZATION_FAILED = 46,
        /// No state for this additional key exchange (RFC 9370).
        STATE_NOT_FOUND = 47,
        /// No more per-resource Child SAs (RFC 9611).
        TS_MAX_QUEUE = 48,
        /// Microsoft, private use: a 32-bit status code says why the gateway refused.
        MS_STATUS = 12345,
        /// This is the only IKE SA between these identities.
        INITIAL_CONTACT = 16384,
        /// How many requests may be outstanding.
        SET_WINDOW_SIZE = 16385,
        /// More selectors would be acceptable in another Child SA.
        ADDITIONAL_TS_POSSIBLE = 16386,
        /// `IPComp` is offered or accepted.
        IPCOMP_SUPPORTED = 16387,
        /// Hash of the SPIs and the sender's address and port.
        NAT_DETECTION_SOURCE_IP = 16388,
        /// Hash of the SPIs and the recipient's address and port.
        NAT_DETECTION_DESTINATION_IP = 16389,
        /// Repeat the request with these octets.
        COOKIE = 16390,
        /// Transport mode instead of tunnel mode.
        USE_TRANSPORT_MODE = 16391,
        /// Certificates may be sent as hash and URL.
        HTTP_CERT_LOOKUP_SUPPORTED = 16392,
        /// Which Child SA is being rekeyed.
        REKEY_SA = 16393,
        /// Do not send traffic flow confidentiality padding.
        ESP_TFC_PADDING_NOT_SUPPORTED = 16394,
        /// Fragments may use the SA of the first fragment.
        NON_FIRST_FRAGMENTS_ALSO = 16395,
        /// Addresses may change (RFC 4555).
        MOBIKE_SUPPORTED = 16396,
        /// Another address of the sender (RFC 4555).
        ADDITIONAL_IP4_ADDRESS = 16397,
        /// Another address of the sender (RFC 4555).
        ADDITIONAL_IP6_ADDRESS = 16398,
        /// The sender has one address only (RFC 4555).
        NO_ADDITIONAL_ADDRESSES = 16399,
        /// Use the addresses of this message from now on (RFC 4555).
        UPDATE_SA_ADDRESSES = 16400,
        /// Return routability check (RFC 4555).
        COOKIE2 = 16401,
        /// The addresses as the sender sees them (RFC 4555).
        NO_NATS_ALLOWED = 16402,
        /// Seconds until the peer must authenticate again (RFC 4478).
        AUTH_LIFETIME = 16403,
        /// More than one authentication is supported (RFC 4739).
        MULTIPLE_AUTH_SUPPORTED = 16404,
        /// One more authentication follows (RFC 4739).
        ANOTHER_AUTH_FOLLOWS = 16405,
        /// The client can be redirected (RFC 5685).
        REDIRECT_SUPPORTED = 16406,
        /// Use another gateway (RFC 5685).
        REDIRECT = 16407,
        /// The gateway that redirected us (RFC 5685).
        REDIRECTED_FROM = 16408,
        /// A session ticket and its lifetime (RFC 5723).
        TICKET_LT_OPAQUE = 16409,
        /// A session ticket is wanted (RFC 5723).
        TICKET_REQUEST = 16410,
        /// A session ticket will come later (RFC 5723).
        TICKET_ACK = 16411,
        /// No session ticket, or it was refused (RFC 5723).
        TICKET_NACK = 16412,
        /// A session ticket (RFC 5723).
        TICKET_OPAQUE = 16413,
        /// Link of the virtual interface (RFC 5739).
        LINK_ID = 16414,
        /// Wrapped ESP (RFC 5840).
        USE_WESP_MODE = 16415,
        /// Robust header compression (RFC 5857).
        ROHC_SUPPORTED = 16416,
        /// The responder may authenticate by EAP alone (RFC 5998).
        EAP_ONLY_AUTHENTICATION = 16417,
        /// `IKE_AUTH` may have no Child SA (RFC 6023).
        CHILDLESS_IKEV2_SUPPORTED = 16418,
        /// A token that proves a restart (RFC 6290).
        QUICK_CRASH_DETECTION = 16419,
        /// Clusters can repair Message IDs (RFC 6311).
        IKEV2_MESSAGE_ID_SYNC_SUPPORTED = 16420,
        /// Clusters can repair sequence numbers (RFC 6311).
        IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED = 16421,
        /// The repaired Message IDs (RFC 6311).
        IKEV2_MESSAGE_ID_SYNC = 16422,
        /// The repaired sequence numbers (RFC 6311).
        IPSEC_REPLAY_COUNTER_SYNC = 16423,
        /// Which password methods are supported (RFC 6467).
        SECURE_PASSWORD_METHODS = 16424,
        /// Keep the new PSK (RFC 6631).
        PSK_PERSIST = 16425,
        /// The new PSK was kept (RFC 6631).
        PSK_CONFIRM = 16426,
        /// EAP re-authentication (RFC 6867).
        ERX_SUPPORTED = 16427,
        /// IP flow mobility (3GPP TS 24.303).
        IFOM_CAPABILITY = 16428,
        /// A group member wants a sender ID (RFC 9838).
        SENDER_REQUEST_ID = 16429,
        /// Messages may be fragmented (RFC 7383).
        IKEV2_FRAGMENTATION_SUPPORTED = 16430,
        /// A list of [`SignatureHash`](crate::SignatureHash) numbers (RFC 7427).
        SIGNATURE_HASH_ALGORITHMS = 16431,
        /// The IKE SA can be cloned (RFC 7791).
        CLONE_IKE_SA_SUPPORTED = 16432,
        /// Clone the IKE SA (RFC 7791).
        CLONE_IKE_SA = 16433,
        /// Solve this first (RFC 8019).
        PUZZLE = 16434,
        /// A post-quantum preshared key is possible (RFC 8784).
        USE_PPK = 16435,
        /// Which post-quantum preshared key is used (RFC 8784).
        PPK_IDENTITY = 16436,
        /// AUTH data without the post-quantum preshared key (RFC 8784).
        NO_PPK_AUTH = 16437,
        /// `IKE_INTERMEDIATE` is possible (RFC 9242).
        INTERMEDIATE_EXCHANGE_SUPPORTED = 16438,
        /// IPv4 may be requested (RFC 8983).
        IP4_ALLOWED = 16439,
        /// IPv6 may be requested (RFC 8983).
        IP6_ALLOWED = 16440,
        /// Links a key exchange to a rekey (RFC 9370).
        ADDITIONAL_KEY_EXCHANGE = 16441,
        /// Aggregation and fragmentation mode (RFC 9347).
        USE_AGGFRAG = 16442,
        /// Which authentication methods are acceptable (RFC 9593).
        SUPPORTED_AUTH_METHODS = 16443,
        /// Which resource a Child SA belongs to (RFC 9611).
        SA_RESOURCE_INFO = 16444,
    }
}

impl NotifyType {
    /// Whether a notify of this type, in a response, says that the request failed.
    ///
    /// True for unknown numbers of the error range too.
    pub const fn is_error(self) -> bool {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.10.1
        //# An implementation receiving a Notify payload with one of these types
        //# that it does not recognize in a response MUST assume that the
        //# corresponding request has failed entirely.
        self.0 < 16384
    }

    /// Whether the number belongs to nobody but the two ends (RFC 7296, section 3.10.1).
    pub const fn is_private_use(self) -> bool {
        matches!(self.0, 8192..=16383 | 40960..=65535)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_the_numbers_below_16384() {
        let table = [
            (NotifyType(0), true),
            (NotifyType::NO_PROPOSAL_CHOSEN, true),
            (NotifyType::MS_STATUS, true),
            (NotifyType(16383), true),
            (NotifyType::INITIAL_CONTACT, false),
            (NotifyType(40960), false),
        ];
        for (kind, error) in table {
            assert_eq!(kind.is_error(), error, "{kind}");
        }
    }

    #[test]
    fn private_use_has_a_range_for_errors_and_one_for_status() {
        for (number, private) in [
            (8191, false),
            (8192, true),
            (16383, true),
            (16384, false),
            (40959, false),
            (40960, true),
        ] {
            assert_eq!(NotifyType(number).is_private_use(), private, "{number}");
        }
    }
}
