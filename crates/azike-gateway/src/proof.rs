//! AUTH from the responder's side: ours to make, the client's to check
//! (RFC 7296, sections 2.15 and 2.16; RFC 7427; RFC 4754).

use azike_crypto::{
    Encoding, SignatureScheme, Signer as _, SoftwareSigner, decode_digital_signature,
    ecdsa_to_fixed, encode_digital_signature, verify,
};
use azike_wire::{AuthMethod, Authentication};

use crate::config::Config;
use crate::lying::{self, Proof};
use crate::sa_init::Start;

const KEY_PAD: &[u8] = b"Key Pad for IKEv2";

/// `InitiatorSignedOctets`, for an IDi with this body.
pub(crate) fn initiator_octets(start: Start<'_>, id_i: &[u8]) -> Vec<u8> {
    let maced_id = start.basis.prf();
    let maced_id = maced_id.mac(start.basis.keys.sk_pi.expose(), &[id_i]);
    [
        &start.transcript.message_i[..],
        &start.transcript.nonce_r,
        &maced_id,
    ]
    .concat()
}

/// `ResponderSignedOctets`, for an IDr with this body: or, by a lie, something like it.
fn responder_octets(config: &Config, start: Start<'_>, id_r: &[u8], id_i: &[u8]) -> Vec<u8> {
    let prf = start.basis.prf();
    let lie = lying::proof(&config.policy.lies);
    let key = if lie == Some(Proof::SkPi) {
        &start.basis.keys.sk_pi
    } else {
        &start.basis.keys.sk_pr
    };
    let id = if lie == Some(Proof::OtherIdentity) {
        id_i
    } else {
        id_r
    };
    let maced_id = prf.mac(key.expose(), &[id]);
    match lie {
        Some(Proof::OtherMessage) => [
            &start.transcript.message_i[..],
            &start.transcript.nonce_i,
            &maced_id,
        ]
        .concat(),
        Some(Proof::OtherNonce) => [
            &start.transcript.message_r[..],
            &start.transcript.nonce_r,
            &maced_id,
        ]
        .concat(),
        Some(Proof::InitiatorOctets) => initiator_octets(start, id_i),
        Some(Proof::NoIdentity) => {
            [&start.transcript.message_r[..], &start.transcript.nonce_i].concat()
        }
        _ => [
            &start.transcript.message_r[..],
            &start.transcript.nonce_i,
            &maced_id,
        ]
        .concat(),
    }
}

/// Our signature as AUTH payload. `None` if the key cannot sign what the client can read.
pub(crate) fn sign(
    config: &Config,
    start: Start<'_>,
    (id_r, id_i): (&[u8], &[u8]),
) -> Option<(AuthMethod, Vec<u8>)> {
    let octets = responder_octets(config, start, id_r, id_i);
    let policy = &config.policy;
    let signer = match (lying::proof(&policy.lies), &config.tls_identity) {
        (Some(Proof::OtherKey), Some(other)) => &other.signer,
        _ => &config.identity.signer,
    };
    let modern = !policy.hashes.is_empty() && !start.transcript.hashes.is_empty();
    let scheme = scheme(config, start, signer, modern)?;
    let signature = signer.sign(scheme, &octets).ok()?;
    if modern {
        let data = encode_digital_signature(scheme, &signature);
        return Some((AuthMethod::DIGITAL_SIGNATURE, data));
    }
    let method = if scheme == SignatureScheme::EcdsaP256Sha256 {
        AuthMethod::ECDSA_SHA256_P256
    } else if scheme == SignatureScheme::EcdsaP384Sha384 {
        AuthMethod::ECDSA_SHA384_P384
    } else {
        return Some((AuthMethod::RSA_DIGITAL_SIGNATURE, signature));
    };
    Some((method, ecdsa_to_fixed(scheme, &signature)?))
}

fn scheme(
    config: &Config,
    start: Start<'_>,
    signer: &SoftwareSigner,
    modern: bool,
) -> Option<SignatureScheme> {
    if let Some(scheme) = config.policy.scheme {
        return Some(scheme);
    }
    let able = signer.schemes();
    if modern {
        let readable = |scheme: &SignatureScheme| start.transcript.hashes.contains(&scheme.hash());
        return able.into_iter().find(readable);
    }
    let old = [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::RsaPkcs1Sha1,
    ];
    old.into_iter().find(|scheme| able.contains(scheme))
}

/// Whether the client's signature fits to its public key.
pub(crate) fn signature_fits(public_key: &[u8], auth: &Authentication<'_>, octets: &[u8]) -> bool {
    let (scheme, encoding, signature) = match auth.method {
        AuthMethod::DIGITAL_SIGNATURE => {
            let Some((scheme, signature)) = decode_digital_signature(auth.data) else {
                return false;
            };
            (scheme, Encoding::Asn1, signature)
        }
        AuthMethod::RSA_DIGITAL_SIGNATURE => {
            (SignatureScheme::RsaPkcs1Sha1, Encoding::Asn1, auth.data)
        }
        AuthMethod::ECDSA_SHA256_P256 => {
            (SignatureScheme::EcdsaP256Sha256, Encoding::Fixed, auth.data)
        }
        AuthMethod::ECDSA_SHA384_P384 => {
            (SignatureScheme::EcdsaP384Sha384, Encoding::Fixed, auth.data)
        }
        _ => return false,
    };
    verify(public_key, scheme, encoding, octets, signature).is_ok()
}

/// The client's AUTH with the MSK.
pub(crate) fn client_mac(start: Start<'_>, msk: &[u8], id_i: &[u8]) -> Vec<u8> {
    let prf = start.basis.prf();
    let padded = prf.mac(msk, &[KEY_PAD]);
    prf.mac(&padded, &[&initiator_octets(start, id_i)])
}

/// Our AUTH with the MSK: or, by a lie, something like it.
pub(crate) fn gateway_mac(
    config: &Config,
    start: Start<'_>,
    msk: &[u8],
    (id_r, id_i): (&[u8], &[u8]),
) -> Vec<u8> {
    let prf = start.basis.prf();
    let octets = responder_octets(config, start, id_r, id_i);
    match lying::proof(&config.policy.lies) {
        Some(Proof::NoKeyPad) => prf.mac(msk, &[&octets]),
        Some(Proof::ZeroMsk) => prf.mac(&prf.mac(&[0; 64], &[KEY_PAD]), &[&octets]),
        Some(Proof::SkPrForMsk) => {
            let padded = prf.mac(start.basis.keys.sk_pr.expose(), &[KEY_PAD]);
            prf.mac(&padded, &[&octets])
        }
        _ => prf.mac(&prf.mac(msk, &[KEY_PAD]), &[&octets]),
    }
}
