//! `genome trust`: policies that are made of public keys, shown and changed, and what `genome-verify` makes of them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

mod asked;
mod refused;
mod shown;

use genome_test_support::{
    Draft, Ran, Release, assert_ran, file, fingerprint, key, names, openssh_line, policy, program, run, run_at_once, shell, signer,
};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

/// `genome trust` with these arguments.
fn trust(release: &Release, arguments: &[&str]) -> Ran {
    run(program("genome", release.path()).arg("trust").args(arguments))
}

/// A directory with the signer objects of six keys, `1.json` and so on.
fn keys() -> Release {
    let release = Release::new(1, 1);
    for number in 1..=6 {
        release.write(&format!("{number}.json"), &signer(number).to_string());
    }
    release
}

/// The same with `trust.json`, of these signers, which holds more members.
fn with_policy(signers: &[u8], threshold: u8, more: &Value) -> Release {
    let release = keys();
    release.write("trust.json", &policy(signers, threshold, more));
    release
}

fn read(release: &Release) -> Value {
    serde_json::from_str(&release.read("trust.json")).unwrap()
}

/// The lines of a listing, from the line that begins with this up to the next that is not indented.
fn listed<'t>(text: &'t str, head: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(head)).skip(1);
    lines.take_while(|line| line.starts_with("  ")).collect()
}

/// Whether `genome-verify` accepts a genome under the policy.
fn accepts(release: &Release, genome: &str) -> bool {
    release.write("genome.json", genome);
    let ran = release.verify(&["--trust", "trust.json", "genome.json"]);
    assert!(matches!(ran.status, Some(0 | 1)), "{ran:?}");
    ran.status == Some(0)
}

/// From nothing to a policy that changes over the years, and what it accepts before and after each change.
#[test]
fn a_policy_is_made_and_changed_and_the_verifier_takes_it() {
    let release = keys();
    let draft = Draft::new("1.0.0", &[1, 2, 3], 1);
    let ran = trust(&release, &["new", "trust.json", "1.json", "2.json", "--threshold", "2"]);
    assert_ran(&ran, 0, "made trust.json\ntrusted by it\n  signer         `signer-1` (SHA256:");
    assert_eq!(ran.stdout, "");
    assert!(release.read("trust.json").starts_with("{\n  \"schema_version\": \"trust.v0.1\",\n"));
    assert_eq!(read(&release), serde_json::from_str::<Value>(&policy(&[1, 2], 2, &json!({}))).unwrap());
    assert!(accepts(&release, &draft.signed(&[1, 2])) && !accepts(&release, &draft.signed(&[1, 3])));

    let ran = trust(&release, &["add", "trust.json", "3.json"]);
    assert_ran(&ran, 0, "changes of trust.json: it trusts more than before\n");
    let added = format!("  weakening      signer `signer-3` ({}) may sign now", fingerprint(3));
    assert_eq!(listed(&ran.stderr, "changes of "), [added]);
    assert!(ran.stderr.ends_with("\nchanged trust.json (not asked: standard error is no terminal)\n"), "{ran:?}");
    assert!(trust(&release, &["raise", "trust.json", "OTHER", "1.0.0", "--yes"]).stderr.ends_with("\nchanged trust.json\n"));
    assert!(accepts(&release, &draft.signed(&[1, 3])) && !accepts(&release, &draft.signed(&[3])));

    let ran = trust(&release, &["revoke", "trust.json", "signer-1"]);
    assert_ran(&ran, 0, "changes of trust.json: it trusts less than before\n");
    let gone = format!("  strengthening  signer `signer-1` ({}) may no longer sign", fingerprint(1));
    let revoked = format!("  strengthening  key {} is revoked", fingerprint(1));
    assert_eq!(listed(&ran.stderr, "changes of "), [gone, revoked]);
    assert_eq!(read(&release)["revoked"], json!([fingerprint(1)]));
    assert!(!accepts(&release, &draft.signed(&[1, 3])) && accepts(&release, &draft.signed(&[2, 3])));

    assert_ran(&trust(&release, &["raise", "trust.json", "TEST", "1.1.0"]), 0, "  lowest         `TEST` 1.1.0\n");
    assert!(!accepts(&release, &draft.signed(&[2, 3])));
    assert!(accepts(&release, &draft.clone().with("version", "1.1.0").signed(&[2, 3])));

    assert_ran(&trust(&release, &["remove", "trust.json", "signer-3", "--threshold", "1", "--lower"]), 0, "changed trust.json");
    let newer = draft.with("version", "1.1.0");
    assert!(accepts(&release, &newer.signed(&[2])) && !accepts(&release, &newer.signed(&[3])));
}

