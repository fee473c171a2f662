//! `genome-mcp init`: makes a first genome for one server, of the tools that a person picks from its list.

mod picking;
mod shown;
mod snippet;
mod surroundings;

use crate::asking::AskedServer;
use crate::definitions_file;
use crate::pins::{Pin, Pinnable, instructions_of, pinnable};
use clap::Args;
use genome::digest::Digest;
use genome_cli::{
    Exit, Failure, Finding, FirstGenomeArguments, GivenAction, NewGenome, Next, StandardStreams, Stream, Use, check_directory,
    json_text, make_first, print, say, tell,
};
use genome_json::text::BarePath;
use picking::Picking;
use snippet::{Client, Snippet};
use std::path::{Path, PathBuf};

/// Make a first genome for one server, of the tools that you pick from its list
///
/// It starts the server, asks it for all its tools as a client does, and ends it. No tool is called. On a terminal you see what each tool says of itself,
/// and pick those that an agent may call; without one, --allow names them. The genome allows these, pins what they say, and denies all else.
///
/// In DIR it writes what `genome init` writes, and the definitions of the tools as `tools/NAME.json`. Then it prints what goes into the configuration of the
/// client.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct InitArguments {
    /// The directory for the files, which is made if it is not there. Without it, the name of the server
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    server: AskedServer,
    /// Allow a tool, by the name that the server gives it. Its risk class, from A (harmless) to D (cannot be undone), stands before it, as in
    /// `B=read_file`; without one it is D. Anything else but tools is named as in the genome, such as `B=NAME:resources/read`. Can be repeated,
    /// or given as a list with commas
    #[arg(long, value_name = "[CLASS=]TOOL", value_delimiter = ',')]
    allow: Option<Vec<GivenAction>>,
    /// The client whose configuration is printed
    #[arg(long, value_enum, default_value_t = Client::Claude)]
    client: Client,
    #[command(flatten)]
    first: FirstGenomeArguments,
}

impl StandardStreams for InitArguments {
    fn uses(&self) -> Vec<Use> {
        self.first.uses().into_iter().chain([Use::of(Stream::Output, "the configuration of the client")]).collect()
    }
}

const EXAMPLE: &str = "\
Example:
  genome-mcp init --server files -- npx -y @modelcontextprotocol/server-filesystem /data
  genome-mcp init --server files --allow B=read_file,B=list_directory --key ssh-agent: --key-id alice \\
    --name FILES --yes -- npx -y @modelcontextprotocol/server-filesystem /data

Exit status:
  0 made and signed; 1 refused, and nothing was made;
  2 not possible (the server cannot be started or does not list its tools, no
  terminal to ask on, not writable, wrong usage)";

pub(crate) fn execute(arguments: &InitArguments) -> Result<Exit, Failure> {
    let InitArguments { server, client, first, .. } = arguments;
    let directory = arguments.directory.clone().unwrap_or_else(|| PathBuf::from(server.name.as_str()));
    let definitions = directory.join(definitions_file::usual(&server.name));
    // Before a server is started, and a person is asked, for nothing.
    check_directory(&directory, first)?;
    definitions_file::check(&definitions, &server.name)?;
    let snippet = Snippet::prepare(*client, server)?;
    surroundings::exposed(&server.command, &absolute(&directory)?).iter().for_each(say);
    let pinnable = pinnable(&server.name, &server.list()?)?;
    pinnable.left_out.iter().for_each(|finding| say(&warning(finding)));
    let picking = Picking { server: &server.name, definitions: &pinnable.definitions };
    let allow = match &arguments.allow {
        Some(given) => picking.named(given)?,
        None if first.asks() => picking.asked()?,
        None => return Err(picking.unnamed()),
    };
    let pins = pins_of(&pinnable, &allow, &instructions_of(&server.name));
    make_first(&NewGenome {
        directory: &directory,
        arguments: first,
        allow: Some(&allow),
        pins: &pins,
        program: "genome-mcp-init",
        next: Next::Said,
    })?;
    definitions_file::write(&definitions, &pinnable.definitions).map_err(|failure| {
        failure.with_hint(|hint| {
            format!("the genome is made all the same, and only this file is missing; {hint}, then use genome-mcp pin")
        })
    })?;
    tell(&format!("  made        {}: all that the tools say of themselves\n{}", BarePath(&definitions), remarks(first)));
    surroundings::relative(&server.command).iter().for_each(say);
    tell("then put this into the configuration of the client, in the place of the server:\n");
    print(json_text(&snippet.of(&directory)?).as_bytes())?;
    Ok(Exit::Done)
}

/// What is still to be done before an agent uses the gate.
fn remarks(first: &FirstGenomeArguments) -> String {
    let key = if first.makes_key() {
        "the server runs as you, and could read the new key: for production name a key with --key that is kept elsewhere\n"
    } else {
        ""
    };
    match first.threshold() {
        0 | 1 => key.to_owned(),
        threshold => format!("{key}the gate starts nothing until {threshold} signers have signed, and 1 has\n"),
    }
}

/// What is left out is not missed: the genome does not allow it.
fn warning(finding: &Finding) -> Finding {
    Finding::warning(finding.message.clone(), finding.hint.clone())
}

/// The pins of what is allowed, and of the instructions: where anything is pinned, nothing else is good.
fn pins_of(pinnable: &Pinnable, allow: &[GivenAction], instructions: &str) -> Vec<(String, Digest)> {
    let is_meant = |pin: &&Pin| pin.action == instructions || allow.iter().any(|given| given.action() == pin.action);
    pinnable.pins.iter().filter(is_meant).map(|pin| (pin.action.clone(), pin.sha256)).collect()
}

/// An absolute path, for a configuration that is read anywhere.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        Failure::undecided(
            Finding::error(format!("its full path is not known: {error}"), "start again in another directory").at(path),
        )
    })
}
