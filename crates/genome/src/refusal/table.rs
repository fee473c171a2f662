//! The table of refusals: the code of each, the check that fails, the place, and the hint. A new reason has an entry here, and its words
//! in `words`.

use super::{LineageFault, Quorum, QuorumOf, Quorums, Refusal, Rollback, TestKey, Untrusted, exposed};
use crate::checklist::Check;
use crate::code::Code;
use crate::concept::{AUDIT_LOG, KEY_GENERATOR, SIGNING, TRUST_POLICY};
use crate::exposure::ExposedPath;
use crate::hint::Hint;
use crate::key::{WrittenKeyFault, WrittenKeyProblem};
use crate::kind::OtherDocument;
use crate::manifest::{FileFault, FileProblem};
use crate::signature::Signature;
use genome_json::{JsonError, JsonFault};

/// A line of the table.
struct Entry<'r> {
    code: Code,
    check: Check,
    /// A JSON Pointer (RFC 6901).
    pointer: &'r str,
    hint: &'r dyn Advice,
}

/// The next thing to do. It is put into words only when it is asked for.
trait Advice {
    fn hint(&self) -> Hint;
}

impl Advice for &'static str {
    fn hint(&self) -> Hint {
        (*self).into()
    }
}

/// A hint that asks something of the caller.
impl<F: Fn() -> Hint> Advice for F {
    fn hint(&self) -> Hint {
        self()
    }
}

impl Advice for Quorums {
    fn hint(&self) -> Hint {
        self.hint()
    }
}

/// Of a quorum that would be met, had no key been revoked.
impl Advice for Quorum {
    fn hint(&self) -> Hint {
        let other = match self.whose {
            QuorumOf::Own | QuorumOf::Parent(_) => OTHER_AUTHORITY,
            QuorumOf::Policy => "name in the trust policy who may sign instead",
        };
        // A signature by somebody else needs no other genome.
        if self.tally.unsigned.len() < self.tally.missing() { other.into() } else { Self::hint(self) + "; or " + other }
    }
}

impl Advice for Untrusted {
    fn hint(&self) -> Hint {
        self.hint()
    }
}

impl Advice for LineageFault {
    fn hint(&self) -> Hint {
        self.hint()
    }
}

impl Advice for Rollback {
    fn hint(&self) -> Hint {
        self.hint()
    }
}

impl Advice for OtherDocument {
    fn hint(&self) -> Hint {
        self.hint()
    }
}

impl Advice for WrittenKeyFault {
    fn hint(&self) -> Hint {
        self.problem.hint()
    }
}

/// Files that are not as the manifest says.
impl Advice for Vec<FileFault> {
    fn hint(&self) -> Hint {
        // Nobody means such a change, and new digests would be wrong at the next checkout.
        if self.iter().all(|fault| matches!(fault.problem, FileProblem::LineEnds { .. })) {
            return "put the files in place that were signed".into();
        }
        "put the files in place that were signed, or draft and sign a version with the new digests".into()
    }
}

impl Advice for Vec<ExposedPath> {
    fn hint(&self) -> Hint {
        exposed::hint(self)
    }
}

const WHOLE: &str = "";
const CREATED_AT: &str = "/created_at";
const THRESHOLD: &str = "/authority/threshold";

