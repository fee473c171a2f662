//! Signs a genome and writes it.

use super::SignArguments;
use super::fault::{Unsigned, refused};
use super::key;
use super::place::place;
use super::report::{Done, report};
use super::review::review;
use super::signer::Choice;
use crate::hints::REPLACE_THIS;
use crate::recorder::recorded_all_the_same;
use crate::turns::CoSigningParents;
use crate::{
    Destination, Exit, Failure, Finding, FoundDestination, Recorder, SignedOutput, Source, drop_bad_signatures, forbid_core_dumps,
    say, wiping_stack,
};
use genome::dangerous::Intact;
use genome::document::Signing;
use genome::model::Signer;
use genome::{Document, Genome, KeyId, Refusal};
use genome_custody::SigningKey;
use std::cell::RefCell;

/// Signs the genome and writes it, or finds it signed.
pub(crate) fn sign(arguments: &SignArguments) -> Result<Exit, Failure> {
    forbid_core_dumps()?;
    let place = place(arguments)?;
    let input = &place.draft;
    arguments.key.passphrase.leave_stdin_to(input)?;
    let bytes = input.read()?;
    let mut document = Document::read(&bytes).map_err(|refusal| refused(&refusal.into(), input))?;
    let parents = CoSigningParents::of(&document, &arguments.parent, &place)?;
    let reference = key::reference(&arguments.key, &place)?;
    // A file that is input and output has the same signatures twice.
    let said = RefCell::new(Vec::new());
    let say_once = |finding: &Finding| {
        if !said.borrow().contains(finding) {
            say(finding);
            said.borrow_mut().push(finding.clone());
        }
    };
    drop_worthless_signatures(&mut document, parents.all(), input, arguments.force, say_once)?;
    let output = SignedOutput::find(&place.output, "sign", arguments.force)?;
    let choice = Choice { document: &document, parents: &parents, place: &place, arguments };
    let signer = choice.foreseen(&reference)?;
    foresee(&document, parents.all(), input, signer.as_ref(), &output, arguments)?;
    let key_id = signer.map(|signer| signer.key_id);
    review(&document, &parents, key_id.as_ref(), arguments.yes)?;
    let may_sign = document.may_sign(parents.all());
    let key = wiping_stack(|| key::open(&reference, &arguments.key, key_id.as_ref(), &may_sign))?;
    let key_id = match key_id {
        Some(key_id) => key_id,
        None => choice.of(&*key, &reference)?,
    };
    // After what may come slowly (a pipe) is here.
    let output = output.hold()?;
    // Before anybody is asked for a signature that could not be recorded.
    let audit_log = Recorder::of(&arguments.audit)?;

    let existing = adopt(&mut document, parents.all(), &output, arguments.force, say_once)?;
    let signing =
        wiping_stack(|| sign_with(key, &key_id, &mut document, parents.all())).map_err(|unsigned| unsigned.into_failure(input))?;

    let changed = existing != Some(document.signatures().len());
    // All that can fail for known reasons fails before the signing is recorded.
    let output = output.prove(&document, input, changed)?;
    let record = |audit_log: Recorder| audit_log.record(&document, &signing, reference.custody(), &place.output, "genome-sign");
    let recorded = audit_log.map(record).transpose()?.unwrap_or_default();
    let written_to = output.write().map_err(|failure| recorded_all_the_same(failure, recorded.place.as_deref()))?;
    let done = Done { changed, written_to, recorded: &recorded };
    report(&document, &signing, &done, &place, &parents, arguments);
    Ok(Exit::Done)
}

/// Refuses what is known to fail, before anything is shown or asked. Nothing is locked while somebody reads and answers: all of it is
/// checked again before it counts.
fn foresee(
    document: &Document<'_>,
    parents: &[Intact<Genome>],
    input: &Source,
    signer: Option<&Signer>,
    output: &SignedOutput<'_, FoundDestination>,
    arguments: &SignArguments,
) -> Result<(), Failure> {
    let mut copy = document.clone();
    // Dropping is reported when it happens.
    let existing = adopt(&mut copy, parents, output, arguments.force, |_| ())?;
    let is_signed = |signer: &Signer| copy.is_signed_by(signer, parents).map_err(|error| refused(&error, input));
    let signs = match signer {
        Some(signer) => !is_signed(signer)?,
        // Whoever it is most likely has not signed yet.
        None => !copy.tally().map_err(|refusal| refused(&refusal.into(), input))?.unsigned.is_empty() || !parents.is_empty(),
    };
    output.foresee(&copy, input, signs || existing != Some(copy.signatures().len()))?;
    Recorder::check(&arguments.audit)
}

/// Signs with the key, and closes it.
fn sign_with(
    mut key: Box<dyn SigningKey>,
    key_id: &KeyId,
    document: &mut Document<'_>,
    parents: &[Intact<Genome>],
) -> Result<Signing, Unsigned> {
    let public_key = key.public_key();
    let sign = |signer: &Signer, message: &[u8]| key.sign(&signer.public_key, message).map_err(Unsigned::Key);
    document.sign_with(Some(key_id), public_key.as_ref(), parents, sign)
}

/// Drops signatures that protect nothing, and refuses those that are wrong unless it is forced to drop them too. Returns whether it
/// dropped any.
fn drop_worthless_signatures(
    document: &mut Document<'_>,
    parents: &[Intact<Genome>],
    source: &Source,
    force: bool,
    warn: impl Fn(&Finding),
) -> Result<bool, Failure> {
    drop_bad_signatures(document, parents, source, |refusal| force || matches!(refusal, Refusal::LegacySignature(_)), warn)
}

/// Takes over the signatures that the output holds already. Returns their number if nothing else would change there.
fn adopt(
    document: &mut Document<'_>,
    parents: &[Intact<Genome>],
    output: &SignedOutput<'_, impl AsRef<Destination>>,
    force: bool,
    warn: impl Fn(&Finding),
) -> Result<Option<usize>, Failure> {
    let Some((source, bytes)) = output.existing()? else { return Ok(None) };
    let mut adopt = || -> Result<Option<usize>, Failure> {
        let mut existing = Document::read(&bytes)
            .map_err(|refusal| refused(&refusal.into(), &source).with_hint(|hint| format!("{hint}; or {REPLACE_THIS}")))?;
        let dropped = drop_worthless_signatures(&mut existing, parents, &source, force, &warn)?;
        document.adopt(&existing).map_err(|error| refused(&error, &source))?;
        Ok((!dropped).then_some(existing.signatures().len()))
    };
    match adopt() {
        Err(_) if force => Ok(None),
        adopted => adopted,
    }
}
