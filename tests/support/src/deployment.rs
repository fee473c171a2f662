//! A genome in production, with everything as it should be.

use crate::{Draft, Ran, Release, policy, run};
use serde_json::json;
use std::fs;
use std::process::Command;

const FILES: [(&str, &str); 3] = [("app.js", "console.log(1)\n"), ("lib/deep/data.bin", "\u{1}\u{2}"), ("empty", "")];

impl Release {
    /// The genome that [`deployed`](Self::deployed) puts in place, which nobody has signed yet.
    #[must_use]
    pub fn draft() -> Draft {
        FILES.into_iter().fold(Draft::new("1.2.0", &[1], 1), |draft, (path, contents)| draft.with_file(path, contents))
    }

    /// The genome `etc/genome.json`, the files of its manifest, and `trust.json`, a policy that trusts signer 1 and names a minimum
    /// version. Nobody but the owner may write any of it.
    ///
    /// # Panics
    /// The directory cannot be written.
    #[must_use]
    pub fn deployed() -> Self {
        let release = Self::new(1, 1);
        for directory in [".", "etc", "lib/deep"] {
            fs::create_dir_all(release.path().join(directory)).unwrap_or_else(|error| panic!("{directory}: {error}"));
            release.set_mode(directory, 0o755);
        }
        for (path, contents) in FILES {
            release.deploy(path, contents);
        }
        release.deploy("etc/genome.json", &Self::draft().signed(&[1]));
        release.deploy("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "1.2.0"}})));
        release
    }

    /// Writes a file that only its owner may write.
    pub fn deploy(&self, name: &str, contents: &str) {
        self.write(name, contents);
        self.set_mode(name, 0o644);
    }

    /// `genome-verify` of that genome under that policy, which reports in JSON, ready to run.
    #[must_use]
    pub fn verifying_deployed(&self, arguments: &[&str]) -> Command {
        self.verifying(&[&["--trust", "trust.json", "etc/genome.json", "--format", "json"], arguments].concat())
    }

    /// Runs that with the checklist of production.
    #[must_use]
    pub fn production(&self, arguments: &[&str]) -> Ran {
        run(self.verifying_deployed(arguments).arg("--production"))
    }
}