/// What only an editor could change before.
#[test]
fn genomes_quorums_and_ages_are_changed_and_the_verifier_takes_it() {
    let release = with_policy(&[1, 2], 1, &json!({}));
    let genome = Draft::new("1.0.0", &[3], 1);
    let id = genome.id();
    let signed = genome.signed(&[3]);
    assert!(!accepts(&release, &signed));
    let ran = trust(&release, &["add", "trust.json", "--genome-id", &id]);
    assert_ran(&ran, 0, &format!("  weakening      genome {id} is trusted by its id\n"));
    assert!(accepts(&release, &signed) && !ran.stderr.contains("may refuse to start"), "{ran:?}");
    let deployed =
        "a server may refuse to start with the changed policy: before you deploy it, run genome verify --trust trust.json GENOME\n";
    let ran = trust(&release, &["remove", "trust.json", "--genome-id", &id]);
    assert_ran(&ran, 0, &format!("{deployed}changes of trust.json: it trusts less than before\n"));
    assert_eq!(listed(&ran.stderr, "changes of "), [format!("  strengthening  genome {id} is no longer trusted by its id")]);
    assert!(!accepts(&release, &signed) && read(&release).get("genome_ids").is_none());
    assert_ran(&trust(&release, &["remove", "trust.json", "--genome-id", &id]), 1, "the policy trusts no genome by the id");

    let ran = trust(&release, &["raise", "trust.json", "--quorum", "widening=all", "--maximum-age-days", "10"]);
    assert_ran(&ran, 0, deployed);
    let changes = listed(&ran.stderr, "changes of ");
    assert_eq!(
        changes[1..],
        ["  strengthening  highest age in days: none -> 10", "  strengthening  `quorum` of widening changes: none -> all"]
    );
    assert_eq!((&read(&release)["quorum"], &read(&release)["maximum_age_days"]), (&json!({"widening": "all"}), &json!(10)));
    let of_both = Draft::new("1.0.0", &[1, 2], 1);
    assert!(!accepts(&release, &of_both.signed(&[1])) && !accepts(&release, &of_both.signed(&[1, 2])), "it is too old");
    assert_ran(&trust(&release, &["raise", "trust.json", "--maximum-age-days", "none", "--lower"]), 0, "trusts more");
    assert!(!accepts(&release, &of_both.signed(&[1])) && accepts(&release, &of_both.signed(&[1, 2])));

    // A policy of genomes alone.
    assert_ran(&trust(&release, &["new", "ids.json", "--genome-id", &id]), 0, &format!("  genome id      {id}\n"));
    assert_ran(&trust(&release, &["new", "ids2.json"]), 2, "KEY");
    assert_ran(&trust(&release, &["remove", "ids.json", "--genome-id", &id]), 1, "would trust no genome");
}

