//! Signs a genome and writes it.

use super::SignArguments;
use super::fault::{Unsigned, refused};
use super::key;
use super::review::review;
use crate::hints::REPLACE_THIS;
use crate::{
    Destination, Exit, Failure, Finding, FoundDestination, Recorder, SignedOutput, Source, drop_bad_signatures, forbid_core_dumps,
    say, standing, tell, wiping_stack,
};
use genome::dangerous::{Intact, verify_self_declared};
use genome::document::{Signing, SigningError};
use genome::model::{GenomeName, Signer};
use genome::{Code, Document, Genome, KeyId, Refusal};
use genome_custody::{Custody, SigningKey};
use genome_json::text::Quoted;
use std::cell::RefCell;
use std::path::Path;

/// Signs the genome and writes it, or finds it signed.
pub(crate) fn sign(arguments: &SignArguments) -> Result<Exit, Failure> {
    forbid_core_dumps()?;
    let input = Source::from(arguments.unsigned.as_path());
    arguments.key.passphrase.leave_stdin_to(&input)?;
    let bytes = input.read()?;
    let mut document = Document::read(&bytes).map_err(|refusal| refused(&refusal.into(), &input))?;
    let parents = arguments.parent.iter().map(|path| parent(path)).collect::<Result<Vec<_>, _>>()?;
    let reference = key::reference(&arguments.key)?;
    // A file that is input and output has the same signatures twice.
    let said = RefCell::new(Vec::new());
    let say_once = |finding: &Finding| {
        if !said.borrow().contains(finding) {
            say(finding);
            said.borrow_mut().push(finding.clone());
        }
    };
    drop_worthless_signatures(&mut document, &parents, &input, arguments.force, say_once)?;
    let output = SignedOutput::find(&arguments.output, "sign", arguments.force)?;
    foresee(&document, &parents, &input, reference.custody(), &output, arguments)?;
    review(&document, &parents, arguments)?;
    let may_sign = document.may_sign(&parents);
    let key = wiping_stack(|| key::open(&reference, &arguments.key, arguments.key_id.as_ref(), &may_sign))?;
    // After what may come slowly (a pipe) is here.
    let output = output.hold()?;
    // Before anybody is asked for a signature that could not be recorded.
    let audit_log = Recorder::of(&arguments.audit)?;

    let existing = adopt(&mut document, &parents, &output, arguments.force, say_once)?;
    let signing = wiping_stack(|| sign_with(key, arguments.key_id.as_ref(), &mut document, &parents))
        .map_err(|unsigned| unsigned.into_failure(&input))?;

    let changed = existing != Some(document.signatures().len());
    // All that can fail for known reasons fails before the signing is recorded.
    let output = output.prove(&document, &input, changed)?;
    let record = |audit_log: Recorder| audit_log.record(&document, &signing, reference.custody(), &arguments.output);
    let recorded = audit_log.map(record).transpose()?.flatten();
    let written_to = output.write().map_err(|failure| recorded_all_the_same(failure, recorded.as_deref()))?;
    report(&document, &signing, changed, written_to, recorded.as_deref());
    Ok(Exit::Done)
}

/// Refuses what is known to fail, before anything is shown or asked. Nothing is locked while somebody reads and answers: all of it is
/// checked again before it counts.
fn foresee(
    document: &Document<'_>,
    parents: &[Intact<Genome>],
    input: &Source,
    custody: Custody,
    output: &SignedOutput<'_, FoundDestination>,
    arguments: &SignArguments,
) -> Result<(), Failure> {
    let signer = match document.signer(arguments.key_id.as_ref(), parents) {
        // An agent can choose among several signers: it knows which of their keys it holds.
        Err(SigningError::WhichSigner(_)) if custody == Custody::SshAgent => None,
        signer => Some(signer.map_err(|error| refused(&error, input))?),
    };
    let mut copy = document.clone();
    // Dropping is reported when it happens.
    let existing = adopt(&mut copy, parents, output, arguments.force, |_| ())?;
    let is_signed = |signer: &Signer| copy.is_signed_by(signer, parents).map_err(|error| refused(&error, input));
    let signs = signer.as_ref().map(is_signed).transpose()? == Some(false);
    output.foresee(&copy, input, signs || existing != Some(copy.signatures().len()))?;
    Recorder::check(&arguments.audit)
}

/// A failure to write the signed genome, which also says that the signing was recorded.
fn recorded_all_the_same(failure: Failure, recorded: Option<&str>) -> Failure {
    let Some(place) = recorded else { return failure };
    if failure.finding().is_none() {
        let hint = format!("the audit log has it all the same, in {place}; sign again where it is read to its end");
        return Failure::undecided(Finding::error("nobody has read the signed genome", hint));
    }
    failure.with_hint(|hint| format!("{hint}; the audit log has the signing all the same, in {place}"))
}

/// Signs with the key, and closes it.
fn sign_with(
    mut key: Box<dyn SigningKey>,
    key_id: Option<&KeyId>,
    document: &mut Document<'_>,
    parents: &[Intact<Genome>],
) -> Result<Signing, Unsigned> {
    let public_key = key.public_key();
    let sign = |signer: &Signer, message: &[u8]| key.sign(&signer.public_key, message).map_err(Unsigned::Key);
    document.sign_with(key_id, public_key.as_ref(), parents, sign)
}

/// A parent, which must be in order itself: its authority decides who may sign. Whether it is trusted is decided when the signed genome is
/// verified.
fn parent(path: &Path) -> Result<Intact<Genome>, Failure> {
    // A path in any case: standard input may be the draft.
    let source = Source::File(path.to_owned());
    verify_self_declared(&source.read()?).map_err(|refusal| refused(&refusal.into(), &source))
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

/// Reports what was done, how far the authority has signed, and who still may.
fn report(document: &Document<'_>, signing: &Signing, changed: bool, written_to: Option<&Path>, recorded: Option<&str>) {
    let Signing { signer, already, tally, parents, on_behalf_of, .. } = signing;
    if signer.public_key.is_published_test_key() {
        let message = format!("`{}` is a published test key: anybody can sign with it", signer.key_id);
        say(&Finding::warning(message, "never use this genome in production").with_code(Code::TestKey));
    }
    let done = match (already, changed) {
        (false, _) => "signed by",
        (true, true) => "signed before by",
        (true, false) => "nothing to do, signed before by",
    };
    let on_behalf_of = on_behalf_of.as_ref().map(|GenomeName { name, version, .. }| {
        format!("  on behalf   of {} {version}, its parent: the genome itself does not name this key\n", Quoted(name))
    });
    let not_given = document.unverified().parents.len().saturating_sub(parents.len());
    let s = if not_given == 1 { "" } else { "s" };
    let not_given = (not_given > 0).then(|| {
        format!("  parents     you did not give {not_given} parent{s}, whose signers may have to sign too: see --parent\n")
    });
    let recorded = recorded.map(|place| format!("  recorded    in {place}\n"));
    tell(&format!(
        "{done} `{}` ({})\n{}{}{}{}",
        signer.key_id,
        signer.public_key.fingerprint(),
        on_behalf_of.unwrap_or_default(),
        standing(document, tally, parents, written_to),
        recorded.unwrap_or_default(),
        not_given.unwrap_or_default()
    ));
}
