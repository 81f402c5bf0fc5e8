//! What the gateway has to tell, line by line, for whoever watches it.
#![expect(
    clippy::print_stdout,
    reason = "a gateway that runs alone tells by its output"
)]

use std::sync::{Arc, Mutex, PoisonError};

use azike_gateway::Event;

/// Lines that one thread writes and another reads.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    lines: Arc<Mutex<Vec<String>>>,
    aloud: bool,
}

impl Notes {
    /// Lines that are printed too.
    pub fn aloud() -> Self {
        Self {
            aloud: true,
            ..Self::default()
        }
    }

    /// Appends a line.
    pub fn tell(&self, line: impl Into<String>) {
        let line = line.into();
        if self.aloud {
            println!("{line}");
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    /// Appends what happened.
    pub fn tell_event(&self, event: &Event) {
        self.tell(match event {
            Event::IkeSa(spi) => format!("IKE SA {spi}"),
            Event::ChildSa(child) => {
                let (peer, addresses) = (child.peer, &child.addresses);
                let spi_in = child.spi_in;
                format!("Child SA {spi_in} of {peer}, addresses {addresses:?}")
            }
            Event::IkeSaRekeyed { old, new, maker } => {
                format!("IKE SA {old} rekeyed by the {maker:?}: {new}")
            }
            Event::Moved(spi, peer) => format!("the client of {spi} is at {peer}"),
            Event::IkeSaGone(spi, why) => format!("IKE SA {spi} is gone: {why:?}"),
            Event::Retransmission(id) => format!("request {id:?} again"),
            Event::Answered(id) => format!("answer to {id:?}"),
            Event::ChildSaDeleted(spi_in) => format!("Child SA {spi_in} deleted"),
            Event::IkeSaDeleted(spi) => format!("IKE SA {spi} deleted"),
            Event::ClientRefused(spi, notify) => {
                format!("IKE SA {spi} refused by the client: {notify:?}")
            }
            Event::LoginFailed(why) => format!("login failed: {why}"),
        });
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }

    /// How many lines there are that begin with `text`.
    pub fn count(&self, text: &str) -> usize {
        let lines = self.lines();
        lines.iter().filter(|line| line.starts_with(text)).count()
    }
}
