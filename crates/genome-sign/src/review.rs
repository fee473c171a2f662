use crate::SignArguments;
use genome::dangerous::Intact;
use genome::{Ancestors, Document, Genome, GenomeId, Printable};
use genome_cli::{Failure, Finding, Paint, Source, confirm, counted_changes, lineage_near, listed_changes, note};
use std::io::{self, IsTerminal as _};

/// How many changes of a class are shown.
const SHOWN: usize = 40;

/// Shows what the genome changes, compared with each of its parents, and asks whether to sign that, where a person can answer.
pub(crate) fn review(document: &Document<'_>, parents: &[Intact<Genome>], arguments: &SignArguments) -> Result<(), Failure> {
    let genome = document.unverified();
    let asks = !arguments.yes && io::stderr().is_terminal();
    // They need not be verified for this: that they are the parents which the draft means, their ids say.
    let nearby = [&arguments.unsigned, &arguments.output].map(|path| lineage_near(&Source::from(path.as_path())));
    let mut counts = Vec::new();
    for &id in &genome.parents {
        let given = parents.iter().find(|parent| parent.id() == id);
        if let Some((count, text)) = given.map(|parent| changes(parent, id, genome)).or_else(|| found(&nearby, id, genome)) {
            note(&text);
            counts.push(count);
        } else {
            note(&format!("changes since its parent {id} cannot be shown: it is not here, give it with --parent\n"));
            counts.push("changes that cannot be shown".to_owned());
        }
    }
    if !asks {
        return Ok(());
    }
    if genome.parents.is_empty() {
        // Otherwise a draft that leaves them out would be signed unseen.
        note("it names no parent: it starts a lineage of its own, and all that it allows is new\n");
        counts.push("no parent to compare it with".to_owned());
    }
    let name = format!("{} {}", Printable(&genome.name), genome.version);
    // Said again where the question stands: a long text may have pushed all of the above off the screen.
    match confirm(&format!("sign {name} ({}), with {}?", document.id(), counts.join("; "))) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::refused(Finding::error("it was not signed", "nothing was changed; say `y` to sign it"))),
        Err(error) => {
            let hint = "nothing was changed; with --yes it is signed without a question";
            Err(Failure::undecided(Finding::error(format!("there is no answer: {error}"), hint)))
        }
    }
}

/// The changes since a parent that was found.
fn found(directories: &[Option<impl Ancestors>], id: GenomeId, genome: &Genome) -> Option<(String, String)> {
    directories.iter().flatten().find_map(|directory| {
        let copies = directory.find(id).unwrap_or_default();
        let mut parents = copies.iter().filter_map(|copy| Document::read(&copy.bytes).ok());
        parents.find(|parent| parent.id() == id).map(|parent| changes(parent.unverified(), id, genome))
    })
}

/// How many changes there are, and all of them.
fn changes(parent: &Genome, id: GenomeId, genome: &Genome) -> (String, String) {
    let changes = parent.changes_in_meaning_to(genome);
    let count = counted_changes(&changes);
    let listed = listed_changes(&changes, Paint::on(&io::stderr()), SHOWN);
    let text = format!("changes since {} {} ({id}): {count}\n{listed}", Printable(&parent.name), parent.version);
    (count, text)
}
