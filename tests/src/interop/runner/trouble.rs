//! A tunnel in trouble: what its status says meanwhile, and when echoes are back.
//!
//! ```text
//!   echoes  ▪▪▪▪▪▪▪▪                        ▪▪▪▪▪▪▪
//!                   │ trouble      │ over   │
//!   status  connected ──────▶ not ─┼────────┼▶ connected
//!                   └─ within 15 s ┘└─bound─┘
//! ```

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;

use super::{Runner, traffic};
use crate::interop::scenario::Scenario;
use crate::interop::troubles::Trouble;
use crate::lab::azike::Azike;
use crate::lab::echoes::Echoes;
use crate::lab::layout::{GATEWAY, GATEWAY_LATER};
use crate::lab::router::{self, Block, Path};
use crate::lab::stopwatch::{Stopwatch, pause, unix_seconds, wait_until};
use crate::lab::{Goodbye, roam, topology};

/// A tunnel that carries nothing does not say "connected" for longer.
const NOTICED: Duration = Duration::from_secs(15);
/// Once echoes are back the status says so.
const SAID: Duration = Duration::from_secs(5);
/// Undisturbed echoes before the trouble.
const QUIET: Duration = Duration::from_secs(1);

/// The path is asked once a minute, and its answer looked at every ten seconds.
const MTU_LEARNT: Duration = Duration::from_secs(80);

/// How it went.
struct Weathered {
    /// When it was over, on the wall clock.
    over: f64,
    /// What was measured meanwhile.
    seen: String,
}

impl Weathered {
    fn now(seen: impl Into<String>) -> Self {
        Self {
            over: unix_seconds(),
            seen: seen.into(),
        }
    }
}

impl Runner {
    /// Lets `trouble` happen under a stream of echoes. Gives what was measured.
    pub(super) fn trouble(
        &mut self,
        row: &Scenario,
        trouble: Trouble,
        azike: &mut Azike,
    ) -> Result<String> {
        let layout = self.lab.layout().clone();
        if trouble == Trouble::ReboundIdle {
            pause(Duration::from_secs(3));
            router::rebind(&layout)?;
        }
        let echoes = Echoes::start(&layout)?;
        let weathered = if trouble == Trouble::ReboundIdle {
            Weathered::now("")
        } else {
            pause(QUIET);
            self.happens(row, trouble, azike)?
        };
        let bound = trouble.bound();
        // Looked for much longer, so that the row tells how long it took.
        let back = echoes.answered_after(weathered.over, bound.saturating_mul(3).max(NOTICED));
        let seconds = bound.as_secs();
        let seen = weathered.seen;
        let back = back.with_context(|| format!("{seen}no echoes any more"))?;
        let in_time = back <= bound.as_secs_f64();
        ensure!(
            in_time,
            "{seen}echoes back after {back:.1} s, not {seconds} s"
        );
        let says = wait_until(SAID, || says(azike, |state| state == "connected"));
        ensure!(says, "{seen}echoes are back, the status does not say so");
        let echoed = echoes.finish()?;
        ensure!(azike.is_running(), "the daemon ended");
        let tunnel = azike.tunnel()?;
        let intent = tunnel.text("/intent");
        ensure!(intent == Some("up"), "the intent is {intent:?}");
        let silence = echoed.silence;
        if trouble == Trouble::Redirected || trouble == Trouble::LoginEnds {
            let in_time = silence <= bound.as_secs_f64();
            ensure!(in_time, "{seen}no echoes for {silence:.1} s");
        }
        let lost = echoed.lost;
        Ok(format!(
            "{seen}echoes back after {back:.1} s (at most {seconds}), silence {silence:.1} s, {lost} lost"
        ))
    }

    fn happens(&mut self, row: &Scenario, trouble: Trouble, azike: &Azike) -> Result<Weathered> {
        let layout = self.lab.layout().clone();
        match trouble {
            Trouble::BlackHole(block, least) => self.black_hole(row, block, least, azike),
            Trouble::GatewayKilled(gone) => self.gateway_gone(row, Goodbye::Unsaid, gone),
            Trouble::GatewayStopped(gone) => self.gateway_gone(row, Goodbye::Said, gone),
            Trouble::GatewayMoved => self.gateway_moves(row),
            Trouble::Redirected => self.redirect(azike),
            Trouble::LoginEnds => self.login_ends(row),
            Trouble::Rebound => {
                router::rebind(&layout)?;
                Ok(Weathered::now(""))
            }
            // Done before anybody sent.
            Trouble::ReboundIdle => Ok(Weathered::now("")),
            Trouble::AddressChanged => {
                roam::another_address(&layout)?;
                Ok(Weathered::now(""))
            }
            Trouble::NetworkChanged => {
                roam::leave(&layout)?;
                pause(QUIET);
                roam::elsewhere(&layout)?;
                Ok(Weathered::now(""))
            }
            Trouble::Unplugged(seconds) => {
                roam::unplug(&layout)?;
                pause(Duration::from_secs(seconds));
                roam::plug(&layout)?;
                Ok(Weathered::now(""))
            }
            Trouble::Narrower(mtu) => self.narrows(row, mtu, azike),
            Trouble::Asleep(seconds) => {
                azike.signal(Signal::STOP);
                pause(Duration::from_secs(seconds));
                azike.signal(Signal::CONT);
                Ok(Weathered::now(""))
            }
        }
    }

