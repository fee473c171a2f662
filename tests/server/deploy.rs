//! `deploy/`: the unit, the container file and the rules for alerts are what their own tools accept, and fit the server.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::Server;
use genome_test_support::{Ran, Release, has, program, programs, repository, run};
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNIT: &str = "deploy/genome-server.service";

/// Whom `sandbox.py` lets root become.
const NOBODY: u32 = 65534;

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What the unit says, where it says it once.
fn setting(name: &str) -> String {
    let unit = read(UNIT);
    let mut values = unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let value = values.next().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(values.next(), None, "{name}");
    value.to_owned()
}

fn seconds(setting: &str) -> u32 {
    let number = setting.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = if setting.ends_with("min") { 60 } else { 1 };
    number.parse::<u32>().unwrap() * unit
}

fn help() -> String {
    run(program("genome-server", Path::new("/")).arg("--help")).stdout
}

fn assert_well(command: &mut Command) -> Ran {
    let ran = run(command);
    assert_eq!(ran.status, Some(0), "{command:?}: {ran:?}");
    ran
}

// --- The unit ---

#[test]
fn systemd_accepts_the_unit() {
    if !has("systemd-analyze") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("genome-server.service");
    fs::write(&unit, read(UNIT).replace("/usr/local/bin", programs().to_str().unwrap())).unwrap();
    // The socket of it, too.
    let socket = directory.path().join("genome-server.socket");
    fs::write(&socket, read("deploy/genome-server.socket")).unwrap();
    let ran = assert_well(Command::new("systemd-analyze").args(["--man=no", "verify"]).args([&unit, &socket]));
    assert_eq!(ran.stdout + &ran.stderr, "");
    // In tenths; a service that says nothing has 9.6.
    assert_well(Command::new("systemd-analyze").args(["security", "--no-pager", "--offline=true", "--threshold=15"]).arg(&unit));
}

#[test]
fn the_unit_fits_the_server() {
    let help = help();
    let default = Regex::new(r"(?s)--shutdown-timeout.*?\[default: (\d+)\]").unwrap();
    let shutdown: u32 = default.captures(&help).unwrap()[1].parse().unwrap();
    assert!(seconds(&setting("TimeoutStopSec")) > shutdown);
    assert_eq!((setting("Type"), setting("Restart")), ("notify".into(), "always".into()));
    // SIGHUP ends it, so that a reload would be a restart.
    assert!(!read(UNIT).lines().any(|line| line.starts_with("ExecReload=")));
    assert_eq!(setting("RestartPreventExitStatus"), "1 2");
    assert_eq!((setting("StateDirectory"), setting("StateDirectoryMode")), ("mathison".into(), "0700".into()));
    assert_eq!(setting("Environment"), "MATHISON_GENOME_STATE=%S/mathison/state.json");
    // Whatever its environment has lost.
    assert!(setting("ExecStart").starts_with("/usr/local/bin/genome-server --production "));
    assert_eq!(setting("IPAddressAllow"), "localhost");
    assert!(help.contains("[default: 127.0.0.1:7070]"), "{help}");
}

/// A deployed genome, and the two directories that the unit lets the server write.
struct Machine {
    release: Release,
}

impl Machine {
    fn new() -> Self {
        let release = Release::deployed();
        let is_root = fs::metadata(release.path()).unwrap().uid() == 0;
        for (name, mode) in [("state", 0o700), ("cache", 0o755)] {
            fs::create_dir(release.path().join(name)).unwrap();
            release.set_mode(name, mode);
            if is_root {
                chown(release.path().join(name), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        Self { release }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.release.path().join(name)
    }

    /// What the unit starts, under its filters.
    fn service(&self) -> Command {
        let mut command = self.sandboxed();
        let start = setting("ExecStart");
        let mut words = start.split(' ');
        command.arg(programs().join(Path::new(words.next().unwrap()).file_name().unwrap()));
        command.args(words.map(|word| word.replace("${CACHE_DIRECTORY}", self.path("cache").to_str().unwrap())));
        command
    }

    /// The filters, for a program that is yet to be named.
    fn sandboxed(&self) -> Command {
        let mut command = Command::new("python3");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.current_dir(self.release.path()).args(["tests/server/sandbox.py", UNIT].map(|name| repository().join(name)));
        command.env("MATHISON_GENOME_PATH", self.path("etc/genome.json"));
        command.env("MATHISON_GENOME_TRUST", self.path("trust.json"));
        command.env("MATHISON_GENOME_STATE", self.path("state/state.json"));
        command.env("MATHISON_REPO_ROOT", self.release.path());
        command
    }
}

#[test]
fn the_server_needs_nothing_that_the_unit_denies() {
    if !has("systemd-analyze") || !has("python3") {
        return;
    }
    let machine = Machine::new();
    let notified = UnixDatagram::bind(machine.path("notify")).unwrap();
    machine.release.set_mode("notify", 0o777);
    let mut server = Server::start(machine.service().env("NOTIFY_SOCKET", machine.path("notify")));
    let mut said = [0; 256];
    let length = notified.recv(&mut said).unwrap();
    assert!(said.get(..length).unwrap().starts_with(b"READY=1"));
    assert_eq!(server.get("/genome").json()["trust"], "pinned");
    assert_eq!(server.decide("memory_search")["decision"], "allow");
    for path in ["/", "/health", "/ready", "/metrics", "/genome/document", "/openapi.json"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0), "{:?}", server.log);
    assert!(machine.release.read("cache/genome.prom").contains("\ngenome_boot_success 1\n"));
    // Nobody but the owner may even look at the state; the collector is another user.
    let mode = |name| fs::metadata(machine.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("cache"), mode("cache/genome.prom")), (0o700, 0o755, 0o644));

    // With another genome, and then with none that is trusted.
    machine.release.deploy("etc/genome.json", &Release::draft().with("version", "1.3.0").signed(&[1]));
    Server::start(&mut machine.service()).stop();
    machine.release.deploy("etc/genome.json", &Release::draft().with("version", "1.4.0").document.to_string());
    let ran = run(&mut machine.service());
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("GENOME_UNSIGNED"), "{ran:?}");
    let counted = machine.release.read("cache/genome.prom");
    for line in ["genome_boot_success 0", "genome_mutations_total 1", "genome_boot_failures_total{code=\"GENOME_UNSIGNED\"} 1"] {
        assert!(counted.lines().any(|counted| counted == line), "{line}: {counted}");
    }
}

