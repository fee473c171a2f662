//! `genome trust show`.

mod json;

use super::listing::{listing, warnings};
use super::{Format, ShowArguments};
use crate::signer::{holds_private_key, private_key};
use crate::{Exit, Failure, Finding, Paint, Source, option_name, print, say};
use genome::concept::TRUST_POLICY;
use genome::policy::PolicyEditor;
use genome::{Code, Refusal};
use std::io;

pub(super) fn show(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let source = Source::from(arguments.policy.as_path());
    let bytes = source.read()?;
    let editor = PolicyEditor::of(&bytes).map_err(|refusal| unread(&refusal, &bytes, &source))?;
    let warnings = warnings(editor.before()).into_iter().map(|warning| warning.at(&source)).collect::<Vec<_>>();
    match arguments.format {
        Format::Json => print(json::json(&editor, &source, &warnings).as_bytes()),
        Format::Human => {
            warnings.iter().for_each(say);
            let listed = listing(editor.before(), Paint::on(&io::stdout()));
            crate::show(&format!("trust policy {source} ({})\n{listed}", editor.form()))
        }
    }
    .map(|()| Exit::Done)
}

/// The failure of a file that is no trust policy. One that is a private key is that above all.
pub(super) fn unread(refusal: &Refusal, bytes: &[u8], source: &Source) -> Failure {
    if refusal.code() != Code::SecretExposed && holds_private_key(bytes) {
        return private_key(source);
    }
    // No option of this command names it.
    let here = |concept| if concept == TRUST_POLICY { Some("name the file of a trust policy") } else { option_name(concept) };
    let finding = Finding::of_unsigned(refusal, "the trust policy");
    let finding =
        if matches!(refusal, Refusal::OtherDocument(_)) { Finding { hint: refusal.hint().with(here), ..finding } } else { finding };
    Failure::refused(finding.at(source))
}