impl Refusal {
    fn entry(&self) -> Entry<'_> {
        let entry = |code, check, pointer, hint| Entry { code, check, pointer, hint };
        match self {
            Self::Json(JsonError { fault: JsonFault::TooLarge, .. }) => {
                entry(Code::InvalidJson, Check::Json, WHOLE, &"see that it is the file that you meant; if it is, make it smaller")
            }
            Self::Json(JsonError { fault: JsonFault::Truncated { .. }, line: 1, column: 1 }) => {
                entry(Code::InvalidJson, Check::Json, WHOLE, &"it is empty: see what was to write it, and whether that failed")
            }
            Self::Json(JsonError { fault: JsonFault::NotUtf8, .. }) => {
                entry(Code::InvalidJson, Check::Json, WHOLE, &"see that it is the file that you meant; if it is, save it as UTF-8")
            }
            Self::Json(JsonError { fault: JsonFault::ByteOrderMark, .. }) => {
                entry(Code::InvalidJson, Check::Json, WHOLE, &"save it as UTF-8 without a byte order mark")
            }
            Self::Json(_) => entry(Code::InvalidJson, Check::Json, WHOLE, &"correct the file at that line and column"),
            Self::Schema(faults) => entry(
                Code::InvalidSchema,
                Check::Schema,
                faults.iter().next().map_or(WHOLE, |fault| &fault.pointer),
                &"correct each field, then sign again",
            ),
            Self::OtherDocument(other) if other.is_json => entry(Code::InvalidSchema, Check::Schema, WHOLE, other),
            Self::OtherDocument(other) => entry(Code::InvalidJson, Check::Json, WHOLE, other),
            Self::WrittenKey(fault) if fault.problem == WrittenKeyProblem::PrivateKey => {
                entry(Code::SecretExposed, Check::NoPrivateKey, WHOLE, fault)
            }
            // It was not to be JSON.
            Self::WrittenKey(fault) => entry(Code::InvalidSchema, Check::Schema, WHOLE, fault),
            Self::SecretExposed { pointers, .. } => {
                entry(Code::SecretExposed, Check::NoPrivateKey, pointers.first().map_or(WHOLE, String::as_str), &|| {
                    "the key is compromised, as whoever has seen the file can sign: make a new one with "
                        + KEY_GENERATOR
                        + ", and put only its `public_key` here"
                })
            }
            Self::Unsigned(quorums) => entry(Code::Unsigned, Check::Signed, WHOLE, &**quorums),
            Self::InvalidSignature(bad) => {
                entry(Code::InvalidSignature, Check::Signatures, bad.first().map_or(WHOLE, |bad| bad.signature.pointer()), &|| {
                    "the contents or the signature were changed after signing: compare with the file that was signed, or sign these contents again with "
                        + SIGNING
                })
            }
            Self::LegacySignature(bad) => {
                entry(Code::LegacySignature, Check::Signatures, bad.first().map_or(WHOLE, |bad| bad.signature.pointer()), &|| {
                    "it never covered the signers, the invariants or the capabilities: review the contents, then sign again with "
                        + SIGNING
                })
            }
            Self::InsufficientSignatures(quorums) => entry(Code::InsufficientSignatures, Check::Threshold, THRESHOLD, &**quorums),
            Self::RevokedKey(quorum) => revoked(quorum),
            Self::NoPolicy => entry(Code::Untrusted, Check::Trust, WHOLE, &|| {
                TRUST_POLICY + ": what " + KEY_GENERATOR + " printed is a policy already"
            }),
            Self::Untrusted(untrusted) => entry(Code::Untrusted, Check::Trust, "/authority/signers", &**untrusted),
            Self::LineageBroken(fault) => entry(Code::LineageBroken, Check::Lineage, &fault.pointer, &**fault),
            Self::TestKeys(keys) => entry(Code::TestKey, Check::TestKeys, keys.first().map_or(WHOLE, TestKey::pointer), &|| {
                "make keys of your own with " + KEY_GENERATOR + ", as DEPLOYMENT.md says"
            }),
            Self::NotYetValid { .. } => entry(
                Code::NotYetValid,
                Check::Date,
                CREATED_AT,
                &"check this machine's clock, and the one on which the genome was drafted",
            ),
            Self::Stale { .. } => entry(
                Code::Stale,
                Check::Age,
                CREATED_AT,
                &"have the genome reviewed, and sign a new version of it; or change `maximum_age_days`",
            ),
            Self::Rollback(rollback) => entry(Code::Rollback, Check::Version, "/version", &**rollback),
            Self::DamagedState(refusal) if let Self::OtherDocument(other) = &**refusal => {
                entry(Code::Rollback, Check::Version, WHOLE, other)
            }
            Self::DamagedState(_) => entry(
                Code::Rollback,
                Check::Version,
                WHOLE,
                &"restore it from a backup; or to start anew, set `minimum_versions` of the trust policy to the version that is in use, and move the state away",
            ),
            Self::Manifest(faults) => entry(Code::ManifestMismatch, Check::Manifest, "/build_manifest/files", faults),
            Self::Unrecorded(signatures) => {
                entry(Code::AuditMismatch, Check::Audit, signatures.first().map_or(WHOLE, Signature::pointer), &|| {
                    "find out who made it, and where; whoever has the key can record it by signing the same genome again "
                        + AUDIT_LOG
                })
            }
            Self::WritableByOthers(files) => entry(Code::Untrusted, Check::Permissions, WHOLE, files),
            Self::Unseen(_) => entry(
                Code::Untrusted,
                Check::Permissions,
                WHOLE,
                &"this is a fault of the program that verifies: it must read each file that decides once, and say what it saw of that file",
            ),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.entry().code
    }

    /// The check that does not hold.
    #[must_use]
    pub fn check(&self) -> Check {
        self.entry().check
    }

    /// The JSON Pointer (RFC 6901) of the first thing at fault; the empty one is the whole document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.entry().pointer
    }

    /// The next thing to do.
    #[must_use]
    pub fn hint(&self) -> Hint {
        self.entry().hint.hint()
    }
}

/// The entry of a quorum that would be met, had no key been revoked.
fn revoked(quorum: &Quorum) -> Entry<'_> {
    let check = match quorum.whose {
        QuorumOf::Own => Check::Threshold,
        QuorumOf::Parent(_) => Check::Lineage,
        QuorumOf::Policy => Check::Trust,
    };
    Entry { code: Code::RevokedKey, check, pointer: THRESHOLD, hint: quorum }
}

const OTHER_AUTHORITY: &str = "draft and sign a version whose authority does not name the revoked key, and deploy that";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn new_digests_are_no_cure_for_line_ends() {
        let (expected, found) = (Digest::of(b"1"), Digest::of(b"2"));
        let fault = |problem| FileFault { index: Some(0), path: "text".into(), problem };
        let ends = || fault(FileProblem::LineEnds { expected, found });
        let hint = |faults| Refusal::Manifest(faults).hint().to_string();
        assert_eq!(hint(vec![ends(), ends()]), "put the files in place that were signed");
        let mixed = vec![ends(), fault(FileProblem::Mismatch { expected, found })];
        assert!(hint(mixed).ends_with("or draft and sign a version with the new digests"));
    }
}
