//! `IKE_AUTH` with a signature.

use azike_ike::Authentication;

use crate::support::Setup;

#[test]
fn signature_with_rsa() {
    let mut table = Setup::new(Authentication::Signature).sit();
    table.talk();
    println!(
        "{:#?} {:#?} {:?}",
        table.events, table.gateway_events, table.verdicts
    );
    table.capture("signature");
    assert!(table.established().is_some());
}
