//! What programs cost: processor time and memory, read from `/proc`.

use std::fs;

use anyhow::{Context as _, Result};
use rustix::param::clock_ticks_per_second;

/// Seconds of processor time of these processes since their start, all threads, their own and the kernel's
/// on their behalf. What the kernel does outside of any process is not in it.
pub fn seconds(pids: &[u32]) -> Result<f64> {
    let mut ticks = 0;
    for pid in pids {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
            .with_context(|| format!("process {pid} is gone"))?;
        ticks += busy_ticks(&stat).with_context(|| format!("stat of process {pid}: {stat}"))?;
    }
    Ok(number(ticks) / number(clock_ticks_per_second()))
}

/// Resident memory of these processes in MiB.
pub fn resident(pids: &[u32]) -> Result<f64> {
    let mut kib = 0;
    for pid in pids {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .with_context(|| format!("process {pid} is gone"))?;
        kib += resident_kib(&status).with_context(|| format!("status of process {pid}"))?;
    }
    Ok(number(kib) / 1024.0)
}

/// A count as a number to divide; exact up to 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "octets and ticks of a run are far below 2^53"
)]
pub const fn number(count: u64) -> f64 {
    count as f64
}

/// `utime` and `stime`, the fields 14 and 15 of proc(5); the name before them may contain anything.
fn busy_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_a_name_with_brackets() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 88 0 0 0 13 29 0 0 20 0 1 0 5 6 7";
        assert_eq!(busy_ticks(stat), Some(42));
        assert_eq!(busy_ticks("7 (a"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let used = resident(&[std::process::id()]).expect("our own status");
        assert!(used > 0.5, "{used}");
        assert!(seconds(&[u32::MAX]).is_err());
    }
}
