//! The AUTH payload: who signs what (RFC 7296, sections 2.15 and 2.16; RFC 7427).
//!
//! The only file that says whether a gateway is proven. What it accepts is a
//! [`Proven`], and nothing else can make one.

use azike_crypto::{
    Encoding, Secret, SignatureScheme, decode_digital_signature, ecdsa_to_fixed,
    encode_digital_signature, verify,
};
use azike_wire::{AuthMethod, Authentication, SignatureHash};
use subtle::ConstantTimeEq as _;

use crate::config::ClientIdentity;
use crate::reason::AuthFault;
use crate::sa_init::Candidate;
use crate::trust::VerifiedGateway;

/// The pad of section 2.15, 17 octets without terminator.
const KEY_PAD: &[u8] = b"Key Pad for IKEv2";

/// A gateway whose certificate is trusted and whose AUTH fitted.
#[derive(Clone, Debug)]
pub(crate) struct Proven {
    gateway: VerifiedGateway,
}

impl Proven {
    /// Whose certificate it was.
    pub(crate) fn gateway(&self) -> &VerifiedGateway {
        &self.gateway
    }
}

/// `InitiatorSignedOctets`; `id_i` is the body of IDi after its generic header.
pub(crate) fn initiator_octets(candidate: &Candidate, id_i: &[u8]) -> Vec<u8> {
    let prf = candidate.negotiated.algorithms.prf();
    let maced_id = prf.mac(candidate.keys.sk_pi.expose(), &[id_i]);
    [&candidate.message_i, &candidate.nonce_r, &maced_id]
        .map(Vec::as_slice)
        .concat()
}

/// `ResponderSignedOctets`; `id_r` is the body of IDr as received.
pub(crate) fn responder_octets(candidate: &Candidate, id_r: &[u8]) -> Vec<u8> {
    let prf = candidate.negotiated.algorithms.prf();
    let maced_id = prf.mac(candidate.keys.sk_pr.expose(), &[id_r]);
    [&candidate.message_r, &candidate.nonce_i, &maced_id]
        .map(Vec::as_slice)
        .concat()
}

/// AUTH with a shared key, which after EAP is the MSK (section 2.16).
pub(crate) fn shared_key_mac(candidate: &Candidate, key: &Secret, octets: &[u8]) -> Vec<u8> {
    let prf = candidate.negotiated.algorithms.prf();
    let padded = Secret::new(prf.mac(key.expose(), &[KEY_PAD]).into_boxed_slice());
    prf.mac(padded.expose(), &[octets])
}

/// The scheme to sign with: RFC 7427 where the gateway announced hashes, else the
/// old methods, of which the one for RSA means SHA-1.
pub(crate) fn scheme(
    identity: &ClientIdentity,
    announced: &[SignatureHash],
) -> Option<SignatureScheme> {
    let able = identity.signer.schemes();
    if announced.is_empty() {
        let old = [
            SignatureScheme::EcdsaP256Sha256,
            SignatureScheme::EcdsaP384Sha384,
            SignatureScheme::RsaPkcs1Sha1,
        ];
        return old.into_iter().find(|scheme| able.contains(scheme));
    }
    let mut wanted = identity.schemes.iter().copied();
    wanted.find(|scheme| able.contains(scheme) && announced.contains(&scheme.hash()))
}

/// The AUTH payload with our `signature`. `None` if the signature has no legal form.
pub(crate) fn encode(
    scheme: SignatureScheme,
    announced: &[SignatureHash],
    signature: &[u8],
) -> Option<(AuthMethod, Vec<u8>)> {
    if !announced.is_empty() {
        let data = encode_digital_signature(scheme, signature);
        return Some((AuthMethod::DIGITAL_SIGNATURE, data));
    }
    let (method, encoding) = old_method(scheme)?;
    let data = match encoding {
        Encoding::Asn1 => signature.to_vec(),
        Encoding::Fixed => ecdsa_to_fixed(scheme, signature)?,
    };
    Some((method, data))
}

/// Checks the gateway's signature over `octets` with the key of its certificate.
pub(crate) fn verify_signature(
    gateway: VerifiedGateway,
    announced: &[SignatureHash],
    auth: &Authentication<'_>,
    octets: &[u8],
) -> Result<Proven, AuthFault> {
    let (scheme, encoding, signature) = match auth.method {
        AuthMethod::DIGITAL_SIGNATURE => {
            let decoded = decode_digital_signature(auth.data);
            let (scheme, signature) = decoded.ok_or(AuthFault::Algorithm)?;
            if scheme == SignatureScheme::RsaPkcs1Sha1 {
                return Err(AuthFault::Algorithm);
            }
            (scheme, Encoding::Asn1, signature)
        }
        // A gateway that announced better hashes has no reason to sign with SHA-1:
        // an attacker would (RFC 7427, section 4).
        AuthMethod::RSA_DIGITAL_SIGNATURE if announced.is_empty() => {
            (SignatureScheme::RsaPkcs1Sha1, Encoding::Asn1, auth.data)
        }
        AuthMethod::ECDSA_SHA256_P256 => {
            (SignatureScheme::EcdsaP256Sha256, Encoding::Fixed, auth.data)
        }
        AuthMethod::ECDSA_SHA384_P384 => {
            (SignatureScheme::EcdsaP384Sha384, Encoding::Fixed, auth.data)
        }
        other => return Err(AuthFault::Method(other.0)),
    };
    verify(gateway.public_key(), scheme, encoding, octets, signature)
        .map_err(|_| AuthFault::Signature)?;
    Ok(Proven { gateway })
}

/// Checks the gateway's second AUTH, after EAP, made with the MSK.
pub(crate) fn verify_mac(
    candidate: &Candidate,
    msk: &Secret,
    auth: &Authentication<'_>,
    octets: &[u8],
) -> Result<(), AuthFault> {
    if auth.method != AuthMethod::SHARED_KEY_MIC {
        return Err(AuthFault::Method(auth.method.0));
    }
    let expected = shared_key_mac(candidate, msk, octets);
    if bool::from(expected.as_slice().ct_eq(auth.data)) {
        Ok(())
    } else {
        Err(AuthFault::Signature)
    }
}

fn old_method(scheme: SignatureScheme) -> Option<(AuthMethod, Encoding)> {
    match scheme {
        SignatureScheme::RsaPkcs1Sha1 => Some((AuthMethod::RSA_DIGITAL_SIGNATURE, Encoding::Asn1)),
        SignatureScheme::EcdsaP256Sha256 => Some((AuthMethod::ECDSA_SHA256_P256, Encoding::Fixed)),
        SignatureScheme::EcdsaP384Sha384 => Some((AuthMethod::ECDSA_SHA384_P384, Encoding::Fixed)),
        SignatureScheme::RsaPkcs1Sha256
        | SignatureScheme::RsaPkcs1Sha384
        | SignatureScheme::RsaPkcs1Sha512
        | SignatureScheme::RsaPssSha256
        | SignatureScheme::RsaPssSha384
        | SignatureScheme::RsaPssSha512
        | SignatureScheme::Ed25519 => None,
    }
}
