//! A new user's first walk, on a terminal of 80 by 24: from an empty directory to a server in production that trusts its genome.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::has;
use genome_test_support::server::Reply;
use genome_test_support::tmux::Tmux;
use serde_json::Value;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

/// A directory with which the command that starts the server is longer than a row.
const LONG: &str = "the-agents-that-the-team-for-operations-runs-in-production-and-nowhere-else";

/// The command that a report names last, below the words that lead to it, with a port of our own. The report has it on one line: `tmux` joins only
/// what the terminal itself has wrapped.
fn starting(shown: &str) -> String {
    let (_, command) = shown.rsplit_once("start the server:").unwrap();
    let lines: Vec<&str> = command.trim_start().lines().collect();
    assert_eq!(lines.len(), 1, "not one line: {lines:?}");
    lines.concat().trim_end().replace("genome server", "genome server --listen 127.0.0.1:0")
}

/// Starts the server, and asks it what it trusts.
fn ask_the_server(tmux: &mut Tmux, command: &str) -> Value {
    tmux.command(command, &[]);
    let address: SocketAddr = tmux.wait("the address", |shown| {
        let (_, address) = shown.rsplit_once("127.0.0.1:").filter(|(before, _)| !before.ends_with("--listen "))?;
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        port.parse::<u16>().ok().filter(|port| *port != 0).map(|port| ([127, 0, 0, 1], port).into())
    });
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /genome HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let answer = Reply::read(stream).json();
    tmux.interrupt();
    let _ = tmux.ended();
    answer
}

#[test]
fn one_signer_is_in_production_after_two_commands() {
    if !has("tmux") {
        return;
    }
    let mut tmux = Tmux::start();
    std::fs::create_dir(tmux.path().join(LONG)).unwrap();
    tmux.command(
        &format!("genome init {LONG}/agent"),
        &[
            ("[agent]: ", ""),
            ("[new]: ", ""),
            ("as a signer", "ada"),
            ("[none]: ", "B=memory_search"),
            ("[y/n] ", "y"),
            ("passphrase of `ada` (Enter for none): ", "correct horse"),
            ("Repeat passphrase: ", "correct horse"),
        ],
    );
    let command = starting(&tmux.ended());
    let answer = ask_the_server(&mut tmux, &command);
    assert_eq!((&answer["trust"], &answer["name"]), (&"pinned".into(), &"agent".into()), "{answer}");
    assert!(tmux.commands.len() <= 6, "{:?}", tmux.commands);
}

#[test]
fn two_of_three_are_in_production_after_six_commands() {
    if !has("tmux") {
        return;
    }
    let mut tmux = Tmux::start();
    for name in ["bob", "carol"] {
        tmux.command(
            &format!("genome keygen {name} --encrypt --secret-file {name}.pem > {name}.json"),
            &[("passphrase of", "correct horse"), ("Repeat passphrase: ", "correct horse")],
        );
        let _ = tmux.ended();
    }
    tmux.command(
        "genome init agent --signer bob.json --signer carol.json --threshold 2 --allow B=memory_search",
        &[
            ("[agent]: ", ""),
            ("[new]: ", ""),
            ("as a signer", "ada"),
            ("[y/n] ", "y"),
            ("passphrase of `ada` (Enter for none): ", "correct horse"),
            ("Repeat passphrase: ", "correct horse"),
        ],
    );
    let command = starting(&tmux.ended());
    // One signature is not enough.
    tmux.command(&command, &[]);
    assert!(tmux.ended().contains("GENOME_INSUFFICIENT_SIGNATURES"));
    // Bob reads what he signs, and gives his passphrase.
    tmux.command("genome sign agent --key file:bob.pem", &[("[y/n] ", "y"), ("passphrase of", "correct horse")]);
    assert!(tmux.ended().contains("2 of 2 required"));
    let answer = ask_the_server(&mut tmux, &command);
    assert_eq!((&answer["trust"], &answer["signatures"]["counted"]), (&"pinned".into(), &2.into()), "{answer}");
    assert!(tmux.commands.len() <= 12, "{:?}", tmux.commands);
}
