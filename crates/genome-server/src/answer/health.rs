//! Whether the server is well, and whether it takes requests.

use crate::disk::DiskStatus;
use genome::GenomeId;
use serde::Serialize;

/// What `GET /health` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Health", deny_unknown_fields))]
pub(crate) struct HealthAnswer {
    /// `degraded` where the file that was loaded is another by now, or gone.
    status: Condition,
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9a-f]{64}$")))]
    genome_id: String,
    /// The file from which the genome was loaded, byte by byte; `null` where none is watched.
    #[cfg_attr(test, schemars(extend("enum" = ["same", "differs", "missing", "unreadable", null])))]
    disk: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
enum Condition {
    Ok,
    Degraded,
}

impl HealthAnswer {
    pub(crate) fn new(genome_id: GenomeId, disk: Option<DiskStatus>) -> Self {
        let is_well = disk.is_none_or(|disk| disk == DiskStatus::Same);
        let status = if is_well { Condition::Ok } else { Condition::Degraded };
        Self { status, genome_id: genome_id.to_string(), disk: disk.map(DiskStatus::as_str) }
    }
}

/// What `GET /ready` answers while requests are taken.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Ready", deny_unknown_fields))]
pub(crate) struct ReadyAnswer {
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub(crate) ready: bool,
}
