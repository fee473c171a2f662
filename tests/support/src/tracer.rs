//! A program that is stopped before each system call on the files of a directory, so that a test can change them there and then.

use crate::Ran;
use nix::libc;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a program may take. Each takes a fraction of a second where nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// System calls that make no difference to a file, or that come in crowds and name none.
const ASIDE: [libc::c_long; 18] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clone3,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fcntl,
    libc::SYS_futex,
    libc::SYS_getcwd,
    libc::SYS_geteuid,
    libc::SYS_ioctl,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_munmap,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
];

/// What became of a program that was traced.
#[derive(Debug)]
pub struct Traced {
    /// How it ended, and what it wrote.
    pub ran: Ran,
    /// How many system calls on the files it made.
    pub calls: usize,
    /// Whether it would have listened. It was killed then.
    pub listened: bool,
    /// Whether it was killed as it had come to no end.
    pub hung: bool,
}

/// A program that is stopped.
#[derive(Debug, Clone, Copy)]
pub struct Stopped {
    /// The number of the system call that it is about to make, of those on the files; the first is 1.
    pub call: usize,
    process: Pid,
}

impl Stopped {
    /// Whether it has this file open, and has read some of it.
    #[must_use]
    pub fn has_read(&self, path: &Path) -> bool {
        let open = fs::read_dir(format!("/proc/{}/fd", self.process)).into_iter().flatten().filter_map(Result::ok);
        let open = open.filter(|entry| fs::read_link(entry.path()).is_ok_and(|open| open == path));
        let about =
            |entry: fs::DirEntry| fs::read_to_string(format!("/proc/{}/fdinfo/{}", self.process, entry.file_name().display()));
        open.filter_map(|entry| about(entry).ok()).any(|about| !about.starts_with("pos:\t0\n"))
    }
}

/// Runs a program, with this on its standard input, and calls `before` ahead of each system call that has to do with a file in this directory
/// (by an absolute path or a relative one, or by a descriptor), while the thread that makes it is stopped. Once `before` breaks, the program is
/// stopped no more, unless it may listen: that is how a server is ended.
///
/// # Panics
/// It cannot be started or traced.
#[expect(clippy::zombie_processes, reason = "the tracer waits for it")]
pub fn trace(command: &Command, stdin: Stdio, directory: &Path, mut before: impl FnMut(Stopped) -> ControlFlow<()>) -> Traced {
    let [stdout, stderr] = [(); 2].map(|()| tempfile::tempfile().unwrap_or_else(|error| panic!("no scratch file: {error}")));
    let child = stopped(command, stdin, [&stdout, &stderr]);
    let leader = Pid::from_raw(i32::try_from(child.id()).unwrap_or_else(|error| panic!("{error}")));
    let (ended, end) = channel();
    let watchdog = thread::spawn(move || {
        let has_hung = end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if has_hung {
            let _ = kill(leader, Signal::SIGKILL);
        }
        has_hung
    });
    let mut tracer =
        Tracer { leader, directory, memory: None, inside: HashSet::new(), calls: 0, listened: false, is_let_go: false };
    let status = tracer.follow(&mut before);
    let _ = ended.send(());
    let text = |file: &File| {
        let mut bytes = vec![0; file.metadata().map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or_default())];
        file.read_exact_at(&mut bytes, 0).unwrap_or_else(|error| panic!("{error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let ran = Ran { status, stdout: text(&stdout), stderr: text(&stderr) };
    Traced { ran, calls: tracer.calls, listened: tracer.listened, hung: watchdog.join().unwrap_or(true) }
}

/// Starts a shell that stops itself and becomes the program when it goes on.
fn stopped(command: &Command, stdin: Stdio, [stdout, stderr]: [&File; 2]) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -STOP $$; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let output = |file: &File| Stdio::from(file.try_clone().unwrap_or_else(|error| panic!("{error}")));
    shell.stdin(stdin).stdout(output(stdout)).stderr(output(stderr));
    shell.current_dir(command.get_current_dir().unwrap_or(Path::new("."))).spawn().unwrap_or_else(|error| panic!("sh: {error}"))
}

struct Tracer<'t> {
    leader: Pid,
    directory: &'t Path,
    /// That of the program; `None` while it is still the shell.
    memory: Option<File>,
    /// The threads that are in a system call.
    inside: HashSet<Pid>,
    calls: usize,
    listened: bool,
    /// Whether no call is looked at any more.
    is_let_go: bool,
}

