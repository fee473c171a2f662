//! Which tools the first genome allows: those that are named, or that a person picks.

use super::shown::{listed, sorted};
use genome::definition::{Definitions, ToolDefinition};
use genome::mcp::ServerName;
use genome_cli::{Failure, Finding, GivenAction, LineQuestion, ask_line, tell};
use genome_json::text::{Quoted, excerpt};

/// How many tools are named where none was picked.
const NAMED: usize = 20;

/// The tools that can be picked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picking<'a> {
    pub(super) server: &'a ServerName,
    pub(super) definitions: &'a Definitions,
}

impl Picking<'_> {
    /// Those that the command line names.
    pub(super) fn named(self, given: &[GivenAction]) -> Result<Vec<GivenAction>, Failure> {
        given.iter().map(|given| self.resolve(given).map_err(|why| Failure::refused(Finding::error(why, self.hint())))).collect()
    }

    /// Those that a person picks from the list.
    pub(super) fn asked(self) -> Result<Vec<GivenAction>, Failure> {
        let tools = sorted(self.definitions.tools());
        if tools.is_empty() {
            return Err(self.unnamed());
        }
        tell(&listed(self.server, &tools, self.definitions.instructions()));
        let words = "Tools to allow, by number or name, each after its risk class from A (harmless) to D,\nas B=1, C=3";
        let parse = |text: &str| {
            let given = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
            let picked = given.map(|part| self.picked(&part.parse()?, &tools)).collect::<Result<Vec<_>, String>>()?;
            if picked.is_empty() { Err("a genome that allows nothing needs no server: pick a tool".to_owned()) } else { Ok(picked) }
        };
        let example = "type numbers of tools, such as B=1";
        ask_line(&LineQuestion { words, default: "", example }, parse).map_err(|unanswered| {
            Failure::undecided(Finding::error(unanswered.to_string(), "nothing was made; name the tools with --allow"))
        })
    }

    /// The failure where nothing is named, and nobody can be asked.
    pub(super) fn unnamed(self) -> Failure {
        Failure::undecided(Finding::error("no tool is allowed, and nothing can be asked", self.hint()))
    }

    /// One that is given by its number in the list, or by its name.
    fn picked(self, given: &GivenAction, tools: &[&ToolDefinition]) -> Result<GivenAction, String> {
        match given.action().parse::<usize>() {
            Ok(_) if self.lists(given.action()) => {
                let (server, name) = (self.server, given.action());
                Err(format!(
                    "{name} is a number of the list and the name of a tool: write the tool as {server}/{name}, or another by its name"
                ))
            }
            Ok(number) => {
                let tool = number.checked_sub(1).and_then(|index| tools.get(index));
                let tool = tool.ok_or_else(|| format!("there is no tool {number}: the last one is {}", tools.len()))?;
                Ok(given.for_action(format!("{}/{}", self.server, tool.name())))
            }
            Err(_) => self.resolve(given),
        }
    }

    /// The action of what is named: a tool as the server names it, or anything as the genome does.
    fn resolve(self, given: &GivenAction) -> Result<GivenAction, String> {
        let (server, name) = (self.server, given.action());
        let of_server = name.strip_prefix(server.as_str());
        if self.lists(name) {
            Ok(given.for_action(format!("{server}/{name}")))
        } else if of_server.and_then(|rest| rest.strip_prefix('/')).is_some_and(|tool| self.lists(tool))
            || of_server.is_some_and(|rest| rest.starts_with(':'))
        {
            Ok(given.clone())
        } else {
            Err(format!("the server {server} lists no tool {}", Quoted(&excerpt(name))))
        }
    }

    fn lists(self, name: &str) -> bool {
        self.definitions.tools().iter().any(|tool| tool.name() == name)
    }

    fn hint(self) -> String {
        let tools = self.definitions.tools();
        if tools.is_empty() {
            return "nothing was made; the server lists no tool that could be pinned".to_owned();
        }
        let names: Vec<String> = tools.iter().take(NAMED).map(|tool| Quoted(&excerpt(tool.name())).to_string()).collect();
        let more = tools.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("nothing was made; name with --allow some of {}{more}", names.join(", "))
    }
}
