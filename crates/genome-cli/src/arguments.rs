use crate::{Exit, Failure, Finding, Paint, print};
use clap::Parser;
use std::ffi::OsString;
use std::io;

/// Reads the command line. Help and version are printed, and so is what is wrong with it.
pub(crate) fn parse<T: Parser>() -> Result<T, Failure> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // The parser's errors repeat what they refuse, and logs keep them.
    if arguments.iter().any(|argument| genome::holds_private_key(&argument.to_string_lossy())) {
        let hint = "the key is burnt, other users and the shell's history have seen it: make a new one with genome-keygen, and give it in GENOME_SIGNING_PRIVATE_KEY";
        return Err(Failure::undecided(Finding::error("a private key stands on the command line", hint)));
    }
    T::try_parse_from(arguments).map_err(|error| {
        if error.exit_code() != 0 {
            // There is nowhere else to complain.
            let _ = error.print();
            return Failure::silent(Exit::Undecided);
        }
        let help = error.render();
        let help = if Paint::on(&io::stdout()).is_on() { help.ansi().to_string() } else { help.to_string() };
        // Help that cannot be printed is no success.
        print(help.as_bytes()).err().unwrap_or(Failure::silent(Exit::Done))
    })
}
