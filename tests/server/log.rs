//! The forms of the log of `genome-server`: for a person at a terminal, and as JSON elsewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome_test_support::quoted::Line;
use genome_test_support::server::Server;
use genome_test_support::terminal::{Typed, Typist, joined};
use genome_test_support::{Draft, Release, has, printed};
use std::process::Command;

/// A name that passes for the rest of the line, and for a line of its own.
const NAME: &str = "x`  version=9.9.9  trust=pinned 2026-01-01T00:00:00Z INFO  listening";

fn release() -> Release {
    let release = Release::deployed();
    release.deploy("etc/genome.json", &draft().signed(&[1]));
    release
}

fn draft() -> Draft {
    Draft::new("1.2.0", &[1], 1).with("name", NAME)
}

/// The server at a terminal, until it is told to end by Ctrl-C.
fn at_a_terminal(columns: u16, until: &str, command: &mut Command) -> Typed {
    command.env("TERM", "xterm").env_remove("CI");
    let steps = [(until, "\u{3}")];
    let steps = if until.is_empty() { &[][..] } else { &steps };
    let typed = Typist { steps, sits_there: true, size: Some((24, columns)), ..Typist::default() }.run(command);
    Typed { shown: typed.shown.replace("\r\n", "\n").replace("^C", ""), ..typed }
}

/// The level, the message and the fields of a line, by the grammar that the program's log has.
fn event(line: &str) -> (String, String, Vec<(String, String)>) {
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.parse::<genome::Timestamp>().is_ok(), "{line}");
    let (level, rest) = rest.split_once("  ").unwrap();
    // None of these messages quotes anything.
    let (message, fields) = rest.split_once("  ").unwrap_or((rest, ""));
    let (mut fields, mut read) = (Line(fields), Vec::new());
    while !fields.0.is_empty() {
        let name = fields.until("=").unwrap().to_owned();
        let value = if fields.0.starts_with('`') {
            fields.quoted().unwrap()
        } else {
            let end = fields.0.find("  ").unwrap_or(fields.0.len());
            let (value, rest) = fields.0.split_at(end);
            fields = Line(rest);
            value.to_owned()
        };
        read.push((name, value));
        assert!(fields.0.is_empty() || fields.accepts("  "), "{line}");
    }
    (level.to_owned(), message.to_owned(), read)
}

#[test]
fn a_person_at_a_terminal_reads_lines_that_can_be_parsed_back() {
    if !has("python3") {
        return;
    }
    let release = release();
    let id = draft().id();
    for (columns, verbose) in [(200, &[][..]), (60, &["--verbose"][..])] {
        let mut serving = release.serving(&["--listen", "127.0.0.1:0", "--color", "never"]);
        let typed = at_a_terminal(columns, "trust=", serving.args(verbose));
        assert_eq!(typed.ran.status, Some(0), "{typed:?}");
        let lines = joined(&typed.shown);
        let events: Vec<_> = lines.lines().map(event).collect();
        let heads: Vec<(&str, &str)> = events.iter().map(|(level, message, _)| (level.as_str(), message.as_str())).collect();
        assert_eq!(heads, [("INFO", "listening"), ("INFO", "told to end"), ("INFO", "ended")], "{lines}");
        let fields: Vec<(&str, &str)> = events[0].2.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let [("address", address), others @ ..] = fields.as_slice() else { panic!("{lines}") };
        assert!(address.starts_with("127.0.0.1:"), "{lines}");
        let shown = if verbose.is_empty() { &id[..12] } else { id.as_str() };
        assert_eq!(others, [("genome_id", shown), ("name", NAME), ("version", "1.2.0"), ("trust", "pinned")]);
        assert_eq!(events[1].2, [("signal".to_owned(), "SIGINT".to_owned())]);
    }
    // In colour, as a terminal has it.
    let typed = at_a_terminal(120, "trust=", &mut release.serving(&["--listen", "127.0.0.1:0"]));
    assert!(typed.shown.contains("\u{1b}[32mINFO\u{1b}[0m  listening"), "{typed:?}");
}

#[test]
fn what_is_refused_is_said_as_genome_verify_says_it() {
    if !has("python3") {
        return;
    }
    let release = release();
    release.deploy("etc/genome.json", &Draft::new("1.2.0", &[2], 1).signed(&[2]));
    let typed = at_a_terminal(80, "", &mut release.serving(&["--color", "never"]));
    assert_eq!(typed.ran.status, Some(1));
    let lines = joined(&typed.shown);
    let (level, message, fields) = event(lines.lines().next().unwrap());
    assert_eq!((level.as_str(), message.as_str()), ("ERROR", "the server does not start"));
    assert_eq!(fields, [("verdict".to_owned(), "refused".to_owned()), ("exit".to_owned(), "1".to_owned())]);
    let human = genome_test_support::run(&mut release.verifying(&["--trust", "trust.json", "etc/genome.json"])).stderr;
    // But for the line that names the command which explains it.
    let (said, see) = human.split_once("see: ").unwrap();
    assert_eq!((lines.split_once('\n').unwrap().1, see), (said, "genome help GENOME_UNTRUSTED\n"));
}

#[test]
fn the_option_says_which_form_it_has() {
    let release = release();
    // A pipe gets JSON unless it is asked for the other.
    Server::start(&mut release.serving(&[])).stop();
    let mut human = release.serving(&["--log-format", "human", "--listen", "256.0.0.1:1"]);
    assert_eq!(genome_test_support::run(&mut human).status, Some(2));
    release.deploy("etc/genome.json", "{}");
    let ran = genome_test_support::run(&mut release.serving(&["--log-format", "human"]));
    assert!(
        ran.stderr.contains(" ERROR  the server does not start  verdict=refused  exit=1\nerror[GENOME_INVALID_SCHEMA]: "),
        "{ran:?}"
    );
    if has("python3") {
        let typed = at_a_terminal(80, "", &mut release.serving(&["--log-format", "json"]));
        let lines: Vec<_> = typed.shown.lines().map(|line| printed::read("server-log", line)).collect();
        assert_eq!((lines.len(), &lines[0]["code"]), (1, &"GENOME_INVALID_SCHEMA".into()), "{typed:?}");
    }
}
