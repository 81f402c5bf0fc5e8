//! How long the gateway accepts a login (RFC 4478).
//!
//! ```text
//!                   <--  HDR, SK { IDr, AUTH, .., N(AUTH_LIFETIME) }
//!                   <--  HDR, SK { N(AUTH_LIFETIME) }     at any time later
//!  HDR, SK { }  -->
//! ```
//!
//! After that time it deletes the IKE SA. Who wants to stay logs in anew before.

use std::time::Duration;

use azike_wire::NotifyType;

use crate::payload_set::PayloadSet;

/// The shortest time that is taken at its word: no gateway makes us log in all the time.
const SHORTEST: Duration = Duration::from_mins(1);
/// The longest.
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// The lifetime in a message of a proven gateway. Zero seconds and odd lengths mean nothing.
pub(crate) fn auth_lifetime(set: &PayloadSet<'_>) -> Option<Duration> {
    let octets = set.notify(NotifyType::AUTH_LIFETIME)?.data;
    let seconds = u32::from_be_bytes(octets.try_into().ok()?);
    let lifetime = Duration::from_secs(seconds.into());
    (seconds > 0).then(|| lifetime.clamp(SHORTEST, LONGEST))
}
