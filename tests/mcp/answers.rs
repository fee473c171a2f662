//! What a client is owed at the end: an answer to each call, the whole of it, and no wait for what does not come.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting};
use genome_test_support::{has, program};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// What is far from all that the gate waits for, also on a machine that has no time.
const LONG: Duration = Duration::from_secs(20);

fn call(id: u64, name: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name}}).to_string() + "\n"
}

/// A stream in which these calls wait already.
fn calls(ids: std::ops::Range<u64>, name: &str) -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(ids.map(|id| call(id, name)).collect::<String>().as_bytes()).unwrap();
    (reader, writer)
}

fn shell(script: &str) -> Vec<PathBuf> {
    ["sh", "-c", script].map(PathBuf::from).to_vec()
}

fn messages(output: &[u8]) -> Vec<Value> {
    output.split_inclusive(|&byte| byte == b'\n').map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// Waits until it has ended, without reading what it says.
fn status(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        let is_patient = start.elapsed() < LONG || child.kill().is_err();
        assert!(is_patient, "it goes on");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_that_ends_at_once_leaves_no_call_without_an_error() {
    let setting = Setting::new(&["s/echo"]);
    for round in 0..20 {
        let (input, open) = calls(0..50, "echo");
        // The client goes with its last word, or stays.
        let open = (round % 2 == 0).then_some(open);
        let output = setting.gate_before(&[], &["true".into()]).stdin(input).output().unwrap();
        drop(open);
        let answers = messages(&output.stdout);
        assert!(answers.iter().all(|answer| answer["error"]["code"] == -32603), "{answers:?}");
        assert_eq!((answers.len(), output.status.code()), (50, Some(0)), "in round {round}");
    }
}

/// Writes calls until it cannot, with no more than so many open, and returns how many it could write, and the ids that were answered.
fn goes_on(round: usize, mut input: impl Write, output: impl Read + Send + 'static, most_open: usize) -> (u64, Vec<u64>) {
    let (sender, answers) = channel();
    let reading = thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let answer: Value = serde_json::from_str(&line.unwrap()).unwrap();
            assert_eq!(answer["error"]["code"], -32603, "in round {round}: {answer}");
            sender.send(answer["id"].as_u64().unwrap()).unwrap();
        }
    });
    let mut answered = Vec::new();
    let mut written = 0;
    // A line is written as a whole, or not at all.
    while input.write_all(call(written, "echo").as_bytes()).is_ok() {
        written += 1;
        assert!(written < 1_000_000, "it goes on");
        answered.extend(answers.try_iter());
        if usize::try_from(written).unwrap() - answered.len() >= most_open {
            answered.extend(answers.recv());
        }
    }
    reading.join().unwrap();
    answered.extend(answers);
    (written, answered)
}

#[test]
fn a_call_that_a_client_could_write_is_answered_whenever_the_server_ends() {
    let setting = Setting::new(&["s/echo"]);
    let servers = ["true", "head -c 1 > unread", "exec 0<&- 1>&-; sleep 0.05"].map(shell);
    for (round, server) in (0..30).zip(servers.iter().cycle()) {
        let mut command = setting.gate_before(&[], server);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let most_open = [1, 8, 1000][round / 3 % 3];
        // Node gives what it starts a socket, others a pipe.
        let (written, mut answered, status) = if round % 2 == 0 {
            let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
            let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            let (written, answered) = goes_on(round, input, output, most_open);
            (written, answered, child.wait().unwrap())
        } else {
            let (ours, theirs) = UnixStream::pair().unwrap();
            let mut child = command.stdin(OwnedFd::from(theirs)).spawn().unwrap();
            drop(command);
            let (written, answered) = goes_on(round, ours, child.stdout.take().unwrap(), most_open);
            (written, answered, child.wait().unwrap())
        };
        answered.sort_unstable();
        assert_eq!(answered, (0..written).collect::<Vec<u64>>(), "in round {round}");
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn a_file_is_a_client_that_has_gone() {
    let setting = Setting::new(&["s/echo"]);
    // More than is read ahead and than a pipe holds.
    let calls: String = (0..3000).map(|id| call(id, "echo")).collect();
    fs::write(setting.path().join("calls"), calls).unwrap();
    let input = fs::File::open(setting.path().join("calls")).unwrap();
    let start = Instant::now();
    let output = setting.gate_before(&[], &shell("exec sleep 1000")).stdin(input).output().unwrap();
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    let ids: Vec<u64> = messages(&output.stdout).iter().map(|answer| answer["id"].as_u64().unwrap()).collect();
    assert_eq!((ids.len(), output.status.code()), (3000, Some(128 + 15)));
}

/// Starts a program whose standard input is a terminal, writes more than a pipe holds and less than is read ahead beside that, and takes the terminal
/// away.
const TERMINAL: &str = "
import os, subprocess, sys, tty
master, slave = os.openpty()
tty.setraw(slave)
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=open(os.devnull, 'w'))
os.close(slave)
written = 0
while written < 67_000:
    written += os.write(master, b'{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\",\"params\":{}}\\n' % written)
os.close(master)
sys.exit(child.wait(20) % 256)
";

#[test]
fn a_terminal_that_is_taken_away_is_a_client_that_has_gone() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let gate = setting.gate_before(&[], &shell("exec sleep 1000"));
    let mut command = Command::new("python3");
    command.args(["-c", TERMINAL]).arg(gate.get_program()).args(gate.get_args()).current_dir(setting.path());
    assert_eq!(command.status().unwrap().code(), Some(128 + 15));
}

