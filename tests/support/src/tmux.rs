//! A terminal of 80 columns and 24 rows in `tmux`, as a new user has it, with a shell.

use crate::{inherited, programs};
use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Bash puts the number of the command in place of `\#`, so that no prompt is like another, also where a line is typed twice.
const PROMPT: &str = r"[\#] READY$";
const PATIENCE: Duration = Duration::from_mins(1);

/// A shell in a terminal. It ends with this.
#[derive(Debug)]
pub struct Tmux {
    directory: tempfile::TempDir,
    /// The commands that were typed.
    pub commands: Vec<String>,
}

impl Tmux {
    /// A shell in an empty directory, with the programs of ours in its path.
    ///
    /// # Panics
    /// There is no `tmux`.
    #[must_use]
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let tmux = Self { directory, commands: Vec::new() };
        std::fs::create_dir(tmux.path()).unwrap_or_else(|error| panic!("{error}"));
        let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap_or_default());
        let shell = format!("PS1='{PROMPT} ' PATH='{path}' exec bash --noprofile --norc -i");
        let home = tmux.path().to_string_lossy().into_owned();
        tmux.does(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", &home, "--", "sh", "-c", &shell]);
        tmux.wait("a prompt", |shown| tmux.is_at_prompt(shown).then_some(()));
        tmux
    }

    /// The directory in which the shell starts.
    #[must_use]
    pub fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("home")
    }

    /// Types a command, and waits for each question to type its answer.
    ///
    /// # Panics
    /// A question does not come.
    pub fn command(&mut self, line: &str, answers: &[(&str, &str)]) {
        self.commands.push(line.to_owned());
        self.does(&["clear-history"]);
        self.type_line(line);
        // What stands above may hold the same questions. What is typed before a program asks is thrown away.
        let mut seen = self.wait(line, |shown| self.typed(&joined(shown)));
        for (question, answer) in answers {
            // The screen has no blanks at the end of a line.
            let question = question.trim_end();
            seen = self.wait(question, |shown| {
                let joined = joined(shown);
                let rest = joined.get(seen..).unwrap_or_default();
                rest.find(question).map(|at| seen + at + question.len())
            });
            self.type_line(answer);
        }
    }

    /// Waits for the end of the command. Returns what it has left on the screen, and not what stands above.
    ///
    /// # Panics
    /// It does not end.
    #[must_use]
    pub fn ended(&self) -> String {
        let shown = self.wait("the prompt after the command", |shown| self.is_at_prompt(shown).then(|| shown.to_owned()));
        let prompt = prompt(self.commands.len());
        let of_it = shown.lines().skip_while(|line| !line.starts_with(&prompt));
        let of_it: Vec<&str> = of_it.take_while(|line| line.trim_end() != self.next_prompt()).collect();
        of_it.join("\n")
    }

    /// Waits for what `find` finds on the screen, with the lines that scrolled off it.
    ///
    /// # Panics
    /// It does not come.
    pub fn wait<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let shown = self.shown();
            if let Some(found) = find(&shown) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "`{what}` does not come: {shown}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Ends the command that runs, as Ctrl-C does.
    pub fn interrupt(&self) {
        self.does(&["send-keys", "C-c"]);
    }

    fn type_line(&self, line: &str) {
        self.does(&["send-keys", "-l", "--", line]);
        self.does(&["send-keys", "Enter"]);
    }

    /// Where the last command that was typed ends on the screen.
    fn typed(&self, joined: &str) -> Option<usize> {
        let line = format!("{} {}", prompt(self.commands.len()), self.commands.last()?);
        joined.find(&line).map(|at| at + line.len())
    }

    /// Whether the shell waits for the next command.
    fn is_at_prompt(&self, shown: &str) -> bool {
        shown.lines().last().is_some_and(|line| line.trim_end() == self.next_prompt())
    }

    fn next_prompt(&self) -> String {
        prompt(self.commands.len() + 1)
    }

    fn shown(&self) -> String {
        let output = self.does(&["capture-pane", "-p", "-J", "-S", "-500"]);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn does(&self, arguments: &[&str]) -> Output {
        let mut tmux = command(self.directory.path());
        let output = tmux.args(arguments).output().unwrap_or_else(|error| panic!("tmux: {error}"));
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // Where the shell has gone, there is nothing to end.
        let _ = command(self.directory.path()).arg("kill-server").output();
    }
}

fn command(directory: &Path) -> Command {
    let mut tmux = Command::new("tmux");
    inherited::isolate(&mut tmux).arg("-S").arg(directory.join("socket")).env_remove("TMUX").env("TERM", "xterm-256color");
    tmux
}

/// The prompt at which the command of this number is typed, from 1.
fn prompt(number: usize) -> String {
    PROMPT.replace(r"\#", &number.to_string())
}

/// The screen in one line, as a long line is cut at the edge.
fn joined(shown: &str) -> String {
    shown.lines().collect()
}
