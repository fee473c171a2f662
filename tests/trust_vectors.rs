//! The vectors of trust: what a verifier is given, and what it must say. tests/vectors/trust.py makes them, with nothing of ours, and
//! tests/vectors/situation.py says what their files and header lines mean.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::dangerous::accept_self_declared;
use genome::{Digest, Exposure, Refusal, RollbackState, Surroundings, Timestamp, TrustPolicy, Verifier, Warning};
use genome_files::{LineageDirectory, ManifestRoot, OpenFile, see_file};
use genome_tests::refusal::{keeps_secrets, place, texts};
use genome_tests::vector::{Header, read, run_each, same};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A vector: the header lines of its verdict, and the directory of the other files.
struct Situation<'p> {
    header: Header,
    directory: &'p Path,
}

/// What the verifier said.
enum Verdict {
    Accepted { trust: String, warnings: Vec<String> },
    Refused { of: Option<&'static str>, refusals: Vec<Refusal> },
}

impl<'p> Situation<'p> {
    fn read(name: &str, directory: &'p Path) -> Self {
        let verdict = String::from_utf8(read(&directory.join("verdict"))).unwrap();
        Self { header: Header::parse(name, &verdict), directory }
    }

    fn has(&self, option: &str) -> bool {
        self.header.optional("options").is_some_and(|options| options.split(' ').any(|one| one == option))
    }

    /// The file of an option, if it is given.
    fn file(&self, option: &str) -> Option<Vec<u8>> {
        self.has(option).then(|| read(&self.directory.join(option).with_extension("json")))
    }

    fn now(&self) -> SystemTime {
        let now: Timestamp = self.header.value("now").parse().unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(now.unix_seconds().try_into().unwrap())
    }

    fn verify(&self) -> Verdict {
        let refused = |of, refusal| Verdict::Refused { of: Some(of), refusals: vec![refusal] };
        let policy = match self.file("policy").map(|bytes| TrustPolicy::read(&bytes)).transpose() {
            Ok(policy) => policy,
            Err(refusal) => return refused("policy", refusal),
        };
        let state = match self.file("state").map(|bytes| RollbackState::read(&bytes)).transpose() {
            Ok(state) => state,
            Err(refusal) => return refused("state", refusal),
        };
        let lineage = self.directory.join("lineage");
        let ancestors = lineage.is_dir().then(|| LineageDirectory::new(&lineage));
        // The manifests of these vectors name no files.
        let root = ManifestRoot::open(self.directory).unwrap();
        let exposure = self.has("production").then(|| self.exposure());

        let mut verifier = match &policy {
            Some(policy) => Verifier::trusting(policy, self.now()),
            None => accept_self_declared(self.now()),
        };
        if let Some(state) = &state {
            verifier = verifier.with_state(state);
        }
        if let Some(ancestors) = &ancestors {
            verifier = verifier.with_ancestors(ancestors);
        }
        if self.has("lineage") {
            verifier = verifier.following_lineage();
        }
        if let Some(exposure) = &exposure {
            verifier = verifier.in_production(Surroundings::new(&root, exposure));
        }
        match verifier.verify(&read(&self.directory.join("genome.json"))) {
            Ok(genome) => Verdict::Accepted {
                trust: genome.trust().as_str().to_owned(),
                warnings: genome.warnings().iter().map(shown).collect(),
            },
            Err(refused) => Verdict::Refused { of: None, refusals: refused.iter().cloned().collect() },
        }
    }

    /// Who else can change what decides: nobody, of copies in a directory of their own. How a repository is checked out is not asked.
    fn exposure(&self) -> Exposure {
        let scratch = tempfile::tempdir().unwrap();
        let evidence = |option: &str| {
            let path = scratch.path().join(option);
            fs::copy(self.directory.join(option).with_extension("json"), &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let read = OpenFile::open(&path).unwrap().read(u64::MAX).unwrap();
            see_file(&path, read.file(), Digest::of(read.bytes())).unwrap()
        };
        let exposure = Exposure::of_genome(evidence("genome"));
        let exposure = if self.has("policy") { exposure.with_policy(evidence("policy")) } else { exposure };
        if self.has("state") { exposure.with_state(evidence("state")) } else { exposure }
    }

    fn check(&self) -> Result<(), String> {
        match self.verify() {
            Verdict::Accepted { trust, warnings } => self.accepted(&trust, &warnings),
            Verdict::Refused { of, refusals } => self.refused(of, &refusals),
        }
    }

    fn accepted(&self, trust: &str, warnings: &[String]) -> Result<(), String> {
        same("the verdict", &"accepted", &self.header.value("expect"))?;
        same("the trust", &trust, &self.header.value("trust"))?;
        for words in self.header.starting("warns") {
            let found = match words {
                "nothing" => warnings.is_empty(),
                "nothing but GENOME_TEST_KEY" => warnings.iter().all(|text| says(text, "GENOME_TEST_KEY")),
                _ => warnings.iter().any(|text| says(text, words)),
            };
            if !found {
                return Err(format!("it should warn of {words}, and warns {warnings:?}"));
            }
        }
        Ok(())
    }

    fn refused(&self, of: Option<&str>, refusals: &[Refusal]) -> Result<(), String> {
        let [first, ..] = refusals else { return Err("refused without a refusal".to_owned()) };
        same("the code that decides", &first.code().as_str(), &self.header.value("expect"))?;
        same("what is refused", &of, &self.header.optional("of"))?;
        let codes: BTreeSet<&str> = refusals.iter().map(|refusal| refusal.code().as_str()).collect();
        let expected: BTreeSet<&str> = self.header.items("also").chain([self.header.value("expect")]).collect();
        same("all codes", &codes, &expected)?;
        if let Some(at) = self.header.optional("at") {
            let expected: BTreeSet<&str> = self.header.items("and-at").chain([at]).collect();
            same("the places", &places(first).iter().map(String::as_str).collect(), &expected)?;
        }
        if let Some(words) = self.header.optional("says") {
            let text = texts(first).join(" ");
            if !says(&text, words) {
                return Err(format!("it should say {words}, and says `{text}`"));
            }
        }
        let secrets = |refusal| self.file("policy").map_or(Ok(()), |policy| keeps_secrets(&policy, refusal));
        refusals.iter().try_for_each(secrets)
    }
}

/// Whether each of these words stands in the text.
fn says(text: &str, words: &str) -> bool {
    words.split(' ').all(|word| text.contains(word))
}

/// Everything that a report could show of a warning.
fn shown(warning: &Warning) -> String {
    let code = warning.code().map_or("", |code| code.as_str());
    format!("{code} {} {warning} {}", warning.pointer(), warning.hint())
}

/// Where all the faults of a refusal are.
fn places(refusal: &Refusal) -> BTreeSet<String> {
    match refusal {
        Refusal::SecretExposed { pointers, .. } => pointers.iter().cloned().collect(),
        Refusal::Schema(faults) => faults.iter().map(|fault| fault.pointer.clone()).collect(),
        other => BTreeSet::from([place(other)]),
    }
}

#[test]
fn who_is_believed_and_who_is_not() {
    run_each("trust", 551, |name, directory| Situation::read(name, directory).check());
}
