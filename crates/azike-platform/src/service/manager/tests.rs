//! Whole installs in a folder that stands for the computer, with a systemd that only pretends.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::super::command::Output;
use super::super::plan::{Refusal, Wish};
use super::super::seen::Owner;
use super::*;

const GONE: Wish = Wish::Uninstall { keep_state: false };

/// What systemd would know.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one answer of systemd"
)]
struct Pretended {
    root: PathBuf,
    loaded: bool,
    enabled: bool,
    socket: bool,
    running: bool,
    /// Every command that changed something.
    told: Vec<String>,
    /// Refuse commands that begin so.
    refuses: Option<&'static str>,
}

impl Runner for Pretended {
    async fn run(&mut self, program: &Path, words: &[String]) -> Result<Output, CommandError> {
        assert!(program.is_absolute(), "{program:?}");
        let words = words.join(" ");
        if words == "--version" {
            return Ok(said("azike 9.8.7\n"));
        }
        assert!(program.ends_with("systemctl"), "{program:?}");
        let (verb, _) = words.split_once(' ').unwrap_or((&words, ""));
        if verb == "show" {
            return Ok(said(&self.show()));
        }
        if self.refuses == Some(verb) {
            let stderr = "Job failed.\n".to_owned();
            let code = Some(1);
            return Ok(Output {
                code,
                stderr,
                ..Output::default()
            });
        }
        match verb {
            "daemon-reload" => self.loaded = self.units().join("azike.service").exists(),
            "enable" => self.enable(true),
            "disable" => self.enable(false),
            "start" | "restart" => (self.socket, self.running) = (true, true),
            "reset-failed" => {}
            "stop" => (self.socket, self.running) = (false, false),
            other => panic!("systemctl {other}"),
        }
        self.told.push(words);
        Ok(said(""))
    }
}

fn said(text: &str) -> Output {
    Output {
        code: Some(0),
        stdout: text.to_owned(),
        stderr: String::new(),
    }
}

impl Pretended {
    fn units(&self) -> PathBuf {
        self.root.join("etc/systemd/system")
    }

    fn enable(&mut self, enable: bool) {
        assert!(self.loaded, "systemd reads unit files when it is told to");
        self.enabled = enable;
        for (folder, unit) in [
            ("multi-user.target.wants", "azike.service"),
            ("sockets.target.wants", "azike.socket"),
        ] {
            let folder = self.units().join(folder);
            fs::create_dir_all(&folder).unwrap();
            let link = folder.join(unit);
            if enable {
                symlink(Path::new("/etc/systemd/system").join(unit), link).unwrap();
            } else {
                fs::remove_file(link).unwrap();
            }
        }
    }

    fn show(&self) -> String {
        let load = if self.loaded { "loaded" } else { "not-found" };
        let active = |is| if is { "active" } else { "inactive" };
        let enabled = if self.enabled && self.loaded {
            "enabled"
        } else {
            ""
        };
        format!(
            "MainPID=0\nId=azike.service\nLoadState={load}\nActiveState={}\nUnitFileState={enabled}\n\n\
             Id=azike.socket\nLoadState={load}\nActiveState={}\nUnitFileState={enabled}\n",
            active(self.running),
            active(self.socket)
        )
    }
}

/// A computer, and an azike in a folder that everybody can write to.
struct Computer {
    folder: tempfile::TempDir,
    manager: ServiceManager<Pretended>,
}

impl Computer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for path in ["etc/systemd/system", "opt", "run", "var/lib", "home/ada"] {
            fs::create_dir_all(root.join(path)).unwrap();
            for path in root
                .join(path)
                .ancestors()
                .take_while(|path| path.starts_with(&root))
            {
                fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let mode = fs::Permissions::from_mode(0o777);
        fs::set_permissions(root.join("home/ada"), mode).unwrap();
        let layout = Layout {
            kind: ManagerKind::Systemd,
            root: root.clone(),
            owner: rustix::process::geteuid().as_raw(),
        };
        let pretended = Pretended {
            root,
            ..Pretended::default()
        };
        let manager = ServiceManager::new(layout, pretended);
        let computer = Self { folder, manager };
        computer.release("azike 1");
        computer
    }

    /// A new version where the user keeps azike.
    fn release(&self, octets: &str) {
        fs::write(self.program(), octets).unwrap();
    }

