//! A frame: four octets of length, then that many octets of JSON.
//!
//! ```text
//!   0        4                        4 + length
//!   +--------+------------------------+
//!   | length | JSON, UTF-8            |
//!   +--------+------------------------+
//!    u32, network order
//! ```
//!
//! [`FrameBuffer`] takes octets as they come and gives whole frames. It never makes room for more
//! than has arrived, so a length of 4 GiB costs nothing.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::request::PROTOCOL_VERSION;
use crate::{Code, Failure, Reply, Request};

/// The longest JSON document of a reply, in octets.
pub const REPLY_MAX: usize = 1 << 20;
/// The longest JSON document of a request, in octets; files are not part of it.
pub const REQUEST_MAX: usize = 1 << 16;
/// Octets of the length field.
const LENGTH: usize = 4;

/// Why octets are not a frame, or a frame not a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// The length is zero.
    #[error("the frame is empty")]
    Empty,
    /// The length is above the limit.
    #[error("the frame has {length} octets, {limit} are allowed")]
    TooLong {
        /// The length field.
        length: usize,
        /// The limit of this direction.
        limit: usize,
    },
    /// The octets are not UTF-8 JSON, are nested too deeply, or have the wrong fields.
    #[error("the frame does not hold a message that is understood")]
    NotUnderstood,
    /// The sender speaks another version of the protocol.
    #[error("the frame is of protocol version {0}, ours is {PROTOCOL_VERSION}")]
    OtherVersion(u32),
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        let code = match error {
            FrameError::OtherVersion(_) => Code::DAEMON_VERSION,
            FrameError::Empty | FrameError::TooLong { .. } | FrameError::NotUnderstood => {
                Code::DAEMON_PROTOCOL
            }
        };
        Self::new(code, error.to_string())
    }
}

/// Collects octets until a frame is complete.
#[derive(Debug)]
pub struct FrameBuffer {
    octets: Vec<u8>,
    limit: usize,
}

impl FrameBuffer {
    /// Takes frames of at most `limit` octets of JSON.
    pub const fn new(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            limit,
        }
    }

    /// Takes octets that arrived.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    /// The next whole frame without its length, `None` when octets are missing. After an error
    /// the connection is of no more use.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Some(length) = self.octets.first_chunk::<LENGTH>() else {
            return Ok(None);
        };
        let limit = self.limit;
        let length = u32::from_be_bytes(*length);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length == 0 {
            return Err(FrameError::Empty);
        }
        if length > limit {
            return Err(FrameError::TooLong { length, limit });
        }
        if self.octets.len() < LENGTH + length {
            return Ok(None);
        }
        let rest = self.octets.split_off(LENGTH + length);
        let mut frame = std::mem::replace(&mut self.octets, rest);
        frame.drain(..LENGTH);
        Ok(Some(frame))
    }

    /// Whether octets wait that are not a whole frame.
    pub const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// A request with the version in front.
#[derive(Serialize)]
struct Outgoing<'a> {
    version: u32,
    request: &'a Request,
}

/// The same, read; the version is known to be ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming {
    #[serde(rename = "version")]
    _version: u32,
    request: Request,
}

/// The only field that every version has.
#[derive(Deserialize)]
struct AnyVersion {
    version: u32,
}

/// The frame of a request.
pub fn encode_request(request: &Request) -> Result<Vec<u8>, FrameError> {
    let version = PROTOCOL_VERSION;
    encode(&Outgoing { version, request }, REQUEST_MAX)
}

/// The request in a frame that [`FrameBuffer`] gave.
pub fn decode_request(frame: &[u8]) -> Result<Request, FrameError> {
    let AnyVersion { version } = decode(frame)?;
    if version != PROTOCOL_VERSION {
        return Err(FrameError::OtherVersion(version));
    }
    decode::<Incoming>(frame).map(|incoming| incoming.request)
}

/// The frame of a reply.
pub fn encode_reply(reply: &Reply) -> Result<Vec<u8>, FrameError> {
    encode(reply, REPLY_MAX)
}

/// The reply in a frame that [`FrameBuffer`] gave.
pub fn decode_reply(frame: &[u8]) -> Result<Reply, FrameError> {
    decode(frame)
}

fn encode<T: Serialize>(message: &T, limit: usize) -> Result<Vec<u8>, FrameError> {
    let mut octets = vec![0; LENGTH];
    serde_json::to_writer(&mut octets, message).map_err(|_| FrameError::NotUnderstood)?;
    let length = octets.len() - LENGTH;
    let field = u32::try_from(length).ok().filter(|_| length <= limit);
    let field = field.ok_or(FrameError::TooLong { length, limit })?;
    if let Some(start) = octets.first_chunk_mut() {
        *start = field.to_be_bytes();
    }
    Ok(octets)
}

fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(frame).map_err(|_| FrameError::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(json: &str) -> Vec<u8> {
        let mut octets = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
        octets.extend_from_slice(json.as_bytes());
        octets
    }

    #[test]
    fn a_frame_comes_in_any_pieces() {
        let octets = encode_request(&Request::Status).unwrap();
        for size in 1..=octets.len() {
            let mut buffer = FrameBuffer::new(REQUEST_MAX);
            let mut frames = Vec::new();
            for piece in octets.repeat(2).chunks(size) {
                buffer.push(piece);
                while let Some(frame) = buffer.next_frame().unwrap() {
                    frames.push(decode_request(&frame).unwrap());
                }
            }
            assert_eq!(frames, [Request::Status, Request::Status]);
            assert!(buffer.is_empty());
        }
    }

    /// N-102: the length field is the first thing that a hostile client writes.
    #[test]
    fn lengths_of_nothing_and_of_four_gibibytes_are_refused() {
        let mut buffer = FrameBuffer::new(REQUEST_MAX);
        buffer.push(&[0, 0, 0, 0]);
        assert_eq!(buffer.next_frame(), Err(FrameError::Empty));
        let mut buffer = FrameBuffer::new(REQUEST_MAX);
        buffer.push(&[0xff, 0xff, 0xff, 0xff]);
        assert!(matches!(
            buffer.next_frame(),
            Err(FrameError::TooLong {
                length: 0xffff_ffff,
                ..
            })
        ));
        let mut buffer = FrameBuffer::new(REQUEST_MAX);
        buffer.push(&framed(&"x".repeat(REQUEST_MAX + 1)));
        assert!(buffer.next_frame().is_err());
    }

    /// N-102: JSON that is none, too deep, doubled, from the future.
    #[test]
    fn json_that_is_not_a_request_is_refused() {
        let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        let deep_field = format!(r#"{{"version":1,"request":{deep}}}"#);
        let cases = [
            "",
            "{",
            "null",
            "\u{feff}{}",
            deep.as_str(),
            deep_field.as_str(),
            r#"{"request":"status"}"#,
            r#"{"version":1}"#,
            r#"{"version":1,"version":1,"request":"status"}"#,
            r#"{"version":1,"request":"status","request":"down"}"#,
            r#"{"version":1,"request":"status","more":1}"#,
            r#"{"version":1,"request":"reboot"}"#,
            r#"{"version":1,"request":{"status":1}}"#,
            r#"{"version":1,"request":"status"} x"#,
            r#"{"version":-1,"request":"status"}"#,
            r#"{"version":1e999,"request":"status"}"#,
            r#"{"version":1,"request":{"up":{"profile":{"stored":{"name":"a"}},"attached":[],"password":"x"}}}"#,
            r#"{"version":1,"request":{"up":{"profile":{"stored":{"name":"a","name":"b"}},"attached":[]}}}"#,
            r#"{"version":1,"request":{"up":{"profile":{"stored":{"name":"a"}},"attached":["shell"]}}}"#,
        ];
        for json in cases {
            assert_eq!(
                decode_request(json.as_bytes()),
                Err(FrameError::NotUnderstood),
                "{json:.80}"
            );
        }
        let not_utf8 = b"{\"version\":1,\"request\":\"\xff\"}";
        assert_eq!(decode_request(not_utf8), Err(FrameError::NotUnderstood));
        assert_eq!(
            decode_request(br#"{"version":2,"request":{"fly":[]},"new":1}"#),
            Err(FrameError::OtherVersion(2)),
        );
    }

    #[test]
    fn any_octets_are_refused_without_harm() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            let mut octets = framed(r#"{"version":1,"request":"status"}"#);
            for _ in 0..3 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let at = usize::try_from(random % 31).unwrap();
                octets[at] = random.to_be_bytes()[0];
            }
            let mut buffer = FrameBuffer::new(REQUEST_MAX);
            buffer.push(&octets);
            if let Ok(Some(frame)) = buffer.next_frame() {
                drop(decode_request(&frame));
            }
        }
    }

    #[test]
    fn a_reply_comes_back() {
        let replies = [
            Reply::NotConnected,
            Reply::Failed(Code::TS_UNACCEPTABLE.into()),
        ];
        for reply in replies {
            let octets = encode_reply(&reply).unwrap();
            let mut buffer = FrameBuffer::new(REPLY_MAX);
            buffer.push(&octets);
            let frame = buffer.next_frame().unwrap().unwrap();
            assert_eq!(decode_reply(&frame), Ok(reply));
        }
    }
}
