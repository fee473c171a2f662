//! What goes into the configuration of a client, so that it starts the gate in the place of the server.

use super::absolute;
use crate::asking::AskedServer;
use clap::ValueEnum;
use genome_cli::{Failure, Finding};
use genome_json::text::QuotedPath;
use serde::Serialize;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Client {
    /// Claude Desktop (`claude_desktop_config.json`) and Claude Code (`.mcp.json`)
    Claude,
    /// Cursor (`.cursor/mcp.json`)
    Cursor,
    /// VS Code (`.vscode/mcp.json`)
    Vscode,
}

/// A configuration, without the paths of the genome.
#[derive(Debug)]
pub(super) struct Snippet {
    client: Client,
    server: String,
    gate: String,
    command: Vec<String>,
}

/// A configuration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Configuration {
    McpServers(BTreeMap<String, Entry>),
    Servers(BTreeMap<String, Entry>),
}

/// How a client starts a server.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    command: String,
    args: Vec<String>,
}

impl Snippet {
    /// Prepares it, before anything is made.
    ///
    /// # Errors
    /// A path or an argument is no text, and cannot stand in JSON.
    pub(super) fn prepare(client: Client, server: &AskedServer) -> Result<Self, Failure> {
        let gate = env::current_exe().map_err(|error| {
            let hint = "start it by its full path";
            Failure::undecided(Finding::error(format!("the path of this program is not known: {error}"), hint))
        })?;
        let mut command = server.command.iter();
        let program = command.next().map(|program| found_anywhere(program)).transpose()?;
        let arguments = command.map(|argument| text(argument));
        let command = program.as_deref().map(|program| text(program.as_os_str())).into_iter().chain(arguments);
        Ok(Self {
            client,
            server: server.name.to_string(),
            gate: text(gate.as_os_str())?,
            command: command.collect::<Result<_, Failure>>()?,
        })
    }

    /// The configuration for a genome in this directory.
    ///
    /// # Errors
    /// As for [`prepare`](Self::prepare).
    pub(super) fn of(self, directory: &Path) -> Result<Configuration, Failure> {
        let Self { client, server, gate, command } = self;
        let directory = absolute(directory)?;
        let mut args = vec!["--server".to_owned(), server.clone()];
        for (option, file) in [("--genome", "genome.json"), ("--trust", "trust.json"), ("--state", "state.json")] {
            args.extend([option.to_owned(), text(directory.join(file).as_os_str())?]);
        }
        args.push("--".to_owned());
        args.extend(command);
        let entry = |kind| BTreeMap::from([(server, Entry { kind, command: gate, args })]);
        Ok(match client {
            Client::Claude | Client::Cursor => Configuration::McpServers(entry(None)),
            Client::Vscode => Configuration::Servers(entry(Some("stdio"))),
        })
    }
}

/// The program as it is found from any directory: a name is looked up in PATH, which the client has its own of.
fn found_anywhere(program: &OsStr) -> Result<PathBuf, Failure> {
    if program.as_encoded_bytes().contains(&b'/') { absolute(Path::new(program)) } else { Ok(program.into()) }
}

fn text(part: &OsStr) -> Result<String, Failure> {
    part.to_str().map(ToOwned::to_owned).ok_or_else(|| {
        let message = format!("{} is not UTF-8, and cannot stand in the configuration of a client", QuotedPath(Path::new(part)));
        Failure::undecided(Finding::error(message, "nothing was made; name it otherwise"))
    })
}
