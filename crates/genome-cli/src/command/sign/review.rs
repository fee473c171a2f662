//! The review: shows the signer the contents and changes of a genome before it is signed.

use crate::asking::Asking;
use crate::report::contents::{CONTENTS_COUNTED, counted_allowed, gravity_of_contents, write_contents};
use crate::turns::CoSigningParents;
use crate::{Failure, Finding, Paint, ShownIds, counted_changes, listed_changes, tell};
use genome::change::{Change, Class};
use genome::dangerous::Intact;
use genome::lineage::Ancestor;
use genome::model::Signer;
use genome::{Ancestors, Document, Genome, GenomeId, KeyId, PublicKey};
use genome_json::text::{BarePath, Quoted};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

/// How many changes are shown of each class that neither widens nor weakens; of those that do, all are.
const SHOWN: usize = 40;

/// Shows the changes of the genome from each of its parents, or all its contents where there is no parent to compare it with. Asks whether
/// to sign that, where a person can answer and has not said `yes` before. It is for the signer of this key id, or, where it is not known yet, for
/// any who may sign.
pub(crate) fn review(
    document: &Document<'_>,
    parents: &CoSigningParents,
    key_id: Option<&KeyId>,
    yes: bool,
) -> Result<(), Failure> {
    let review = Review::of(document, parents, key_id);
    if yes || !io::stderr().is_terminal() {
        tell(&review.text(Paint::on(&io::stderr())));
        return Ok(());
    }
    review.ask(document)
}

/// The parts to show, each with its heading.
struct Review<'g> {
    genome: &'g Genome,
    ids: ShownIds,
    parts: Vec<(String, Part)>,
}

/// The kinds of parts.
enum Part {
    /// All changes since a parent.
    Changes(Vec<Change>),
    /// A parent is not here, or cannot be read.
    Missing,
    /// All contents of the genome.
    Contents,
}

impl<'g> Review<'g> {
    fn of(document: &'g Document<'_>, parents: &CoSigningParents, key_id: Option<&KeyId>) -> Self {
        let genome = document.unverified();
        let is_asked = |signer: &Signer| key_id.is_none_or(|key_id| *key_id == signer.key_id);
        let signers: Vec<Signer> = document.may_sign(parents.all()).into_iter().filter(is_asked).collect();
        let name = format!("{} {}", Quoted(&genome.name), genome.version);
        let known = [document.id()].into_iter().chain(genome.parents.iter().copied());
        let ids = ShownIds::on(Paint::on(&io::stderr())).with(known);
        let (mut parts, mut is_known) = (Vec::new(), true);
        for &id in &genome.parents {
            let given = parents.given().iter().find(|parent| parent.id() == id);
            let compared = |parent: &Intact<Genome>| Ok((changes(parent, id, genome, &ids), keys(&parent.tally().signed)));
            match given.map_or_else(|| found(parents.nearby(), id, genome, &ids), compared) {
                Ok((part, signed)) => {
                    // A signer who did not sign the parent has not seen what is unchanged, and anybody can make such a parent.
                    is_known &= signers.iter().all(|signer| signed.contains(&signer.public_key));
                    parts.push(part);
                }
                Err(why) => {
                    is_known = false;
                    let head = format!("changes since its parent {} cannot be shown: {why}, give it with --parent\n", ids.show(id));
                    parts.push((head, Part::Missing));
                }
            }
        }
        if !is_known {
            parts.push((format!("contents of {name}, which a signer may see for the first time\n"), Part::Contents));
        }
        if parts.is_empty() {
            // Otherwise a draft that leaves its parents out would be signed unseen.
            let head = format!("contents of {name}, which names no parent: it starts a lineage of its own, and all of it is new\n");
            parts.push((head, Part::Contents));
        }
        Self { genome, ids, parts }
    }

    fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        for (head, part) in &self.parts {
            out.push_str(head);
            // It may be long, and is written nowhere else before. Writing to a string does not fail.
            let _ = match part {
                Part::Changes(changes) => write!(out, "{}", listed_changes(changes, paint, &self.ids, SHOWN)),
                Part::Missing => Ok(()),
                Part::Contents => write_contents(&mut out, self.genome, paint),
            };
        }
        out
    }

    /// A summary in a few words.
    fn summary(&self) -> String {
        let words = |(_, part): &(String, Part)| match part {
            Part::Changes(changes) => counted_changes(changes),
            Part::Missing => "changes that cannot be shown".to_owned(),
            Part::Contents if self.genome.parents.is_empty() => {
                format!("no parent to compare it with, {}", counted_allowed(self.genome))
            }
            Part::Contents => counted_allowed(self.genome),
        };
        self.parts.iter().map(words).collect::<Vec<_>>().join("; ")
    }

    /// How much of it gives more away: each widening, each weakening, and each signer and each action that is allowed where all is new.
    fn grave(&self) -> usize {
        let is_grave = |change: &&Change| matches!(change.class(), Class::Widening | Class::Weakening);
        let grave = |(_, part): &(String, Part)| match part {
            Part::Changes(changes) => changes.iter().filter(is_grave).count(),
            Part::Missing => 0,
            Part::Contents => gravity_of_contents(self.genome),
        };
        self.parts.iter().map(grave).sum()
    }

    /// Shows it, and asks.
    fn ask(&self, document: &Document<'_>) -> Result<(), Failure> {
        let name = format!("{} {}", Quoted(&self.genome.name), self.genome.version);
        // Repeated beside the question: a long text may have pushed all of the above off the screen.
        // In full, as two people may compare it: 12 digits can be met by a genome that was made for that.
        let id = document.id();
        let question = format!("genome id {id}\nsign {name} ({}), with {}", self.ids.show(id), self.summary());
        let text = self.text(Paint::on(&io::stderr()));
        let asking = Asking { text: &text, question: &question, verb: "sign", grave: self.grave(), counted: self.counted() };
        let (asked, answer) = asking.ask();
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => {
                let hint = format!("answer {answer} to sign it");
                Err(Failure::refused(Finding::error("not signed; nothing was changed", hint)))
            }
            Err(unanswered) => {
                let message = format!("not signed; nothing was changed: {unanswered}");
                let hint = unanswered.hint(&answer, "--yes signs without a question");
                Err(Failure::undecided(Finding::error(message, hint)))
            }
        }
    }

    /// What the number counts.
    fn counted(&self) -> &'static str {
        let has = |wanted: fn(&Part) -> bool| self.parts.iter().any(|(_, part)| wanted(part));
        match (has(|part| matches!(part, Part::Changes(_))), has(|part| matches!(part, Part::Contents))) {
            (true, true) => "widenings, weakenings, signers and allowed actions",
            (false, true) => CONTENTS_COUNTED,
            _ => "widenings and weakenings",
        }
    }
}

/// The changes since a parent that was found, and the keys that have signed a copy of it; or why there is none.
fn found(
    directories: &[impl Ancestors],
    id: GenomeId,
    genome: &Genome,
    ids: &ShownIds,
) -> Result<((String, Part), Vec<PublicKey>), String> {
    let (mut part, mut signed, mut why) = (None, Vec::new(), None);
    for directory in directories {
        let copies = directory.find(id).unwrap_or_else(|error| {
            why = Some(format!("it cannot be read ({error})"));
            Vec::new()
        });
        for Ancestor { bytes, source } in &copies {
            match bytes.as_deref().map(Document::read) {
                Ok(Ok(copy)) if copy.id() == id => {
                    signed.extend(copy.tally().map(|tally| keys(&tally.signed)).unwrap_or_default());
                    part.get_or_insert_with(|| changes(copy.unverified(), id, genome, ids));
                }
                Ok(_) => {}
                Err(error) => why = Some(format!("it cannot be read ({}: {error})", BarePath(source))),
            }
        }
    }
    // The search may have passed it over.
    let unsearched = || directories.iter().find_map(Ancestors::unsearched);
    let absent =
        || unsearched().map_or_else(|| "it is not here".to_owned(), |unsearched| format!("it was not found, and {unsearched}"));
    part.map(|part| (part, signed)).ok_or_else(|| why.unwrap_or_else(absent))
}

fn keys(signers: &[Signer]) -> Vec<PublicKey> {
    signers.iter().map(|signer| signer.public_key.clone()).collect()
}

/// How many changes there are, and all of them.
fn changes(parent: &Genome, id: GenomeId, genome: &Genome, ids: &ShownIds) -> (String, Part) {
    let changes = Change::in_meaning_between(parent, genome);
    let head =
        format!("changes since {} {} ({}): {}\n", Quoted(&parent.name), parent.version, ids.show(id), counted_changes(&changes));
    (head, Part::Changes(changes))
}
