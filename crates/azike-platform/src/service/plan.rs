//! From what is there to what is wanted: pure, and where the mistakes would be.
//!
//! ```text
//!   install     folders ▶ program ▶ (stop) ▶ files ▶ reload ▶ enable ▶ start, or restart
//!   uninstall   stop ▶ disable ▶ files ▶ reload ▶ program ▶ folders ▶ runtime, state
//! ```
//!
//! Each step is seen on the disk or at the manager afterwards, so a plan that was cut short is
//! continued by the plan of the next try.

use std::fmt;
use std::path::PathBuf;

use super::layout::ManagerKind;
use super::orders::Order;
use super::seen::{Copied, FileSeen, Owner, Packager, Seen};
use super::trust::Distrust;

/// What is to become of the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// It is there, with this version, and runs.
    Install,
    /// It is gone.
    Uninstall {
        /// Profiles stay.
        keep_state: bool,
    },
    /// It runs.
    Start,
    /// It does not run.
    Stop,
}

/// One change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Make a folder of root's that others may look into.
    MakeFolder(PathBuf),
    /// Put a copy of a program in its place, all at once.
    CopyProgram {
        /// What is copied.
        from: PathBuf,
        /// Where to.
        to: PathBuf,
    },
    /// Put a file in its place, all at once.
    WriteFile {
        /// Its place.
        path: PathBuf,
        /// What it says.
        text: String,
    },
    /// Tell the manager.
    Order(Order),
    /// Remove a file or a link.
    RemoveFile(PathBuf),
    /// Remove a folder, if nothing is in it.
    RemoveFolder(PathBuf),
    /// Remove socket and lock, unless an azike still uses them.
    RemoveRuntime(PathBuf),
    /// Remove profiles, unless there is still something to undo.
    RemoveState(PathBuf),
}

/// Why a wish cannot be granted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// A package has a service already.
    #[error("the service is part of a package ({})", .1.display())]
    Packaged(Packager, PathBuf),
    /// A file that is not ours has the name.
    #[error("{} was not written by azike service install", .0.display())]
    Foreign(PathBuf),
    /// There is no safe place for the program.
    #[error("there is no safe place for the program of the service: {0}")]
    Place(Distrust),
    /// There is no service.
    #[error("the service is not installed")]
    NotInstalled,
}

impl Seen {
    /// The steps from what is there to `wish`; none if it is so already.
    pub fn plan(&self, wish: Wish) -> Result<Vec<Step>, Refusal> {
        match wish {
            Wish::Install => self.plan_install(),
            Wish::Uninstall { keep_state } => self.plan_uninstall(keep_state),
            Wish::Start => self.plan_start(),
            Wish::Stop => self.plan_stop(),
        }
    }

    fn plan_install(&self) -> Result<Vec<Step>, Refusal> {
        if let Some((packager, path)) = &self.package {
            return Err(Refusal::Packaged(*packager, path.clone()));
        }
        if let Some(file) = self.files_that(&[FileSeen::Foreign]).next() {
            return Err(Refusal::Foreign(file.path.clone()));
        }
        let mut steps: Vec<_> = self.missing.iter().cloned().map(Step::MakeFolder).collect();
        let copies = self.needs_copy() && self.copy.1 != Copied::Same;
        if self.needs_copy() {
            self.place.clone().map_err(Refusal::Place)?;
            let missing = self.folders.iter().filter(|(_, there)| !there);
            steps.extend(missing.map(|(path, _)| Step::MakeFolder(path.clone())));
        }
        if copies {
            steps.push(Step::CopyProgram {
                from: self.source.path.clone(),
                to: self.copy.0.clone(),
            });
        }
        let written: Vec<_> = self
            .files_that(&[FileSeen::Absent, FileSeen::Older])
            .collect();
        // What runs would not be by the new files. Stopped before them, it is by no files: that is seen
        // when this is interrupted, and neither manager opens a socket anew beside its daemon.
        let runs = self.standing.socket || self.standing.running;
        let stops = runs && !written.is_empty();
        if stops {
            steps.push(Step::Order(Order::Stop));
        }
        steps.extend(self.remains.iter().cloned().map(Step::RemoveFile));
        steps.extend(written.iter().map(|file| Step::WriteFile {
            path: file.path.clone(),
            text: file.wanted.clone(),
        }));
        if !written.is_empty() || self.standing.stale || !self.standing.known {
            self.order(&mut steps, Order::Reload);
        }
        if !self.standing.enabled {
            steps.push(Step::Order(Order::Enable));
        }
        let renewed = copies || self.standing.outdated;
        self.plan_run(&mut steps, !stops, renewed);
        if !self.needs_copy() {
            // An earlier install needed it.
            self.remove_copy(&mut steps);
        }
        Ok(steps)
    }

    /// Brings socket and daemon up. `undisturbed`: no step before this one stopped them.
    fn plan_run(&self, steps: &mut Vec<Step>, undisturbed: bool, renewed: bool) {
        let renews = renewed && undisturbed && self.standing.socket && self.standing.running;
        // Whoever installs often is not to be told that the daemon was started too often.
        if self.standing.failed || renews {
            self.order(steps, Order::Forget);
        }
        let order = match (self.standing.socket && undisturbed, self.standing.running) {
            (false, _) => Order::Start,
            (true, false) => Order::Wake,
            (true, true) if renews => Order::Restart,
            (true, true) => return,
        };
        steps.push(Step::Order(order));
    }

