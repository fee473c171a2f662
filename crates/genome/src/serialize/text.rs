//! What is written as the one text that it has.

use crate::approvals::ApprovalReason;
use crate::digest::{Digest, GenomeId};
use crate::hint::Hint;
use crate::key::{Fingerprint, KeyId, PublicKey};
use crate::path::ManifestPath;
use crate::proposal::ProposalNumber;
use crate::timestamp::Timestamp;
use serde::{Serialize, Serializer};

/// Types that are written as their texts, and what JSON Schema can say of these.
macro_rules! texts {
    ($($type:ident: $schema:tt;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    )+};
}

texts! {
    Digest: {"type": "string", "pattern": "^[0-9a-f]{64}$"};
    GenomeId: {"type": "string", "pattern": "^[0-9a-f]{64}$"};
    Fingerprint: {"type": "string", "pattern": "^SHA256:[A-Za-z0-9+/]{43}$"};
    KeyId: {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._@:+/-]{0,127}$"};
    PublicKey: {"type": "string", "pattern": "^[A-Za-z0-9+/]{59}=$"};
    ManifestPath: {"type": "string"};
    ProposalNumber: {"type": "string", "pattern": "^[0-9]{4}$"};
    Hint: {"type": "string"};
    Timestamp: {"type": "string", "format": "date-time"};
}

impl Serialize for ApprovalReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for ApprovalReason {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ApprovalReason".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let classes = crate::change::Class::ALL.iter().map(|&class| Self::Change(class));
        let all: Vec<Self> = classes.chain([Self::Signers, Self::Parents, Self::Pinned]).collect();
        schemars::json_schema!({"type": "string", "enum": all})
    }
}
