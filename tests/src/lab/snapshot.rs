//! The state of a host in lines of text, so that before and after can be compared.

use std::fmt::{self, Display, Formatter};
use std::fs;

use anyhow::Result;

use super::command::Call;

/// Everything a tunnel may change: links, addresses, routes, rules, name resolution, namespaces.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Snapshot(Vec<String>);

impl Snapshot {
    /// This machine, outside every namespace.
    pub fn of_machine() -> Result<Self> {
        let mut lines = network(None)?;
        lines.push(format!("namespaces: {}", names("/run/netns")));
        lines.push(format!("/etc/netns: {}", names("/etc/netns")));
        let resolv_conf = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        lines.push(format!("resolv.conf: {resolv_conf}"));
        Ok(Self(lines))
    }

    /// The namespace `namespace`, with the files laid over its `/etc`.
    pub fn of_namespace(namespace: &str) -> Result<Self> {
        let mut lines = network(Some(namespace))?;
        let call = Call::inside(namespace, "cat").arg("/etc/resolv.conf");
        lines.push(format!("resolv.conf: {}", call.run()?));
        Ok(Self(lines))
    }

    /// What is only before (`-`) and only after (`+`); nothing when both are equal.
    pub fn difference(&self, after: &Self) -> Vec<String> {
        difference(&self.0, &after.0)
    }
}

/// The lines that are only `before` (`-`) and only `after` (`+`).
pub(crate) fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !after.contains(line));
    let new = after.iter().filter(|line| !before.contains(line));
    gone.map(|line| format!("- {line}"))
        .chain(new.map(|line| format!("+ {line}")))
        .collect()
}

impl Display for Snapshot {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn names(folder: &str) -> String {
    let Ok(entries) = fs::read_dir(folder) else {
        return String::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.join(" ")
}

fn network(namespace: Option<&str>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for args in [
        &["-br", "link"][..],
        &["-br", "addr"],
        &["-4", "rule"],
        &["-6", "rule"],
        &["-4", "route", "show", "table", "all"],
        &["-6", "route", "show", "table", "all"],
    ] {
        let mut call = Call::new("ip");
        if let Some(namespace) = namespace {
            call = call.args(["-n", namespace]);
        }
        let text = call.args(args).run()?;
        lines.extend(text.lines().map(|line| steady(line, &args.join(" "))));
    }
    Ok(lines)
}

/// The line without what changes by itself: the remaining life of an address.
fn steady(line: &str, what: &str) -> String {
    let mut words = line.split_whitespace();
    let mut kept = vec![what];
    while let Some(word) = words.next() {
        if word == "expires" {
            words.next();
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_expires_by_itself_is_no_difference() {
        let before = steady("fe80::/64 dev eth0 expires 12sec pref medium", "-6 route");
        let after = steady("fe80::/64 dev eth0 expires 11sec pref medium", "-6 route");
        assert_eq!(before, after);
    }

    #[test]
    fn a_route_that_stayed_is_shown() {
        let before = Snapshot(vec!["a".to_owned()]);
        let after = Snapshot(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(before.difference(&after), ["+ b"]);
    }
}
