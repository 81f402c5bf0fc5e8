//! Events as entries of a Mac's unified log.
//!
//! ```text
//!   azike_datapath::threads   INFO   "UDP offload refused" error=…
//!     category datapath       type Default   public            private
//! ```
//!
//! The text of an event is ours and fixed, so everybody may read it; its fields can
//! hold what a peer sent or where somebody works, so they are private.

use std::fmt::{self, Write as _};

use azike_control::printable;
use azike_platform::{Importance, UnifiedLog};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The longest part of an entry, in characters; macOS cuts at about 1000 octets.
const PART: usize = 800;

/// Takes entries.
pub(super) trait Sink: Send + Sync + 'static {
    /// Writes one.
    fn write(&self, importance: Importance, category: &str, public: &str, private: &str);
}

impl Sink for UnifiedLog {
    fn write(&self, importance: Importance, category: &str, public: &str, private: &str) {
        Self::write(self, importance, category, public, private);
    }
}

/// A layer that writes to `Sink`.
#[derive(Debug)]
pub(super) struct Unified<S>(pub(super) S);

impl<C: Subscriber, S: Sink> Layer<C> for Unified<S> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, C>) {
        let mut parts = Parts::default();
        event.record(&mut parts);
        let metadata = event.metadata();
        let (public, private) = (shown(&parts.message), shown(&parts.fields));
        let importance = importance(*metadata.level());
        self.0
            .write(importance, category(metadata.target()), &public, &private);
    }
}

/// The text of an event, and its fields, each after a space.
#[derive(Debug, Default)]
struct Parts {
    message: String,
    fields: String,
}

impl Visit for Parts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
        // Writing to a String cannot fail.
        written.unwrap_or_default();
    }
}

fn shown(text: &str) -> String {
    printable(text).chars().take(PART).collect()
}

/// As the crates that speak to `os_log` map them: what a user would notice is kept on disk.
const fn importance(level: Level) -> Importance {
    match level {
        Level::ERROR => Importance::Fault,
        Level::WARN => Importance::Error,
        Level::INFO => Importance::Default,
        Level::DEBUG => Importance::Info,
        Level::TRACE => Importance::Debug,
    }
}

/// `daemon` for `azike::daemon::server`, `datapath` for `azike_datapath::threads`, the name of the
/// crate for those of others.
fn category(target: &str) -> &str {
    let (package, module) = target.split_once("::").unwrap_or((target, "azike"));
    let module = module.split("::").next().unwrap_or(module);
    match package.strip_prefix("azike") {
        Some("") => module,
        Some(part) => part.strip_prefix('_').unwrap_or(package),
        None => package,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    type Entry = (Importance, String, String, String);

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<Entry>>>);

    impl Sink for Paper {
        fn write(&self, importance: Importance, category: &str, public: &str, private: &str) {
            let entry = (
                importance,
                category.to_owned(),
                public.to_owned(),
                private.to_owned(),
            );
            self.0.lock().unwrap().push(entry);
        }
    }

    /// What a peer sent must not stand where everybody reads it.
    #[test]
    fn fields_are_private_and_the_text_is_not() {
        let paper = Paper::default();
        let subscriber = tracing_subscriber::registry().with(Unified(paper.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(
                target: "azike::daemon::session",
                name = "ada\u{1b}[2J",
                attempt = 3,
                error = %"refused\nby peer",
                "login failed"
            );
        });
        let entries = paper.0.lock().unwrap().clone();
        let [(importance, category, public, private)] = &entries[..] else {
            panic!("{entries:?}");
        };
        assert_eq!(
            (*importance, category.as_str()),
            (Importance::Error, "daemon")
        );
        assert_eq!(public, "login failed");
        assert!(
            private.starts_with(" name=ada\\u{1b}[2J attempt=3 error="),
            "{private}"
        );
        assert!(!private.contains('\n'), "{private}");
    }

    #[test]
    fn an_entry_is_not_longer_than_the_log_keeps() {
        let paper = Paper::default();
        let subscriber = tracing_subscriber::registry().with(Unified(paper.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(long = %"x".repeat(100_000), "y");
        });
        assert_eq!(paper.0.lock().unwrap()[0].3.len(), PART);
    }

    #[test]
    fn the_category_is_the_part_of_azike() {
        for (target, expected) in [
            ("azike::daemon::server", "daemon"),
            ("azike::cli", "cli"),
            ("azike", "azike"),
            ("azike_datapath::threads::udp", "datapath"),
            ("azike_platform", "platform"),
            ("rustls::client", "rustls"),
        ] {
            assert_eq!(category(target), expected, "{target}");
        }
    }
}
