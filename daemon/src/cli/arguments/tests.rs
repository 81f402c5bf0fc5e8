use clap::CommandFactory as _;

use super::*;

#[test]
fn the_definition_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn times_are_read_with_their_unit() {
    let cases = [
        ("30", 30_000),
        ("30s", 30_000),
        ("2m", 120_000),
        ("250ms", 250),
    ];
    for (text, expected) in cases {
        assert_eq!(milliseconds(text), Ok(expected));
    }
    for text in ["", "s", "-1", "1h", "1.5s", "99999999999s", "4294968s"] {
        assert!(milliseconds(text).is_err(), "{text}");
    }
}

fn parse(words: &[&str]) -> Result<UpOptions, clap::Error> {
    let up = ["azike", "up", "a.zip", "--identity", "b.p12"];
    let words = up.iter().chain(words);
    let Command::Up(up) = Arguments::try_parse_from(words)?.command else {
        panic!("up is up");
    };
    Ok(up.options())
}

#[test]
fn an_identity_comes_from_a_file_or_from_the_keychain() {
    let read = |words: &[&str]| {
        let words = ["azike", "up", "a.zip"].iter().chain(words);
        Arguments::try_parse_from(words).map(drop).is_ok()
    };
    assert!(read(&["--identity", "b.p12"]));
    assert!(read(&["--keychain", "cn:ada"]));
    assert!(!read(&[]));
    assert!(!read(&["--identity", "b.p12", "--keychain", "ada"]));
    assert!(!read(&["--keychain", "ada", "--password-file", "p"]));
}

#[test]
fn dscp_is_a_word_or_six_bits() {
    let read = |text| parse(&["--dscp", text]).map(|options| options.dscp);
    for (text, expected) in [
        ("zero", DscpChoice::Zero),
        ("copy", DscpChoice::Copy),
        ("0", DscpChoice::Fixed(0)),
        ("46", DscpChoice::Fixed(46)),
        ("63", DscpChoice::Fixed(63)),
    ] {
        assert_eq!(read(text).unwrap(), expected);
    }
    for text in ["", "64", "-1", "256", "ef", "Copy", "0x2e"] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn the_ports_of_a_gateway_are_two() {
    let read = |text| parse(&["--gateway-ports", text]).map(|options| options.gateway_ports);
    assert_eq!(read("5000,4510").unwrap(), Some((5000, 4510)));
    for text in ["", "500", "500,", "500,4500,1", "500,70000", "a,b"] {
        assert!(read(text).is_err(), "{text}");
    }
    for same in [Some((0, 1)), Some((1, 0)), Some((7, 7))] {
        let options = UpOptions {
            gateway_ports: same,
            ..UpOptions::default()
        };
        assert!(options.check().is_err(), "{same:?}");
    }
}

#[test]
fn offload_can_be_turned_off_for_troubleshooting() {
    let read = |text| parse(&["--offload", text]).map(|options| options.offload);
    assert_eq!(read("off").unwrap(), OffloadChoice::Off);
    assert_eq!(read("auto").unwrap(), OffloadChoice::Auto);
    assert!(read("on").is_err());
    let mut command = Arguments::command();
    let up = command.find_subcommand_mut("up").unwrap();
    let help = up.render_long_help().to_string();
    assert!(
        help.contains("--offload") && help.contains("troubleshooting"),
        "{help}"
    );
    assert!(!up.render_help().to_string().contains("--offload"));
}

#[test]
fn the_default_of_the_command_line_is_the_default_of_the_protocol() {
    assert_eq!(parse(&[]).unwrap(), UpOptions::default());
}

#[test]
fn other_verbs_are_understood() {
    for (word, canonical) in [("connect", "up"), ("disconnect", "down")] {
        let found = Arguments::command();
        let found = found.find_subcommand(word).map(clap::Command::get_name);
        assert_eq!(found, Some(canonical));
    }
}
