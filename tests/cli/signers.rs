//! Signers and trust policies as people have them: public keys that `ssh-keygen` and `openssl` wrote, and documents of ours that stand where another
//! belongs.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{
    Draft, Ran, Release, assert_ran, fingerprint, has, key, openssh_key, openssh_line, openssh_public_key, openssl_key, policy,
    run, shell, signer,
};
use serde_json::{Value, json};
use std::fs;

/// A release whose `signer-1` has a key of `ssh-keygen`, with its name `ada` as comment. `genome.json` is signed with it.
fn of_openssh() -> Release {
    let directory = tempfile::tempdir().unwrap();
    let key = openssh_key(directory.path(), "ada", "");
    let release = Release::of(&key);
    for name in ["ada", "ada.pub"] {
        fs::copy(directory.path().join(name), release.path().join(name)).unwrap();
    }
    assert_ran(&run(release.signing_by("file:ada").arg("signer-1")), 0, "signed by");
    release
}

/// Verifies `genome.json` with these bytes as the trust policy.
fn under(release: &Release, policy: &[u8]) -> Ran {
    fs::write(release.path().join("policy"), policy).unwrap();
    release.verify(&["--trust", "policy", "genome.json"])
}

/// The codes that a run shows a person.
fn codes(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next()).collect()
}

/// The key of a signer as a line of OpenSSH, without a comment.
fn line(number: u8) -> String {
    openssh_line(&key(number).public_key())
}

/// The key of a signer as PEM.
fn pem(number: u8) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", key(number).public_key())
}

#[test]
fn a_public_key_of_openssh_is_a_policy_of_one_signer() {
    if !has("ssh-keygen") {
        return;
    }
    let release = of_openssh();
    let public = release.read("ada.pub");
    let without = public.rsplit_once(' ').unwrap().0.to_owned();
    assert_eq!(
        format!("{} ada\n", openssh_line(&openssh_public_key(&public))),
        public,
        "the lines of these tests are what it writes"
    );
    for (text, known_as) in [
        (public.clone(), Some("`ada` (SHA256:")),
        (public.trim().to_owned(), Some("`ada` (SHA256:")),
        (format!("\u{feff}# of the release\r\n{}\r\n\r\n", public.trim()), Some("`ada` (SHA256:")),
        (format!("{without} Ada Lovelace <ada@example.org>\n"), Some("`SHA256:")),
        (without.clone(), Some("`SHA256:")),
    ] {
        let ran = under(&release, text.as_bytes());
        // Nobody has chosen the name, so that it is not the genome's is no cause for a warning.
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{text}: {ran:?}");
        assert!(ran.stdout.contains("  trust       pinned: "), "{ran:?}");
        let said = ran.stdout.lines().last().unwrap();
        assert!(said.starts_with("trust policy  policy: one public key, ") && said.ends_with(" must have signed"), "{said}");
        assert!(said.contains(known_as.unwrap()), "{said}");
    }
    // As it is where it is found.
    assert_ran(&release.verify(&["--trust", "ada.pub", "genome.json"]), 0, "");
    let ran = release.verify(&["--trust", "ada.pub", "--format", "github", "genome.json"]);
    assert!(ran.stdout.contains("the trust policy: one public key, `ada` (SHA256:"), "{ran:?}");
    // Another key is another policy, whatever it is called.
    let ran = under(&release, format!("{} signer-1\n", line(2)).as_bytes());
    assert_eq!((ran.status, codes(&ran)), (Some(1), vec!["GENOME_UNTRUSTED"]), "{ran:?}");
    assert!(ran.stderr.contains("two different keys"), "{ran:?}");
}

