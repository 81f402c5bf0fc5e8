//! The keys of a Child SA (RFC 7296, section 2.17).
//!
//! ```text
//! KEYMAT = prf+(SK_d, Ni | Nr)                     no key exchange of its own
//! KEYMAT = prf+(SK_d, g^ir (new) | Ni | Nr)        with one
//! ```
//!
//! KEYMAT is the keys for initiator to responder, then those for responder to
//! initiator; in each direction the encryption key comes before the integrity
//! key. Initiator is who started the exchange that made the Child SA.

use crate::encryption::Encryption;
use crate::ike_keys::Keymat;
use crate::integrity::Integrity;
use crate::prf::Prf;
use crate::secret::Secret;

/// The algorithms of a Child SA. Its existence says that they fit together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChildAlgorithms {
    encryption: Encryption,
    integrity: Option<Integrity>,
}

impl ChildAlgorithms {
    /// Nothing if an AEAD comes with an integrity algorithm, or another cipher
    /// without one. ESP permits the latter (RFC 4303, section 3.2.1), we do
    /// not.
    pub const fn new(encryption: Encryption, integrity: Option<Integrity>) -> Option<Self> {
        if encryption.is_aead() == integrity.is_some() {
            return None;
        }
        Some(Self {
            encryption,
            integrity,
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

    /// Octets of the encryption key, and of the integrity key.
    fn lengths(self) -> (usize, usize) {
        let integrity = self.integrity.map_or(0, Integrity::key_length);
        (self.encryption.keymat_length(), integrity)
    }
}

/// What protects one direction of a Child SA.
#[derive(Debug)]
pub struct DirectionKeys {
    algorithms: ChildAlgorithms,
    encryption: Secret,
    integrity: Secret,
}

impl DirectionKeys {
    /// Nothing if a key has not the length that its algorithm takes. The salt
    /// of an AEAD is the end of `encryption`; `integrity` is empty beside an
    /// AEAD.
    pub fn new(algorithms: ChildAlgorithms, encryption: Secret, integrity: Secret) -> Option<Self> {
        if (encryption.len(), integrity.len()) != algorithms.lengths() {
            return None;
        }
        Some(Self {
            algorithms,
            encryption,
            integrity,
        })
    }

    /// The algorithms that the keys are for.
    pub const fn algorithms(&self) -> ChildAlgorithms {
        self.algorithms
    }

    /// The encryption key; behind it, for an AEAD, the salt.
    pub const fn encryption_key(&self) -> &Secret {
        &self.encryption
    }

    /// The integrity key; empty beside an AEAD.
    pub const fn integrity_key(&self) -> &Secret {
        &self.integrity
    }
}

/// The keys of both directions of a Child SA.
#[derive(Debug)]
pub struct ChildKeys {
    /// Protects what the initiator of the exchange sends.
    pub initiator: DirectionKeys,
    /// Protects what the responder of the exchange sends.
    pub responder: DirectionKeys,
}

impl ChildKeys {
    /// `prf` and `sk_d` are those of the IKE SA. `g_ir` is there if the
    /// `CREATE_CHILD_SA` exchange had KE payloads; the nonces are those of the
    /// exchange that makes the Child SA, for the first one `IKE_SA_INIT`'s.
    pub fn derive(
        prf: Prf,
        sk_d: &Secret,
        g_ir: Option<&Secret>,
        nonce_i: &[u8],
        nonce_r: &[u8],
        algorithms: ChildAlgorithms,
    ) -> Self {
        let (encryption, integrity) = algorithms.lengths();
        let g_ir = g_ir.map_or(&[][..], Secret::expose);
        let seed = [g_ir, nonce_i, nonce_r];
        let keymat = prf.prf_plus(sk_d.expose(), &seed, 2 * (encryption + integrity));

        let mut keymat = Keymat(keymat.expose());
        let mut direction = || DirectionKeys {
            algorithms,
            encryption: keymat.take(encryption),
            integrity: keymat.take(integrity),
        };
        Self {
            initiator: direction(),
            responder: direction(),
        }
    }
}
