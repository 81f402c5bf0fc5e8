//! What systemd says: `systemctl show`, a block of `Name=value` for each unit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::command::Runner;
use super::super::manager::ServiceError;
use super::super::orders::{Argv, systemctl};
use super::super::seen::Standing;

/// What is asked for.
const PROPERTIES: &str =
    "--property=Id,LoadState,NeedDaemonReload,ActiveState,UnitFileState,MainPID,ExecStart";

pub(super) async fn standing(runner: &mut impl Runner) -> Result<Standing, ServiceError> {
    let words = ["show", "azike.service", "azike.socket", PROPERTIES];
    let command = Argv::new(systemctl(), &words);
    let output = runner.run(&command.program, &command.words).await?;
    if output.code != Some(0) {
        return Err(ServiceError::Refused {
            command: command.to_string(),
            code: output.code,
            said: output.stderr,
        });
    }
    Ok(parse(&output.stdout))
}

fn parse(text: &str) -> Standing {
    let units: BTreeMap<&str, Unit<'_>> = text
        .split("\n\n")
        .map(|block| {
            Unit(
                block
                    .lines()
                    .filter_map(|line| line.split_once('='))
                    .collect(),
            )
        })
        .filter_map(|unit| Some((*unit.0.get("Id")?, unit)))
        .collect();
    let nothing = Unit(BTreeMap::new());
    let service = units.get("azike.service").unwrap_or(&nothing);
    let socket = units.get("azike.socket").unwrap_or(&nothing);
    let both = |name, value| service.says(name, &[value]) && socket.says(name, &[value]);
    let loaded = ["loaded", "masked", "bad-setting", "error"];
    Standing {
        known: service.says("LoadState", &loaded) || socket.says("LoadState", &loaded),
        stale: service.says("NeedDaemonReload", &["yes"])
            || socket.says("NeedDaemonReload", &["yes"]),
        enabled: both("UnitFileState", "enabled"),
        socket: socket.says("ActiveState", &["active"]),
        running: service.says("ActiveState", &["active", "activating", "reloading"]),
        failed: service.says("ActiveState", &["failed"]) || socket.says("ActiveState", &["failed"]),
        pid: service.pid(),
        program: service.program(),
        outdated: false,
    }
}

/// The properties of a unit.
struct Unit<'t>(BTreeMap<&'t str, &'t str>);

impl Unit<'_> {
    fn says(&self, name: &str, values: &[&str]) -> bool {
        self.0.get(name).is_some_and(|value| values.contains(value))
    }

    fn pid(&self) -> Option<u32> {
        self.0.get("MainPID")?.parse().ok().filter(|&pid| pid != 0)
    }

    /// From `{ path=/opt/azike/bin/azike ; argv[]=… }`.
    fn program(&self) -> Option<PathBuf> {
        let (_, rest) = self.0.get("ExecStart")?.split_once("path=")?;
        let (path, _) = rest.split_once(" ;")?;
        path.starts_with('/').then(|| Path::new(path).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_runs() {
        let text = "MainPID=412\nExecStart={ path=/opt/azike/bin/azike ; argv[]=/opt/azike/bin/azike daemon ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\nId=azike.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\nId=azike.socket\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n";
        let expected = Standing {
            known: true,
            stale: false,
            enabled: true,
            socket: true,
            running: true,
            failed: false,
            pid: Some(412),
            program: Some("/opt/azike/bin/azike".into()),
            outdated: false,
        };
        assert_eq!(parse(text), expected);
    }

    #[test]
    fn a_service_that_systemd_does_not_know() {
        let text = "MainPID=0\nId=azike.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n\nId=azike.socket\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n";
        assert_eq!(parse(text), Standing::default());
        assert_eq!(parse(""), Standing::default());
    }

    #[test]
    fn a_service_that_failed_behind_an_open_socket() {
        let text = "MainPID=0\nId=azike.service\nLoadState=loaded\nNeedDaemonReload=yes\nActiveState=failed\nUnitFileState=enabled\n\nId=azike.socket\nLoadState=loaded\nActiveState=active\nUnitFileState=disabled\n";
        let expected = Standing {
            known: true,
            stale: true,
            socket: true,
            failed: true,
            ..Standing::default()
        };
        assert_eq!(parse(text), expected);
    }
}
