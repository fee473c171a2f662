//! The genome programs except for the server, and what they share, so that each of them is arguments, one call and a report.
//!
//! - [`command`] holds the programs;
//! - [`run`] is a program's whole run: it reads the command line, and refuses a private key on it without repeating it;
//! - [`Requirements`] is what a genome has to meet, from the command line and the environment, and the way to the one verifier, whose [`Verdict`] says why;
//! - [`Boot`] is the genome of a program that acts upon one, [`RefusedBoot`] why there is none;
//! - [`StandardStreams`] says which standard streams a run cannot do without;
//! - [`Source`] reads a document from a file or standard input;
//! - [`Destination`] writes one, atomically, in [`MadeDirectories`], [`Unwritten`] is why it cannot, [`SignedOutput`] a genome that was proved before, and [`NewFolder`] a directory with files;
//! - [`Recorder`] writes a signing into the audit log;
//! - [`PassphraseArguments`] get a passphrase, and [`forbid_core_dumps`] keeps secrets in memory;
//! - [`listed_changes`] are what a genome changes as text, [`FindingShape`] and [`RefusalShape`] a finding as JSON;
//! - [`Paint`] is how a stream shows text for a person, [`DisplayArguments`] what the command line says of it, [`ShownIds`] are genome ids in such text;
//! - [`Finding`] says what is wrong, in text, as JSON, or as an annotation on GitHub;
//! - [`Exit`] is what a program says to its caller, [`Failure`] why it stops.

#[cfg(feature = "custody")]
mod asking;
mod boot;
mod clock;
pub mod command;
#[cfg(feature = "custody")]
mod custody;
mod environment;
mod explanation;
#[cfg(feature = "init")]
mod first_genome;
mod git;
mod hardening;
mod hints;
mod input;
mod made_directories;
mod parents;
mod passphrase;
mod proposal_places;
mod recorder;
mod report;
mod requirements;
mod run;
mod secret_file;
mod signed_output;
#[cfg(feature = "draft")]
mod signer;
mod source;
mod state;
mod terminal;
#[cfg(any(feature = "custody", feature = "draft"))]
mod turns;
mod unwritten;
mod verdict;

pub use boot::{Boot, RefusedBoot};
pub use clock::now;
pub use environment::{genome_option, genome_path};
#[cfg(feature = "init")]
pub use first_genome::{FirstGenomeArguments, GivenAction, NewGenome, Next, check_directory, make_first};
pub use genome_files::{Destination, FoundDestination, NewFolder, ReplaceError, Stream};
pub use hardening::{forbid_core_dumps, wiping_stack};
pub use hints::option_name;
pub use made_directories::MadeDirectories;
pub use passphrase::PassphraseArguments;
pub use recorder::{AuditArguments, Recorded, Recorder};
pub use report::{
    Detail, DisplayArguments, FaultShape, Finding, FindingShape, Level, Paint, Place, RefusalShape, ShownIds, annotations,
    class_style, count_classes, counted_changes, counted_classes, file, json_line, json_text, lines_of_differences, listed_changes,
    note, print, say, show, tell, tell_waiting, unbuffered, with_bar,
};
pub(crate) use report::{point_to_page, waiting_for};
pub use requirements::{
    RequirementArguments, Requirements, TrustArguments, lineage_near, open_root, repository_root, torn_lines, trust_policy,
};
pub use run::{Exit, Failure, StandardStreams, Use, command_line, is_ignored, report_stream_fault, run};
pub use secret_file::NewSecretFile;
#[cfg(feature = "init")]
pub(crate) use secret_file::unwritten_secret;
#[cfg(feature = "draft")]
pub(crate) use signed_output::signatures;
pub use signed_output::{ProvedOutput, SignedOutput, drop_bad_signatures, standing};
pub use source::{ReadError, Source, genome_file, stdin_once};
pub use terminal::{Consent, Unanswered, ask, withhold_typed_ahead};
#[cfg(feature = "init")]
pub use terminal::{LineQuestion, ask_line};
pub use unwritten::Unwritten;
pub use verdict::Verdict;