#[test]
fn a_pem_public_key_is_a_policy_of_one_signer() {
    if !has("openssl") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let release = Release::of(&openssl_key(directory.path(), "key.pem"));
    let public = shell(directory.path(), "openssl pkey -in key.pem -pubout");
    fs::copy(directory.path().join("key.pem"), release.path().join("key.pem")).unwrap();
    assert_ran(&run(release.signing_by("file:key.pem").arg("signer-1")), 0, "signed by");
    let base64: String = public.lines().filter(|line| !line.starts_with("---")).collect();
    let at = |width: usize| {
        let lines: Vec<&str> = base64.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    };
    for text in [
        public.clone(),
        public.replace('\n', "\r\n"),
        format!("\u{feff}{public}"),
        format!("Public-Key of the release:\n    friendlyName: ada\n{public}\nand that is all\n"),
        at(76),
        at(20),
        at(1),
    ] {
        let ran = under(&release, text.as_bytes());
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{text}: {ran:?}");
        assert!(ran.stdout.ends_with("`, must have signed\n") && ran.stdout.contains("one public key, `SHA256:"), "{ran:?}");
    }
    assert_eq!(codes(&under(&release, at(44).replace("MCow", "MCox").as_bytes())), ["GENOME_INVALID_SCHEMA"]);
}

#[test]
fn of_several_public_keys_any_one_may_sign() {
    if !has("ssh-keygen") {
        return;
    }
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[2], 1).signed(&[2]));
    let three = format!("# who may release\n{} ada\n{} ada\n\n{} bob\n", line(1), line(2), line(3));
    let ran = under(&release, three.as_bytes());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    // A name that two keys have says nothing.
    let said = format!("one of 3 public keys must have signed, `{}`, `{}`, `bob`\n", fingerprint(1), fingerprint(2));
    assert!(ran.stdout.ends_with(&said), "{ran:?}");
    assert_eq!(codes(&under(&release, format!("{} ada\n{} bob\n", line(1), line(3)).as_bytes())), ["GENOME_UNTRUSTED"]);
    assert_ran(&under(&release, format!("{}{}", pem(1), pem(2)).as_bytes()), 0, "");
    // Who has two lines has one key.
    let ran = under(&release, format!("{} ada\n{} bob\n", line(2), line(2)).as_bytes());
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("this is the same key as in line 1\n  --> policy:2:1"), "{ran:?}");
}

/// A signature counts by its key, also where the key is not of the genome's own authority, and there no name leads to it.
#[test]
fn a_signature_counts_under_whatever_name_it_was_made() {
    if !has("ssh-keygen") {
        return;
    }
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1], 1);
    release.write("genome.json", &Draft::new("1.1.0", &[2], 1).after(&[&parent]).signed(&[1, 2]));
    let trusted = |policy: &[u8]| {
        fs::write(release.path().join("policy"), policy).unwrap();
        let report = release.verify(&["--trust", "policy", "--format", "json", "genome.json"]).report();
        (report["verdict"].clone(), report["genome"]["trust"].clone(), report["refusal"]["code"].clone())
    };
    let pinned = (json!("accepted"), json!("pinned"), Value::Null);
    assert_eq!(trusted(signer(1).to_string().as_bytes()), pinned);
    for comment in ["", " signer-1", " ada", " signer-2"] {
        assert_eq!(trusted(format!("{}{comment}\n", line(1)).as_bytes()), pinned, "{comment}");
    }
    // A name alone counts for nothing, and accuses nobody.
    let refused = trusted(format!("{} signer-1\n", line(3)).as_bytes());
    assert_eq!(refused, trusted(signer(3).to_string().as_bytes()));
    assert_eq!((&refused.0, &refused.2), (&json!("refused"), &json!("GENOME_LINEAGE_BROKEN")), "its parent is not there");
}

