//! What a genome has to meet, on the command line.

use super::policy::policy_path;
use crate::Failure;
use crate::environment::is_production;
use std::path::PathBuf;

/// The trust policy, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
pub struct TrustArguments {
    /// The trust policy: a signer as genome-keygen printed it, an `authority` object, or a policy (the book, "Trust policies"); or public keys of OpenSSH
    /// (`id_ed25519.pub`) or in PEM, of which any one may sign. Without it, MATHISON_GENOME_TRUST. With a policy, nothing is accepted that
    /// is only self-declared
    #[arg(long, value_name = "FILE")]
    pub(super) trust: Option<PathBuf>,
    /// Follow the lineage, and find ancestors in this directory and below it, by genome id, under any file names. Without it, the
    /// lineage is followed where the policy's own keys have not signed, and ancestors are found in the directory above that of the genome
    #[arg(long, value_name = "DIR")]
    pub(super) lineage: Option<PathBuf>,
}

/// What a genome has to meet, on the command line.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(next_help_heading = "What the genome has to meet")]
pub struct RequirementArguments {
    #[command(flatten)]
    pub(super) trust: TrustArguments,
    /// Hold the genome to the whole checklist of production. So does MATHISON_ENV=production
    #[arg(long)]
    pub(super) production: bool,
    /// Accept no version below one that was accepted before under the same name, and remember this one. The file is created if it
    /// does not exist. Without it, MATHISON_GENOME_STATE. Takes one genome
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Check the files of the manifest. So do MATHISON_VERIFY_MANIFEST=true and production
    #[arg(long)]
    pub(super) verify_manifest: bool,
    /// Refuse also whatever is in this directory or below it and not in the manifest: files, links, anything but directories. Takes a
    /// path that starts where those of the manifest do and is written like them; `.` is all that is there. The manifest is checked,
    /// too. No manifest can list the genome's own file, which belongs elsewhere. May be given more than once
    #[arg(long, value_name = "DIR")]
    pub(super) strict_manifest: Vec<PathBuf>,
    /// Check the chain of this audit log, and that it records every signature on the genome, by any key. May be given more than
    /// once, where people sign on several machines: each signature must be in one of them
    #[arg(long, value_name = "FILE")]
    pub(super) audit_log: Vec<PathBuf>,
    /// Where the paths of the manifest start. Without it, MATHISON_REPO_ROOT, or else the working directory
    #[arg(long, value_name = "DIR")]
    pub(super) manifest_root: Option<PathBuf>,
}

impl RequirementArguments {
    /// The trust policy, and nothing else of it.
    #[must_use]
    pub fn trust(&self) -> &TrustArguments {
        &self.trust
    }

    /// Whether they, or the environment, name a trust policy. Without one, whatever vouches for itself is accepted.
    ///
    /// # Errors
    /// The path is empty.
    pub fn names_policy(&self) -> Result<bool, Failure> {
        Ok(policy_path(self.trust.trust.as_ref())?.is_some())
    }

    /// Whether they, or the environment, ask for the checklist of production.
    ///
    /// # Errors
    /// The variable resembles the word for it, and is not that.
    pub fn is_production(&self) -> Result<bool, Failure> {
        if self.production { Ok(true) } else { is_production() }
    }

    /// The ids of its options but for those of trust.
    pub(crate) const BESIDE_TRUST: [&str; 6] =
        ["production", "state", "verify_manifest", "strict_manifest", "audit_log", "manifest_root"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, Command};

    fn ids(command: &Command) -> Vec<&str> {
        command.get_arguments().map(|argument| argument.get_id().as_str()).collect()
    }

    /// Clap is not asked at each start, which would take time.
    #[test]
    fn each_option_beside_those_of_trust_is_listed() {
        let (all, trust) = (RequirementArguments::augment_args(Command::new("a")), TrustArguments::augment_args(Command::new("a")));
        let trust = ids(&trust);
        let beside: Vec<&str> = ids(&all).into_iter().filter(|id| !trust.contains(id)).collect();
        assert_eq!(beside, RequirementArguments::BESIDE_TRUST);
    }
}
