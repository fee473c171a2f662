//! Volumes as a kubelet mounts them, and a process in a container that has them.

use crate::{Ran, has, programs, run, say};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The user of a container, and the group that its volumes are given to (`fsGroup`).
pub const USER: u32 = 65532;

/// A mount namespace with a root file system, into which volumes are mounted.
///
/// Where the test is root, a process in it runs as another user. Where it is not, it is the root of a user namespace of its own, to whom
/// all belongs: then only modes and mounts are as they are in a cluster.
pub struct Node {
    holder: Child,
    is_root: bool,
    directory: tempfile::TempDir,
}

impl Node {
    /// A node whose container has the programs of ours, and no volumes yet; `None` where this user may mount nothing, which is said.
    ///
    /// # Panics
    /// No scratch directory can be made.
    #[must_use]
    pub fn new() -> Option<Self> {
        if !has("unshare") || !has("nsenter") {
            return None;
        }
        let made = [true, false].into_iter().find_map(Self::held);
        if made.is_none() {
            say("SKIPPED, this user may mount nothing\n");
        }
        made
    }

    /// One that is held by a process which ends with its standard input.
    fn held(is_root: bool) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let mut unshare = Command::new("unshare");
        unshare.args(if is_root { &[][..] } else { &["--user", "--map-root-user"] }).args(["--mount", "--propagation", "private"]);
        unshare.args(["sh", "-c", "[ $(id -u) = 0 ] && mount -t tmpfs none \"$0\" && umount \"$0\" && echo held && read -r _"]);
        let mut holder =
            unshare.arg(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut line = String::new();
        let _ = BufReader::new(holder.stdout.take()?).read_line(&mut line);
        let node = Self { holder, is_root, directory };
        if line != "held\n" {
            return None;
        }
        node.does("make_root");
        Some(node)
    }

    /// Whether its container runs as another user than root.
    #[must_use]
    pub fn has_users(&self) -> bool {
        self.is_root
    }

    fn enter(&self) -> Command {
        let mut nsenter = Command::new("nsenter");
        nsenter.arg(format!("--target={}", self.holder.id())).arg("--mount");
        if !self.is_root {
            nsenter.args(["--user", "--preserve-credentials"]);
        }
        nsenter
    }

    /// The root file system of the container, as the machine sees it.
    fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// Runs a script as root of the machine, with the functions of `kubelet.sh`.
    #[must_use]
    pub fn run(&self, script: &str) -> Ran {
        let script = format!("{}\n{script}", include_str!("kubelet.sh"));
        let group = if self.is_root { USER.to_string() } else { "0".to_owned() };
        let mut command = self.enter();
        command.args(["sh", "-euc", &script]).env("node", self.directory.path()).env("root", self.root());
        run(command.env("programs", programs()).env("group", group))
    }

    /// The same, and it must succeed.
    ///
    /// # Panics
    /// It does not.
    pub fn does(&self, script: &str) {
        let ran = self.run(script);
        assert_eq!(ran.status, Some(0), "{script}: {ran:?}");
    }

    /// Puts these files into a volume, as a version of a `ConfigMap` or of a Secret.
    ///
    /// # Panics
    /// They cannot be written.
    pub fn publish(&self, volume: &str, version: &str, mode: u32, files: &[(&str, &str)]) {
        let payload = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        for (name, contents) in files {
            let path = payload.path().join(name);
            let written = std::fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| std::fs::write(&path, contents));
            written.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        self.does(&format!("payload {volume} '{}' {version} {mode:04o}", payload.path().display()));
    }

    /// A program in the container, as its user and with no groups but `fsGroup`, ready to run.
    #[must_use]
    pub fn container(&self, program: &str) -> Command {
        let mut command = self.enter();
        command.arg("chroot");
        if self.is_root {
            command.args([format!("--userspec={USER}:{USER}"), format!("--groups={USER}")]);
        }
        command.arg(self.root()).arg(program);
        command.env_clear().env("PATH", "/programs:/usr/bin:/usr/sbin");
        command.current_dir(Path::new("/"));
        command
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // It ends with its input.
        let _ = self.holder.wait();
    }
}