    fn plan_uninstall(&self, keep_state: bool) -> Result<Vec<Step>, Refusal> {
        let owner = self.owner();
        if let (Owner::Package(_), Some((packager, path))) = (owner, &self.package)
            && !self.has_remains()
        {
            return Err(Refusal::Packaged(*packager, path.clone()));
        }
        let foreign = self.files_that(&[FileSeen::Foreign]).next();
        if let (Owner::Stranger, Some(file)) = (owner, foreign) {
            return Err(Refusal::Foreign(file.path.clone()));
        }
        let mut steps = Vec::new();
        // What runs by a package's files, below ours, is the package's.
        let ours_runs = owner == Owner::Us || self.package.is_none();
        if ours_runs && (self.standing.socket || self.standing.running) {
            steps.push(Step::Order(Order::Stop));
        }
        if owner == Owner::Us && self.standing.enabled {
            self.order(&mut steps, Order::Disable);
        }
        let ours = self.files_that(&[FileSeen::Current, FileSeen::Older]);
        let files: Vec<_> = ours
            .map(|file| Step::RemoveFile(file.path.clone()))
            .collect();
        let changed = !files.is_empty() || !self.remains.is_empty();
        steps.extend(files);
        steps.extend(self.remains.iter().cloned().map(Step::RemoveFile));
        if changed || self.standing.stale || (ours_runs && self.standing.known) {
            self.order(&mut steps, Order::Reload);
        }
        if ours_runs && self.standing.failed {
            self.order(&mut steps, Order::Forget);
        }
        self.remove_copy(&mut steps);
        if self.package.is_none() {
            steps.extend(self.runtime.iter().cloned().map(Step::RemoveRuntime));
            if !keep_state {
                steps.extend(self.state.iter().cloned().map(Step::RemoveState));
            }
        }
        Ok(steps)
    }

    fn plan_start(&self) -> Result<Vec<Step>, Refusal> {
        self.check_ours_to_run()?;
        let mut steps: Vec<_> = self.missing.iter().cloned().map(Step::MakeFolder).collect();
        self.plan_run(&mut steps, true, false);
        Ok(steps)
    }

    fn plan_stop(&self) -> Result<Vec<Step>, Refusal> {
        self.check_ours_to_run()?;
        let runs = self.standing.socket || self.standing.running;
        Ok(runs
            .then_some(Step::Order(Order::Stop))
            .into_iter()
            .collect())
    }

    /// Whether the manager knows it by the name that our orders use.
    fn check_ours_to_run(&self) -> Result<(), Refusal> {
        match (self.owner(), &self.package) {
            (Owner::Nobody, _) => Err(Refusal::NotInstalled),
            (Owner::Package(Packager::Homebrew), Some((packager, path))) => {
                Err(Refusal::Packaged(*packager, path.clone()))
            }
            _ => Ok(()),
        }
    }

    fn remove_copy(&self, steps: &mut Vec<Step>) {
        if self.copy.1 != Copied::Absent {
            steps.push(Step::RemoveFile(self.copy.0.clone()));
        }
        let there = self.folders.iter().rev().filter(|(_, there)| *there);
        steps.extend(there.map(|(path, _)| Step::RemoveFolder(path.clone())));
    }

    /// Whether anything of an install of ours is left beside a package.
    fn has_remains(&self) -> bool {
        self.copy.1 != Copied::Absent
            || !self.remains.is_empty()
            || self.standing.stale
            || self.folders.iter().any(|(_, there)| *there)
    }

    fn files_that<'s>(
        &'s self,
        are: &'s [FileSeen],
    ) -> impl Iterator<Item = &'s super::seen::SeenFile> {
        let files = self.files.iter();
        files.filter(move |file| are.contains(&file.seen))
    }

    /// Adds an order that only systemd knows.
    fn order(&self, steps: &mut Vec<Step>, order: Order) {
        if self.kind == ManagerKind::Systemd {
            steps.push(Step::Order(order));
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MakeFolder(path) => write!(f, "make the folder {}", path.display()),
            Self::CopyProgram { from, to } => {
                write!(f, "copy {} to {}", from.display(), to.display())
            }
            Self::WriteFile { path, .. } => write!(f, "write {}", path.display()),
            Self::Order(order) => write!(f, "{order}"),
            Self::RemoveFile(path) => write!(f, "remove {}", path.display()),
            Self::RemoveFolder(path) => write!(f, "remove the folder {}", path.display()),
            Self::RemoveRuntime(path) => write!(f, "remove {} (socket and lock)", path.display()),
            Self::RemoveState(path) => write!(f, "remove {} (profiles)", path.display()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reload => "have the service files read anew",
            Self::Enable => "have it start with the computer",
            Self::Disable => "have it start with the computer no more",
            Self::Forget => "forget earlier failures",
            Self::Start => "open the socket and start the daemon",
            Self::Wake => "start the daemon",
            Self::Restart => "restart the daemon",
            Self::Stop => "stop the daemon and close the socket",
        })
    }
}

#[cfg(test)]
mod tests;
