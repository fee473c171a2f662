//! A boot that was refused: standard error says why, and so does each answer that the client gets. Nothing was started.

use crate::input::{Input, Steps};
use crate::lines::{Line, Lines};
use crate::log::since_epoch;
use crate::speaker::Speaker;
use crate::until::Until;
use genome::Timestamp;
use genome::mcp::ServerName;
use genome_cli::{Exit, Finding, RefusalShape, RefusedBoot, json_line, note, say, unbuffered};
use genome_mcp::ClosedGate;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long requests are answered. Clients ask twice: `server/discover`, then `initialize`.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a request may be that is answered, in bytes.
const MOST: usize = 1024 * 1024;

/// The line of a refused boot.
#[derive(Serialize)]
struct RefusedLine<'r> {
    time: String,
    server: &'r str,
    reason: &'static str,
    verdict: &'static str,
    exit: u8,
    #[serde(flatten)]
    refusal: RefusalShape,
}

/// Says why nothing was started, on standard error and to the client, for a while.
pub(crate) fn explain(server: &ServerName, refused: &RefusedBoot) -> Exit {
    refused.findings.iter().for_each(say);
    if let Some(first) = refused.findings.first() {
        note(&format!(
            "{}\n",
            json_line(&RefusedLine {
                time: Timestamp::with_milliseconds(since_epoch()),
                server: server.as_str(),
                reason: "boot_refused",
                verdict: refused.exit.verdict(),
                exit: refused.exit.status(),
                refusal: first.into(),
            })
        ));
        let gate = ClosedGate::new(message(server, first), refused.code());
        // A person at a terminal has read it.
        if !io::stdin().is_terminal()
            && let (Ok(input), Ok(output)) = (unbuffered(&io::stdin()), unbuffered(&io::stdout()))
        {
            let until = || Until::Time(Instant::now() + LONGEST);
            let steps = Steps::default();
            answer(&gate, Lines::new(Input::new(input, until(), &steps), MOST), &Speaker::new(output, until(), &steps));
        }
    }
    refused.exit
}

/// What the user of the client reads.
fn message(server: &ServerName, Finding { message, hint, code, file, .. }: &Finding) -> String {
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
    format!("genome-mcp did not start the server {server}{code}: {file}{message}; {hint}")
}

fn answer(gate: &ClosedGate, mut lines: Lines<impl Read>, client: &Speaker<impl Write + AsFd>) {
    loop {
        match lines.next() {
            Ok(Line::Whole(line)) => {
                if gate.answer(line).is_some_and(|answer| client.say(&answer).is_err()) {
                    return;
                }
            }
            Ok(Line::TooLong(_)) => {}
            Ok(Line::End) | Err(_) => return,
        }
    }
}
