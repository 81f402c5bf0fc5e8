//! Numbers of the Configuration payload (RFC 7296, section 3.15).

codepoint! {
    /// What a Configuration payload is for (RFC 7296, section 3.15).
    ConfigType(u8) {
        /// Please give me these.
        CFG_REQUEST = 1,
        /// Here they are.
        CFG_REPLY = 2,
        /// Please set these.
        CFG_SET = 3,
        /// They are set.
        CFG_ACK = 4,
    }
}

codepoint! {
    /// What one configuration attribute says (RFC 7296, section 3.15.1).
    ConfigAttributeType(u16) {
        /// Inner IPv4 address: 0 or 4 octets.
        INTERNAL_IP4_ADDRESS = 1,
        /// Mask of the inner network: 0 or 4 octets.
        INTERNAL_IP4_NETMASK = 2,
        /// A name server: 0 or 4 octets.
        INTERNAL_IP4_DNS = 3,
        /// A name server of Windows networks: 0 or 4 octets.
        INTERNAL_IP4_NBNS = 4,
        /// A DHCP server: 0 or 4 octets.
        INTERNAL_IP4_DHCP = 6,
        /// Text that names the software.
        APPLICATION_VERSION = 7,
        /// Inner IPv6 address and prefix length: 0 or 17 octets.
        INTERNAL_IP6_ADDRESS = 8,
        /// A name server: 0 or 16 octets.
        INTERNAL_IP6_DNS = 10,
        /// A DHCP server: 0 or 16 octets.
        INTERNAL_IP6_DHCP = 12,
        /// A protected network: address and mask, 0 or 8 octets.
        INTERNAL_IP4_SUBNET = 13,
        /// A list of attribute types, two octets each.
        SUPPORTED_ATTRIBUTES = 14,
        /// A protected network: address and prefix length, 17 octets.
        INTERNAL_IP6_SUBNET = 15,
        /// Mobile IPv6 home prefix (RFC 5026).
        MIP6_HOME_PREFIX = 16,
        /// Link of the virtual interface (RFC 5739).
        INTERNAL_IP6_LINK = 17,
        /// Prefix of the virtual interface (RFC 5739).
        INTERNAL_IP6_PREFIX = 18,
        /// A domain to resolve inside the tunnel (RFC 8598).
        INTERNAL_DNS_DOMAIN = 25,
        /// A DNSSEC trust anchor (RFC 8598).
        INTERNAL_DNSSEC_TA = 26,
        /// An encrypted DNS resolver, IPv4 (RFC 9464).
        ENCDNS_IP4 = 27,
        /// An encrypted DNS resolver, IPv6 (RFC 9464).
        ENCDNS_IP6 = 28,
        /// Certificate digest of an encrypted DNS resolver (RFC 9464).
        ENCDNS_DIGEST_INFO = 29,
        /// Microsoft, private use: address of the gateway inside the tunnel, IPv4.
        MS_INTERNAL_IP4_SERVER = 23456,
        /// Microsoft, private use: address of the gateway inside the tunnel, IPv6.
        MS_INTERNAL_IP6_SERVER = 23457,
    }
}
