//! The keys of an IKE SA (RFC 7296, sections 2.14 and 2.18).
//!
//! ```text
//! SKEYSEED = prf(Ni | Nr, g^ir)                          first IKE SA
//! SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr)       rekeyed IKE SA
//!
//! {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr}
//!          = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
//! ```

use azike_wire::{Role, Spi};

use crate::encryption::Encryption;
use crate::integrity::Integrity;
use crate::prf::Prf;
use crate::secret::Secret;
use crate::sk_cipher::SkCipher;

/// The algorithms of an IKE SA. Its existence says that they fit together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IkeAlgorithms {
    encryption: Encryption,
    integrity: Option<Integrity>,
    prf: Prf,
}

impl IkeAlgorithms {
    /// Nothing if an AEAD comes with an integrity algorithm, or another cipher
    /// without one (RFC 7296, section 3.3.3).
    pub const fn new(
        encryption: Encryption,
        integrity: Option<Integrity>,
        prf: Prf,
    ) -> Option<Self> {
        if encryption.is_aead() == integrity.is_some() {
            return None;
        }
        Some(Self {
            encryption,
            integrity,
            prf,
        })
    }

    /// The cipher.
    pub const fn encryption(self) -> Encryption {
        self.encryption
    }

    /// The integrity algorithm; none beside an AEAD.
    pub const fn integrity(self) -> Option<Integrity> {
        self.integrity
    }

    /// The pseudorandom function.
    pub const fn prf(self) -> Prf {
        self.prf
    }
}

/// The keys of one IKE SA, with the names of the RFC; `i` and `r` are its
/// original initiator and its original responder.
#[derive(Debug)]
pub struct IkeKeys {
    algorithms: IkeAlgorithms,
    /// Derives the keys of Child SAs and of the next IKE SA.
    pub sk_d: Secret,
    /// Integrity of what the initiator sends; empty with an AEAD.
    pub sk_ai: Secret,
    /// Integrity of what the responder sends; empty with an AEAD.
    pub sk_ar: Secret,
    /// Encryption of what the initiator sends; with an AEAD the salt is behind
    /// the key.
    pub sk_ei: Secret,
    /// Encryption of what the responder sends, likewise.
    pub sk_er: Secret,
    /// Goes into the AUTH payload of the initiator.
    pub sk_pi: Secret,
    /// Goes into the AUTH payload of the responder.
    pub sk_pr: Secret,
}

impl IkeKeys {
    /// The algorithms that the keys are for.
    pub const fn algorithms(&self) -> IkeAlgorithms {
        self.algorithms
    }

    /// The keys of the IKE SA that `IKE_SA_INIT` makes (RFC 7296, section
    /// 2.14). The nonces are the Nonce Data without header.
    pub fn derive(
        algorithms: IkeAlgorithms,
        nonce_i: &[u8],
        nonce_r: &[u8],
        g_ir: &Secret,
        spi_i: Spi,
        spi_r: Spi,
    ) -> Self {
        let prf = algorithms.prf;
        // RFC 7296, section 2.13: both nonces are the key. (The half-and-half
        // rule for prfs with a fixed key size does not apply to HMAC.)
        let key = [nonce_i, nonce_r].concat();
        let skeyseed = Secret::new(prf.mac(&key, &[g_ir.expose()]).into_boxed_slice());
        Self::expand(algorithms, &skeyseed, nonce_i, nonce_r, spi_i, spi_r)
    }

    /// The keys of an IKE SA that replaces another (RFC 7296, section 2.18).
    ///
    /// `old_prf` and `old_sk_d` are those of the IKE SA that is replaced, all
    /// else belongs to the new one.
    #[expect(
        clippy::too_many_arguments,
        reason = "the inputs of RFC 7296, section 2.18, in its order"
    )]
    pub fn rekey(
        algorithms: IkeAlgorithms,
        old_prf: Prf,
        old_sk_d: &Secret,
        nonce_i: &[u8],
        nonce_r: &[u8],
        g_ir: &Secret,
        spi_i: Spi,
        spi_r: Spi,
    ) -> Self {
        let seed = old_prf.mac(old_sk_d.expose(), &[g_ir.expose(), nonce_i, nonce_r]);
        let skeyseed = Secret::new(seed.into_boxed_slice());
        Self::expand(algorithms, &skeyseed, nonce_i, nonce_r, spi_i, spi_r)
    }

    /// The cipher for what we send, and the cipher for what we receive. `role`
    /// is ours in this IKE SA: who started it is its original initiator.
    ///
    /// Once for each IKE SA: calling it again gives ciphers that use the same
    /// IVs again.
    ///
    /// # Panics
    ///
    /// If a key was replaced by one of another length.
    pub fn ciphers(&self, role: Role) -> (SkCipher, SkCipher) {
        let initiator = SkCipher::new(self.algorithms, &self.sk_ei, &self.sk_ai);
        let responder = SkCipher::new(self.algorithms, &self.sk_er, &self.sk_ar);
        match role {
            Role::Initiator => (initiator, responder),
            Role::Responder => (responder, initiator),
        }
    }

    fn expand(
        algorithms: IkeAlgorithms,
        skeyseed: &Secret,
        nonce_i: &[u8],
        nonce_r: &[u8],
        spi_i: Spi,
        spi_r: Spi,
    ) -> Self {
        let prf = algorithms.prf;
        let integrity = algorithms.integrity.map_or(0, Integrity::key_length);
        let encryption = algorithms.encryption.keymat_length();
        let length = 3 * prf.key_length() + 2 * integrity + 2 * encryption;
        let (spi_i, spi_r) = (spi_i.octets(), spi_r.octets());
        let seed: [&[u8]; 4] = [nonce_i, nonce_r, &spi_i, &spi_r];
        let keymat = prf.prf_plus(skeyseed.expose(), &seed, length);

        let mut keymat = Keymat(keymat.expose());
        Self {
            algorithms,
            sk_d: keymat.take(prf.key_length()),
            sk_ai: keymat.take(integrity),
            sk_ar: keymat.take(integrity),
            sk_ei: keymat.take(encryption),
            sk_er: keymat.take(encryption),
            sk_pi: keymat.take(prf.key_length()),
            sk_pr: keymat.take(prf.key_length()),
        }
    }
}

/// Keying material, from which keys are taken from left to right.
pub(crate) struct Keymat<'a>(pub(crate) &'a [u8]);

impl Keymat<'_> {
    /// The next `length` octets. The caller has derived as many as it takes.
    pub(crate) fn take(&mut self, length: usize) -> Secret {
        let (key, rest) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        self.0 = rest;
        Secret::new(key.into())
    }
}
