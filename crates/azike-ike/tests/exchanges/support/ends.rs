//! Both ends of Child SAs, to see packets cross with the keys that each side has.

use azike_gateway::TunnelEnd;
use azike_ike::{ChildSa, Event};
use azike_wire::EspSpi;

use super::{Setup, Table};

/// A login whose events are all kept.
pub(crate) fn tunnel(setup: Setup) -> Table {
    let mut table = setup.sit();
    table.talk();
    assert!(table.established().is_some());
    assert!(crosses(&table, newest(&table).spi_in));
    table
}

/// Our rekey of the Child SA, and all that follows at once.
pub(crate) fn rekey_child(table: &mut Table) {
    table.client.rekey_child(table.now);
    table.wait();
    table.talk();
}

/// Our rekey of the IKE SA, and all that follows at once.
pub(crate) fn rekey_ike(table: &mut Table) {
    table.client.rekey_ike(table.now);
    table.wait();
    table.talk();
}

/// All Child SAs that the client ever had, the newest last.
pub(crate) fn children(table: &Table) -> impl Iterator<Item = &ChildSa> {
    table.events.iter().filter_map(|event| {
        if let Event::Established(established) = event {
            return Some(&established.child);
        }
        if let Event::ChildSaUp(child, _) = event {
            return Some(&**child);
        }
        None
    })
}

/// The newest Child SA of the client.
pub(crate) fn newest(table: &Table) -> &ChildSa {
    children(table).last().unwrap()
}

/// The Child SAs whose end the client reported.
pub(crate) fn down(table: &Table) -> Vec<EspSpi> {
    let down = table.events.iter().filter_map(|event| {
        if let Event::ChildSaDown(spi_in) = event {
            Some(*spi_in)
        } else {
            None
        }
    });
    down.collect()
}

/// The refusals of rekeys that the client reported, as text.
pub(crate) fn refused(table: &Table) -> Vec<String> {
    let refused = table.events.iter().filter_map(|event| {
        if let Event::RekeyRefused {
            what,
            notify,
            ms_status,
            until,
        } = event
        {
            assert!(*until > table.now);
            let what = format!("{what:?}");
            let what = what.split('(').next().unwrap_or_default();
            let notify = notify.map_or("nothing".to_owned(), |notify| notify.to_string());
            Some(format!("{what} {notify} {ms_status:?}"))
        } else {
            None
        }
    });
    refused.collect()
}

/// Whether packets cross, both ways, with the Child SA that has this SPI of the client's.
pub(crate) fn crosses(table: &Table, spi_in: EspSpi) -> bool {
    let ours = children(table).find(|child| child.spi_in == spi_in);
    let theirs = table.gateway_events.iter().find_map(|event| {
        if let azike_gateway::Event::ChildSa(child) = event {
            (child.spi_out == spi_in).then_some(child)
        } else {
            None
        }
    });
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return false;
    };
    let inbound = (ours.spi_in, &ours.inbound);
    let mut client = TunnelEnd::with_keys(inbound, (ours.spi_out, &ours.outbound));
    let mut gateway = TunnelEnd::new(theirs);
    let mut packet = [0; 28];
    packet[0] = 0x45;
    packet[3] = 28;
    let up = client.seal(&packet).and_then(|esp| gateway.open(&esp));
    let down = gateway.seal(&packet).and_then(|esp| client.open(&esp));
    up.as_deref() == Some(&packet[..]) && down.as_deref() == Some(&packet[..])
}

/// Both sides have one IKE SA with one Child SA, the newest of the client, and packets cross.
#[track_caller]
pub(crate) fn settled(table: &Table) {
    let load = table.client.load();
    assert_eq!((load.child_sas, load.requests), (1, 0), "{load:?}");
    assert_eq!(table.gateway.child_sas(), 1);
    assert!(table.closed().is_none());
    assert!(crosses(table, newest(table).spi_in));
    let gone: Vec<_> = children(table).map(|child| child.spi_in).collect();
    assert_eq!(down(table), gone[..gone.len() - 1]);
}
