//! Replacing keys: `genome-sign --parent`, and what `genome-verify` makes of it.

use genome_test_support::{Draft, Ran, Release, assert_ran, fingerprint, names, policy, program, run};
use serde_json::{Value, json};
use std::fs;

/// The version that signers 1 and 2 of three made, two at a time.
fn parent() -> Draft {
    Draft::new("1.0.0", &[1, 2, 3], 2)
}

/// A directory with that version, a policy that trusts it, and as `draft.json` the next version, which signers 4 and 5 are to make.
fn release() -> Release {
    let release = Release::new(5, 2);
    release.write("parent.json", &parent().signed(&[1, 2]));
    release.write("draft.json", &Draft::new("1.1.0", &[4, 5], 2).after(&[&parent()]).document.to_string());
    release.write("trust.json", &json!({"schema_version": "trust.v0.1", "genome_ids": [parent().id()]}).to_string());
    release
}

fn verify(release: &Release, genome: &str) -> Ran {
    release.verify(&["--trust", "trust.json", "--lineage", ".", genome])
}

#[test]
fn both_quorums_sign_in_any_order() {
    for order in [[4, 5, 1, 3], [3, 1, 5, 4], [1, 4, 3, 5]] {
        let release = release();
        let (mut own, mut behalf) = (0, 0);
        for (index, number) in order.into_iter().enumerate() {
            let ran = verify(&release, if index == 0 { "draft.json" } else { "genome.json" });
            assert_eq!(ran.status, Some(1), "{order:?}, before {number}: {ran:?}");
            let signer = format!("signer-{number}");
            let ran = release.sign(number, &["--parent", "parent.json", "draft.json", "genome.json", &signer]);
            assert_ran(&ran, 0, &format!("signed by `{signer}` ({})\n", fingerprint(u8::try_from(number).unwrap())));
            let said = "  on behalf   of `TEST` 1.0.0, its parent: the genome itself does not name this key\n";
            assert_eq!(ran.stderr.contains(said), number < 4, "{}", ran.stderr);
            if number < 4 {
                behalf += 1;
            } else {
                own += 1;
            }
            assert!(ran.stderr.contains(&format!("  signatures  {own} of 2 required\n")), "{}", ran.stderr);
            assert!(
                ran.stderr.contains(&format!("  parent      `TEST` 1.0.0: {behalf} of 2 required; may sign: `signer-")),
                "{}",
                ran.stderr
            );
        }
        let ran = verify(&release, "genome.json");
        assert_ran(&ran, 0, "");
        assert!(
            ran.stdout.contains("\n  trust       lineage: ") && ran.stdout.contains("\n    pinned  `TEST` 1.0.0 ("),
            "{}",
            ran.stdout
        );
        // Alone it is in order too, and the signatures of the parent's keys are those of strangers.
        let ran = release.verify(&["genome.json"]);
        assert_ran(&ran, 0, "warning: a signature by `signer-1`, whom the authority does not name\n");
        assert!(ran.stderr.contains("After a rotation it counts for the parent: leave it there\n"), "{}", ran.stderr);
        assert!(ran.stdout.contains("\n  trust       self-declared: "), "{}", ran.stdout);
    }
}

#[test]
fn one_of_the_two_quorums_is_not_enough() {
    let release = release();
    let child = Draft::new("1.1.0", &[4, 5], 2).after(&[&parent()]);
    for (signers, code) in [
        (&[4, 5][..], "GENOME_LINEAGE_BROKEN"),
        (&[4, 5, 2], "GENOME_LINEAGE_BROKEN"),
        (&[4, 5, 2, 6, 7], "GENOME_LINEAGE_BROKEN"),
        (&[1, 2, 3], "GENOME_INSUFFICIENT_SIGNATURES"),
        (&[1, 2, 3, 4], "GENOME_INSUFFICIENT_SIGNATURES"),
    ] {
        release.write("genome.json", &child.signed(signers));
        assert_ran(&verify(&release, "genome.json"), 1, &format!("error[{code}]"));
    }
    release.write("genome.json", &child.signed(&[4, 5, 2, 3]));
    assert_ran(&verify(&release, "genome.json"), 0, "");
}

