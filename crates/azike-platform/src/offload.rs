//! What to leave to the system.

/// Whether many packets may go through the system as one: super-packets of the tun device, datagrams
/// of one length in one buffer of the socket.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Offload {
    /// As much as the system can.
    #[default]
    Auto,
    /// Every packet by itself.
    Off,
}
