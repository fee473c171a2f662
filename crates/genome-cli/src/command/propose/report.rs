//! What is said of a proposal that was made.

#[cfg(feature = "front")]
use crate::{Failure, print};
use crate::{Paint, ShownIds, tell};
use genome::Document;
use genome::proposal::Proposal;
use genome_json::text::{BarePath, Quoted};
use std::io;
#[cfg(feature = "front")]
use std::io::IsTerminal as _;
#[cfg(feature = "front")]
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What became of a proposal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Done {
    /// It was made.
    Proposed,
    /// It was written anew.
    #[cfg(feature = "front")]
    Refreshed,
    /// It is as it was.
    #[cfg(feature = "front")]
    Nothing,
}

/// Says which proposal it is, and where it is; the last line is the caller's.
pub(super) fn report(done: Done, directory: &Path, proposal: &Proposal, genomes: [&Document<'_>; 2], last: &str) {
    let [done, place] = match done {
        Done::Proposed => ["proposed", "written to"],
        #[cfg(feature = "front")]
        Done::Refreshed => ["refreshed", "written to"],
        #[cfg(feature = "front")]
        Done::Nothing => ["nothing to do, proposed before:", "is in"],
    };
    let ids = ShownIds::on(Paint::on(&io::stderr())).with(genomes.map(Document::id));
    let name = |document: &Document<'_>| {
        let genome = document.unverified();
        format!("{} {}  {}", Quoted(&genome.name), genome.version, ids.show(document.id()))
    };
    let [from, to] = genomes.map(name);
    tell(&format!(
        "{done} {}: {}\n  from        {from}\n  to          {to}\n  changes     {}\n  breaking    {}\n  {place:<10}  {}\n{last}",
        proposal.number,
        Quoted(&proposal.title),
        proposal.changes.len(),
        if proposal.breaking { "yes" } else { "no" },
        BarePath(&directory.join("proposal.json")),
    ));
}

/// Prints the directory for a script. A person has read where it is.
#[cfg(feature = "front")]
pub(crate) fn print_directory(directory: &Path) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    print(&[directory.as_os_str().as_bytes(), b"\n"].concat())
}
