//! Numbers of identities, certificates and signatures.

codepoint! {
    /// How the AUTH payload was computed (RFC 7296, section 3.8).
    AuthMethod(u8) {
        /// RSASSA-PKCS1-v1_5, in practice with SHA-1.
        RSA_DIGITAL_SIGNATURE = 1,
        /// A MIC with a shared key: a PSK, or the MSK of an EAP method.
        SHARED_KEY_MIC = 2,
        /// DSA.
        DSS_DIGITAL_SIGNATURE = 3,
        /// ECDSA with SHA-256 on P-256 (RFC 4754).
        ECDSA_SHA256_P256 = 9,
        /// ECDSA with SHA-384 on P-384 (RFC 4754).
        ECDSA_SHA384_P384 = 10,
        /// ECDSA with SHA-512 on P-521 (RFC 4754).
        ECDSA_SHA512_P521 = 11,
        /// Generic Secure Password (RFC 6467).
        GENERIC_SECURE_PASSWORD = 12,
        /// No authentication (RFC 7619).
        NULL_AUTHENTICATION = 13,
        /// A signature that names its algorithm (RFC 7427).
        DIGITAL_SIGNATURE = 14,
    }
}

codepoint! {
    /// What a CERT or CERTREQ payload carries (RFC 7296, section 3.6).
    CertificateEncoding(u8) {
        /// PKCS #7 wrapped X.509 certificate.
        PKCS7_WRAPPED_X509 = 1,
        /// PGP certificate.
        PGP = 2,
        /// DNS signed key.
        DNS_SIGNED_KEY = 3,
        /// One X.509 certificate, DER.
        X509_SIGNATURE = 4,
        /// Kerberos token.
        KERBEROS_TOKEN = 6,
        /// Certificate revocation list.
        CRL = 7,
        /// Authority revocation list.
        ARL = 8,
        /// SPKI certificate.
        SPKI = 9,
        /// X.509 attribute certificate.
        X509_ATTRIBUTE = 10,
        /// Raw RSA key (deprecated).
        RAW_RSA_KEY = 11,
        /// SHA-1 and URL of one X.509 certificate.
        HASH_AND_URL_X509 = 12,
        /// SHA-1 and URL of a bundle.
        HASH_AND_URL_BUNDLE = 13,
        /// OCSP request or response (RFC 4806).
        OCSP_CONTENT = 14,
        /// Raw public key (RFC 7670).
        RAW_PUBLIC_KEY = 15,
    }
}

codepoint! {
    /// What an identity is (RFC 7296, section 3.5).
    IdType(u8) {
        /// Four octets.
        ID_IPV4_ADDR = 1,
        /// A domain name.
        ID_FQDN = 2,
        /// A mail address.
        ID_RFC822_ADDR = 3,
        /// Sixteen octets.
        ID_IPV6_ADDR = 5,
        /// An X.500 name, DER.
        ID_DER_ASN1_DN = 9,
        /// An X.509 general name, DER.
        ID_DER_ASN1_GN = 10,
        /// Opaque octets.
        ID_KEY_ID = 11,
        /// A Fibre Channel name (RFC 4595).
        ID_FC_NAME = 12,
        /// No identity (RFC 7619).
        ID_NULL = 13,
    }
}

codepoint! {
    /// Hash functions of the `SIGNATURE_HASH_ALGORITHMS` notify (RFC 7427, section 4).
    SignatureHash(u16) {
        /// SHA-1.
        SHA1 = 1,
        /// SHA-256.
        SHA2_256 = 2,
        /// SHA-384.
        SHA2_384 = 3,
        /// SHA-512.
        SHA2_512 = 4,
        /// No hash before signing, as Ed25519 wants it (RFC 8420).
        IDENTITY = 5,
    }
}
