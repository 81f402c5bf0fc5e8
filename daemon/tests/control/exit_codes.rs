//! A code of the catalogue is an exit code, all the way from the engine to the shell.

use azike_control::{Code, Exit, code};

use crate::fake_engine::{Behaviour, FakeEngine};
use crate::stage::{Theatre, UP};

/// The bad inputs that issue 2 names, and the exit codes of the contract.
const TABLE: [(Code, u8); 39] = [
    (Code::NOT_A_ZIP, 9),
    (Code::ZIP_TRUNCATED, 9),
    (Code::ZIP_BOMB, 9),
    (Code::ZIP_NAMES, 9),
    (Code::NO_GENERIC_FOLDER, 9),
    (Code::OPENVPN_ONLY, 9),
    (Code::ENTRA_ONLY, 9),
    (Code::RADIUS_PASSWORD, 9),
    (Code::SETTINGS_DTD, 9),
    (Code::IDENTITY_PASSWORD_WRONG, 9),
    (Code::IDENTITY_PASSWORD_MISSING, 9),
    (Code::IDENTITY_KEY_MISMATCH, 9),
    (Code::IDENTITY_EXPIRED, 9),
    (Code::IDENTITY_NOT_YET_VALID, 9),
    (Code::IDENTITY_NOT_FOR_CLIENT, 9),
    (Code::IDENTITY_ROOT_NOT_UPLOADED, 5),
    (Code::CERTIFICATE_REFUSED, 5),
    (Code::AUTHENTICATION_FAILED, 5),
    (Code::GATEWAY_EXPIRED, 6),
    (Code::GATEWAY_UNKNOWN_ISSUER, 6),
    (Code::GATEWAY_WRONG_NAME, 6),
    (Code::GATEWAY_NOT_FOR_SERVER, 6),
    (Code::NO_PROPOSAL_CHOSEN, 8),
    (Code::NO_PROPOSAL_CHOSEN_CHILD, 8),
    (Code::TS_UNACCEPTABLE, 8),
    (Code::INTERNAL_ADDRESS_FAILURE, 8),
    (Code::MS_STATUS, 8),
    (Code::NO_ANSWER_500, 7),
    (Code::NO_ANSWER_4500, 7),
    (Code::NAME_NOT_RESOLVED, 7),
    (Code::TIMEOUT, 7),
    (Code::PORT_IN_USE, 7),
    (Code::NO_RIGHT_TUN, 10),
    (Code::NO_TUN_DEVICE, 10),
    (Code::DAEMON_NOT_REACHABLE, 4),
    (Code::OTHER_TUNNEL, 3),
    (Code::CANCELLED, 3),
    (Code::UNSUPPORTED_PLATFORM, 2),
    (Code::INTERNAL, 1),
];

#[test]
fn the_codes_of_the_issue_have_the_exit_codes_of_the_contract() {
    for (code, exit) in TABLE {
        assert_eq!(code.exit().number(), exit, "{code}");
    }
}

#[tokio::test]
async fn every_failure_of_the_engine_reaches_the_shell() {
    let engine = FakeEngine::new(Behaviour::Connect);
    let theatre = Theatre::new(engine.clone());
    for entry in code::entries().filter(|entry| entry.exit != Exit::Ok) {
        engine.behave(Behaviour::Fail(entry.code.into()));
        let run = theatre.azike(UP).await;
        assert_eq!(run.exit, entry.exit.number(), "{}", entry.code);
        assert!(
            run.err.starts_with(&format!("Error {}: ", entry.code)),
            "{}",
            run.err
        );
    }
}
