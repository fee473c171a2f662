//! A terminal, and somebody who types there.

use crate::Ran;
use serde_json::{Value, json};
use std::process::Command;

/// Runs a program with a controlling terminal: waits for each text there, and types what is given for it. Reports what the terminal
/// showed, the streams, the exit status, and whether the terminal echoes at the end.
const TERMINAL: &str = r#"
import fcntl, json, os, select, signal, subprocess, sys, termios
# What never shows is not waited for.
signal.alarm(60)
asked, command = json.loads(sys.argv[1]), sys.argv[2:]
master, slave = os.openpty()
def become_leader():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
before = termios.tcgetattr(slave)
os.write(master, asked["ahead"].encode())
stdin = open(asked["stdin"]) if asked["stdin"] else subprocess.DEVNULL
stderr = slave if asked["shows_errors"] else subprocess.PIPE
child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, preexec_fn=become_leader)
shown, seen = b"", 0
for expected, typed in asked["steps"]:
    while (at := shown.find(expected.encode(), seen)) < 0:
        shown += os.read(master, 1024)
    seen = at + len(expected)
    os.write(master, typed.encode())
def rest(patience):
    while select.select([master], [], [], patience)[0]:
        yield os.read(master, 65536)
while child.poll() is None:
    shown += b"".join(rest(0.02))
shown += b"".join(rest(0))
stdout, stderr = child.communicate()
as_before = termios.tcgetattr(slave) == before
print(json.dumps({"status": child.returncode, "shown": shown.decode(), "stdout": stdout.decode(), "stderr": (stderr or b"").decode(), "as_before": as_before}))
"#;

/// Somebody at a terminal.
#[derive(Debug, Default, Clone, Copy)]
pub struct Typist<'t> {
    /// What is typed before the program starts.
    pub ahead: &'t str,
    /// Each text that is waited for, and what is typed then.
    pub steps: &'t [(&'t str, &'t str)],
    /// Whether standard error is the terminal; otherwise it is a pipe.
    pub shows_errors: bool,
    /// The file that is standard input, if it is not empty.
    pub stdin: Option<&'t str>,
}

/// What a program did there.
#[derive(Debug)]
pub struct Typed {
    /// What it did elsewhere. A signal is an exit status below 0.
    pub ran: Ran,
    /// What the terminal showed.
    pub shown: String,
}

impl Typist<'_> {
    /// Runs a program at the terminal. It leaves the terminal as it was.
    ///
    /// # Panics
    /// It does not, or does not show what is waited for.
    #[must_use]
    pub fn run(&self, command: &Command) -> Typed {
        let Self { ahead, steps, shows_errors, stdin } = self;
        let asked = json!({"ahead": ahead, "steps": steps, "shows_errors": shows_errors, "stdin": stdin});
        let mut python = Command::new("python3");
        python.args(["-c", TERMINAL, &asked.to_string()]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => python.env(name, value),
                None => python.env_remove(name),
            };
        }
        command.get_current_dir().map(|directory| python.current_dir(directory));
        let output = python.output().unwrap_or_else(|error| panic!("python3: {error}"));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let text = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(report["as_before"], true, "the terminal is not as it was: {report}");
        let status = report["status"].as_i64().and_then(|status| i32::try_from(status).ok());
        Typed { ran: Ran { status, stdout: text("stdout"), stderr: text("stderr") }, shown: text("shown") }
    }
}