    fn program(&self) -> PathBuf {
        self.path("home/ada/azike")
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    /// Everything on the disk but for what every computer has, in order.
    fn disk(&self) -> Vec<String> {
        let root = self.path("");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path.clone());
                }
                found.push(path.strip_prefix(&root).unwrap().display().to_string());
            }
        }
        found.retain(|path| Path::new(path).extension() != Some("wants".as_ref()));
        found.sort();
        found
    }

    async fn seen(&mut self) -> Seen {
        let program = self.program();
        self.manager.look(&program).await.unwrap()
    }

    /// Goes on until `wish` is so, or until `most` steps are made; what they were.
    async fn go(&mut self, wish: Wish, most: usize) -> Vec<String> {
        let steps = self.seen().await.plan(wish).unwrap();
        let mut made = Vec::new();
        for step in steps.iter().take(most) {
            self.manager.perform(step).await.unwrap();
            made.push(step.to_string());
        }
        made
    }

    /// What a daemon leaves: a lock, and a profile.
    fn use_it(&self) {
        for (folder, file) in [
            ("run/azike", "control.sock.lock"),
            ("var/lib/azike", "lock"),
        ] {
            fs::create_dir_all(self.path(folder)).unwrap();
            fs::write(self.path(folder).join(file), "").unwrap();
        }
        let profile = self.path("var/lib/azike/profiles/contoso");
        fs::create_dir_all(&profile).unwrap();
        fs::write(profile.join("profile.zip"), "zip").unwrap();
    }
}

#[tokio::test]
async fn installing_twice_changes_nothing_and_uninstalling_leaves_nothing() {
    let mut computer = Computer::new();
    let before = computer.disk();
    computer.go(Wish::Install, 99).await;
    let copy = computer.path("opt/azike/bin/azike");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "azike 1");
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
    assert!(computer.manager.runner.running && computer.manager.runner.enabled);
    let unit = fs::read_to_string(computer.path("etc/systemd/system/azike.service")).unwrap();
    assert!(
        unit.contains(&format!("ExecStart={} daemon", copy.display())),
        "{unit}"
    );
    computer.use_it();

    assert_eq!(computer.go(Wish::Install, 99).await, [""; 0]);
    let seen = computer.seen().await;
    assert_eq!(seen.owner(), Owner::Us);
    assert_eq!(
        computer.manager.version(&copy).await.as_deref(),
        Some("9.8.7")
    );

    computer.go(GONE, 99).await;
    assert_eq!(computer.disk(), before);
    assert!(!computer.manager.runner.loaded && !computer.manager.runner.running);
    assert_eq!(computer.go(GONE, 99).await, [""; 0]);
}

#[tokio::test]
async fn an_upgrade_exchanges_the_program_and_restarts_it_without_closing_the_socket() {
    let mut computer = Computer::new();
    computer.go(Wish::Install, 99).await;
    computer.manager.runner.told.clear();
    computer.release("azike 2");
    computer.go(Wish::Install, 99).await;
    let copy = computer.path("opt/azike/bin/azike");
    assert_eq!(fs::read_to_string(copy).unwrap(), "azike 2");
    let told = [
        "reset-failed azike.service azike.socket",
        "restart azike.service",
    ];
    assert_eq!(computer.manager.runner.told, told);
}

#[tokio::test]
async fn files_of_an_older_version_are_replaced() {
    let mut computer = Computer::new();
    computer.go(Wish::Install, 99).await;
    let path = computer.path("etc/systemd/system/azike.socket");
    let current = fs::read_to_string(&path).unwrap();
    fs::write(&path, current.replace("0600", "0666")).unwrap();
    computer.manager.runner.told.clear();
    computer.go(Wish::Install, 99).await;
    assert_eq!(fs::read_to_string(&path).unwrap(), current);
    let told = [
        "stop azike.socket azike.service",
        "daemon-reload",
        "start azike.socket azike.service",
    ];
    assert_eq!(computer.manager.runner.told, told);
}

/// Cut after each step, by a power cut for example: the same command again finishes it.
#[tokio::test]
async fn what_was_interrupted_is_finished_by_the_next_try() {
    for cut in 0..12 {
        let mut computer = Computer::new();
        let before = computer.disk();
        computer.go(Wish::Install, cut).await;
        computer.go(Wish::Install, 99).await;
        assert_eq!(
            computer.go(Wish::Install, 99).await,
            [""; 0],
            "install cut after {cut}"
        );
        computer.use_it();
        computer.go(GONE, cut).await;
        computer.go(GONE, 99).await;
        assert_eq!(computer.disk(), before, "uninstall cut after {cut}");
        assert!(!computer.manager.runner.loaded, "uninstall cut after {cut}");
    }
}

