//! The engine of systems on which azike cannot make tunnels: it says so.

use std::convert::Infallible;

use azike_control::{Code, Failure, ResetReport, StageReport, StatusDocument};
use tokio::sync::mpsc;

use super::engine_face::{DownOutcome, Ended, Engine, EngineSource, Places, UpJob, UpOutcome};

/// Starts nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unsupported;

impl EngineSource for Unsupported {
    type Engine = NoEngine;

    fn check(&self) -> Result<(), Failure> {
        Err(unsupported())
    }

    async fn start(&self, _: Places) -> Result<NoEngine, Failure> {
        Err(unsupported())
    }
}

/// An engine that cannot exist.
#[derive(Clone, Copy, Debug)]
pub struct NoEngine(Infallible);

impl Engine for NoEngine {
    async fn up(&self, _: UpJob, _: mpsc::Sender<StageReport>) -> Result<UpOutcome, Failure> {
        match self.0 {}
    }

    async fn down(&self) -> Result<DownOutcome, Failure> {
        match self.0 {}
    }

    async fn status(&self) -> StatusDocument {
        match self.0 {}
    }

    async fn reset(&self) -> Result<ResetReport, Failure> {
        match self.0 {}
    }

    async fn ended(&self) -> Ended {
        match self.0 {}
    }
}

fn unsupported() -> Failure {
    let what = format!("azike cannot make tunnels on {} yet", std::env::consts::OS);
    Failure::new(Code::UNSUPPORTED_PLATFORM, what)
}
