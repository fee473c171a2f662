//! The vectors of trust: what a verifier is given, and what it must say. tests/vectors/trust.py makes them, with nothing of ours, and
//! tests/vectors/situation.py says what their parts and header lines mean.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::dangerous::accept_self_declared;
use genome::exposure::Exposure;
use genome::{Digest, Refusal, RollbackState, Surroundings, Timestamp, TrustPolicy, Verifier, Warning};
use genome_files::{LineageDirectory, ManifestRoot, OpenFile, see_file};
use genome_test_support::refusal::{keeps_secrets, place, texts};
use genome_test_support::vector::{self, Header, Vector, same};
use genome_test_support::{Ran, assert_ran, has, names, program, repository, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A vector, and a directory with its parts.
struct Situation<'v> {
    header: &'v Header,
    directory: TempDir,
}

/// What the verifier said.
enum Verdict {
    Accepted { trust: String, warnings: Vec<String> },
    Refused { of: Option<&'static str>, refusals: Vec<Refusal> },
}

impl<'v> Situation<'v> {
    fn of(vector: &'v Vector) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, part) in vector.parts() {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, part).unwrap();
        }
        Self { header: vector, directory }
    }

    /// The path of the genome, or of the part of an option.
    fn path(&self, option: &str) -> PathBuf {
        self.directory.path().join(option).with_extension("json")
    }

    fn has(&self, option: &str) -> bool {
        self.header.optional("options").is_some_and(|options| options.split(' ').any(|one| one == option))
    }

    /// The part of an option, if it is given.
    fn part(&self, option: &str) -> Option<Vec<u8>> {
        self.has(option).then(|| fs::read(self.path(option)).unwrap())
    }

    fn now(&self) -> SystemTime {
        let now: Timestamp = self.header.value("now").parse().unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(now.unix_seconds().try_into().unwrap())
    }

    fn verify(&self) -> Verdict {
        let refused = |of, refusal| Verdict::Refused { of: Some(of), refusals: vec![refusal] };
        let policy = match self.part("policy").map(|bytes| TrustPolicy::read(&bytes)).transpose() {
            Ok(policy) => policy,
            Err(refusal) => return refused("policy", refusal),
        };
        let state = match self.part("state").map(|bytes| RollbackState::read(&bytes)).transpose() {
            Ok(state) => state,
            Err(refusal) => return refused("state", refusal),
        };
        let lineage = self.directory.path().join("lineage");
        let ancestors = lineage.is_dir().then(|| LineageDirectory::new(&lineage));
        // The manifests of these vectors name no files.
        let root = ManifestRoot::open(self.directory.path()).unwrap();
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
        match verifier.verify(&fs::read(self.path("genome")).unwrap()) {
            Ok(genome) => Verdict::Accepted {
                trust: genome.trust().as_str().to_owned(),
                warnings: genome.warnings().iter().map(shown).collect(),
            },
            Err(refused) => Verdict::Refused { of: None, refusals: refused.iter().cloned().collect() },
        }
    }

    /// Who else can change what decides: nobody.
    fn exposure(&self) -> Exposure {
        let evidence = |option: &str| {
            let path = self.path(option);
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
        let secrets = |refusal| self.part("policy").map_or(Ok(()), |policy| keeps_secrets(&policy, refusal));
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
fn who_is_trusted_and_who_is_not() {
    vector::run("trust", 616, |vector| Situation::of(vector).check());
}

#[test]
fn the_example_of_the_readme_is_a_vector() {
    let readme = fs::read_to_string(repository().join("tests/vectors/README.md")).unwrap();
    let (_, example) = readme.split_once("```text\n").unwrap();
    let (example, _) = example.split_once("```\n").unwrap();
    let vector = Vector::parse("README.md", example.as_bytes());
    let parts: [(&str, &[u8]); 3] = [("genome.json", b"{}\n"), ("lineage/a stranger.txt", b"no line feed"), ("policy.json", b"{}")];
    assert_eq!(vector.parts(), BTreeMap::from(parts));
    assert_eq!(Situation::of(&vector).check(), Ok(()));
}

/// Runs `unpack.py` on a vector, into a directory of this scratch directory.
fn unpack(vector: &Path, scratch: &TempDir) -> Ran {
    let mut python = Command::new("python3");
    python.arg(repository().join("tests/vectors/unpack.py")).arg(vector).arg("unpacked");
    run(python.current_dir(scratch.path()))
}

#[test]
fn a_vector_is_unpacked_as_the_readme_says() {
    if !has("python3") {
        return;
    }
    let vectors = repository().join("tests/vectors/trust");
    // Ancestors of all names, bytes that are no text, and the one that the README takes.
    for name in ["lineage-among-other-files", "state-of-zeros", "policy-empty-file", "lineage-rotation"] {
        let scratch = tempfile::tempdir().unwrap();
        let ran = unpack(&vectors.join(name), &scratch);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""), "{name}");
        let bytes = fs::read(vectors.join(name)).unwrap();
        let vector = Vector::parse(name, &bytes);
        let unpacked = scratch.path().join("unpacked");
        for (part, content) in vector.parts() {
            assert_eq!(fs::read(unpacked.join(part)).unwrap(), content, "{name}: {part}");
        }
        let verdict = fs::read(unpacked.join("verdict")).unwrap();
        assert_eq!([&verdict, &b"\n"[..], &vector.body].concat(), bytes, "{name}");
        // What is there is not overwritten.
        assert_eq!(unpack(&vectors.join(name), &scratch).status, Some(1), "{name}");
        if name == "lineage-rotation" {
            let arguments = ["--trust", "policy.json", "--lineage", "lineage", "genome.json"];
            let ran = run(program("genome-verify", &unpacked).args(arguments));
            assert_eq!(ran.status, Some(0), "{ran:?}");
        }
    }
}

#[test]
fn nothing_is_unpacked_outside_the_directory() {
    if !has("python3") {
        return;
    }
    for part in ["../x", "/x", "a/../../x", "./x", "a//x", "verdict", "x\n--- 0 x"] {
        let scratch = tempfile::tempdir().unwrap();
        let vector = scratch.path().join("vector");
        fs::write(&vector, format!("expect: accepted\n\n--- 0 {part}\n\n")).unwrap();
        let ran = unpack(&vector, &scratch);
        assert_ran(&ran, 1, "error: ");
        assert_eq!((ran.stdout.as_str(), names(scratch.path())), ("", vec!["vector".to_owned()]), "{part}");
    }
}
