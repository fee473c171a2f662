//! `genome-draft`: drafts the next version of a genome.

mod clock;
mod drafting;
mod edits;
mod fault;
mod files;
mod next;
mod output;
mod report;

use crate::{Exit, Failure, StandardStreams, Stream, TrustArguments, Use, print, run, say};
use clap::{ArgAction, ArgGroup, Parser, ValueEnum};
pub(crate) use clock::now;
pub(crate) use drafting::draft as execute;
use genome::draft::Bump;
use genome::{Digest, KeyId, ManifestPath};
use semver::Version;
use std::env;
use std::path::PathBuf;

/// Drafts the next version of a genome: an unsigned one, which the schema accepts
///
/// What no option changes is carried over from the genome at --from, order and all. `parents` becomes its genome id, and `created_at` the
/// time now, or that of SOURCE_DATE_EPOCH. All that the draft changes is said on standard error, then its genome id, which signatures
/// do not change, and the commands with which it is signed.
///
/// Options that remove are applied before those that add, so that what is removed and added is replaced. Where anything is wrong
/// nothing is written.
#[derive(Parser)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(name = "genome-draft", version, disable_version_flag = true, after_long_help = EXAMPLE)]
#[command(group = ArgGroup::new("next").args(["version", "bump"]))]
pub(crate) struct DraftArguments {
    /// Where the draft goes; its directory is made if it is not there. A directory, or a path that ends in `/`, means `genome-unsigned.json` in
    /// it. `-` is standard output
    output: PathBuf,
    /// The signed genome that the draft follows, or the directory that holds its `genome.json`. It must be verified. `-` is standard input
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Start a lineage: the draft gets no parents
    #[arg(long)]
    new_root: bool,
    /// Replace OUTPUT
    #[arg(long)]
    force: bool,
    /// The draft's name
    #[arg(long)]
    name: Option<String>,
    /// The draft's version, above that of its parent. Alone on the command line, --version prints that of this program
    #[arg(long)]
    version: Option<Version>,
    /// Which number of the parent's version goes up. Without it, and without --version: auto
    #[arg(long, value_enum, value_name = "NUMBER")]
    bump: Option<BumpArgument>,
    /// Print this program's version
    #[arg(short = 'V', action = ArgAction::Version)]
    print_version: (),
    #[command(flatten)]
    authority: AuthorityArguments,
    #[command(flatten)]
    content: ContentArguments,
    #[command(flatten)]
    manifest: ManifestArguments,
}

impl StandardStreams for DraftArguments {
    fn uses(&self) -> Vec<Use> {
        let output = (self.output.as_os_str() == "-").then(|| Use::of(Stream::Output, "the draft"));
        output.into_iter().collect()
    }
}

/// Who may sign.
#[derive(clap::Args)]
#[command(next_help_heading = "Who may sign")]
struct AuthorityArguments {
    /// Replace all signers by this one: a file as genome-keygen printed it, or a public key of OpenSSH (`id_ed25519.pub`) or in PEM.
    /// Can be repeated
    #[arg(long, value_name = "FILE")]
    signer: Vec<PathBuf>,
    /// Add a signer, a file like that of --signer. Can be repeated
    #[arg(long, value_name = "FILE")]
    add_signer: Vec<PathBuf>,
    /// Remove a signer. Can be repeated
    #[arg(long, value_name = "KEY_ID", conflicts_with = "signer")]
    remove_signer: Vec<KeyId>,
    /// How many must sign
    #[arg(long, value_name = "N")]
    threshold: Option<usize>,
}

/// What must hold, and what may be done.
#[derive(clap::Args)]
#[command(next_help_heading = "What must hold and what may be done (each can be repeated)")]
struct ContentArguments {
    /// Let a capability allow an action. The first `=` ends the capability's id
    #[arg(long, value_name = "CAP-ID=ACTION", value_parser = capability_action)]
    allow: Vec<CapabilityAction>,
    /// Let a capability deny an action
    #[arg(long, value_name = "CAP-ID=ACTION", value_parser = capability_action)]
    deny: Vec<CapabilityAction>,
    /// Let a capability neither allow nor deny an action
    #[arg(long, value_name = "CAP-ID=ACTION", value_parser = capability_action)]
    remove_action: Vec<CapabilityAction>,
    /// Add a capability, a JSON object as it stands in a genome
    #[arg(long, value_name = "FILE")]
    add_capability: Vec<PathBuf>,
    /// Remove a capability
    #[arg(long, value_name = "CAP-ID")]
    remove_capability: Vec<String>,
    /// Let a definition of a tool be good, beside others that are pinned: the action of the tool, and the SHA-256 digest of the RFC 8785 form of the
    /// whole definition. For the instructions of a server the action is NAME:instructions. The last `=` ends the action
    #[arg(long, value_name = "ACTION=SHA256", value_parser = pin)]
    pin: Vec<Pin>,
    /// Pin the definition of each tool in this file that the draft allows, and the instructions, in the place of all earlier pins of their server: a file as
    /// `genome-mcp pin` writes it. Applied after all options that allow, deny or remove, and before --pin
    #[arg(long, value_name = "FILE")]
    pin_all: Vec<PathBuf>,
    /// Remove a pin of an action, or all of them
    #[arg(long, value_name = "ACTION[=SHA256]", value_parser = pins)]
    unpin: Vec<Unpin>,
    /// Add an invariant, a JSON object as it stands in a genome
    #[arg(long, value_name = "FILE")]
    add_invariant: Vec<PathBuf>,
    /// Remove an invariant
    #[arg(long, value_name = "ID")]
    remove_invariant: Vec<String>,
}

