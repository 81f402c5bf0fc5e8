//! Transform IDs and the sizes behind them.

use azike_crypto::{Encryption, Integrity, Prf, Unsupported};
use azike_wire::{EncryptionId, IntegrityId, PrfId};

#[test]
fn encryption_ids_and_sizes() {
    for (id, bits, encryption, [keymat, iv, block], icv) in [
        (20, Some(128), Encryption::Aes128Gcm16, [20, 8, 1], Some(16)),
        (20, Some(256), Encryption::Aes256Gcm16, [36, 8, 1], Some(16)),
        (12, Some(128), Encryption::Aes128Cbc, [16, 16, 16], None),
        (12, Some(256), Encryption::Aes256Cbc, [32, 16, 16], None),
        (28, None, Encryption::ChaCha20Poly1305, [36, 8, 1], Some(16)),
    ] {
        let id = EncryptionId(id);
        assert_eq!(Encryption::try_from((id, bits)), Ok(encryption));
        assert_eq!((encryption.id(), encryption.key_bits()), (id, bits));
        assert_eq!(encryption.keymat_length(), keymat);
        assert_eq!((encryption.iv_length(), encryption.block()), (iv, block));
        assert_eq!(encryption.icv_length(), icv);
        assert_eq!(encryption.is_aead(), icv.is_some());
    }
}

/// A Key Length attribute that is missing, superfluous, or of a size that is
/// not built in (RFC 7296, section 3.3.5).
#[test]
fn encryption_with_another_key_length_is_unsupported() {
    for (id, bits) in [
        (20, None),
        (20, Some(0)),
        (20, Some(192)),
        (12, None),
        (12, Some(192)),
        (12, Some(u16::MAX)),
        (28, Some(256)),
        (3, None),
        (18, Some(256)),
        (30, Some(256)),
        (0, None),
        (u16::MAX, None),
    ] {
        let found = Encryption::try_from((EncryptionId(id), bits));
        assert_eq!(found, Err(Unsupported), "{id} {bits:?}");
    }
}

#[test]
fn prf_ids_and_sizes() {
    for (id, prf, length) in [
        (2, Prf::HmacSha1, 20),
        (5, Prf::HmacSha256, 32),
        (6, Prf::HmacSha384, 48),
        (7, Prf::HmacSha512, 64),
    ] {
        assert_eq!(Prf::try_from(PrfId(id)), Ok(prf));
        assert_eq!((prf.id(), prf.key_length()), (PrfId(id), length));
        assert_eq!(prf.mac(b"", &[]).len(), length);
    }
    for id in [0, 1, 3, 4, 8, u16::MAX] {
        assert_eq!(Prf::try_from(PrfId(id)), Err(Unsupported));
    }
}

#[test]
fn integrity_ids_and_sizes() {
    for (id, integrity, key, icv) in [
        (2, Integrity::HmacSha1_96, 20, 12),
        (12, Integrity::HmacSha256_128, 32, 16),
        (13, Integrity::HmacSha384_192, 48, 24),
        (14, Integrity::HmacSha512_256, 64, 32),
    ] {
        assert_eq!(Integrity::try_from(IntegrityId(id)), Ok(integrity));
        assert_eq!(integrity.id(), IntegrityId(id));
        assert_eq!((integrity.key_length(), integrity.icv_length()), (key, icv));
    }
    for id in [0, 1, 5, 7, 8, 11, u16::MAX] {
        assert_eq!(Integrity::try_from(IntegrityId(id)), Err(Unsupported));
    }
}