/// The power went while a file was written: the half of it is not left behind.
#[tokio::test]
async fn half_written_files_go() {
    let mut computer = Computer::new();
    let before = computer.disk();
    fs::create_dir_all(computer.path("opt/azike/bin")).unwrap();
    for half in ["opt/azike/bin/azike", "etc/systemd/system/azike.service"] {
        fs::write(computer.path(&format!("{half}.azike-new")), "ha").unwrap();
    }
    computer.go(GONE, 99).await;
    assert_eq!(computer.disk(), before);
}

#[tokio::test]
async fn files_of_others_stay() {
    let mut computer = Computer::new();
    let unit = computer.path("etc/systemd/system/azike.service");
    fs::write(&unit, "[Service]\nExecStart=/usr/local/bin/azike daemon\n").unwrap();
    let before = computer.disk();
    let seen = computer.seen().await;
    assert_eq!(seen.owner(), Owner::Stranger);
    for wish in [Wish::Install, GONE] {
        assert_eq!(seen.plan(wish), Err(Refusal::Foreign(unit.clone())));
    }
    assert_eq!(computer.disk(), before);

    // Beside ours: an own file in our folder, and a drop-in of the administrator.
    let mut computer = Computer::new();
    computer.go(Wish::Install, 99).await;
    let drop_in = computer.path("etc/systemd/system/azike.service.d");
    fs::create_dir(&drop_in).unwrap();
    for path in [drop_in.join("own.conf"), computer.path("opt/azike/notes")] {
        fs::write(path, "own").unwrap();
    }
    computer.go(GONE, 99).await;
    assert!(drop_in.join("own.conf").exists());
    assert!(computer.path("opt/azike/notes").exists());
    assert!(!computer.path("opt/azike/bin").exists());
}

#[tokio::test]
async fn what_is_still_needed_is_not_removed() {
    let mut computer = Computer::new();
    computer.go(Wish::Install, 99).await;
    computer.use_it();
    let runtime = Step::RemoveRuntime(computer.path("run/azike"));
    let state = Step::RemoveState(computer.path("var/lib/azike"));

    let lock = fs::File::open(computer.path("run/azike/control.sock.lock")).unwrap();
    lock.lock().unwrap();
    let refused = computer.manager.perform(&runtime).await;
    assert!(
        matches!(refused, Err(ServiceError::InUse(_))),
        "{refused:?}"
    );
    drop(lock);

    fs::write(computer.path("var/lib/azike/journal"), "{}").unwrap();
    let refused = computer.manager.perform(&state).await;
    assert!(
        matches!(refused, Err(ServiceError::Unfinished(_))),
        "{refused:?}"
    );
    assert!(computer.path("var/lib/azike/profiles/contoso").exists());
}

#[tokio::test]
async fn a_refusal_of_the_manager_says_which_command_it_was() {
    let mut computer = Computer::new();
    computer.manager.runner.refuses = Some("start");
    let refused = computer.manager.perform(&Step::Order(Order::Start)).await;
    let Err(ServiceError::Refused {
        command,
        code,
        said,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(
        command.ends_with("systemctl start azike.socket azike.service"),
        "{command}"
    );
    assert_eq!((code, said.as_str()), (Some(1), "Job failed.\n"));
}

/// A program that a user could exchange is not even asked for its version: root would run it.
#[tokio::test]
async fn a_program_that_others_can_write_is_not_asked_for_its_version() {
    let mut computer = Computer::new();
    let program = computer.program();
    assert_eq!(computer.manager.version(&program).await, None);
}

#[tokio::test]
async fn a_package_has_the_service_already() {
    let mut computer = Computer::new();
    let unit = computer.path("usr/lib/systemd/system/azike.service");
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    fs::write(&unit, "[Service]\n").unwrap();
    let before = computer.disk();
    let seen = computer.seen().await;
    for wish in [Wish::Install, GONE] {
        assert!(
            matches!(seen.plan(wish), Err(Refusal::Packaged(..))),
            "{wish:?}"
        );
    }
    assert_eq!(computer.disk(), before);
}
