//! Sleep and waking up, from `IOKit`.
//!
//! ```text
//!   IOKit ──▶ dispatch queue ──▶ heard() ─┬─▶ sleep: allowed at once
//!                                         └─▶ awake: one more on the counter
//! ```
//!
//! Who registers must answer before the machine may sleep, or it waits 30 seconds for us. There is nothing to do
//! before sleep: what the gateway forgot meanwhile is asked for after it.
//!
//! The registration is made once and lasts as long as the process: a notification that is under way while somebody
//! takes it back would find nothing.

#![expect(unsafe_code, reason = "IOKit is C, and calls back")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Once};

use tokio::sync::watch;

/// `IOMessage.h`: may the machine sleep, is it about to, is it awake again.
const CAN_SLEEP: u32 = 0xe000_0270;
const WILL_SLEEP: u32 = 0xe000_0280;
const HAS_POWERED_ON: u32 = 0xe000_0300;

/// `IOServiceInterestCallback`: its own pointer, the service, which message, its argument.
type Callback = extern "C" fn(*mut c_void, u32, u32, *mut c_void);

#[link(name = "IOKit", kind = "framework")]
unsafe extern "C" {
    fn IORegisterForSystemPower(
        context: *mut c_void,
        port: *mut *mut c_void,
        callback: Callback,
        notifier: *mut u32,
    ) -> u32;
    fn IONotificationPortSetDispatchQueue(port: *mut c_void, queue: *mut c_void);
    fn IOAllowPowerChange(kernel_port: u32, notification: isize) -> c_int;
}

// In libSystem.
unsafe extern "C" {
    fn dispatch_queue_create(label: *const c_char, attributes: *mut c_void) -> *mut c_void;
}

const LABEL: &CStr = c"azike.power";

/// How often the machine woke up since the process began to listen.
static WAKES: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::Sender::new(0));
/// Where to allow sleep.
static KERNEL_PORT: AtomicU32 = AtomicU32::new(0);
static REGISTRATION: Once = Once::new();

/// Changes each time the machine has woken up. Where `IOKit` refuses, it never does.
pub(super) fn wakes() -> watch::Receiver<u64> {
    let receiver = WAKES.subscribe();
    REGISTRATION.call_once(register);
    receiver
}

fn register() {
    let (mut port, mut notifier) = (ptr::null_mut(), 0);
    // SAFETY: both places live until after the call; the callback is a function, and has no context.
    let kernel_port = unsafe {
        IORegisterForSystemPower(ptr::null_mut(), &raw mut port, heard, &raw mut notifier)
    };
    if kernel_port == 0 || port.is_null() {
        tracing::warn!("IOKit does not tell about sleep; waking up is noticed by the clock");
        return;
    }
    KERNEL_PORT.store(kernel_port, Ordering::SeqCst);
    // SAFETY: a label that ends with a zero and lasts; no attributes make a serial queue.
    let queue = unsafe { dispatch_queue_create(LABEL.as_ptr(), ptr::null_mut()) };
    // SAFETY: the port and the queue were just made, and are never taken back.
    unsafe { IONotificationPortSetDispatchQueue(port, queue) };
}

/// What `IOKit` calls, on a thread of the dispatch queue.
extern "C" fn heard(_: *mut c_void, _: u32, message: u32, argument: *mut c_void) {
    match message {
        CAN_SLEEP | WILL_SLEEP => {
            let kernel_port = KERNEL_PORT.load(Ordering::SeqCst);
            // The argument is no place but the number of the notification.
            let notification = argument.addr().cast_signed();
            // SAFETY: the port is the one that was registered; the number is the kernel's own.
            let refused = unsafe { IOAllowPowerChange(kernel_port, notification) };
            if refused != 0 {
                tracing::debug!(refused, "sleep was not acknowledged");
            }
        }
        HAS_POWERED_ON => WAKES.send_modify(|wakes| *wakes = wakes.wrapping_add(1)),
        _ => {}
    }
}