#[test]
fn a_draft_takes_public_keys_as_signers() {
    if !has("ssh-keygen") {
        return;
    }
    let release = of_openssh();
    release.write("bob.pem", &pem(2));
    let mut draft = genome_test_support::program("genome-draft", release.path());
    draft.args(["--from", "genome.json", "--bump", "minor", "--signer", "ada.pub", "--add-signer", "bob.pem", "--threshold", "2"]);
    let ran = run(draft.arg("next.json"));
    assert_ran(&ran, 0, "drafted");
    for said in [
        "signer `signer-1` is called `ada` now, with the same key (SHA256:",
        &format!("signer `{0}` ({0}) may sign now", fingerprint(2)),
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let document: Value = serde_json::from_str(&release.read("next.json")).unwrap();
    let ids: Vec<&Value> = document["authority"]["signers"].as_array().unwrap().iter().map(|signer| &signer["key_id"]).collect();
    assert_eq!(ids, [&json!("ada"), &json!(fingerprint(2))]);
    // Several keys in one file are not one signer.
    release.write("two.pub", &format!("{} a\n{} b\n", line(3), line(4)));
    let mut draft = genome_test_support::program("genome-draft", release.path());
    draft.args(["--from", "genome.json", "--bump", "minor", "--add-signer", "two.pub", "other.json"]);
    assert_ran(&run(&mut draft), 1, "there are 2 public keys, and one is expected");
    assert!(!release.path().join("other.json").exists());
}

/// Two machines of one person have the same comment in their keys. What is at fault is the file, and the genome knows nothing of it.
#[test]
fn a_comment_that_two_keys_have_is_refused_at_the_second() {
    let release = Release::new(1, 1);
    assert_ran(&release.sign(1, &["draft.json", "genome.json", "signer-1"]), 0, "");
    release.write("a.pub", &format!("{} ada@example.org\n", line(2)));
    release.write("b.pub", &format!("{} ada@example.org\n", line(3)));
    release.write("c.pub", &format!("{} other@example.org\n", line(2)));
    let second = |option: &str, file: &str| {
        let mut draft = genome_test_support::program("genome-draft", release.path());
        draft.args(["--from", "genome.json", "--bump", "minor", "--signer", "a.pub", option, file, "next.json"]);
        let ran = run(&mut draft);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        ran.stderr
    };
    for option in ["--signer", "--add-signer"] {
        let said = second(option, "b.pub");
        assert!(said.contains("there is a signer `ada@example.org` already\n  --> b.pub\n"), "{said}");
        assert!(said.contains("the key id is the comment at the end of the line: change that"), "{said}");
        let said = second(option, "c.pub");
        assert!(said.contains("is there already, as `ada@example.org`\n  --> c.pub\n"), "{said}");
    }
}

/// What is no Ed25519 public key says what it is, in a draft and in a policy, and a private key is not shown.
#[test]
fn what_is_no_such_key_says_what_it_is() {
    if !has("ssh-keygen") || !has("openssl") {
        return;
    }
    let release = of_openssh();
    let script = "
        ssh-keygen -q -t rsa -b 2048 -N '' -C x -f rsa; ssh-keygen -q -t ecdsa -N '' -C x -f ecdsa
        ssh-keygen -q -s ada -I x -n x ada.pub
        ssh-keygen -e -f ada.pub > rfc4716.pub
        openssl pkey -in rsa -pubout > rsa.pem 2>/dev/null || ssh-keygen -e -m PKCS8 -f rsa.pub > rsa.pem
        openssl genpkey -algorithm x25519 -out x25519.key; openssl pkey -in x25519.key -pubout > x25519.pem
        openssl genpkey -algorithm ed25519 -out secret.pem
        openssl req -x509 -key secret.pem -subj /CN=x -out certificate.pem";
    shell(release.path(), script);
    let public = release.read("ada.pub");
    release.write("sk.pub", "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t x\n");
    release.write("options.pub", &format!("from=\"10.0.0.0/8\",restrict {public}"));
    release.write("known_hosts", &format!("example.org {public}"));
    release.write("cut.pub", &public[..60]);
    release.write("keygen.key", &key(5).to_base64());
    for (file, code, said) in [
        ("rsa.pub", "GENOME_INVALID_SCHEMA", "a public key of the type `ssh-rsa`, not an Ed25519 key"),
        ("ecdsa.pub", "GENOME_INVALID_SCHEMA", "of the type `ecdsa-sha2-nistp256`"),
        ("sk.pub", "GENOME_INVALID_SCHEMA", "the key of a security key (`sk-ssh-ed25519@openssh.com`)"),
        ("ada-cert.pub", "GENOME_INVALID_SCHEMA", "an OpenSSH certificate (`ssh-ed25519-cert-v01@openssh.com`)"),
        ("rfc4716.pub", "GENOME_INVALID_SCHEMA", "in the form of RFC 4716"),
        ("rsa.pem", "GENOME_INVALID_SCHEMA", "of the type `RSA`"),
        ("x25519.pem", "GENOME_INVALID_SCHEMA", "of the type `X25519`"),
        ("certificate.pem", "GENOME_INVALID_SCHEMA", "this is a certificate"),
        (
            "options.pub",
            "GENOME_INVALID_SCHEMA",
            "options, or the name of a host, stand before the type of the key, and are not read",
        ),
        (
            "known_hosts",
            "GENOME_INVALID_SCHEMA",
            "options, or the name of a host, stand before the type of the key, and are not read",
        ),
        ("cut.pub", "GENOME_INVALID_SCHEMA", "the public key is damaged, or not whole"),
        ("ada", "GENOME_SECRET_EXPOSED", "this is a private key, which must not be given here"),
        ("secret.pem", "GENOME_SECRET_EXPOSED", "this is a private key, which must not be given here"),
        ("keygen.key", "GENOME_SECRET_EXPOSED", "this is a private key, which must not be given here"),
    ] {
        let secret: Vec<String> = release.read(file).lines().map(ToOwned::to_owned).collect();
        let verified = release.verify(&["--trust", file, "genome.json"]);
        let mut draft = genome_test_support::program("genome-draft", release.path());
        draft.args(["--from", "genome.json", "--bump", "minor", "--signer", file, "next.json"]);
        for ran in [verified, run(&mut draft)] {
            assert_eq!((ran.status, codes(&ran)), (Some(1), vec![code]), "{file}: {ran:?}");
            assert_eq!(ran.stderr.lines().filter(|line| line.contains(said)).count(), 1, "{file}: {ran:?}");
            let last: Vec<&str> = ran.stderr.lines().rev().take(2).collect();
            assert!(last[0] == format!("see: genome help {code}") && last[1].starts_with("  help: "), "{file}: {ran:?}");
            assert_eq!(ran.stderr.contains("help: give the `.pub` file beside it"), file == "ada-cert.pub", "{ran:?}");
            let shown = secret.iter().find(|line| line.len() > 20 && !line.contains("BEGIN") && ran.stderr.contains(*line));
            assert_eq!(shown, None, "{file}");
        }
    }
}

/// The same documents in every place where one of ours is read: each is taken, or named in one sentence.
#[test]
fn a_document_of_another_kind_is_named_in_one_sentence() {
    let release = Release::new(1, 1);
    let genome = Draft::new("1.0.0", &[1], 1);
    release.write("genome.json", &genome.signed(&[1]));
    release.write("unsigned.json", &genome.document.to_string());
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release.write("authority.json", &genome_test_support::authority(&[1], 1).to_string());
    release.write("signer.json", &signer(1).to_string());
    release.write("probes.json", r#"{"must_allow": ["x"]}"#);
    release.write("key.pub", "ssh-rsa AAAAB3NzaC1yc2E x\n");
    assert_ran(&release.verify(&["--trust", "trust.json", "--state", "state.json", "genome.json"]), 0, "");
    assert_ran(&release.sign(1, &["draft.json", "o.json", "signer-1", "--audit-log", "audit.jsonl"]), 0, "");
    release.write("line.json", release.read("audit.jsonl").trim());
    let line = release.read("audit.jsonl");
    release.write("two.jsonl", &format!("{line}{line}"));
    release.write("report.json", &release.verify(&["--format", "json", "genome.json"]).stdout);
    let mut diff = genome_test_support::program("genome-diff", release.path());
    release.write("diff.json", &run(diff.args(["--format", "json", "genome.json", "o.json"])).stdout);
    release.write("proposal.json", r#"{"schema_version": "proposal.v0.1", "proposal": "0001"}"#);
    let documents = [
        ("genome.json", "a genome"),
        ("unsigned.json", "an unsigned draft of a genome"),
        ("trust.json", "a trust policy"),
        ("authority.json", "a trust policy"),
        ("signer.json", "the public key of a signer"),
        ("state.json", "a state of accepted versions"),
        ("line.json", "an audit log"),
        ("two.jsonl", "an audit log"),
        ("proposal.json", "a proposal"),
        ("probes.json", "a file of probes"),
        ("diff.json", "a report that compares genomes"),
        ("report.json", "a report on verified genomes"),
        ("key.pub", "a public key"),
    ];
    let places: [(&str, &[&str], &str, &[&str]); 6] = [
        ("a genome", &["genome-verify", "FILE"], "name a genome", &["genome.json", "unsigned.json"]),
        ("a genome", &["genome-sign", "FILE", "out.json", "signer-1"], "", &["genome.json", "unsigned.json"]),
        (
            "a trust policy",
            &["genome-verify", "--trust", "FILE", "genome.json"],
            "--trust FILE",
            &["trust.json", "authority.json", "signer.json", "key.pub"],
        ),
        ("a state of accepted versions", &["genome-verify", "--state", "FILE", "genome.json"], "--state FILE", &["state.json"]),
        ("an audit log", &["genome-verify", "--audit-log", "FILE", "genome.json"], "", &["two.jsonl", "line.json"]),
        (
            "the public key of a signer",
            &["genome-draft", "--from", "genome.json", "--bump", "minor", "--signer", "FILE", "n.json"],
            "",
            &["signer.json", "key.pub"],
        ),
    ];
    for (expected, command, option, taken) in places {
        for (file, found) in documents.iter().filter(|(file, _)| !taken.contains(file)) {
            let before = release.read(file);
            let mut run_it = genome_test_support::program(command[0], release.path());
            let ran = run(run_it
                .args(command[1..].iter().map(|word| if *word == "FILE" { *file } else { *word }))
                .env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
            assert_eq!(ran.status, Some(1), "{command:?} {file}: {ran:?}");
            let sentence = format!(": this is {found}, and {expected} was expected\n  --> {file}\n  help: ");
            let one = ran.stderr.matches(&sentence).count() == 1 && ran.stderr.matches("error[").count() == 1;
            assert!(one, "{command:?} {file}: {}", ran.stderr);
            let hint = ran.stderr.lines().rfind(|line| line.starts_with("  help: "));
            assert!(hint.unwrap().contains(option), "{command:?} {file}: {}", ran.stderr);
            assert_eq!(release.read(file), before);
        }
    }
    // The codes are those of other documents that are refused there.
    for (file, code) in
        [("trust.json", "GENOME_INVALID_SCHEMA"), ("two.jsonl", "GENOME_INVALID_JSON"), ("key.pub", "GENOME_INVALID_JSON")]
    {
        assert_eq!(codes(&release.verify(&[file])), [code], "{file}");
    }
    assert_eq!(codes(&release.verify(&["--state", "trust.json", "genome.json"])), ["GENOME_ROLLBACK"]);
    assert_eq!(codes(&release.verify(&["--audit-log", "trust.json", "genome.json"])), ["GENOME_AUDIT_MISMATCH"]);
    assert_eq!(codes(&release.verify(&["--trust", "genome.json", "genome.json"])), ["GENOME_INVALID_SCHEMA"]);
}

#[test]
fn a_jwk_is_said_to_be_one() {
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    let public = r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let ran = under(&release, public.as_bytes());
    assert_ran(&ran, 1, "error[GENOME_INVALID_SCHEMA]: this is a public key as JWK, and a trust policy was expected\n");
    assert!(ran.stderr.contains("give the key as OpenSSH or OpenSSL writes it"), "{ran:?}");
    for private in [
        r#"{"kty": "OKP", "crv": "Ed25519", "d": "AAAA", "x": "AAAA"}"#,
        r#"{"d": "AAAA", "kty": "EC", "crv": "P-256"}"#,
        r#"{"kty": "oct", "k": "AAAA"}"#,
    ] {
        let ran = under(&release, private.as_bytes());
        assert_ran(&ran, 1, "error[GENOME_SECRET_EXPOSED]: this is a private key, which must not be given here\n");
        assert!(!ran.stderr.contains("AAAA") && !ran.stderr.contains("  - "), "{ran:?}");
    }
    // Beside others it is found, too.
    let ran = under(&release, br#"{"keys": [{"kty": "OKP", "d": "AAAA"}]}"#);
    assert_ran(&ran, 1, "error[GENOME_SECRET_EXPOSED]: a private key stands in the document at /keys/0/d\n");
}

#[test]
fn a_key_id_in_the_place_of_a_file_is_said_to_be_none() {
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    let said = "a file with a public key belongs here, as genome-keygen, OpenSSH or OpenSSL writes it, not a key id";
    for arguments in [
        &["draft", "--from", "genome.json", "--signer", "alice", "-"][..],
        &["init", "new", "--name", "A", "--signer", "alice", "--no-passphrase", "--yes"],
        &["trust", "new", "trust.json", "alice"],
    ] {
        assert_ran(&run(genome_test_support::program("genome", release.path()).args(arguments)), 2, said);
    }
}