#[test]
fn a_public_key_is_taken_in_every_form() {
    let release = keys();
    release.write("ada.pub", &format!("{} ada\n", openssh_line(&key(1).public_key())));
    let pem = |number| format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", key(number).public_key());
    release.write("bob.pem", &pem(2));
    release.write("carol.pem", &pem(3));
    let ran = trust(
        &release,
        &[
            "new",
            "trust.json",
            "ada.pub",
            "4.json",
            "carol.pem",
            "--name",
            "bob-2026=bob.pem",
            "--name",
            "e=5.json",
            "--threshold",
            "1",
        ],
    );
    assert_ran(&ran, 0, "note: the file holds no key id, so it is the fingerprint of the key\n  --> carol.pem\n");
    assert_eq!(ran.stderr.matches("note: ").count(), 1, "{ran:?}");
    let signers = read(&release)["signers"].as_array().unwrap().clone();
    let ids: Vec<&str> = signers.iter().map(|signer| signer["key_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["ada", "signer-4", &fingerprint(3), "bob-2026", "e"]);
    let written: Vec<&str> = signers.iter().map(|signer| signer["public_key"].as_str().unwrap()).collect();
    let expected = [1, 4, 3, 2, 5].map(|number| key(number).public_key().to_string());
    assert_eq!(written, expected);
    // By what they are called, by what they are, and by the file.
    let ran = trust(&release, &["remove", "trust.json", "ada", &fingerprint(2), "carol.pem"]);
    assert_ran(&ran, 0, "changed trust.json");
    assert_eq!(read(&release)["signers"], json!([signers[1], signers[4]]));
    // A directory is no key, whatever its name.
    fs::create_dir(release.path().join("e")).unwrap();
    // A key that is no signer is revoked as well.
    assert_ran(&trust(&release, &["revoke", "trust.json", "ada.pub", &fingerprint(6), "e"]), 0, "changed trust.json");
    assert_eq!(read(&release)["revoked"], json!([fingerprint(1), fingerprint(6), fingerprint(5)]));
    assert_eq!(read(&release)["signers"], json!([signers[1]]));
    // And one that comes through a pipe, or two.
    shell(release.path(), "cat 2.json | genome trust revoke trust.json -; cat 3.json | genome trust add trust.json /dev/stdin");
    assert_eq!(read(&release)["revoked"][3], fingerprint(2).as_str());
    assert_eq!(read(&release)["signers"], json!([signers[1], signer(3)]));
    assert_ran(&trust(&release, &["add", "trust.json", "-", "--name", "b=-"]), 2, "standard input can be read only once");
}

#[test]
fn a_new_policy_takes_no_file_away() {
    let release = keys();
    assert_ran(&trust(&release, &["new", "-", "1.json"]), 0, "trusted by it");
    let printed = trust(&release, &["new", "-", "1.json"]).stdout;
    assert_eq!(
        serde_json::from_str::<Value>(&printed).unwrap(),
        serde_json::from_str::<Value>(&policy(&[1], 1, &json!({}))).unwrap()
    );
    // As `mktemp` leaves it.
    release.write("trust.json", "");
    assert_ran(&trust(&release, &["new", "trust.json", "1.json"]), 0, "made trust.json");
    assert_eq!(release.read("trust.json"), printed);
    for taken in ["trust.json", "1.json"] {
        let before = file(release.path(), taken);
        let ran = trust(&release, &["new", taken, "2.json"]);
        assert_ran(&ran, 1, "error: there is a file already\n");
        assert_eq!(file(release.path(), taken), before);
    }
    let several = trust(&release, &["new", "other.json", "1.json", "2.json"]);
    assert_ran(
        &several,
        2,
        "error: 2 keys are given, and not how many of them must sign\n  help: say so with --threshold, 1 to 2\n",
    );
    release.write("ids", &json!({"schema_version": "trust.v0.1", "genome_ids": ["0".repeat(64)]}).to_string());
    assert_ran(&trust(&release, &["add", "ids", "1.json", "2.json"]), 2, "2 keys are given, and not how many of them must sign");
    assert_ran(&trust(&release, &["add", "ids", "1.json", "2.json", "--threshold", "2"]), 0, "  threshold      2 of 2 must sign\n");
    let ran = trust(&release, &["new", "other.json", "1.json", "--threshold", "2"]);
    assert_ran(&ran, 1, "2 must sign, and 1 could\n  --> other.json\n  help: give more keys, or a threshold of 1 to 1\n");
    assert_ran(&trust(&release, &["new", "other.json", "1.json", "--threshold", "0"]), 2, "0 is not in 1..=256");
    assert_ran(&trust(&release, &["new", "missing/other.json", "1.json"]), 2, "cannot write the trust policy");
    assert!(!names(release.path()).iter().any(|name| name.starts_with("other") || name == "missing"));
}

#[test]
fn what_a_change_does_not_touch_stays_as_it_is() {
    let release = keys();
    let [first, second] = [1, 2].map(signer);
    let (ids, quorum) = (["b", "a"].map(|digit| digit.repeat(64)), json!({"weakening": "all", "neutral": 1}));
    let text = format!(
        "{{\"maximum_age_days\": 365,\n\"genome_ids\": {},\"threshold\":2,\"schema_version\":\"trust.v0.1\",\"signers\": [{second},{first}],\"quorum\":{quorum}}}",
        json!(ids)
    );
    release.write("trust.json", &text);
    release.set_mode("trust.json", 0o640);
    assert_ran(&trust(&release, &["add", "trust.json", "3.json"]), 0, "changed");
    assert_ran(&trust(&release, &["raise", "trust.json", "TEST", "2.0.0-rc.1"]), 0, "changed");
    assert_ran(&trust(&release, &["remove", "trust.json", "signer-2"]), 0, "changed");
    assert_ran(&trust(&release, &["revoke", "trust.json", "2.json"]), 0, "changed");
    let mut expected: Value = serde_json::from_str(&text).unwrap();
    expected["signers"] = json!([first, signer(3)]);
    expected["minimum_versions"] = json!({"TEST": "2.0.0-rc.1"});
    expected["revoked"] = json!([fingerprint(2)]);
    assert_eq!(read(&release), expected);
    let written = release.read("trust.json");
    let at = |name: &str| written.find(&format!("\n  \"{name}\": ")).unwrap();
    let order =
        ["maximum_age_days", "genome_ids", "threshold", "schema_version", "signers", "quorum", "minimum_versions", "revoked"];
    assert!(order.map(at).is_sorted(), "{written}");
    assert_eq!(fs::metadata(release.path().join("trust.json")).unwrap().permissions().mode() & 0o777, 0o640);
}

/// Whoever is known and has not signed refuses a genome, and whoever is unknown does not.
#[test]
fn a_change_of_who_is_known_says_what_becomes_of_bad_signatures() {
    let release = with_policy(&[1, 2], 1, &json!({}));
    let gone = "by a key that is no longer trusted counts for nothing now, and does not refuse its genome any more\n";
    let new = "by the key of a new signer refuses its genome now\n";
    for (arguments, said) in [
        (&["add", "trust.json", "3.json"][..], new),
        (&["remove", "trust.json", "signer-2"], gone),
        (&["revoke", "trust.json", "signer-3"], gone),
    ] {
        assert_ran(&trust(&release, arguments), 0, &format!("a signature that does not verify {said}"));
    }
    let ran = trust(&release, &["raise", "trust.json", "--maximum-age-days", "3"]);
    assert!(ran.status == Some(0) && !ran.stderr.contains("does not verify"), "{ran:?}");
}

#[test]
fn a_smaller_form_becomes_a_whole_policy_which_is_said() {
    for (text, was, more) in [
        (signer(1).to_string(), "one signer", ""),
        (json!({"signers": [signer(1)], "threshold": 1}).to_string(), "an authority", ""),
        (
            format!("{} signer-1\n", openssh_line(&key(1).public_key())),
            "public keys",
            "  strengthening  a signature by a key that the genome does not name counts under the key id of the signer, and no longer under any\n",
        ),
    ] {
        let release = keys();
        release.write("trust.json", &text);
        let ran = trust(&release, &["add", "trust.json", "2.json"]);
        assert_ran(&ran, 0, &format!("\n  form           {was} -> a trust policy, trust.v0.1\n"));
        assert!(ran.stderr.contains(more), "{ran:?}");
        assert_eq!(read(&release), serde_json::from_str::<Value>(&policy(&[1, 2], 1, &json!({}))).unwrap());
        // What says so already is left as it is.
        release.write("trust.json", &text);
        assert_ran(&trust(&release, &["add", "trust.json", "1.json"]), 0, "nothing to do: trust.json says so already\n");
        assert_eq!(release.read("trust.json"), text);
    }
}

#[test]
fn two_who_change_it_at_once_both_do() {
    let release = with_policy(&[1], 1, &json!({}));
    let add = |number: u8| {
        let mut command = program("genome", release.path());
        command.args(["trust", "add", "trust.json", &format!("{number}.json")]);
        command
    };
    run_at_once((2..=6).map(add));
    let mut known: Vec<Value> = read(&release)["signers"].as_array().unwrap().clone();
    known.sort_by_key(|signer| signer["key_id"].to_string());
    assert_eq!(known, (1..=6).map(signer).collect::<Vec<_>>());
    assert!(!names(release.path()).iter().any(|name| name.contains("tmp")), "{:?}", names(release.path()));
}

#[test]
fn a_link_stands_for_its_target_and_what_is_read_only_stays() {
    let release = with_policy(&[1], 1, &json!({}));
    fs::create_dir(release.path().join("etc")).unwrap();
    fs::rename(release.path().join("trust.json"), release.path().join("etc/trust.json")).unwrap();
    symlink("etc/trust.json", release.path().join("trust.json")).unwrap();
    assert_ran(&trust(&release, &["add", "trust.json", "2.json"]), 0, "changed trust.json");
    assert!(release.path().join("trust.json").is_symlink());
    assert_eq!(read(&release)["signers"], json!([signer(1), signer(2)]));
    let inode = |name: &str| fs::metadata(release.path().join(name)).unwrap().ino();
    let before = (inode("etc/trust.json"), release.read("trust.json"));
    release.set_mode("etc/trust.json", 0o444);
    for arguments in [&["add", "trust.json", "3.json"][..], &["new", "trust.json", "3.json"]] {
        let ran = trust(&release, arguments);
        assert_ran(&ran, 1, "its owner has no permission to write it\n");
        assert!(!ran.stderr.contains("changes of"), "{ran:?}");
    }
    assert_eq!((inode("etc/trust.json"), release.read("trust.json")), before);
    symlink("nowhere/trust.json", release.path().join("dangling")).unwrap();
    assert_ran(&trust(&release, &["add", "dangling", "3.json"]), 2, "a link to `nowhere/trust.json`");
    assert_ran(&trust(&release, &["add", "missing.json", "3.json"]), 2, "`genome trust new` makes a policy");
}

#[test]
fn each_command_has_a_page() {
    let release = keys();
    assert_ran(&run(program("genome", release.path()).args(["man", "man"])), 0, "");
    let pages = names(&release.path().join("man"));
    for command in ["", "-new", "-show", "-add", "-remove", "-revoke", "-raise"] {
        assert!(pages.contains(&format!("genome-trust{command}.1")), "{pages:?}");
    }
    assert!(
        !pages.iter().any(|page| page.contains("help")) && !release.read("man/genome-trust.1").contains("help(1)"),
        "{pages:?}"
    );
    let page = release.read("man/genome-trust-revoke.1");
    assert!(page.contains("genome\\-trust\\-revoke") || page.contains("genome-trust-revoke"), "{page}");
}
