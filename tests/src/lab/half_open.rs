//! Half-open IKE SAs: requests that nobody follows up, so that the gateway begins to ask for cookies
//! (RFC 7296, section 2.6).

use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::layout::GATEWAY;

/// Leaves `count` IKE SAs half open at the gateway.
pub(super) fn leave(count: u8) -> Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(3)))?;
    for number in 1..=count {
        socket.send_to(&request(number), (GATEWAY, 500))?;
        socket.recv(&mut [0; 2048]).context("an answer")?;
    }
    Ok(())
}

/// An `IKE_SA_INIT` request that offers AES-GCM-256, PRF SHA-384, group 14.
fn request(number: u8) -> Vec<u8> {
    let mut transforms = vec![3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0];
    transforms.extend([3, 0, 0, 8, 2, 0, 0, 6]);
    transforms.extend([0, 0, 0, 8, 4, 0, 0, 14]);
    let mut proposal = vec![0, 0, 0, 36, 1, 1, 0, 3];
    proposal.extend(transforms);
    let mut key_exchange = vec![0, 14, 0, 0];
    // Any number between 1 and the prime will do: nobody will ever use the key.
    key_exchange.extend([0x42; 256]);
    let nonce = [number; 32];
    let mut body = payload(34, &proposal);
    body.extend(payload(40, &key_exchange));
    body.extend(payload(0, &nonce));
    let mut message = vec![0xa2, 0, 0, 0, 0, 0, 0, number];
    message.extend([0; 8]);
    message.extend([33, 0x20, 34, 0x08, 0, 0, 0, 0]);
    let length = u32::try_from(body.len() + 28).unwrap_or(0);
    message.extend(length.to_be_bytes());
    message.extend(body);
    message
}

fn payload(next: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 4).unwrap_or(0).to_be_bytes();
    [&[next, 0], &length[..], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_knows_its_length() {
        let request = request(7);
        let length = request.get(24..28).map(<[u8]>::to_vec);
        let expected = u32::try_from(request.len()).map(|length| length.to_be_bytes().to_vec());
        assert_eq!(length, expected.ok());
    }
}
