//! What the peer is told to begin.

use std::time::Instant;

use azike_crypto::KeyExchange;
use azike_wire::{Chain, Spi};

use super::sa::{RekeyChild, RekeyIke, Sa, Task};
use super::{Peer, message, new_nonce, new_spi};

impl Peer {
    /// Begins something on the IKE SA in use; false if that is not possible now.
    fn begin(
        &mut self,
        now: Instant,
        task: impl FnOnce(&mut Self) -> Option<(Chain, Task)>,
    ) -> bool {
        let current = self.current;
        let free = |sa: &Sa| sa.spis == current && !sa.gone && sa.request.is_none();
        let Some(at) = self.sas.iter().position(free) else {
            return false;
        };
        let Some((chain, task)) = task(self) else {
            return false;
        };
        let Some(sa) = self.sas.get_mut(at) else {
            return false;
        };
        let request = sa.ask((now, &mut self.random), chain, task);
        self.transmits.push_back(request);
        true
    }

    /// New keys for the newest Child SA.
    pub(crate) fn rekey_child(&mut self, now: Instant) -> bool {
        self.begin(now, |peer| {
            let mut children = peer.children.iter().rev();
            let old = children.find(|child| !child.leaving)?.ours;
            let (nonce, spi) = (new_nonce(&mut peer.random), new_spi(&mut peer.random));
            let key_exchange = KeyExchange::generate(peer.basis.group, &mut peer.random)?;
            let (client, gateway) = &peer.basis.selectors;
            let selectors = (gateway, client);
            let chain = message::new_child(spi, &nonce, Some(&key_exchange), None, selectors);
            let chain = message::rekey(chain, old);
            let task = Task::RekeyChild(RekeyChild {
                old,
                spi,
                nonce,
                key_exchange,
                rival: None,
            });
            Some((chain, task))
        })
    }

    /// New keys for the IKE SA.
    pub(crate) fn rekey_ike(&mut self, now: Instant) -> bool {
        self.begin(now, |peer| {
            let nonce = new_nonce(&mut peer.random);
            let spi = Spi::new(peer.random.next() | 1)?;
            let key_exchange = KeyExchange::generate(peer.basis.group, &mut peer.random)?;
            let chain = message::new_ike(&spi.octets(), &nonce, &key_exchange, None);
            let task = Task::RekeyIke(RekeyIke {
                spi,
                nonce,
                key_exchange,
                rival: None,
            });
            Some((chain, task))
        })
    }

    /// The newest Child SA goes.
    pub(crate) fn delete_child(&mut self, now: Instant) -> bool {
        self.begin(now, |peer| {
            let mut children = peer.children.iter_mut().rev();
            let child = children.find(|child| !child.leaving)?;
            child.leaving = true;
            let chain = message::delete_children(&[child.ours]);
            Some((chain, Task::DeleteChild(child.ours)))
        })
    }

    /// The end.
    pub(crate) fn delete_ike(&mut self, now: Instant) -> bool {
        self.begin(now, |_| Some((message::delete_ike(), Task::DeleteIke)))
    }

    /// One more Child SA.
    pub(crate) fn new_child(&mut self, now: Instant) -> bool {
        self.begin(now, |peer| {
            let (nonce, spi) = (new_nonce(&mut peer.random), new_spi(&mut peer.random));
            Some((message::one_more_child(spi, &nonce), Task::NewChild))
        })
    }

    /// Is the client there?
    pub(crate) fn check_liveness(&mut self, now: Instant) -> bool {
        self.begin(now, |_| Some((Chain::new(), Task::Liveness)))
    }
}
