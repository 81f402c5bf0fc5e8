//! Tells when somebody, we ourselves too, changed keys of the dynamic store.
//!
//! ```text
//!   configd --Mach message--> run loop of a thread of its own --channel--> StoreWatch::changed
//! ```
//!
//! The listener compares and writes again what is not in force
//! ([`DynamicStore::in_force`](super::DynamicStore::in_force)): its own writing is
//! told too, and found in force.
#![expect(
    unsafe_code,
    reason = "the name of the run loop's mode is a C variable"
)]

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as thread_channel;
use std::thread;
use std::time::Duration;

use core_foundation::array::CFArray;
use core_foundation::runloop::{
    CFRunLoop, CFRunLoopMode, CFRunLoopRunResult, kCFRunLoopDefaultMode,
};
use core_foundation::string::CFString;
use system_configuration::dynamic_store::{
    SCDynamicStore, SCDynamicStoreBuilder, SCDynamicStoreCallBackContext,
};
use tokio::sync::mpsc;

use super::store::last_error;

/// How long the run loop sleeps without an event before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_hours(1);

/// A watch on keys of the dynamic store.
pub(crate) struct StoreWatch {
    changes: mpsc::Receiver<()>,
    unwanted: Arc<AtomicBool>,
    run_loop: CFRunLoop,
}

impl fmt::Debug for StoreWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWatch").finish_non_exhaustive()
    }
}

impl StoreWatch {
    /// Watches the keys that fit one of `patterns`, regular expressions such as
    /// [`OUR_KEYS`](super::OUR_KEYS) or `State:/Network/Global/IPv[46]`.
    pub(crate) fn open(patterns: &'static [&'static str]) -> io::Result<Self> {
        let (sender, changes) = mpsc::channel(1);
        let unwanted = Arc::new(AtomicBool::new(false));
        let (ready, begun) = thread_channel::sync_channel(1);
        let thread_unwanted = Arc::clone(&unwanted);
        let body = move || watch(patterns, sender, &ready, &thread_unwanted);
        thread::Builder::new()
            .name("dns-watch".to_owned())
            .spawn(body)?;
        let begun = begun.recv();
        let run_loop = begun.map_err(|_| io::Error::other("the watch on DNS ended"))??;
        Ok(Self {
            changes,
            unwanted,
            run_loop,
        })
    }

    /// Waits until a key appears, changes or goes. Changes that come together are told once.
    pub(crate) async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            tracing::warn!("the watch on DNS ended; a change by another program is not seen");
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for StoreWatch {
    /// The thread is not waited for: one that begins to wait at this moment sees
    /// the end at the next change.
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::SeqCst);
        self.run_loop.stop();
    }
}

type Ready = thread_channel::SyncSender<io::Result<CFRunLoop>>;

fn watch(patterns: &[&str], changes: mpsc::Sender<()>, ready: &Ready, unwanted: &AtomicBool) {
    let session = match subscribe(patterns, changes) {
        Ok(session) => session,
        Err(error) => {
            // Nobody waits any more if this fails.
            drop(ready.send(Err(error)));
            return;
        }
    };
    if ready.send(Ok(CFRunLoop::get_current())).is_err() {
        return;
    }
    while !unwanted.load(Ordering::SeqCst) {
        if CFRunLoop::run_in_mode(mode(), PATIENCE, true) == CFRunLoopRunResult::Finished {
            tracing::warn!("the session with configd ended");
            break;
        }
    }
    drop(session);
}

/// A session that calls back in the run loop of this thread.
fn subscribe(patterns: &[&str], changes: mpsc::Sender<()>) -> io::Result<SCDynamicStore> {
    let context = SCDynamicStoreCallBackContext {
        callout: tell,
        info: changes,
    };
    let name = CFString::from_static_string("azike watch");
    let builder = SCDynamicStoreBuilder::new(name).callback_context(context);
    let session = builder.build().ok_or_else(last_error)?;
    let keys: CFArray<CFString> = CFArray::from_CFTypes(&[]);
    let patterns: Vec<_> = patterns.iter().map(|text| CFString::new(text)).collect();
    if !session.set_notification_keys(&keys, &CFArray::from_CFTypes(&patterns)) {
        return Err(last_error());
    }
    let source = session.create_run_loop_source().ok_or_else(last_error)?;
    CFRunLoop::get_current().add_source(&source, mode());
    Ok(session)
}

fn tell(_: SCDynamicStore, _: CFArray<CFString>, changes: &mut mpsc::Sender<()>) {
    // A full channel has this news already; a closed one has nobody to hear it.
    if changes.try_send(()).is_err() {
        tracing::trace!("a change of the dynamic store is told already");
    }
}

fn mode() -> CFRunLoopMode {
    // SAFETY: a constant of Core Foundation, set before the program's first line.
    unsafe { kCFRunLoopDefaultMode }
}

#[cfg(test)]
mod tests {
    use super::super::OUR_KEYS;
    use super::*;

    #[test]
    fn a_watch_begins_and_ends() {
        drop(StoreWatch::open(&[OUR_KEYS]).unwrap());
    }
}
