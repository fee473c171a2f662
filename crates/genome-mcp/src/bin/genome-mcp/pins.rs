//! The pins of what a server lists.

use genome::Refusal;
use genome::definition::{Definitions, ToolDefinition, digest_of_instructions};
use genome::digest::Digest;
use genome::mcp::{ActionNames, ServerName};
use genome_cli::{Failure, Finding};
use genome_json::first_invisible;
use genome_json::text::{Quoted, excerpt};
use genome_mcp::listing::{Instructions, Listed, Unusable};
use serde::Serialize;
use std::fmt;

/// A pin, as a genome has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Pin {
    pub(crate) action: String,
    pub(crate) sha256: Digest,
}

/// As the option --pin of genome-draft takes it. An action that a shell could take for anything else, or that does not show, is quoted.
impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, sha256 } = self;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-@+%".contains(&byte);
        if action.bytes().all(is_plain) {
            write!(formatter, "{action}={sha256}")
        } else {
            write!(formatter, "{}={sha256}", Quoted(action))
        }
    }
}

/// What of a list can be pinned.
#[derive(Debug)]
pub(crate) struct Pinnable {
    pub(crate) definitions: Definitions,
    /// In the order of the list, the instructions last.
    pub(crate) pins: Vec<Pin>,
    /// What cannot be pinned, as errors.
    pub(crate) left_out: Vec<Finding>,
}

/// The action that stands for the instructions of a server.
pub(crate) fn instructions_of(server: &ServerName) -> String {
    format!("{server}:instructions")
}

/// The action of a tool, if it can stand in a genome: that takes no action that ends with white space, or holds what does not show.
pub(crate) fn action(names: &ActionNames, tool: &str) -> Option<String> {
    let action = names.tool(tool)?.to_string();
    (action.trim_end() == action && first_invisible(&action).is_none()).then_some(action)
}

/// A number of tools, in words.
pub(crate) fn counted_tools(tools: usize) -> String {
    format!("{tools} tool{}", if tools == 1 { "" } else { "s" })
}

/// Sorts out what can be pinned, and what a file of definitions can hold.
///
/// # Errors
/// All of it together is too large for one.
pub(crate) fn pinnable(server: &ServerName, listed: &Listed) -> Result<Pinnable, Failure> {
    let names = ActionNames::OfServer(server.clone());
    let mut left_out: Vec<Finding> = listed.unusable.iter().map(unpinnable).collect();
    let (mut tools, mut pins) = (Vec::new(), Vec::new());
    for tool in &listed.tools {
        match pin(server, &names, tool) {
            Ok(pin) => {
                pins.push(pin);
                tools.push(tool.clone());
            }
            Err(finding) => left_out.push(*finding),
        }
    }
    let instructions = match &listed.instructions {
        Instructions::None => None,
        Instructions::Text(text) => match Definitions::new(server.clone(), Some(text.clone()), Vec::new()) {
            Ok(_) => Some(text.clone()),
            Err(refusal) => {
                left_out.push(unkept("the instructions of the server", &refusal));
                None
            }
        },
        Instructions::Unreadable => {
            let message = "the instructions of the server cannot be pinned: they are no text that every reader understands alike";
            left_out.push(Finding::error(message, ASK_ITS_AUTHORS));
            None
        }
    };
    pins.extend(instructions.as_deref().map(|text| Pin { action: instructions_of(server), sha256: digest_of_instructions(text) }));
    let definitions = Definitions::new(server.clone(), instructions, tools).map_err(|refusal| {
        let hint = "a file of definitions cannot hold all that the server lists";
        Failure::refused(Finding { hint: hint.to_owned(), ..Finding::from(&refusal) })
    })?;
    Ok(Pinnable { definitions, pins, left_out })
}

/// The pin of a tool, if a genome and a file of definitions can hold it.
pub(crate) fn pin(server: &ServerName, names: &ActionNames, tool: &ToolDefinition) -> Result<Pin, Box<Finding>> {
    let shown = || format!("the tool {}", Quoted(&excerpt(tool.name())));
    let Some(action) = action(names, tool.name()) else {
        let message = format!("{} cannot be pinned: a genome cannot name it", shown());
        return Err(Box::new(Finding::error(
            message,
            "a name has no character in it that does not show, and no white space at its end",
        )));
    };
    match Definitions::new(server.clone(), None, vec![tool.clone()]) {
        Ok(_) => Ok(Pin { action, sha256: tool.digest() }),
        Err(refusal) => Err(Box::new(unkept(&shown(), &refusal))),
    }
}

/// The finding about a tool that cannot be pinned.
pub(crate) fn unpinnable(Unusable { name, flaw, .. }: &Unusable) -> Finding {
    let tool =
        name.as_deref().map_or_else(|| "a tool without a name".to_owned(), |name| format!("the tool {}", Quoted(&excerpt(name))));
    Finding::error(format!("{tool} cannot be pinned: {flaw}"), ASK_ITS_AUTHORS)
}

/// The finding about what a file of definitions does not hold.
fn unkept(what: &str, refusal: &Refusal) -> Finding {
    Finding::error(format!("{what} cannot be pinned: {refusal}"), ASK_ITS_AUTHORS)
}

/// True of each of them, whatever the reason is: what has no pin passes only where nothing of its server is pinned.
const ASK_ITS_AUTHORS: &str =
    "an agent does not get it where the genome pins anything else of the server: tell those who make the server";
