use crate::checklist::Check;
use crate::code::Code;
use crate::concept::{AUDIT_LOG, TRUST_POLICY};
use crate::document::Document;
use crate::key::KeyId;
use crate::lineage::{LineageFault, LineageProblem};
use crate::listing::{joined, listed};
use crate::manifest::FileFault;
use crate::quorum::{Quorum, Quorums, Whose};
use crate::rollback::Rollback;
use crate::schema::Faults;
use crate::signature::{BadSignature, Signature};
use crate::timestamp::Timestamp;
use crate::trust::Untrusted;
use crate::warning::TestKey;
use genome_json::JsonError;
use genome_json::text::{Bare, QuotedPath, shell_word};
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a document is not a verified genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are not strict JSON.
    Json(JsonError),
    /// The document does not follow the schema.
    Schema(Faults),
    /// Private keys stand at these JSON Pointers.
    SecretExposed {
        /// Where.
        pointers: Vec<String>,
        /// What else is wrong with the document.
        faults: Faults,
    },
    /// The document carries no signature.
    Unsigned(Box<Quorums>),
    /// Signatures by known signers that do not verify; at least one.
    InvalidSignature(Vec<BadSignature>),
    /// Signatures that would have satisfied the replaced scripts, and protect nothing; at least one.
    LegacySignature(Vec<BadSignature>),
    /// Too few have signed.
    InsufficientSignatures(Box<Quorums>),
    /// Enough have signed only if keys counted that the trust policy revokes.
    RevokedKey(Box<Quorum>),
    /// A trust policy is needed, and none is given.
    NoPolicy,
    /// The trust policy believes nobody who vouches for the genome.
    Untrusted(Box<Untrusted>),
    /// A step of the lineage is not good.
    LineageBroken(Box<LineageFault>),
    /// Published test keys where only secret ones may be; at least one.
    TestKeys(Vec<TestKey>),
    /// The genome is dated in the future.
    NotYetValid {
        /// Its `created_at`.
        created_at: Timestamp,
        /// How many seconds it is ahead of the clock, rounded up.
        seconds: u64,
    },
    /// The genome is older than the trust policy allows.
    Stale {
        /// Its age in days, rounded down.
        days: u64,
        /// How many the policy allows.
        maximum: u64,
    },
    /// The version is not one that may follow.
    Rollback(Box<Rollback>),
    /// The memory of what was accepted cannot be relied on.
    DamagedState(Box<Self>),
    /// Files that are not as the manifest says; at least one.
    Manifest(Vec<FileFault>),
    /// Signatures that no audit log records; at least one.
    Unrecorded(Vec<Signature>),
    /// What others than root and the user that runs this can change, of the files that decide and the ways to them; at least one.
    WritableByOthers(Vec<PathBuf>),
    /// What was verified in production is not what was read from the files at which somebody looked: the genome, the trust policy, the
    /// state or an audit log.
    Unseen(&'static str),
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Json(_) => Code::InvalidJson,
            Self::Schema(_) => Code::InvalidSchema,
            Self::SecretExposed { .. } => Code::SecretExposed,
            Self::Unsigned(_) => Code::Unsigned,
            Self::InvalidSignature(_) => Code::InvalidSignature,
            Self::LegacySignature(_) => Code::LegacySignature,
            Self::InsufficientSignatures(_) => Code::InsufficientSignatures,
            Self::RevokedKey(_) => Code::RevokedKey,
            Self::NoPolicy | Self::Untrusted(_) | Self::WritableByOthers(_) | Self::Unseen(_) => Code::Untrusted,
            Self::LineageBroken(_) => Code::LineageBroken,
            Self::TestKeys(_) => Code::TestKey,
            Self::NotYetValid { .. } => Code::NotYetValid,
            Self::Stale { .. } => Code::Stale,
            Self::Rollback(_) | Self::DamagedState(_) => Code::Rollback,
            Self::Manifest(_) => Code::ManifestMismatch,
            Self::Unrecorded(_) => Code::AuditMismatch,
        }
    }

    /// The check that does not hold.
    #[must_use]
    pub fn check(&self) -> Check {
        match self {
            Self::Json(_) => Check::Json,
            Self::SecretExposed { .. } => Check::NoPrivateKey,
            Self::Schema(_) => Check::Schema,
            Self::Unsigned(_) => Check::Signed,
            Self::InvalidSignature(_) | Self::LegacySignature(_) => Check::Signatures,
            Self::InsufficientSignatures(_) => Check::Threshold,
            Self::RevokedKey(quorum) => match quorum.whose {
                Whose::Own => Check::Threshold,
                Whose::Parent(_) => Check::Lineage,
                Whose::Policy => Check::Trust,
            },
            Self::LineageBroken(_) => Check::Lineage,
            Self::NoPolicy | Self::Untrusted(_) => Check::Trust,
            Self::TestKeys(_) => Check::TestKeys,
            Self::NotYetValid { .. } => Check::Date,
            Self::Stale { .. } => Check::Age,
            Self::Rollback(_) | Self::DamagedState(_) => Check::Version,
            Self::Manifest(_) => Check::Manifest,
            Self::Unrecorded(_) => Check::Audit,
            Self::WritableByOthers(_) | Self::Unseen(_) => Check::Permissions,
        }
    }

    /// Whose signatures are missing, and how many: the genome's own authority's, its parents', the trust policy's.
    #[must_use]
    pub fn quorums(&self) -> Vec<Quorum> {
        match self {
            Self::Unsigned(quorums) | Self::InsufficientSignatures(quorums) => quorums.all(),
            Self::RevokedKey(quorum) => vec![(**quorum).clone()],
            Self::Untrusted(untrusted) => untrusted.quorum.iter().cloned().collect(),
            Self::LineageBroken(fault) => match &fault.problem {
                LineageProblem::Quorum(quorums) => quorums.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The document at fault, if it is another than the one that was to be verified.
    #[must_use]
    pub fn source(&self) -> Option<&Path> {
        match self {
            Self::LineageBroken(fault) => fault.source.as_deref(),
            _ => None,
        }
    }

    /// The refusal of a document that too few of its own signers have signed.
    pub(crate) fn lacking(document: &Document<'_>, quorums: Quorums) -> Self {
        if quorums.own.is_met_but_for_revoked() {
            return Self::RevokedKey(Box::new(Quorum::own(quorums.own)));
        }
        let quorums = Box::new(quorums);
        if document.signatures.is_empty() { Self::Unsigned(quorums) } else { Self::InsufficientSignatures(quorums) }
    }

    /// The JSON Pointer (RFC 6901) of the first thing at fault; the empty one is the whole document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::Json(_)
            | Self::Unsigned(_)
            | Self::NoPolicy
            | Self::DamagedState(_)
            | Self::WritableByOthers(_)
            | Self::Unseen(_) => "",
            Self::Schema(faults) => faults.iter().next().map_or("", |fault| &fault.pointer),
            Self::SecretExposed { pointers, .. } => pointers.first().map_or("", String::as_str),
            Self::InvalidSignature(bad) | Self::LegacySignature(bad) => bad.first().map_or("", |bad| bad.signature.pointer()),
            Self::InsufficientSignatures(_) | Self::RevokedKey(_) => "/authority/threshold",
            Self::Untrusted(_) => "/authority/signers",
            Self::LineageBroken(fault) => &fault.pointer,
            Self::TestKeys(keys) => keys.first().map_or("", TestKey::pointer),
            Self::NotYetValid { .. } | Self::Stale { .. } => "/created_at",
            Self::Rollback(_) => "/version",
            Self::Manifest(_) => "/build_manifest/files",
            Self::Unrecorded(signatures) => signatures.first().map_or("", Signature::pointer),
        }
    }

    /// The faults of the schema, where there are any.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Schema(faults) | Self::SecretExposed { faults, .. } => Some(faults),
            _ => None,
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Json(_) => "correct the file at that line and column".to_owned(),
            Self::Schema(_) => "correct each field, then sign again".to_owned(),
            Self::SecretExposed { .. } => {
                "the key is burnt, whoever has seen the file can sign: make a new one with genome-keygen, and put only its `public_key` here".to_owned()
            }
            Self::Unsigned(quorums) | Self::InsufficientSignatures(quorums) => quorums.hint(),
            Self::InvalidSignature(_) => {
                "the contents or the signature were changed after signing: compare with the file that was signed, or sign these contents again with genome-sign".to_owned()
            }
            Self::LegacySignature(_) => {
                "it never covered the signers, the invariants or the capabilities: review the contents, then sign again with genome-sign".to_owned()
            }
            Self::RevokedKey(quorum) if quorum.whose == Whose::Policy => {
                "the trust policy revokes the keys that would do: name in it who may sign instead".to_owned()
            }
            Self::RevokedKey(_) => "draft and sign a version whose authority does not name the revoked key, and deploy that".to_owned(),
            Self::NoPolicy => {
                format!("{TRUST_POLICY}: what genome-keygen printed is a policy already")
            }
            Self::Untrusted(untrusted) => untrusted.hint(),
            Self::LineageBroken(fault) => fault.hint(),
            Self::TestKeys(_) => "make keys of your own with genome-keygen, as DEPLOYMENT.md says".to_owned(),
            Self::NotYetValid { .. } => "check this machine's clock, and the one on which the genome was drafted".to_owned(),
            Self::Stale { .. } => "have the genome reviewed, and sign a new version of it; or change `maximum_age_days`".to_owned(),
            Self::Rollback(rollback) => rollback.hint(),
            Self::DamagedState(_) => {
                "restore it from a backup; or to start anew, set `minimum_versions` of the trust policy to the version that is in use, and move the state away".to_owned()
            }
            Self::Manifest(_) => "put the files in place that were signed, or draft and sign a version with the new digests".to_owned(),
            Self::Unrecorded(_) => {
                format!("find out who made it, and where; whoever has the key can record it by signing the same genome again {AUDIT_LOG}")
            }
            Self::WritableByOthers(files) => {
                let files = joined(files.iter().map(|file| shell_word(file.as_os_str())), " ");
                format!("find out whether somebody did, then: chown -h root {files}; chmod go-w {files}")
            }
            Self::Unseen(_) => {
                "this is a fault of the program that verifies: it must read each file that decides once, and say what it saw of that file".to_owned()
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(formatter),
            Self::Schema(faults) => match faults.iter().len() + faults.more() {
                1 => formatter.write_str("one field is not what the schema asks for"),
                several => write!(formatter, "{several} fields are not what the schema asks for"),
            },
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
            Self::DamagedState(refusal) => {
                write!(formatter, "the state, which says what was accepted before, is damaged: {refusal}")?;
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
                let files = files.iter().map(|file| QuotedPath(file));
                write!(formatter, "others than root and this user can change {}", listed(files, "and"))
            }
            Self::Unseen(what) => write!(formatter, "nobody has looked who else can change the {what} that was verified"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

/// Names as a list, each in backticks.
pub(crate) fn names<'k>(ids: impl IntoIterator<Item = &'k KeyId>, conjunction: &str) -> String {
    listed(ids.into_iter().map(|id| format!("`{id}`")), conjunction)
}