#[test]
fn what_a_server_leaves_running_is_not_waited_for() {
    let setting = Setting::new(&["s/echo"]);
    let server = shell("sleep 60 2>/dev/null & echo $! > left; exit 5");
    let (input, open) = calls(0..3, "echo");
    let start = Instant::now();
    let output = setting.gate_before(&[], &server).stdin(input).output().unwrap();
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    drop(open);
    let answers = messages(&output.stdout);
    assert!(answers.iter().all(|answer| answer["error"]["code"] == -32603), "{answers:?}");
    assert_eq!((answers.len(), output.status.code()), (3, Some(5)));
    let left = fs::read_to_string(setting.path().join("left")).unwrap();
    Command::new("kill").arg(left.trim()).status().unwrap();
}

#[test]
fn a_slow_reader_gets_the_whole_answer() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/big", "s/pid"]);
    let mut child = setting
        .gate(&["--end-timeout", "20000"], "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(call(1, "pid").as_bytes()).unwrap();
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let answer: Value = serde_json::from_str(&line).unwrap();
    let server = answer["result"]["content"][0]["text"].as_str().unwrap().to_owned();
    let big =
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "big", "arguments": {"size": 5_000_000}}});
    writeln!(input, "{big}").unwrap();
    drop(input);
    // It has ended, and is not waited for.
    let start = Instant::now();
    while fs::read_to_string(format!("/proc/{server}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(start.elapsed() < LONG, "the server goes on");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(1200));
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    let answers = messages(&rest);
    assert_eq!(answers[0]["result"]["content"][0]["text"].as_str().unwrap().len(), 5_000_000);
    assert_eq!(status(&mut child), Some(0));
}

#[test]
fn the_end_of_a_client_is_seen_while_the_server_reads_nothing() {
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate_before(&[], &["sleep".into(), "1000".into()]));
    client.say(json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": "x".repeat(200_000)}}).to_string());
    let ended = client.end();
    assert!(ended.took < LONG, "{:?}", ended.took);
    assert_eq!(ended.status, Some(128 + 15));
    let answers: Vec<(&Value, &Value)> = ended.rest.iter().map(|answer| (&answer["id"], &answer["error"]["code"])).collect();
    assert_eq!(answers, [(&json!(1), &json!(-32603))]);
}

#[test]
fn the_end_of_a_client_is_seen_while_it_reads_nothing() {
    let setting = Setting::new(&["s/echo"]);
    // The denials are more than a pipe holds, the calls are not.
    let (input, open) = calls(0..700, "remove");
    drop(open);
    let log = ["--log-file", "log"];
    let mut command = setting.gate_before(&log, &["cat".into()]);
    let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(status(&mut child), Some(0));
    let log = fs::read_to_string(setting.path().join("log")).unwrap();
    assert!(log.contains(r#""reason":"cut_off""#), "{log}");
}

#[test]
fn streams_that_do_not_wait_are_waited_for() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo", "s/big"]);
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let stream = || Stdio::from(OwnedFd::from(theirs.try_clone().unwrap()));
    let mut command = setting.gate(&[], "");
    let mut child = command.stdin(stream()).stdout(stream()).stderr(Stdio::null()).spawn().unwrap();
    drop((command, theirs));
    let mut lines = BufReader::new(ours.try_clone().unwrap()).lines();
    // Each waits for the one before, so that there is nothing to read in between.
    for (id, size) in [(1, 1), (2, 3_000_000), (3, 1)] {
        let big =
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "big", "arguments": {"size": size}}});
        writeln!(&ours, "{big}").unwrap();
        let answer: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!((&answer["id"], answer["result"]["content"][0]["text"].as_str().unwrap().len()), (&json!(id), size));
    }
    ours.shutdown(Shutdown::Write).unwrap();
    assert_eq!(status(&mut child), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_was_started_is_not_said_not_to_be() {
    // The system counts the processes of other users than root.
    if !has("setpriv") || !has("prlimit") || fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let mut outcomes = [false; 2];
    for most in 1..=12 {
        let setting = Setting::new(&["s/echo"]);
        fs::set_permissions(setting.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let binary = setting.path().join("genome-mcp");
        // By another program: a file that this one has open for writing may not be run, and a test beside this one may hand that on.
        let copied = Command::new("cp").arg(program("genome-mcp", setting.path()).get_program()).arg(&binary).status().unwrap();
        assert!(copied.success());
        let user = (3_000_000_000 + std::process::id() % 1_000_000 * 100 + most).to_string();
        let (input, open) = calls(0..1, "echo");
        drop(open);
        let output = Command::new("setpriv")
            .current_dir(setting.path())
            .args(["--reuid", &user, "--regid", &user, "--clear-groups", "prlimit", &format!("--nproc={most}")])
            .arg(&binary)
            .args(["--server", "s", "--genome", "genome.json", "--trust", "trust.json", "--"])
            .args(shell("echo x > started; exec cat"))
            .stdin(input)
            .output()
            .unwrap();
        let answers = messages(&output.stdout);
        assert!(!answers.is_empty(), "with {most}: {}", String::from_utf8_lossy(&output.stderr));
        let is_refused =
            answers[0]["error"]["message"].as_str().is_some_and(|message| message.contains("did not start the server"));
        assert_eq!(is_refused, !setting.path().join("started").exists(), "with {most}: {answers:?}");
        outcomes[usize::from(is_refused)] = true;
    }
    // The limit is met by some.
    assert_eq!(outcomes, [true, true]);
}
