//! The lengths in [`xnu`](crate::xnu) are those of the system's own structures.

use crate::xnu::{message, request};

const _: () = {
    assert!(size_of::<libc::rt_msghdr>() == message::ROUTE_HEADER);
    assert!(size_of::<libc::if_msghdr>() == message::LINK_HEADER);
    assert!(size_of::<libc::ifa_msghdr>() == message::ADDRESS_HEADER);
    assert!(size_of::<libc::ifreq>() == request::IFREQ);
    assert!(size_of::<libc::in6_ifreq>() == request::IN6_IFREQ);
    assert!(size_of::<libc::ifaliasreq>() == request::IFALIASREQ);
    assert!(request::IN6_ALIASREQ == 16 + 3 * size_of::<libc::sockaddr_in6>() + 4 + 24);
    assert!(std::mem::offset_of!(libc::rt_msghdr, rtm_flags) == 8);
    assert!(std::mem::offset_of!(libc::rt_msghdr, rtm_addrs) == 12);
    assert!(std::mem::offset_of!(libc::rt_msghdr, rtm_pid) == 16);
    assert!(std::mem::offset_of!(libc::rt_msghdr, rtm_errno) == 24);
    assert!(std::mem::offset_of!(libc::if_msghdr, ifm_flags) == 8);
    assert!(std::mem::offset_of!(libc::if_msghdr, ifm_index) == 12);
    assert!(std::mem::offset_of!(libc::if_msghdr, ifm_data) == 16);
    assert!(std::mem::offset_of!(libc::if_data, ifi_mtu) == 8);
    assert!(std::mem::offset_of!(libc::ifa_msghdr, ifam_index) == 12);
};
