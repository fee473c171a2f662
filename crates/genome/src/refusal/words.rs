//! Each reason for a refusal, in words.

use super::Refusal;
use crate::key::KeyId;
use crate::listing::{joined, listed};
use crate::signature::{BadSignature, Signature};
use genome_json::text::{Bare, QuotedPath};
use genome_json::{JsonError, JsonFault};
use std::fmt;

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(formatter),
            Self::Schema(faults) => match faults.iter().len() + faults.more() {
                1 => formatter.write_str("one field is not what the schema asks for"),
                several => write!(formatter, "{several} fields are not what the schema asks for"),
            },
            Self::OtherDocument(other) => other.fmt(formatter),
            Self::WrittenKey(fault) => fault.fmt(formatter),
            Self::SecretExposed { pointers, .. } => {
                const SHOWN: usize = 8;
                let shown = joined(pointers.iter().take(SHOWN).map(|pointer| Bare(pointer)), ", ");
                let more = if pointers.len() > SHOWN { ", and elsewhere" } else { "" };
                let at = if pointers.is_empty() { "" } else { " at " };
                write!(formatter, "a private key stands in the document{at}{shown}{more}")
            }
            Self::Unsigned(_) => formatter.write_str("the genome carries no signature"),
            Self::InvalidSignature(bad) => {
                let invalid = |BadSignature { signer, fault, .. }: &BadSignature| {
                    format!("the signature of `{}` ({}) is not valid: {fault}", signer.key_id, signer.public_key.fingerprint())
                };
                formatter.write_str(&joined(bad.iter().map(invalid), "; "))
            }
            Self::LegacySignature(bad) => {
                let who = names(bad.iter().map(|bad| &bad.signer.key_id), "and");
                write!(formatter, "the signature of {who} was made by the old scripts, over the top-level texts only")
            }
            Self::InsufficientSignatures(quorums) => quorums.fmt(formatter),
            Self::RevokedKey(quorum) => quorum.fmt(formatter),
            Self::NoPolicy => formatter.write_str("no trust policy is given, so nothing says who may sign"),
            Self::Untrusted(untrusted) => untrusted.fmt(formatter),
            Self::LineageBroken(fault) => fault.fmt(formatter),
            Self::TestKeys(keys) => formatter.write_str(&joined(keys, "; ")),
            Self::NotYetValid { created_at, seconds } => {
                write!(formatter, "`created_at` is {created_at}, {seconds} seconds ahead of this machine's clock")
            }
            Self::Stale { days, maximum } => {
                write!(formatter, "the genome is {days} days old, and the trust policy allows {maximum}")
            }
            Self::Rollback(rollback) => rollback.fmt(formatter),
            // It is none, and so is not damaged.
            Self::DamagedState(refusal) if matches!(**refusal, Self::OtherDocument(_)) => refusal.fmt(formatter),
            Self::DamagedState(refusal) => {
                formatter.write_str("the state, which says what was accepted before, is damaged: ")?;
                match &**refusal {
                    Self::Json(JsonError { fault: fault @ JsonFault::TooLarge, .. }) => fault.fmt(formatter)?,
                    refusal => refusal.fmt(formatter)?,
                }
                refusal.faults().into_iter().flatten().take(1).try_for_each(|fault| write!(formatter, ": {}", fault.problem))
            }
            Self::Manifest(faults) => match faults.len() {
                1 => formatter.write_str("one file is not as the manifest says"),
                several => write!(formatter, "{several} files are not as the manifest says"),
            },
            Self::Unrecorded(signatures) => {
                let (noun, verb) = if signatures.len() == 1 { ("signature", "is") } else { ("signatures", "are") };
                let who = names(signatures.iter().map(Signature::key_id), "and");
                write!(formatter, "the {noun} of {who} {verb} not in the audit log")
            }
            Self::WritableByOthers(files) => {
                let files = files.iter().map(|exposed| QuotedPath(&exposed.path));
                write!(formatter, "others than root and this user can change {}", listed(files, "and"))
            }
            Self::Unseen(what) => write!(formatter, "nobody has looked who else can change the {what} that was verified"),
        }
    }
}

/// Names as a list, each in backticks.
pub(crate) fn names<'k>(ids: impl IntoIterator<Item = &'k KeyId>, conjunction: &str) -> String {
    listed(ids.into_iter().map(|id| format!("`{id}`")), conjunction)
}
