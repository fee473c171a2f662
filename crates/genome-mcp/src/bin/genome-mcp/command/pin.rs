//! `genome-mcp pin`: writes down what a server says of its tools, for people who review it, and the pins that make it good.

mod drafting;

use crate::asking::AskedServer;
use crate::definitions_file;
use crate::pins::{Pin, counted_tools, pinnable};
use clap::{Args, ValueEnum};
use genome_cli::{Exit, Failure, Finding, StandardStreams, Stream, Use, json_text, print, say, show, tell};
use genome_json::text::BarePath;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Write down the definitions of a server's tools, for review, and print the pins for a draft
///
/// It starts the server, asks it for all its tools as a client does, and ends it. No tool is called. The definitions go to a file, which those who sign
/// read, and of which genome-diff shows what has changed. The pins go to standard output.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct PinArguments {
    #[command(flatten)]
    server: AskedServer,
    /// The file of definitions. Without it, `tools/NAME.json`. It is replaced if it holds definitions of this server, and nothing else is replaced
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The genome that the next one follows, for the command that is printed at the end. It is not verified. Without it, `genome.json` beside the
    /// directory `tools/` of the file, if that is there
    #[arg(long, value_name = "FILE")]
    genome: Option<PathBuf>,
    /// How the pins are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, `ACTION=SHA256`, as the option --pin of genome-draft takes it
    Human,
    /// The member `tools` of a genome, in a JSON object
    Json,
}

impl StandardStreams for PinArguments {
    fn uses(&self) -> Vec<Use> {
        vec![Use::of(Stream::Output, "the pins")]
    }
}

const EXAMPLE: &str = "\
Example:
  genome-mcp pin --server files -- npx -y @modelcontextprotocol/server-filesystem /data

Exit status:
  0 all that the server lists is in the file; 1 a tool cannot be pinned, and is
  named, or the file is refused; 2 not possible (the server cannot be started or
  does not list its tools, not writable, wrong usage)";

/// What is printed as JSON.
#[derive(Serialize)]
struct PinsShape<'p> {
    tools: &'p [Pin],
}

pub(crate) fn execute(arguments: &PinArguments) -> Result<Exit, Failure> {
    let PinArguments { server, output, genome, format } = arguments;
    let output = output.clone().unwrap_or_else(|| definitions_file::usual(&server.name));
    // Before a server is started for nothing.
    definitions_file::check(&output, &server.name)?;
    genome.as_deref().map_or(Ok(()), drafting::check)?;
    let listed = server.list()?;
    let pinnable = pinnable(&server.name, &listed)?;
    pinnable.left_out.iter().for_each(say);
    if pinnable.pins.is_empty() {
        let message = format!("the server {} lists nothing that can be pinned", server.name);
        let hint = "nothing was written; see that this is the server that you mean, and that it offers its tools to every client";
        return Err(Failure::refused(Finding::error(message, hint)));
    }
    definitions_file::write(&output, &pinnable.definitions)?;
    match format {
        Format::Human => show(&pinnable.pins.iter().fold(String::new(), |mut text, pin| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{pin}");
            text
        }))?,
        Format::Json => print(json_text(&PinsShape { tools: &pinnable.pins }).as_bytes())?,
    }
    let tools = counted_tools(pinnable.definitions.tools().len());
    let instructions = if pinnable.definitions.instructions().is_some() { ", and its instructions" } else { "" };
    tell(&format!(
        "the definitions of {tools} of the server {}{instructions}, in the revision {} of MCP\n  made        {}: read it before you sign what \
         pins it\n{}",
        server.name,
        listed.revision,
        BarePath(&output),
        drafting::next_steps(genome.as_deref(), &output, &pinnable.definitions)
    ));
    Ok(if pinnable.left_out.is_empty() { Exit::Done } else { Exit::Refused })
}
