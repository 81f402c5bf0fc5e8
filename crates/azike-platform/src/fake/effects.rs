//! What making and undoing a change does to a machine in memory.

use super::World;
use super::world::{QUEUE_LENGTH, regular, route};
use crate::file_change::FileVerdict;
use crate::{Before, Certainty, Change, FileState, Interface, Made, Setting, SystemError, Undone};

impl World {
    /// The worlds that follow each other while `change` is made.
    pub(super) fn make(&self, change: &Change) -> (Vec<Self>, Result<Made, SystemError>) {
        let mut after = self.clone();
        let mut effects = Vec::new();
        match &change.setting {
            Setting::Mtu { interface, mtu } => {
                let Some(link) = after.link(interface) else {
                    return gone(interface);
                };
                (link.mtu, link.queue_length) = (*mtu, QUEUE_LENGTH);
            }
            Setting::Up { interface } => {
                let Some(link) = after.link(interface) else {
                    return gone(interface);
                };
                link.up = true;
            }
            Setting::Address { interface, net } => {
                let Some(link) = after.link(interface) else {
                    return gone(interface);
                };
                link.addresses.insert(*net);
            }
            Setting::Outside { .. } | Setting::Route { .. } => {
                let (net, route) = route(&change.setting);
                if after.routes.contains_key(&net) {
                    return (Vec::new(), Ok(Made::Existed));
                }
                after.routes.insert(net, route);
            }
            Setting::LinkDns { interface, dns } => match &mut after.resolved {
                Some(resolved) => {
                    resolved.insert(interface.index, dns.clone());
                }
                None => return (Vec::new(), Err(SystemError::Resolved("not there".into()))),
            },
            Setting::StoreDns { service, dns, .. } => match &mut after.store {
                Some(store) => {
                    store.insert(service.clone(), dns.clone());
                }
                None => return (Vec::new(), Err(unsupported())),
            },
            Setting::ResolvConf { .. } => {
                if let Before::File(file) = &change.before {
                    let half = file.ours.0.get(..file.ours.0.len() / 2).unwrap_or_default();
                    after.resolv_conf = regular(half.to_vec());
                    effects.push(after.clone());
                    after.resolv_conf = regular(file.ours.0.clone());
                }
            }
        }
        effects.push(after);
        (effects, Ok(Made::Done))
    }

    /// The worlds that follow each other while `change` is undone.
    pub(super) fn undo(&self, change: &Change, certainty: Certainty) -> (Vec<Self>, Undone) {
        let mut after = self.clone();
        let mut effects = Vec::new();
        match (&change.setting, &change.before) {
            (Setting::Mtu { interface, .. }, Before::Link { mtu, queue_length }) => {
                if let Some(link) = after.link(interface) {
                    (link.mtu, link.queue_length) = (*mtu, *queue_length);
                }
            }
            (Setting::Up { interface }, Before::Down) => {
                if let Some(link) = after.link(interface) {
                    link.up = false;
                }
            }
            (Setting::Address { interface, net }, _) => {
                if let Some(link) = after.link(interface) {
                    link.addresses.remove(net);
                }
            }
            (Setting::Route { interface, .. }, _) if after.link(interface).is_none() => {}
            (Setting::Outside { .. } | Setting::Route { .. }, _) => {
                let (net, route) = route(&change.setting);
                after
                    .routes
                    .retain(|at, there| *at != net || *there != route);
            }
            (Setting::LinkDns { interface, .. }, _) => {
                if let Some(resolved) = &mut after.resolved {
                    resolved.remove(&interface.index);
                }
            }
            (Setting::StoreDns { service, .. }, _) => {
                if let Some(store) = &mut after.store {
                    store.remove(service);
                }
            }
            (Setting::ResolvConf { .. }, Before::File(file)) => {
                match file.judge(&self.resolv_conf, certainty) {
                    FileVerdict::AsBefore => {}
                    FileVerdict::Foreign => return (Vec::new(), Undone::ChangedMeanwhile),
                    FileVerdict::Ours => {
                        if let FileState::Regular { octets, .. } = &file.before {
                            let half = octets.0.get(..octets.0.len() / 2).unwrap_or_default();
                            after.resolv_conf = regular(half.to_vec());
                            effects.push(after.clone());
                        }
                        after.resolv_conf = file.before.clone();
                    }
                }
            }
            _ => {}
        }
        effects.push(after);
        (effects, Undone::Restored)
    }
}

fn unsupported() -> SystemError {
    std::io::Error::from(std::io::ErrorKind::Unsupported).into()
}

fn gone(interface: &Interface) -> (Vec<World>, Result<Made, SystemError>) {
    let error = SystemError::NoInterface(interface.name.clone());
    (Vec::new(), Err(error))
}
