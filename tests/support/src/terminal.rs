//! A terminal, and somebody who types there.

use crate::{Ran, inherited};
use serde_json::{Value, json};
use std::process::Command;

/// Runs a program with a controlling terminal: waits for each text there, and types what is given for it. Reports what the terminal
/// showed, the streams, the exit status, and whether the terminal echoes at the end.
const TERMINAL: &str = r#"
import fcntl, json, os, select, signal, struct, subprocess, sys, termios
# What never shows is not waited for.
def end(*_):
    child.kill()
    sys.exit(f"{expected!r} is not shown after {shown[:seen]!r}, but {shown[seen:]!r}")
signal.signal(signal.SIGALRM, end)
signal.alarm(60)
asked, command = json.loads(sys.argv[1]), sys.argv[2:]
master, slave = os.openpty()
def become_leader():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
before = termios.tcgetattr(slave)
os.write(master, asked["ahead"].encode())
if asked["size"]:
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *asked["size"], 0, 0))
stdin = open(asked["stdin"]) if asked["stdin"] else open("/dev/null")
stdout, stderr = subprocess.PIPE, slave if asked["shows_errors"] else subprocess.PIPE
if asked["sits_there"]:
    stdin = stdout = stderr = slave
child = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, preexec_fn=become_leader)
shown, seen, expected = b"", 0, "its end"
for expected, typed in asked["steps"]:
    while (at := shown.find(expected.encode(), seen)) < 0:
        shown += os.read(master, 1024)
    seen = at + len(expected)
    if asked["meanwhile"]:
        subprocess.run(["sh", "-euc", asked["meanwhile"]], check=True, capture_output=True)
        asked["meanwhile"] = None
    os.write(master, typed.encode())
expected = "its end"
def rest(patience):
    while select.select([master], [], [], patience)[0]:
        yield os.read(master, 65536)
while child.poll() is None:
    shown += b"".join(rest(0.02))
shown += b"".join(rest(0))
stdout, stderr = child.communicate()
as_before = termios.tcgetattr(slave) == before
print(json.dumps({"status": child.returncode, "shown": shown.decode(), "stdout": (stdout or b"").decode(), "stderr": (stderr or b"").decode(), "as_before": as_before}))
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
    /// Whether all standard streams are the terminal, as for a program that is started there and nothing else is said.
    pub sits_there: bool,
    /// The file that is standard input, if it is not empty.
    pub stdin: Option<&'t str>,
    /// What somebody else runs in a shell when the first text has been waited for, before anything is typed.
    pub meanwhile: Option<&'t str>,
    /// How many rows and columns the terminal has, if it knows.
    pub size: Option<(u16, u16)>,
}

/// What a program did there.
#[derive(Debug)]
pub struct Typed {
    /// What it did elsewhere. A signal is an exit status below 0.
    pub ran: Ran,
    /// What the terminal showed.
    pub shown: String,
}

/// What a terminal showed, before its lines were wrapped, by the rule that is in the book (Quoted text).
#[must_use]
pub fn joined(shown: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in shown.lines() {
        match (line.strip_prefix("        "), out.last_mut()) {
            (Some(rest), Some(last)) => go_on(last, rest.trim_start_matches(' ')),
            _ => out.push(line.to_owned()),
        }
    }
    out.into_iter().map(|line| line + "\n").collect()
}

fn go_on(line: &mut String, rest: &str) {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    if let Some(rest) = rest.strip_prefix('\\').filter(|_| backslashes % 2 == 1) {
        line.pop();
        line.push_str(rest);
    } else {
        line.extend([" ", rest]);
    }
}

impl Typist<'_> {
    /// Runs a program at the terminal. It leaves the terminal as it was.
    ///
    /// # Panics
    /// It does not, or does not show what is waited for.
    #[must_use]
    pub fn run(&self, command: &Command) -> Typed {
        let Self { ahead, steps, shows_errors, sits_there, stdin, meanwhile, size } = self;
        let asked = json!({
            "ahead": ahead, "steps": steps, "shows_errors": shows_errors, "sits_there": sits_there, "stdin": stdin, "meanwhile": meanwhile, "size": size
        });
        let mut python = Command::new("python3");
        python.args(["-c", TERMINAL, &asked.to_string()]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => python.env(name, value),
                None => python.env_remove(name),
            };
        }
        command.get_current_dir().map(|directory| python.current_dir(directory));
        inherited::settle();
        let output = inherited::isolate(&mut python).output().unwrap_or_else(|error| panic!("python3: {error}"));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let text = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(report["as_before"], true, "the terminal is not as it was: {report}");
        let status = report["status"].as_i64().and_then(|status| i32::try_from(status).ok());
        Typed { ran: Ran { status, stdout: text("stdout"), stderr: text("stderr") }, shown: text("shown") }
    }
}
