//! What the page says of the genome itself, and of the keys that may sign it.

use super::html::{badge, cell, each, escaped, foreign, html, name_cell, table, time};
use crate::active::time_of;
use crate::authzen::AuthzenSettings;
use crate::point::DecisionPoint;
use genome::model::Signer;
use genome::{Genome, Verified};
use genome_json::text::Field;
use std::fmt::{self, Display, Formatter};

/// How many parents are shown; `GET /genome` has all of them.
const MOST_PARENTS: usize = 16;

/// Its name and version, as text.
pub(super) fn title(genome: &Verified<Genome>) -> impl Display {
    escaped(fmt::from_fn(|out| write!(out, "{} {}", Field(&genome.name), genome.version)))
}

/// The same as a heading.
pub(super) fn heading(genome: &Verified<Genome>) -> impl Display {
    fmt::from_fn(|out| write!(out, "{} {}", foreign(&genome.name), html(&genome.version.to_string())))
}

/// The rows of a list of descriptions.
pub(super) fn identity(point: &DecisionPoint) -> impl Display {
    fmt::from_fn(move |out| {
        let active = point.active();
        let genome = active.genome();
        let row =
            |out: &mut Formatter<'_>, name: &str, value: &dyn Display| writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        let digest = |out: &mut Formatter<'_>, name: &str, id| row(out, name, &format_args!("<code>{id}</code>"));
        let trust = genome.trust();
        row(out, "Trust", &format_args!("<strong>{}</strong>: {}", trust.as_str(), html(trust.meaning())))?;
        digest(out, "Genome id", genome.id())?;
        row(out, "Name", &foreign(&genome.name))?;
        row(out, "Version", &html(&genome.version.to_string()))?;
        if genome.parents.is_empty() {
            row(out, "Parents", &"none: it is a root")?;
        }
        genome.parents.iter().take(MOST_PARENTS).try_for_each(|parent| digest(out, "Parent", *parent))?;
        if genome.parents.len() > MOST_PARENTS {
            let more = genome.parents.len() - MOST_PARENTS;
            row(out, "Parents", &format_args!("{more} more are in <a href=\"genome\">the genome as JSON</a>"))?;
        }
        row(out, "Created", &time(Some(&genome.created_at)))?;
        row(out, "Loaded", &time(time_of(active.loaded_at()).as_ref()))?;
        let AuthzenSettings { projection, public_url } = &point.authzen;
        row(out, "AuthZEN projection", &format_args!("<code>{projection}</code>"))?;
        if let Some(server) = point.action_names.server() {
            row(out, "MCP server", &format_args!("<code>{server}</code>"))?;
        }
        public_url.iter().try_for_each(|url| row(out, "Public address", &html(url.as_str())))
    })
}

/// Who may sign, who has, and whether the trust policy names the key.
pub(super) fn signers(genome: &Verified<Genome>) -> impl Display {
    let tally = genome.tally();
    fmt::from_fn(move |out| {
        let caption = format_args!("{} of {} required signatures", tally.counted(), tally.threshold);
        let rows = each(&genome.authority.signers, |signer, out| row(genome, signer, out));
        table(caption, &["Key", "Fingerprint", "Signed", "Trust policy"], rows).fmt(out)
    })
}

fn row(genome: &Verified<Genome>, signer: &Signer, out: &mut Formatter<'_>) -> fmt::Result {
    let Signer { key_id, public_key, .. } = signer;
    let tally = genome.tally();
    let test_key = if public_key.is_published_test_key() {
        badge("danger", "Published test key: anybody can sign").to_string()
    } else {
        String::new()
    };
    let has_signed = if tally.signed.contains(signer) {
        "<strong>yes</strong>"
    } else if tally.revoked.contains(signer) {
        "yes, but it does not count"
    } else {
        "no"
    };
    // A key that has signed nothing may be revoked as well: the tally then knows it nowhere.
    let is_revoked = ![&tally.signed, &tally.unsigned].iter().any(|list| list.contains(signer));
    let policy = match genome.policy_names(public_key) {
        _ if is_revoked => badge("danger", "Revoked").to_string(),
        Some(true) => "names it".to_owned(),
        Some(false) => "does not name it".to_owned(),
        None => "there is none".to_owned(),
    };
    writeln!(
        out,
        "<tr role=\"row\">{}{}{}{}</tr>",
        name_cell("Key", format_args!("{} {test_key}", foreign(&key_id.to_string()))),
        cell("Fingerprint", format_args!("<code>{}</code>", public_key.fingerprint())),
        cell("Signed", has_signed),
        cell("Trust policy", policy),
    )
}