    fn black_hole(
        &self,
        row: &Scenario,
        block: Block,
        least: u64,
        azike: &Azike,
    ) -> Result<Weathered> {
        let watch = Stopwatch::start();
        self.lab.set_path(Path { block, ..row.path })?;
        let noticed = wait_until(NOTICED, || says(azike, |state| state != "connected"));
        let after = watch.seconds();
        let tunnel = azike.tunnel()?;
        let least = Duration::from_secs(least);
        pause(least.saturating_sub(watch.elapsed()));
        self.lab.set_path(row.path)?;
        let over = unix_seconds();
        ensure!(noticed, "still \"connected\" after {after:.1} s");
        let state = tunnel.state();
        let reason = tunnel.reason();
        let reason = reason.with_context(|| format!("{state}, and the status does not say why"))?;
        let seen = format!("{state} after {after:.1} s ({reason}), ");
        Ok(Weathered { over, seen })
    }

    fn gateway_gone(&mut self, row: &Scenario, goodbye: Goodbye, gone: u64) -> Result<Weathered> {
        self.lab.end_gateway(goodbye);
        pause(Duration::from_secs(gone));
        self.lab.set_gateway(&row.gateway)?;
        Ok(Weathered::now(""))
    }

    fn gateway_moves(&mut self, row: &Scenario) -> Result<Weathered> {
        self.lab.end_gateway(Goodbye::Unsaid);
        let block = Block::Gateway(GATEWAY);
        self.lab.set_path(Path { block, ..row.path })?;
        let mut config = row.gateway.clone();
        config.addresses = vec![GATEWAY_LATER];
        self.lab.set_gateway(&config)?;
        topology::name_gateway(self.lab.layout(), GATEWAY_LATER)?;
        Ok(Weathered::now(""))
    }

    fn redirect(&self, azike: &Azike) -> Result<Weathered> {
        let watch = Stopwatch::start();
        self.lab.gateway()?.redirect_all(GATEWAY_LATER)?;
        let there = |azike: &Azike| {
            pause(LOOK);
            let tunnel = azike.tunnel();
            tunnel.is_ok_and(|tunnel| tunnel.text("/gateway/addr") == Some(GATEWAY_LATER))
        };
        let moved = wait_until(NOTICED, || there(azike));
        ensure!(moved, "azike stays at the old address");
        let seconds = watch.seconds();
        Ok(Weathered::now(format!(
            "at the other address after {seconds:.1} s, "
        )))
    }

    /// Long packets still get through, in fragments first; then the tunnel's MTU fits.
    fn narrows(&self, row: &Scenario, mtu: u32, azike: &Azike) -> Result<Weathered> {
        let over = unix_seconds();
        self.lab.set_path(Path { mtu, ..row.path })?;
        let client = self.lab.layout().client();
        traffic::transfers(&client).context("while the MTU is too long")?;
        let watch = Stopwatch::start();
        let fits = wait_until(MTU_LEARNT, || {
            pause(LOOK);
            azike.tunnel().is_ok_and(|tunnel| {
                let inner = tunnel.number("/mtu");
                inner.is_some_and(|inner| inner < u64::from(mtu))
            })
        });
        let seconds = watch.seconds();
        ensure!(fits, "the tunnel's MTU is still too long");
        traffic::transfers(&client).context("with the MTU that fits")?;
        let seen = format!("MTU fits after {seconds:.1} s, ");
        Ok(Weathered { over, seen })
    }

    /// Waits until the login would have ended, and a little longer.
    fn login_ends(&self, row: &Scenario) -> Result<Weathered> {
        let start = self.gateway_log()?.len();
        pause(Duration::from_secs(u64::from(row.gateway.login) + 3));
        let log = self.gateway_log()?;
        ensure!(log.contains("N(AUTH_LFT)"), "no AUTH_LIFETIME was sent");
        let new = log.get(start..).unwrap_or(&log);
        let logins = new.matches("established between").count();
        ensure!(logins > 0, "no new login");
        Ok(Weathered::now(format!("new logins: {logins}, ")))
    }
}

/// Between two looks at the status.
const LOOK: Duration = Duration::from_millis(100);

/// Whether the status is one of those that are `wanted`.
fn says(azike: &Azike, wanted: impl Fn(&str) -> bool) -> bool {
    pause(LOOK);
    azike.tunnel().is_ok_and(|tunnel| wanted(tunnel.state()))
}