#[test]
fn the_filters_deny_what_they_should() {
    if !has("systemd-analyze") || !has("python3") {
        return;
    }
    let machine = Machine::new();
    let tried = |code: &str| run(machine.sandboxed().args(["python3", "-c", code])).status;
    assert_eq!(tried("import socket; socket.socket(socket.AF_INET6); socket.socket(socket.AF_UNIX)"), Some(0));
    for code in [
        "import os; os.chroot('/')",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
        "import os; os.setpriority(os.PRIO_PROCESS, 0, 1)",
        "import ctypes; ctypes.CDLL(None).mount(0, 0, 0, 0, 0)",
    ] {
        assert_eq!(tried(code), None, "{code}");
    }
}

// --- The container ---

/// The instructions of the container file, with lines that go on taken together.
fn instructions() -> Vec<(String, String)> {
    let text = read("deploy/Containerfile").replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap()).map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
}

/// The first word of it.
fn word(rest: &str) -> &str {
    rest.split(' ').next().unwrap()
}

#[test]
fn the_container_file_names_what_is_there() {
    let instructions = instructions();
    let of = |name: &str| -> Vec<&str> {
        instructions.iter().filter(|(instruction, _)| instruction == name).map(|(_, rest)| rest.as_str()).collect()
    };
    let version = Regex::new("rust-version = \"(.*)\"").unwrap().captures(&read("Cargo.toml")).unwrap()[1].to_owned();
    assert_eq!(of("FROM"), [format!("rust:{version}-slim-bookworm AS build").as_str(), "scratch"]);
    assert_eq!(of("USER"), ["65532:65532"]);

    // What is copied is a workspace with these programs.
    let copy = tempfile::tempdir().unwrap();
    for words in of("COPY").into_iter().filter(|rest| !rest.starts_with("--from=")).map(str::split_whitespace) {
        let words: Vec<&str> = words.collect();
        let (to, from) = words.split_last().unwrap();
        let from = from.iter().map(|name| repository().join(name));
        let whole = if *to == "./" { "--" } else { "--no-target-directory" };
        assert_well(Command::new("cp").args(["--recursive", whole]).args(from).arg(copy.path().join(to)));
    }
    let metadata = ["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"];
    let metadata = assert_well(Command::new(env!("CARGO")).args(metadata).current_dir(copy.path())).stdout;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let [built] = of("RUN")[..] else { panic!("not one RUN") };
    let builds: Vec<(&str, &str)> = built.split(" --package ").skip(1).map(|rest| (word(rest), rest)).collect();
    let named = builds.iter().map(|(package, rest)| (*package, word(rest.split_once(" --bin ").unwrap().1)));
    let named: Vec<(&str, &str)> = named.collect();
    assert_eq!(named, [("genome-server", "genome-server"), ("genome-cli", "genome-verify")]);
    for (package, name) in named {
        let package =
            packages.iter().find(|there| there["name"] == package).unwrap_or_else(|| panic!("there is no package {package}"));
        let mut targets = package["targets"].as_array().unwrap().iter();
        assert!(targets.any(|target| target["name"] == name && target["kind"][0] == "bin"), "there is no program {name}");
        assert!(built.contains(&format!("release/{name}\"")), "{name} is not taken along");
    }

    let [entry] = of("ENTRYPOINT")[..] else { panic!("not one ENTRYPOINT") };
    let words: Vec<String> = serde_json::from_str(entry).unwrap();
    let (path, arguments) = words.split_first().unwrap();
    assert_eq!(path, "/usr/local/bin/genome-server");
    assert!(of("COPY").contains(&"--from=build /programs /usr/local/bin"));
    assert_eq!(arguments, ["--production"]);
    assert!(help().contains(&format!(":{}]", of("EXPOSE")[0])), "another port");
}

