//! Numbers of the transforms of a proposal (RFC 7296, section 3.3.2).
//!
//! A transform ID means something only together with its transform type; each type that we
//! negotiate has its own newtype here.

codepoint! {
    /// What a transform chooses (RFC 7296, section 3.3.2).
    TransformType(u8) {
        /// Encryption algorithm, see [`EncryptionId`].
        ENCR = 1,
        /// Pseudorandom function, see [`PrfId`].
        PRF = 2,
        /// Integrity algorithm, see [`IntegrityId`].
        INTEG = 3,
        /// Key exchange method, see [`KeyExchangeMethod`].
        KE = 4,
        /// Extended sequence numbers, see [`ExtendedSequenceNumbers`].
        ESN = 5,
        /// First additional key exchange (RFC 9370).
        ADDKE1 = 6,
        /// Second additional key exchange (RFC 9370).
        ADDKE2 = 7,
        /// Third additional key exchange (RFC 9370).
        ADDKE3 = 8,
        /// Fourth additional key exchange (RFC 9370).
        ADDKE4 = 9,
        /// Fifth additional key exchange (RFC 9370).
        ADDKE5 = 10,
        /// Sixth additional key exchange (RFC 9370).
        ADDKE6 = 11,
        /// Seventh additional key exchange (RFC 9370).
        ADDKE7 = 12,
    }
}

codepoint! {
    /// Transform type 1: encryption.
    EncryptionId(u16) {
        /// DES with a 64-bit IV.
        ENCR_DES_IV64 = 1,
        /// DES in CBC.
        ENCR_DES = 2,
        /// Triple DES in CBC.
        ENCR_3DES = 3,
        /// No encryption.
        ENCR_NULL = 11,
        /// AES in CBC.
        ENCR_AES_CBC = 12,
        /// AES in counter mode.
        ENCR_AES_CTR = 13,
        /// AES in CCM with an 8-octet ICV.
        ENCR_AES_CCM_8 = 14,
        /// AES in CCM with a 12-octet ICV.
        ENCR_AES_CCM_12 = 15,
        /// AES in CCM with a 16-octet ICV.
        ENCR_AES_CCM_16 = 16,
        /// AES in GCM with an 8-octet ICV.
        ENCR_AES_GCM_8 = 18,
        /// AES in GCM with a 12-octet ICV.
        ENCR_AES_GCM_12 = 19,
        /// AES in GCM with a 16-octet ICV.
        ENCR_AES_GCM_16 = 20,
        /// AES-GMAC: authenticated, not encrypted.
        ENCR_NULL_AUTH_AES_GMAC = 21,
        /// Camellia in CBC.
        ENCR_CAMELLIA_CBC = 23,
        /// `ChaCha20` with Poly1305 (RFC 7634).
        ENCR_CHACHA20_POLY1305 = 28,
        /// AES in GCM, 16-octet ICV, implicit IV (RFC 8750).
        ENCR_AES_GCM_16_IIV = 30,
        /// `ChaCha20` with Poly1305, implicit IV (RFC 8750).
        ENCR_CHACHA20_POLY1305_IIV = 31,
    }
}

codepoint! {
    /// Transform type 2: pseudorandom function.
    PrfId(u16) {
        /// HMAC with MD5.
        PRF_HMAC_MD5 = 1,
        /// HMAC with SHA-1.
        PRF_HMAC_SHA1 = 2,
        /// AES-XCBC.
        PRF_AES128_XCBC = 4,
        /// HMAC with SHA-256.
        PRF_HMAC_SHA2_256 = 5,
        /// HMAC with SHA-384.
        PRF_HMAC_SHA2_384 = 6,
        /// HMAC with SHA-512.
        PRF_HMAC_SHA2_512 = 7,
        /// AES-CMAC.
        PRF_AES128_CMAC = 8,
    }
}

codepoint! {
    /// Transform type 3: integrity.
    IntegrityId(u16) {
        /// None: the encryption algorithm is an AEAD.
        NONE = 0,
        /// HMAC-MD5, 96 bits.
        AUTH_HMAC_MD5_96 = 1,
        /// HMAC-SHA-1, 96 bits.
        AUTH_HMAC_SHA1_96 = 2,
        /// AES-XCBC, 96 bits.
        AUTH_AES_XCBC_96 = 5,
        /// AES-CMAC, 96 bits.
        AUTH_AES_CMAC_96 = 8,
        /// AES-GMAC with a 128-bit key.
        AUTH_AES_128_GMAC = 9,
        /// AES-GMAC with a 192-bit key.
        AUTH_AES_192_GMAC = 10,
        /// AES-GMAC with a 256-bit key.
        AUTH_AES_256_GMAC = 11,
        /// HMAC-SHA-256, 128 bits.
        AUTH_HMAC_SHA2_256_128 = 12,
        /// HMAC-SHA-384, 192 bits.
        AUTH_HMAC_SHA2_384_192 = 13,
        /// HMAC-SHA-512, 256 bits.
        AUTH_HMAC_SHA2_512_256 = 14,
    }
}

codepoint! {
    /// Transform type 4: key exchange method ("Diffie-Hellman group" in RFC 7296).
    KeyExchangeMethod(u16) {
        /// No key exchange.
        NONE = 0,
        /// Group 1.
        MODP_768 = 1,
        /// Group 2.
        MODP_1024 = 2,
        /// Group 5.
        MODP_1536 = 5,
        /// Group 14.
        MODP_2048 = 14,
        /// Group 15.
        MODP_3072 = 15,
        /// Group 16.
        MODP_4096 = 16,
        /// Group 17.
        MODP_6144 = 17,
        /// Group 18.
        MODP_8192 = 18,
        /// Group 19: NIST P-256.
        ECP_256 = 19,
        /// Group 20: NIST P-384.
        ECP_384 = 20,
        /// Group 21: NIST P-521.
        ECP_521 = 21,
        /// Group 22: 160-bit prime order subgroup (RFC 5114).
        MODP_1024_160 = 22,
        /// Group 23: 224-bit prime order subgroup (RFC 5114).
        MODP_2048_224 = 23,
        /// Group 24: 256-bit prime order subgroup (RFC 5114).
        MODP_2048_256 = 24,
        /// Group 25: NIST P-192.
        ECP_192 = 25,
        /// Group 26: NIST P-224.
        ECP_224 = 26,
        /// Group 27 (RFC 6954).
        BRAINPOOL_P224R1 = 27,
        /// Group 28 (RFC 6954).
        BRAINPOOL_P256R1 = 28,
        /// Group 29 (RFC 6954).
        BRAINPOOL_P384R1 = 29,
        /// Group 30 (RFC 6954).
        BRAINPOOL_P512R1 = 30,
        /// Group 31: X25519 (RFC 8031).
        CURVE25519 = 31,
        /// Group 32: X448 (RFC 8031).
        CURVE448 = 32,
        /// Group 35.
        ML_KEM_512 = 35,
        /// Group 36.
        ML_KEM_768 = 36,
        /// Group 37.
        ML_KEM_1024 = 37,
    }
}

codepoint! {
    /// Transform type 5: extended sequence numbers.
    ExtendedSequenceNumbers(u16) {
        /// 32-bit sequence numbers.
        NO_ESN = 0,
        /// 64-bit sequence numbers, of which 32 bits are sent.
        ESN = 1,
    }
}