#[test]
fn signing_on_behalf_again_changes_nothing() {
    let release = release();
    let sign = || release.sign(1, &["--parent", "parent.json", "draft.json", "genome.json", "signer-1"]);
    assert_ran(&sign(), 0, "signed by `signer-1`");
    let first = release.read("genome.json");
    let ran = sign();
    assert_ran(&ran, 0, "nothing to do, signed before by `signer-1`");
    assert!(ran.stderr.contains("  on behalf   of `TEST` 1.0.0"), "{}", ran.stderr);
    assert_eq!(release.read("genome.json"), first);
    // The others need not have the parent at hand.
    assert_ran(&release.sign(4, &["draft.json", "genome.json", "signer-4"]), 0, "signatures  1 of 2 required");
    assert!(release.read("genome.json").contains("\"signer-1\",\n      \"sig_base64\""), "the parent's signature is kept");
}

#[test]
fn whoever_is_not_the_parent_helps_nobody_to_sign() {
    let release = release();
    let stranger = Draft::new("0.9.0", &[1], 1);
    release.write("stranger.json", &stranger.signed(&[1]));
    release.write("unsigned.json", &parent().document.to_string());
    release.write("half.json", &parent().signed(&[1]));
    release.write("tampered.json", &parent().signed(&[1, 2]).replace("memory_search", "memory_erase"));
    release.write(
        "forged.json",
        &parent().signed(&[1, 2]).replace("\"signer_key_id\":\"signer-2\"", "\"signer_key_id\":\"signer-3\""),
    );
    release.write("rubbish.json", "{");
    let before = names(release.path());
    for (parent, status, said) in [
        ("stranger.json", 1, "is not a parent of the genome: `parents` does not hold its id\n  --> draft.json\n"),
        ("unsigned.json", 1, "error[GENOME_UNSIGNED]: the genome carries no signature\n  --> unsigned.json\n"),
        ("half.json", 1, "error[GENOME_INSUFFICIENT_SIGNATURES]"),
        ("tampered.json", 1, "error[GENOME_INVALID_SIGNATURE]"),
        ("forged.json", 1, "error[GENOME_INVALID_SIGNATURE]"),
        ("rubbish.json", 1, "error[GENOME_INVALID_JSON]"),
        ("missing.json", 2, "error[GENOME_MISSING]: there is no such file\n  --> missing.json\n"),
        (".", 2, "error[GENOME_UNREADABLE]"),
    ] {
        for arguments in [&["--parent", parent][..], &["--parent", "parent.json", "--parent", parent]] {
            for more in [&[][..], &["--force"]] {
                let arguments = [arguments, &["draft.json", "genome.json", "signer-1"], more].concat();
                assert_ran(&release.sign(1, &arguments), status, said);
                assert_eq!(names(release.path()), before, "{arguments:?}");
            }
        }
    }
    fs::remove_file(release.path().join("parent.json")).unwrap();
    let ran = release.sign(1, &["draft.json", "genome.json", "signer-1"]);
    assert_ran(&ran, 1, "error: `authority.signers` names no `signer-1`");
    assert!(ran.stderr.ends_with("; for a key that only a parent names, give the parent with --parent FILE\n"), "{ran:?}");
    let before: Vec<&String> = before.iter().filter(|name| *name != "parent.json").collect();
    assert_eq!(names(release.path()).iter().collect::<Vec<_>>(), before);
}

#[test]
fn a_key_belongs_to_whom_it_signs_for() {
    let release = release();
    let sign = |number, arguments: &[&str]| {
        release.sign(number, &[&["--parent", "parent.json", "draft.json", "genome.json"], arguments].concat())
    };
    let ran = sign(2, &["signer-1"]);
    assert_ran(&ran, 1, "error: the private key does not belong to `signer-1`: its fingerprint is ");
    assert!(
        ran.stderr.contains("help: the key given is that of `signer-2`: sign as `signer-2`, or use the other key"),
        "{}",
        ran.stderr
    );
    assert_ran(&sign(1, &["signer-4"]), 1, "error: the private key does not belong to `signer-4`");
    assert_ran(&sign(1, &["signer-6"]), 1, "help: sign as `signer-4`, `signer-5`, `signer-1`, `signer-2` or `signer-3`");
    assert_eq!(names(release.path()), ["draft.json", "parent.json", "trust.json"]);
    // Nobody need be named: the key says whose it is.
    assert_ran(&sign(1, &[]), 0, "signed by `signer-1`");
    assert_ran(&sign(4, &[]), 0, "signed by `signer-4`");
}