// --- The alerts ---

#[test]
fn prometheus_accepts_the_alerts() {
    if !has("promtool") {
        return;
    }
    let deploy = repository().join("deploy");
    assert_well(Command::new("promtool").args(["check", "rules", "alerts.yml"]).current_dir(&deploy));
    assert_well(Command::new("promtool").args(["test", "rules", "alerts_test.yml"]).current_dir(&deploy));
}

/// The names of the alerts.
fn alerts() -> Vec<String> {
    let names: Vec<String> =
        read("deploy/alerts.yml").lines().filter_map(|line| Some(line.trim().strip_prefix("- alert: ")?.to_owned())).collect();
    let of_boots = ["GenomeBootFailed", "GenomeRefused", "GenomeActionsDenied", "GenomeChanged", "GenomeOld"];
    let of_what_runs = ["GenomeFileDiffers", "GenomeNotTrusted", "GenomeWarned"];
    assert_eq!(names, [&of_boots[..], &of_what_runs].concat());
    names
}

#[test]
fn each_alert_is_seen_to_fire_and_not_to_fire() {
    let tests = read("deploy/alerts_test.yml");
    for alert in alerts() {
        assert!(tests.contains(&format!("- {{alertname: {alert}, eval_time: ")), "{alert} is never quiet");
        let fires = Regex::new(&format!(r"- alertname: {alert}\n +eval_time: .*\n +exp_alerts:\n +- ")).unwrap();
        assert!(fires.is_match(&tests), "{alert} never fires");
    }
}

#[test]
fn the_alerts_are_about_what_the_server_shows() {
    let release = Release::deployed();
    let arguments = ["--metrics-textfile", "genome.prom", "--state", "state.json"];
    let server = Server::start(&mut release.serving(&arguments));
    assert_eq!(server.decide("x")["decision"], "deny");
    let (asked, textfile) = (server.get("/metrics").body, release.read("genome.prom"));
    let shown: BTreeSet<&str> = [&asked, &textfile]
        .into_iter()
        .flat_map(|text| text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()))
        .collect();
    let name = Regex::new(r"\bgenome_[a-z_]+").unwrap();
    for file in ["deploy/alerts.yml", "deploy/alerts_test.yml"] {
        let text = read(file);
        let named: BTreeSet<&str> = name.find_iter(&text).map(|found| found.as_str()).collect();
        assert!(named.len() >= 5, "{file}: {named:?}");
        assert!(named.is_subset(&shown), "{file}: {named:?} are not all of {shown:?}");
    }
    // The labels that the rules rest on, and what they tell the textfile by.
    assert!(asked.contains("genome_decisions_total{cap_id=\"\",outcome=\"deny\"} 1\n"), "{asked}");
    assert!(textfile.contains("\ngenome_boot_failures_total{code=\"GENOME_UNTRUSTED\"} 0\n"), "{textfile}");
    assert!(!asked.contains("genome_boot_success"), "{asked}");
    for code in ["GENOME_TEST_KEY", "GENOME_UNTRUSTED", "none"] {
        assert!(asked.contains(&format!("\ngenome_warnings{{code=\"{code}\"}} ")), "{code}: {asked}");
    }
    // What can be asked of a server that runs is not kept for when it does not.
    assert!(!textfile.contains("genome_warnings") && !textfile.contains("genome_disk_matches"), "{textfile}");
    for counter in ["genome_boot_failures_total", "genome_mutations_total"] {
        assert!(asked.contains(counter) && textfile.contains(counter), "{counter}");
    }
}

#[test]
fn the_alerts_name_pages_that_are_there_and_are_named() {
    let (rules, deployment, page) = (read("deploy/alerts.yml"), read("DEPLOYMENT.md"), read("docs/src/monitor/alerts.md"));
    let runbooks: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("runbook: ")).collect();
    assert_eq!(runbooks.len(), alerts().len());
    for runbook in runbooks {
        assert!(repository().join(runbook).is_file(), "there is no page {runbook}");
    }
    for alert in alerts() {
        assert!(page.contains(&format!("`{alert}`")), "the page does not name {alert}");
    }
    let days = |text: &str, pattern: &str| -> u32 { Regex::new(pattern).unwrap().captures(text).unwrap()[1].parse().unwrap() };
    let alerted = days(&rules, r"genome_age_seconds > (\d+) \* 24 \* 3600");
    assert_eq!(days(&deployment, r"--maximum-age-days (\d+)") - alerted, 60);
}