impl Tracer<'_> {
    /// Follows it to its end. Returns its exit status; `None` where a signal ended it.
    fn follow(&mut self, before: &mut impl FnMut(Stopped) -> ControlFlow<()>) -> Option<i32> {
        let stop = waitpid(self.leader, Some(WaitPidFlag::WUNTRACED));
        assert_eq!(stop, Ok(WaitStatus::Stopped(self.leader, Signal::SIGSTOP)), "the shell does not stop itself");
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(self.leader, options).unwrap_or_else(|error| panic!("it cannot be traced: {error}"));
        kill(self.leader, Signal::SIGCONT).unwrap_or_else(|error| panic!("{error}"));
        loop {
            // Its threads too, but no child of another test.
            let status = waitpid(Pid::from_raw(-1), Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD));
            match status.unwrap_or_else(|error| panic!("nothing can be waited for: {error}")) {
                WaitStatus::Exited(process, status) if process == self.leader => return Some(status),
                WaitStatus::Signaled(process, ..) if process == self.leader => return None,
                WaitStatus::PtraceSyscall(thread) => {
                    if !self.inside.remove(&thread) {
                        self.inside.insert(thread);
                        self.enter(thread, before);
                    }
                    self.go_on(thread, None);
                }
                WaitStatus::PtraceEvent(thread, _, event) => {
                    if event == Event::PTRACE_EVENT_EXEC as i32 {
                        self.memory = File::open(format!("/proc/{thread}/mem")).ok();
                        assert!(self.memory.is_some(), "its memory cannot be read");
                        // What is left of the call that began it.
                        self.inside = HashSet::from([thread]);
                    }
                    self.go_on(thread, None);
                }
                WaitStatus::Stopped(thread, signal) => self.go_on(thread, Some(signal).filter(|signal| *signal != Signal::SIGCONT)),
                // A thread has ended.
                _ => {}
            }
        }
    }

    fn go_on(&self, thread: Pid, signal: Option<Signal>) {
        let is_watched = self.memory.is_some() && !self.is_let_go;
        let going = if is_watched { ptrace::syscall(thread, signal) } else { ptrace::cont(thread, signal) };
        // It may have been killed meanwhile, which is heard of next.
        let _ = going;
    }

    fn enter(&mut self, thread: Pid, before: &mut impl FnMut(Stopped) -> ControlFlow<()>) {
        if self.is_let_go {
            return;
        }
        let Some((number, arguments)) = call(thread) else { return };
        if number == libc::SYS_listen {
            self.listened = true;
            let _ = kill(self.leader, Signal::SIGKILL);
        } else if !ASIDE.contains(&number) && self.is_about(arguments) {
            self.calls += 1;
            self.is_let_go = before(Stopped { call: self.calls, process: self.leader }).is_break();
        }
    }

    /// Whether a system call with these arguments may be about a file in the directory. The first is a descriptor or a path; where it is a
    /// descriptor, the second may be a path that starts there.
    fn is_about(&self, [first, second]: [u64; 2]) -> bool {
        let link = |name: &str| fs::read_link(format!("/proc/{}/{name}", self.leader)).ok();
        let here = || link("cwd");
        // `AT_FDCWD`, which some pass as 32 bits.
        let is_here = i32::try_from(first & 0xffff_ffff).is_err();
        let (start, path) = if is_here || first < 1024 {
            (if is_here { here() } else { link(&format!("fd/{first}")) }, self.text(second))
        } else {
            (here(), self.text(first))
        };
        let path = path.unwrap_or_default();
        let own = start.as_ref().is_some_and(|start| !is_here && start.starts_with(self.directory));
        own || start.is_some_and(|start| start.join(path).starts_with(self.directory))
    }

    /// The path at this address of its memory, if there may be one.
    fn text(&self, address: u64) -> Option<PathBuf> {
        // No page is there, in no program.
        if address < 4096 {
            return None;
        }
        let mut bytes = [0; 256];
        let read = self.memory.as_ref()?.read_at(&mut bytes, address).ok()?;
        let text = bytes.get(..read)?.split(|byte| *byte == 0).next()?;
        let is_path = !text.is_empty() && text.len() < bytes.len() && text.iter().all(u8::is_ascii_graphic);
        is_path.then(|| PathBuf::from(std::ffi::OsStr::from_bytes(text)))
    }
}

/// The number of the system call in which a thread is stopped, and its first arguments (proc(5), `syscall`).
fn call(thread: Pid) -> Option<(libc::c_long, [u64; 2])> {
    let line = fs::read_to_string(format!("/proc/{thread}/syscall")).ok()?;
    let mut words = line.split_whitespace();
    let number = words.next()?.parse().ok()?;
    let mut argument = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    Some((number, [argument()?, argument()?]))
}