#[test]
fn a_key_id_that_another_key_takes_over() {
    let release = release();
    let mut child = Draft::new("1.1.0", &[4, 5], 2).after(&[&parent()]);
    child.document["authority"]["signers"][0]["key_id"] = "signer-1".into();
    release.write("draft.json", &child.document.to_string());
    let arguments = ["--parent", "parent.json", "draft.json", "genome.json", "signer-1"];
    let (ours, theirs) = (fingerprint(4), fingerprint(1));
    let ran = release.sign(1, &arguments);
    assert_ran(&ran, 1, &format!("error: `signer-1` is the key {theirs} in the parent `TEST` 1.0.0 ("));
    assert!(ran.stderr.contains("help: give the new key a key id of its own in the draft"), "{}", ran.stderr);
    assert_ran(&release.sign(4, &arguments), 0, "signatures  1 of 2 required");
    // The new key does not count as the parent's, though it signs under the name that the parent knows.
    for number in [5, 2] {
        let signer = format!("signer-{number}");
        assert_ran(&release.sign(number, &["--parent", "parent.json", "draft.json", "genome.json", &signer]), 0, "");
    }
    release.write("trust.json", &policy(&[1, 2, 3], 2, &json!({})));
    let ran = verify(&release, "genome.json");
    assert_ran(&ran, 1, "error[GENOME_LINEAGE_BROKEN]");
    assert!(ran.stderr.contains("1 of the 2 signatures required by the authority of its parent"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains(&format!("`signer-1` is {ours} in the genome, and {theirs} in the trust policy")),
        "{}",
        ran.stderr
    );
    assert_ran(&release.sign(3, &["--parent", "parent.json", "draft.json", "genome.json", "signer-3"]), 0, "");
    assert_ran(&verify(&release, "genome.json"), 0, "two different keys");
}

#[test]
fn a_forged_signature_of_the_parents_is_not_carried_on() {
    let release = release();
    let child = Draft::new("1.1.0", &[4, 5], 2).after(&[&parent()]);
    let forged = child.signed(&[4, 5, 6, 2]).replace("\"signer-6\"", "\"signer-1\"");
    release.write("genome.json", &forged);
    assert_ran(&verify(&release, "genome.json"), 1, "the signature of `signer-1` (");
    let ran = release.sign(3, &["--parent", "parent.json", "draft.json", "genome.json", "signer-3"]);
    assert_ran(&ran, 1, "error[GENOME_INVALID_SIGNATURE]: the signature of `signer-1` (");
    assert_eq!(release.read("genome.json"), forged);
    let ran = release.sign(3, &["--parent", "parent.json", "draft.json", "genome.json", "signer-3", "--force"]);
    assert_ran(&ran, 0, "warning[GENOME_INVALID_SIGNATURE]: the signature of `signer-1` (");
    assert_ran(&verify(&release, "genome.json"), 0, "");
}

#[test]
fn keys_are_replaced_one_generation_after_another() {
    let release = Release::new(6, 1);
    let mut parent = Draft::new("1.0.0", &[1], 1);
    release.write("1.json", &parent.signed(&[1]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    for number in 2..=6 {
        let child = Draft::new(&format!("1.{number}.0"), &[number], 1).after(&[&parent]);
        release.write("draft.json", &child.document.to_string());
        let [below, above] = [number, number - 1].map(|number| format!("{number}.json"));
        for signer in [number - 1, number] {
            let key_id = format!("signer-{signer}");
            assert_ran(&release.sign(signer.into(), &["--parent", &above, "draft.json", &below, &key_id]), 0, "signed by");
        }
        let report = release.verify(&["--trust", "trust.json", "--lineage", ".", "--format", "json", &below]).report();
        let expected = if number == 2 { "pinned" } else { "lineage" };
        assert_eq!((&report["verdict"], &report["genome"]["trust"]), (&"accepted".into(), &expected.into()), "{number}: {report}");
        parent = child;
    }
    // Without one of them there is no way up.
    fs::remove_file(release.path().join("3.json")).unwrap();
    let ran = verify(&release, "6.json");
    assert_ran(&ran, 1, "error[GENOME_LINEAGE_BROKEN]: `TEST` 1.4.0 (");
    assert!(ran.stderr.contains("which was not found\n  --> ./4.json at /parents/0\n"), "{}", ran.stderr);
}

#[test]
fn a_parent_may_come_by_a_pipe() {
    let release = release();
    let mut sign = program("genome-sign", release.path());
    sign.args(["--parent", "/dev/stdin", "draft.json", "genome.json", "signer-1"]);
    sign.env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]);
    let mut child = sign.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), release.read("parent.json").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ran = run(program("genome-sign", release.path()).args(["--parent", "-", "-", "out.json", "signer-1"]));
    assert_eq!(ran.status, Some(1), "the genome itself stood nowhere: {ran:?}");
}

