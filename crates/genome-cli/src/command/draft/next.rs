//! Who signs the draft, and with which commands.

use super::output::is_same;
use genome::Genome;
use genome::model::Signer;
use genome_json::text::{Quoted, shell_path};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where the draft is, where it is signed to, and where its parent is. Standard streams have no path.
pub(crate) struct Paths<'p> {
    pub(crate) draft: &'p Path,
    pub(crate) signed: PathBuf,
    pub(crate) from: &'p Path,
}

impl<'p> Paths<'p> {
    pub(crate) fn of(draft: &'p Path, from: &'p Path) -> Self {
        // `genome.json` for `genome-unsigned.json`, unless that is the parent, which signing would have to replace.
        let signed = match named(draft, "") {
            _ if draft.as_os_str() == "-" => draft.to_owned(),
            taken if taken == draft || is_same(&taken, from) => named(draft, "-signed"),
            free => free,
        };
        Self { draft, signed, from }
    }

    fn command(&self, parent: bool, signer: &Signer) -> String {
        let parent = if parent { format!("--parent {} ", word(self.from, "PARENT")) } else { String::new() };
        let (input, output) = (word(self.draft, "DRAFT"), word(&self.signed, "GENOME"));
        format!("genome-sign {parent}{input} {output} {}", signer.key_id)
    }
}

/// The path with another end of its name, before the extension and instead of `-unsigned`.
fn named(draft: &Path, end: &str) -> PathBuf {
    let stem = draft.file_stem().unwrap_or_default();
    let bare = stem.to_str().and_then(|stem| stem.strip_suffix("-unsigned")).filter(|bare| !bare.is_empty());
    let mut name = bare.map_or_else(|| stem.to_owned(), OsString::from);
    name.push(end);
    if let Some(extension) = draft.extension() {
        name.push(".");
        name.push(extension);
    }
    draft.with_file_name(name)
}

/// A path as a word for a shell; or what stands for standard streams.
fn word(path: &Path, otherwise: &str) -> String {
    if path.as_os_str() == "-" { otherwise.to_owned() } else { shell_path(path) }
}

/// The signers of the parent that the draft names neither by key id nor by key, and who sign with `--parent`.
fn leaving<'g>(parent: &'g Genome, draft: &Genome) -> Vec<&'g Signer> {
    let stays = |signer: &Signer| {
        draft.authority.signers.iter().any(|own| own.key_id == signer.key_id || own.public_key == signer.public_key)
    };
    parent.authority.signers.iter().filter(|signer| !stays(signer)).collect()
}

/// The signers of the parent who cannot sign at all, because the draft gives their key id to another key.
pub(crate) fn shut_out<'g>(parent: &'g Genome, draft: &Genome) -> Vec<&'g Signer> {
    let signers = &draft.authority.signers;
    let has_key = |signer: &&Signer| signers.iter().any(|own| own.public_key == signer.public_key);
    let has_name = |signer: &&Signer| signers.iter().any(|own| own.key_id == signer.key_id);
    parent.authority.signers.iter().filter(|signer| has_name(signer) && !has_key(signer)).collect()
}

/// The commands, with how many have to be run; for a genome with a parent those of its signers too.
pub(crate) fn commands(draft: &Genome, parent: Option<&Genome>, paths: &Paths<'_>) -> String {
    let own = &draft.authority;
    let mut text = format!(
        "to sign it, {} of {}, each with their own key (--key REF, GENOME_SIGNING_KEY or GENOME_SIGNING_PRIVATE_KEY):\n",
        own.threshold,
        own.signers.len()
    );
    // Writing to a string does not fail.
    for signer in &own.signers {
        let _ = writeln!(text, "  {}", paths.command(false, signer));
    }
    let Some(parent) = parent.filter(|parent| parent.authority != *own) else { return text };
    let leaving = leaving(parent, draft);
    let theirs = &parent.authority;
    let both = theirs.signers.iter().filter_map(|signer| own.signers.iter().find(|own| own.public_key == signer.public_key));
    let both: Vec<String> = both.map(|signer| format!("`{}`", signer.key_id)).collect();
    let above = if both.is_empty() { String::new() } else { format!(", counting {} above", both.join(", ")) };
    let (name, version) = (Quoted(&parent.name), &parent.version);
    let (threshold, signers) = (theirs.threshold, theirs.signers.len());
    let end = if leaving.is_empty() { "" } else { ":" };
    let _ = writeln!(text, "and for its parent {name} {version}, whose authority differs, {threshold} of {signers}{above}{end}");
    for signer in leaving {
        let _ = writeln!(text, "  {}", paths.command(true, signer));
    }
    text
}
