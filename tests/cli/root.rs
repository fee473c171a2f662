//! The root genome is what its draft, its key and its page say.

use genome::dangerous::verify_self_declared;
use genome::{Document, PrivateKey};
use genome_test_support::{program, repository, run, test_key};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    repository().join("genomes/TOTK_ROOT_v1.0.0")
}

#[test]
fn signing_the_draft_again_gives_the_genome_to_the_byte() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("genome.json");
    let mut sign = program("genome-sign", &root());
    let ran = run(sign.arg("genome-unsigned.json").arg(&output).env("GENOME_SIGNING_PRIVATE_KEY", test_key()));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(fs::read(output).unwrap() == fs::read(root().join("genome.json")).unwrap());
}

#[test]
fn the_draft_is_written_as_genome_sign_writes() {
    let draft = fs::read_to_string(root().join("genome-unsigned.json")).unwrap();
    assert_eq!(Document::read(draft.as_bytes()).unwrap().to_json(), draft);
}

#[test]
fn the_manifest_binds_the_page() {
    let genome = verify_self_declared(&fs::read(root().join("genome.json")).unwrap()).unwrap();
    let [file] = genome.files.as_slice() else { panic!("one file") };
    assert_eq!(file.path.as_str(), "genomes/TOTK_ROOT_v1.0.0/README.md");
    let bytes = fs::read(repository().join(file.path.as_str())).unwrap();
    assert_eq!(file.sha256, Some(genome::Digest::of(&bytes)));
}

#[test]
fn the_published_key_is_the_signer_and_is_known_as_such() {
    let key = PrivateKey::from_text(&test_key(), None).unwrap();
    let genome = verify_self_declared(&fs::read(root().join("genome.json")).unwrap()).unwrap();
    let [signer] = genome.authority.signers.as_slice() else { panic!("one signer") };
    assert_eq!(signer.key_id.as_str(), "totk-dev-key-001");
    assert_eq!(signer.public_key, key.public_key());
    assert!(signer.public_key.is_published_test_key());
    let object = fs::read_to_string(root().join("test-key.json")).unwrap();
    assert!(object.contains(&signer.public_key.to_string()) && object.contains("totk-dev-key-001"));
}

#[test]
fn verify_without_arguments_takes_the_root_genome() {
    let ran = run(&mut program("genome-verify", repository()));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("trust       self-declared: "), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning[GENOME_TEST_KEY]"), "{}", ran.stderr);
    // Elsewhere there is none, and nothing is made up.
    assert_eq!(run(&mut program("genome-verify", Path::new("/"))).status, Some(2));
}
