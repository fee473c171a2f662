//! Reasons for a no, and warnings.

use super::shapes::written_as;
use crate::checklist::Checklist;
use crate::code::Code;
use crate::manifest::FileFault;
use crate::refusal::{Quorum, Refusal, Refused};
use crate::schema::{Fault, Faults};
use crate::warning::Warning;
use genome_json::text::{Printable, verbatim};
use serde::{Serialize, Serializer};

/// A text for people, in which everything shows.
fn shown(text: &(impl ToString + ?Sized)) -> String {
    Printable(&text.to_string()).to_string()
}

/// One of several faults.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Fault", deny_unknown_fields))]
struct FaultShape {
    /// A JSON Pointer (RFC 6901); empty for the whole document.
    pointer: String,
    message: String,
    /// What to do about it.
    hint: String,
}

impl From<&Fault> for FaultShape {
    fn from(Fault { pointer, problem }: &Fault) -> Self {
        Self { pointer: verbatim(pointer).into_owned(), message: shown(problem), hint: shown(&problem.hint()) }
    }
}

written_as!(Fault, FaultShape);

impl From<&FileFault> for FaultShape {
    fn from(fault: &FileFault) -> Self {
        Self { pointer: fault.pointer(), message: shown(fault), hint: shown(&fault.hint()) }
    }
}

written_as!(FileFault, FaultShape);

/// Why a document is refused.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Refusal", deny_unknown_fields))]
struct RefusalShape {
    code: Code,
    message: String,
    /// A JSON Pointer (RFC 6901); empty for the whole document.
    pointer: String,
    /// The next thing to do.
    hint: String,
    /// Every fault of the schema, or of the files of the manifest; of very many the first 1000.
    faults: Vec<FaultShape>,
    /// How many faults there are beyond those.
    more_faults: usize,
    /// Whose signatures are there and whose are missing, where it is about that.
    quorums: Vec<Quorum>,
}

impl From<&Refusal> for RefusalShape {
    fn from(refusal: &Refusal) -> Self {
        let mut faults: Vec<FaultShape> = refusal.faults().into_iter().flatten().map(FaultShape::from).collect();
        if let Refusal::Manifest(files) = refusal {
            faults.extend(files.iter().map(FaultShape::from));
        }
        Self {
            code: refusal.code(),
            message: shown(refusal),
            pointer: verbatim(refusal.pointer()).into_owned(),
            hint: shown(&refusal.hint()),
            faults,
            more_faults: refusal.faults().map_or(0, Faults::more),
            quorums: refusal.quorums(),
        }
    }
}

written_as!(Refusal, RefusalShape);

/// A verdict of no: every reason, and what was looked at.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Refused", deny_unknown_fields))]
struct RefusedShape<'r> {
    /// At least one; the first decides.
    refusals: Vec<&'r Refusal>,
    checks: &'r Checklist,
}

impl<'r> From<&'r Refused> for RefusedShape<'r> {
    fn from(refused: &'r Refused) -> Self {
        Self { refusals: refused.iter().collect(), checks: refused.checklist() }
    }
}

written_as!(Refused, RefusedShape<'_>);

/// What the user of an accepted genome should know.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Warning", deny_unknown_fields))]
struct WarningShape {
    /// What it is a refusal with under stricter rules.
    code: Option<Code>,
    message: String,
    /// A JSON Pointer (RFC 6901); empty for the whole document.
    pointer: String,
    /// What to do about it.
    hint: String,
}

impl From<&Warning> for WarningShape {
    fn from(warning: &Warning) -> Self {
        let pointer = verbatim(warning.pointer()).into_owned();
        Self { code: warning.code(), message: shown(warning), pointer, hint: shown(&warning.hint()) }
    }
}

written_as!(Warning, WarningShape);