#[test]
fn who_has_signed_who_may_and_how_many_are_missing() {
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1, 2, 3], 2);
    let child = Draft::new("1.1.0", &[4, 5], 2).after(&[&parent]);
    fs::create_dir(release.path().join("genomes")).unwrap();
    release.write("genomes/parent.json", &parent.signed(&[1, 2]));
    let who = |numbers: &[u8]| -> Vec<Value> {
        numbers.iter().map(|&n| json!({"key_id": format!("signer-{n}"), "fingerprint": fingerprint(n)})).collect()
    };
    let id = parent.id();
    for (signed, code, own, above) in [
        (&[][..], "GENOME_UNSIGNED", (2, &[][..]), (2, &[][..])),
        (&[3, 4], "GENOME_INSUFFICIENT_SIGNATURES", (1, &[4]), (1, &[3])),
        (&[4, 5, 1], "GENOME_LINEAGE_BROKEN", (0, &[4, 5]), (1, &[1])),
    ] {
        let text = if signed.is_empty() { child.document.to_string() } else { child.signed(signed) };
        release.write("genomes/genome.json", &text);
        let verify = |format| release.verify(&["--lineage", "genomes", "--format", format, "genomes/genome.json"]);
        let quorum = |whose: &str, parent: Value, all: &[u8], (missing, signed): (u8, &[u8])| {
            let rest: Vec<u8> = all.iter().copied().filter(|number| !signed.contains(number)).collect();
            json!({"whose": whose, "parent": parent, "threshold": 2, "because": null, "missing": missing, "signed": who(signed), "may_sign": who(&rest), "revoked": []})
        };
        let mut quorums = vec![quorum("parent", id.as_str().into(), &[1, 2, 3], above)];
        if own.0 > 0 {
            quorums.insert(0, quorum("genome", Value::Null, &[4, 5], own));
        }
        let ran = verify("json");
        let refusal = &ran.report()["refusal"];
        assert_eq!((ran.status, &refusal["code"], &refusal["quorums"]), (Some(1), &code.into(), &quorums.into()));
        let hint = refusal["hint"].as_str().unwrap().to_owned();
        let more = if own.1.is_empty() { "" } else { " more" };
        if own.0 > 0 {
            assert!(hint.contains(&format!("{}{more} must sign with genome-sign: `signer-", own.0)), "{hint}");
        }
        let more = if above.1.is_empty() { "" } else { " more" };
        let missing = format!(
            "{}{more} of the authority of its parent `TEST` 1.0.0 ({id}) must sign with genome-sign, with --parent FILE where it does not find that parent: `",
            above.0
        );
        assert!(hint.contains(&missing) && hint.contains(&fingerprint(2)), "{hint}");
        assert!(verify("human").stderr.contains(&format!("\n  help: {hint}\n")), "{hint}");
        let github = verify("github").stdout;
        assert!(
            github.starts_with("::error file=genomes/genome.json,")
                && github.contains(&format!("title={code}::"))
                && github.contains(&hint),
            "{github}"
        );
    }
    // Where the parent is not found, that is said too, as its signers may have to sign.
    release.write("genomes/genome.json", &child.signed(&[4]));
    fs::remove_file(release.path().join("genomes/parent.json")).unwrap();
    let ran = release.verify(&["genomes/genome.json"]);
    assert!(ran.stderr.contains(&format!("; its parent {id} was not found, whose signers may have to sign too\n")), "{ran:?}");
}
