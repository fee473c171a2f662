//! What a person sees of the tools before some are picked.

use genome::definition::{Said, ToolDefinition, said};
use genome::mcp::ServerName;
use genome_json::text::{Bare, Cut};
use genome_json::{Value, is_invisible};
use std::collections::HashMap;
use std::fmt::Write as _;

/// How much of a text is shown, in characters, and how many texts are of one tool. The last line says where all of it is.
const SHOWN: usize = 1000;
const MOST_TEXTS: usize = 100;

/// What a tool says that it does to its surroundings. Nothing says that this is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Reads,
    Changes,
    MayDestroy,
}

impl Effect {
    const ALL: [Self; 3] = [Self::Reads, Self::Changes, Self::MayDestroy];

    /// By the annotations, with the defaults that MCP gives them (`readOnlyHint` false, `destructiveHint` true).
    fn of(definition: &Value<'_>) -> Self {
        match (hint(definition, "readOnlyHint"), hint(definition, "destructiveHint")) {
            (Some(true), _) => Self::Reads,
            (_, Some(false)) => Self::Changes,
            _ => Self::MayDestroy,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Reads => "tools that say they only read",
            Self::Changes => "tools that say they change something, and destroy nothing",
            Self::MayDestroy => "tools that may destroy something, or do not say that they do not",
        }
    }
}

fn hint(definition: &Value<'_>, name: &str) -> Option<bool> {
    match definition.member("annotations")?.member(name)? {
        Value::Bool(says) => Some(*says),
        _ => None,
    }
}

fn text<'v>(value: Option<&'v Value<'_>>) -> Option<&'v str> {
    value.and_then(Value::as_str)
}

/// The tools in the order in which they are shown: what may do harm comes last.
pub(super) fn sorted(tools: &[ToolDefinition]) -> Vec<&ToolDefinition> {
    let mut tools: Vec<&ToolDefinition> = tools.iter().collect();
    tools.sort_by_cached_key(|tool| Effect::of(&tool.to_value()));
    tools
}

/// The list, with a number for each, and the instructions.
pub(super) fn listed(server: &ServerName, tools: &[&ToolDefinition], instructions: Option<&str>) -> String {
    let mut out = format!("the server {server} says of itself, and nothing says that it is true:\n");
    if let Some(instructions) = instructions {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  its instructions to the model, which are pinned too: {}", Cut(instructions, SHOWN));
    }
    let alike = Alike::of(tools);
    for effect in Effect::ALL {
        let mut of_effect = tools.iter().enumerate().filter(|(_, tool)| Effect::of(&tool.to_value()) == effect).peekable();
        if of_effect.peek().is_some() {
            let _ = writeln!(out, "{}:", effect.heading());
        }
        for (index, tool) in of_effect {
            let value = tool.to_value();
            let title = text(value.member("title")).map(|title| format!(", {}", Cut(title, SHOWN))).unwrap_or_default();
            let world = match hint(&value, "openWorldHint") {
                Some(false) => " (says that it reaches nothing outside)",
                _ => "",
            };
            let _ = writeln!(out, "{:>4}  {}{title}{world}", index + 1, bounded(tool.name()));
            out.push_str(&alike.remark(index, tool.name()));
            if let Some(description) = text(value.member("description")) {
                let _ = writeln!(out, "      {}", Cut(description.trim_end(), SHOWN));
            }
            out.push_str(&elsewhere(&value));
        }
    }
    let _ = writeln!(
        out,
        "this is every text that they hold, but for what is marked as more: genome-mcp pin --server {server} writes down all of it"
    );
    out
}

/// What a tool says beside its title and description: a model reads the texts of schemas, too.
fn elsewhere(definition: &Value<'_>) -> String {
    let is_shown = |said: &Said<'_>| ["/name", "/title", "/description"].contains(&&*said.pointer);
    let texts: Vec<Said<'_>> = said(definition).into_iter().filter(|said| !is_shown(said)).collect();
    let mut out = String::new();
    for Said { pointer, text, .. } in texts.iter().take(MOST_TEXTS) {
        let text = text.map(|text| format!("  {}", Cut(text, SHOWN))).unwrap_or_default();
        let _ = writeln!(out, "      {}{text}", bounded(pointer));
    }
    if texts.len() > MOST_TEXTS {
        let _ = writeln!(out, "      and {} texts more", texts.len() - MOST_TEXTS);
    }
    out
}

/// A name, or where a text is.
fn bounded(text: &str) -> String {
    if text.chars().count() > SHOWN { Cut(text, SHOWN).to_string() } else { Bare(text).to_string() }
}

/// The numbers of the tools whose names a person would not tell apart.
struct Alike(HashMap<String, Vec<usize>>);

impl Alike {
    fn of(tools: &[&ToolDefinition]) -> Self {
        let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, tool) in tools.iter().enumerate() {
            alike.entry(seen(tool.name())).or_default().push(index);
        }
        Self(alike)
    }

    /// The line about a tool that has such others.
    fn remark(&self, index: usize, name: &str) -> String {
        let others = self.0.get(&seen(name)).into_iter().flatten().filter(|other| **other != index);
        let others: Vec<String> = others.map(|other| (other + 1).to_string()).collect();
        if others.is_empty() {
            return String::new();
        }
        format!("      its name differs only in case, or in what does not show, from that of number {}\n", others.join(", "))
    }
}

/// What a person sees of a name, without case.
fn seen(name: &str) -> String {
    let shows = |character: &char| !is_invisible(*character) && !character.is_whitespace();
    name.chars().filter(shows).flat_map(char::to_lowercase).collect()
}