/// The files that belong to the genome.
#[derive(clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(next_help_heading = "The files that belong to it")]
struct ManifestArguments {
    /// Put a file into the manifest, or all regular files below a directory, or those that match a pattern: `*`, `?` and `[a-z]` stand
    /// for characters of a name but a dot at its start, `**` for any directories. What is listed already gets its new digest.
    /// Can be repeated
    #[arg(long, value_name = "PATH")]
    file: Vec<String>,
    /// Take a file out of the manifest. Can be repeated
    #[arg(long, value_name = "PATH")]
    remove_file: Vec<ManifestPath>,
    /// Give every file of the manifest its new digest
    #[arg(long)]
    refresh: bool,
    /// Where the paths of the manifest start. Without it, MATHISON_REPO_ROOT, or else the working directory
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum BumpArgument {
    /// The smallest step that fits the change: minor where the draft widens, weakens or narrows, or changes a pin, otherwise patch. 1.0.0 under a new name
    Auto,
    /// 1.2.3 becomes 2.0.0, and so does 2.0.0-rc.1
    Major,
    /// 1.2.3 becomes 1.3.0, and so does 1.3.0-rc.1
    Minor,
    /// 1.2.3 becomes 1.2.4, and so does 1.2.4-rc.1
    Patch,
}

impl BumpArgument {
    /// The number that goes up; `None` where that follows from the change.
    fn number(self) -> Option<Bump> {
        match self {
            Self::Auto => None,
            Self::Major => Some(Bump::Major),
            Self::Minor => Some(Bump::Minor),
            Self::Patch => Some(Bump::Patch),
        }
    }
}

#[derive(Clone)]
struct CapabilityAction {
    cap_id: String,
    action: String,
}

fn capability_action(text: &str) -> Result<CapabilityAction, &'static str> {
    let (cap_id, action) = text.split_once('=').ok_or("a capability and an action belong here, such as CAP-JOBS=job_run")?;
    Ok(CapabilityAction { cap_id: cap_id.to_owned(), action: action.to_owned() })
}

#[derive(Clone)]
struct Pin {
    action: String,
    sha256: Digest,
}

#[derive(Clone)]
struct Unpin {
    action: String,
    sha256: Option<Digest>,
}

fn pin(text: &str) -> Result<Pin, &'static str> {
    let pinned = text.rsplit_once('=').and_then(|(action, digest)| Some((action, digest.parse().ok()?)));
    let (action, sha256) = pinned.ok_or("an action and 64 lowercase hex digits belong here, such as files/read_file=0a1b...")?;
    Ok(Pin { action: action.to_owned(), sha256 })
}

/// What does not end with a digest is an action.
#[expect(clippy::unnecessary_wraps, reason = "what reads a value of an option may fail")]
fn pins(text: &str) -> Result<Unpin, &'static str> {
    Ok(match pin(text) {
        Ok(Pin { action, sha256 }) => Unpin { action, sha256: Some(sha256) },
        Err(_) => Unpin { action: text.to_owned(), sha256: None },
    })
}

const EXAMPLE: &str = "\
Example:
  genome-draft --from genomes/TOTK_ROOT_v1.0.0/genome.json --new-root \\
    --name TOTK_PROD --version 1.0.0 --signer production-key.json --threshold 1 \\
    --file 'src/**/*.rs' genomes/TOTK_PROD_v1.0.0/genome-unsigned.json
  genome-draft --from genomes/TOTK_PROD_v1.0.0 --allow CAP-JOBS=job_cancel \\
    --refresh genomes/TOTK_PROD_v1.1.0/

Exit status:
  0 drafted; 1 refused;
  2 not possible (no such file, not writable, wrong usage)";

/// The whole run of the program. Returns its exit status.
#[must_use]
pub fn main() -> Exit {
    // As with the other programs, whose --version takes no value.
    if env::args_os().skip(1).eq(["--version"]) {
        let version = concat!("genome-draft ", env!("CARGO_PKG_VERSION"), "\n");
        let printed = print(version.as_bytes());
        printed.as_ref().err().and_then(Failure::finding).into_iter().for_each(say);
        return printed.map_or_else(|failure| failure.exit(), |()| Exit::Done);
    }
    run(execute)
}
