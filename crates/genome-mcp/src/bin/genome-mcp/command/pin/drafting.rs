//! What to do with a file of definitions that was just written: the commands that draft the next genome with its pins, and show what that changes.

use crate::definitions_file;
use genome::definition::Definitions;
use genome::mcp::ActionNames;
use genome::{Document, Genome};
use genome_cli::{Failure, Finding, Source, genome_file};
use genome_json::text::{shell_path, shell_word};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Sees whether a genome that is named can be read.
///
/// # Errors
/// It cannot.
pub(super) fn check(named: &Path) -> Result<(), Failure> {
    let source = Source::File(genome_file(named).into_owned());
    let bytes = source.read_regular()?;
    Document::read(&bytes).map(drop).map_err(|refusal| Failure::undecided(Finding::from(&refusal).at(&source)))
}

/// The genome that the next one follows: the one that is named, or else `genome.json` beside the `tools/` of the file of definitions.
fn genome_of(named: Option<&Path>, output: &Path) -> PathBuf {
    if let Some(named) = named {
        return genome_file(named).into_owned();
    }
    let directory = output.parent().unwrap_or(Path::new(""));
    let is_usual = directory.file_name() == Some(OsStr::new("tools"));
    let directory = if is_usual { directory.parent().unwrap_or(Path::new("")) } else { directory };
    directory.join("genome.json")
}

/// The next steps, as lines for a person. Each command runs as it stands, where the genome can be read and allows one of the tools.
pub(super) fn next_steps(named: Option<&Path>, output: &Path, definitions: &Definitions) -> String {
    let path = genome_of(named, output);
    // It decides nothing here: genome-draft verifies it.
    let bytes = Source::File(path.clone()).read_regular().unwrap_or_default();
    let Ok(document) = Document::read(&bytes) else {
        return "then draft the next version of your genome with genome draft --pin-all; name that genome with --genome, and the command is printed \
                here\n"
            .to_owned();
    };
    let Some(allowed) = to_allow(document.unverified(), definitions) else {
        return "the genome allows none of these tools, and has no capability that could: add one with genome draft --add-capability, and the \
                pins with --pin-all\n"
            .to_owned();
    };
    let (said, allow) = match allowed {
        Allowed::Already => ("then draft the next version of the genome, with pins of the tools that it allows", String::new()),
        // Which tools an agent may call is not for the order of the server's list to say.
        Allowed::With(capability, server) => (
            "the genome allows none of these tools: then draft its next version, with an --allow for each that an agent may call, in the place of TOOL, and \
             their pins",
            format!(" --allow {}", shell_word(format!("{capability}={server}/TOOL").as_ref())),
        ),
    };
    let next = path.with_file_name("next.json");
    let [from, file, draft] = [&path, output, &*next].map(shell_path);
    // Named files are looked at in the place of the usual ones.
    let usual = path.with_file_name("").join(definitions_file::usual(definitions.server()));
    let before = if usual != *output && usual.is_file() { format!(" --definitions {}", shell_path(&usual)) } else { String::new() };
    format!(
        "{said}:\n  genome draft --from {from}{allow} --pin-all {file} {draft}\nand read what that changes, member by member where the text \
         before is at hand:\n  genome diff{before} --definitions {file} {from} {draft}\n"
    )
}

/// How the next genome comes to allow one of the tools.
enum Allowed {
    /// This one does.
    Already,
    /// With the option --allow, for which this is a capability, of a tool of this server.
    With(String, String),
}

/// `None` where no capability can allow one.
fn to_allow(genome: &Genome, definitions: &Definitions) -> Option<Allowed> {
    let names = ActionNames::OfServer(definitions.server().clone());
    let is_in = |action: &str, of: fn(&genome::model::Capability) -> &Vec<String>| {
        genome.capabilities.iter().any(|capability| of(capability).iter().any(|there| there == action))
    };
    let tools = definitions.tools().iter().filter_map(|tool| names.tool(tool.name())).map(|action| action.to_string());
    let tools: Vec<String> = tools.filter(|action| !is_in(action, |capability| &capability.deny_actions)).collect();
    if tools.iter().any(|action| is_in(action, |capability| &capability.allow_actions)) {
        return Some(Allowed::Already);
    }
    tools.first()?;
    Some(Allowed::With(genome.capabilities.first()?.cap_id.clone(), definitions.server().to_string()))
}
