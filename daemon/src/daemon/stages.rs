//! Reports of a connection's stages, each with the time it took.

use std::time::Instant;

use azike_control::{Stage, StageReport};
use azike_platform::Clock;
use tokio::sync::mpsc;

/// Sends stage reports to whoever waits for the tunnel.
#[derive(Debug)]
pub(crate) struct Stages {
    clock: Clock,
    begun: Instant,
    last: Instant,
    current: Option<Stage>,
    progress: mpsc::Sender<StageReport>,
}

impl Stages {
    /// The clock of the first stage starts now.
    pub(crate) fn new(clock: Clock, progress: mpsc::Sender<StageReport>) -> Self {
        let now = clock.now();
        Self {
            clock,
            begun: now,
            last: now,
            current: None,
            progress,
        }
    }

    /// A stage has begun.
    pub(crate) async fn start(&mut self, stage: Stage) {
        self.current = Some(stage);
        self.send(StageReport::started(stage)).await;
    }

    /// A stage is done; its time is what has passed since the stage before.
    pub(crate) async fn done(&mut self, stage: Stage, detail: impl Into<String>) {
        let elapsed = self.lap();
        self.current = None;
        self.send(StageReport::done(stage, detail, Some(elapsed)))
            .await;
    }

    /// The stage that was begun last failed.
    pub(crate) async fn failed(&mut self, detail: impl Into<String>) {
        let elapsed = self.lap();
        if let Some(stage) = self.current.take() {
            self.send(StageReport::failed(stage, detail, Some(elapsed)))
                .await;
        }
    }

    /// Milliseconds since the beginning.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        millis(self.begun, self.clock.now())
    }

    fn lap(&mut self) -> u64 {
        let now = self.clock.now();
        millis(std::mem::replace(&mut self.last, now), now)
    }

    async fn send(&self, report: StageReport) {
        // Without a listener the report is of no use, and that is no failure.
        drop(self.progress.send(report).await);
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
