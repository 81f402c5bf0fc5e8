//! What trouble does to the world, and what ends it.

use std::net::{IpAddr, Ipv4Addr};

use azike_testkit::{Blocked, Conditions, Way};

use super::World;
use crate::people::GATEWAYS;
use crate::plan::{Kind, Trouble, below};

/// The network on a usual day: two datagrams in a thousand are lost, and some overtake others.
const USUAL: Conditions = Conditions {
    jitter: std::time::Duration::from_millis(10),
    loss: 2,
    ..Conditions::GOOD
};

impl World<'_> {
    /// Trouble begins. What takes no time is over at once.
    pub(super) fn begin(&mut self, trouble: Trouble) {
        let now = self.now;
        self.busy = self.random.chance(50);
        let active = self.active;
        match trouble.kind {
            Kind::Sleep => {
                self.asleep = true;
                self.net.sleep(self.client.address);
            }
            Kind::Partition | Kind::LongPartition => self.net.set(Way::ALL, Conditions::NONE),
            Kind::OnlyOut => {
                for gateway in GATEWAYS {
                    self.net.set(Way::from(gateway), Conditions::NONE);
                }
            }
            Kind::NoEsp => self.net.set(
                Way::ALL,
                Conditions {
                    blocked: Blocked::Esp,
                    ..USUAL
                },
            ),
            Kind::Rebinding => self.rebind(),
            Kind::Roaming => self.net.sleep(self.client.address),
            Kind::SilentRoaming => self.roam(),
            Kind::Failover => {
                let old = &mut self.gateways[active];
                old.restart();
                old.off = true;
                self.active = 1 - active;
            }
            Kind::Restart => {
                let gateway = &mut self.gateways[active];
                gateway.restart();
                gateway.off = true;
            }
            Kind::Disconnect => self.gateways[active].disconnect(now, &mut self.net),
            Kind::BadNetwork => self.net.set(
                Way::ALL,
                Conditions {
                    loss: 100,
                    ..Conditions::POOR
                },
            ),
            Kind::Start | Kind::Nothing => {}
        }
        // The other instance is there all the time.
        if trouble.kind == Kind::Failover {
            self.waiting = Some((trouble.kind, now));
            self.ping_at = now;
        }
        self.trouble = Some((trouble.kind, now + trouble.lasts));
    }

    /// Trouble is over: how long until an echo comes back?
    pub(super) fn end(&mut self) {
        let Some((kind, _)) = self.trouble.take() else {
            return;
        };
        let now = self.now;
        self.usual();
        for gateway in &mut self.gateways {
            gateway.off = false;
        }
        match kind {
            Kind::Sleep => {
                self.asleep = false;
                self.net.wake(self.client.address);
                // Closed at work and opened at home.
                if self.random.chance(50) {
                    self.roam();
                    self.client.course.handle_path_change(now);
                }
            }
            Kind::Roaming => {
                self.roam();
                self.client.course.handle_path_change(now);
            }
            Kind::Failover => return,
            Kind::Start
            | Kind::Partition
            | Kind::LongPartition
            | Kind::OnlyOut
            | Kind::NoEsp
            | Kind::Rebinding
            | Kind::SilentRoaming
            | Kind::Restart
            | Kind::Disconnect
            | Kind::BadNetwork
            | Kind::Nothing => {}
        }
        self.waiting = Some((kind, now));
        self.ping_at = now;
    }

    /// The network as it is on a usual day.
    pub(super) fn usual(&mut self) {
        self.net.reset();
        self.net.set(Way::ALL, USUAL);
    }

    fn rebind(&mut self) {
        let last = 10 + u8::try_from(below(&mut self.random, 200)).unwrap_or_default();
        let outside = IpAddr::V4(Ipv4Addr::new(198, 51, 100, last));
        if let Some(nat) = self.net.nat(self.nat) {
            nat.rebind(Some(outside));
        }
    }

    /// The client has another address, in another network.
    fn roam(&mut self) {
        self.homes = if self.homes > 240 { 5 } else { self.homes + 1 };
        let old = self.client.address;
        let new = IpAddr::V4(Ipv4Addr::new(192, 168, self.homes, 7));
        self.net.roam(old, new, Some(self.nat));
        self.client.address = new;
        self.rebind();
    }
}
