//! `genome-sign DIR --key REF`, and nothing else: the key says who signs, the directory what, and the report who is next.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::PublicKey;
use genome_test_support::terminal::Typist;
use genome_test_support::{
    Agent, Draft, Ran, Release, SoftToken, assert_ran, fingerprint, has, names, openssh_key, openssl_key, policy, program,
    programs, run, shell, test_key,
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const DIRECTORY: &str = "genomes/TEST_v1.0.0";
const DRAFT: &str = "genomes/TEST_v1.0.0/genome-unsigned.json";
const GENOME: &str = "genomes/TEST_v1.0.0/genome.json";

/// A draft of these signers in a directory of its own, and the keys of the first eight as files.
fn release(draft: &Draft) -> Release {
    let release = Release::new(8, 1);
    fs::create_dir_all(release.path().join(DIRECTORY)).unwrap();
    release.write(DRAFT, &draft.document.to_string());
    for (number, key) in (1..).zip(&release.keys) {
        let name = format!("{number}.key");
        release.write(&name, key);
        release.set_mode(&name, 0o600);
    }
    release
}

fn two_of_three() -> Release {
    release(&Draft::new("1.0.0", &[1, 2, 3], 2))
}

fn signing(release: &Release, arguments: &[&str]) -> Command {
    let mut command = program("genome-sign", release.path());
    command.args(arguments);
    command
}

fn sign(release: &Release, arguments: &[&str]) -> Ran {
    run(&mut signing(release, arguments))
}

fn is_verified(release: &Release, genome: &str) -> bool {
    release.verify(&[genome]).status == Some(0)
}

/// The lines of a report that begin with this label.
fn lines<'r>(ran: &'r Ran, label: &str) -> Vec<&'r str> {
    let start = format!("  {label:<12}");
    ran.stderr.lines().filter_map(|line| line.strip_prefix(start.as_str())).collect()
}

/// Who is next, and the command of each, which is a line of its own with nothing else.
fn next_commands(ran: &Ran) -> Vec<(String, String)> {
    let who = |line: &str| line.strip_prefix("  next        ").and_then(|who| who.strip_suffix(':')).map(ToOwned::to_owned);
    let pairs = ran.stderr.lines().zip(ran.stderr.lines().skip(1));
    pairs.filter_map(|(line, command)| Some((who(line)?, command.strip_prefix("  ").unwrap().to_owned()))).collect()
}

#[test]
fn two_of_three_sign_with_nothing_but_the_directory_and_their_keys() {
    let release = two_of_three();
    let ran = sign(&release, &[DIRECTORY, "--key", "file:3.key"]);
    assert_ran(&ran, 0, &format!("signed by `signer-3` ({})\n", fingerprint(3)));
    let next = |number| (format!("`signer-{number}` ({})", fingerprint(number)), format!("genome sign {DIRECTORY} --key REF"));
    assert_eq!(next_commands(&ran), [next(1), next(2)]);
    assert_eq!(
        lines(&ran, "REF"),
        ["where that key is: `env:NAME`, `file:PATH`, `ssh-agent:FINGERPRINT`, `pkcs11:URI` or `exec:COMMAND`"]
    );
    assert_eq!(names(&release.path().join(DIRECTORY)), ["genome-unsigned.json", "genome.json"]);
    // The command does what it says.
    let command = next_commands(&ran).first().unwrap().1.replace("REF", "file:1.key");
    shell(release.path(), &format!("{command} 2>report"));
    assert!(is_verified(&release, GENOME));
    let report = release.read("report");
    assert!(
        report.ends_with(&format!("\n  next        verify it with a trust policy:\n  genome verify --trust POLICY {GENOME}\n")),
        "{report}"
    );
    release.write("POLICY", &policy(&[1, 2, 3], 2, &json!({})));
    shell(release.path(), &format!("genome verify --trust POLICY {GENOME}"));
    // Once more it is the same, and the third may sign too.
    assert_ran(&sign(&release, &[DIRECTORY, "--key", "file:1.key"]), 0, "nothing to do, signed before by `signer-1`");
    assert_ran(&sign(&release, &[DIRECTORY, "--key", "file:2.key"]), 0, "signed by `signer-2`");
}

/// A signer of a draft with this key.
fn signer(key_id: &str, key: &PublicKey) -> Value {
    json!({"key_id": key_id, "alg": "ed25519", "public_key": key.to_string()})
}

/// Somebody who says yes, and then types this where it is asked for.
fn at_a_terminal(command: &Command, secrets: &[(&str, &str)]) -> Ran {
    let steps = [&[("[y/n] ", "y\n")], secrets].concat();
    let typed = Typist { steps: &steps, shows_errors: true, size: Some((60, 200)), ..Typist::default() }.run(command);
    Ran { stderr: typed.shown.replace("\r\n", "\n"), ..typed.ran }
}

#[test]
fn each_kind_of_key_says_whose_it_is() {
    if !["openssl", "ssh-keygen", "python3"].into_iter().all(has) {
        return;
    }
    let scratch = Release::new(1, 1);
    let pem = openssl_key(scratch.path(), "plain.pem");
    shell(scratch.path(), "umask 077; openssl pkcs8 -topk8 -passout 'pass:two words' -in plain.pem -out openssl.pem");
    let openssh = openssh_key(scratch.path(), "openssh", "three more words");
    let (agent, token) = (Agent::start(), SoftToken::make());
    let mut signers = vec![signer("by-openssl", &pem), signer("by-openssh", &openssh)];
    if let Some(agent) = &agent {
        signers.push(signer("by-agent", &openssh_key(scratch.path(), "ada", "")));
        agent.does(&scratch, "ssh-add -q ada");
    }
    if let Some(token) = &token {
        signers.push(signer("by-token", &token.make_key("ops-1", "01")));
        let _ = token.make_key("ops-2", "02");
    }
    let count = signers.len();
    let draft = Draft::new("1.0.0", &[1], 1).with("authority", json!({"signers": signers, "threshold": count}));
    let release = release(&draft);
    let reference = |name: &str| format!("file:{}", scratch.path().join(name).display());
    let asked = |name: &str| format!("{name}`: ");
    for (name, passphrase, key_id) in
        [("openssl.pem", "two words\n", "by-openssl"), ("openssh", "three more words\n", "by-openssh")]
    {
        let command = signing(&release, &[DIRECTORY, "--key", &reference(name)]);
        let secrets = [(asked(name), "wrong\n"), ("(that was wrong; try 2 of 3): ".to_owned(), passphrase)];
        let secrets: Vec<(&str, &str)> = secrets.iter().map(|(asked, typed)| (asked.as_str(), *typed)).collect();
        assert_ran(&at_a_terminal(&command, &secrets), 0, &format!("signed by `{key_id}`"));
    }
    if let Some(agent) = &agent {
        let mut command = signing(&release, &[DIRECTORY, "--key", "ssh-agent:"]);
        assert_ran(&run(command.env("SSH_AUTH_SOCK", agent.socket())), 0, "signed by `by-agent`");
    }
    if let Some(token) = &token {
        let mut command = signing(&release, &[DIRECTORY, "--key", "pkcs11:token=release;object=ops-1"]);
        command.env("SOFTHSM2_CONF", token.path().join("conf")).env("PKCS11_PROVIDER_MODULE", token.module());
        // A wrong PIN is not asked for again: each costs a try.
        let wrong = at_a_terminal(&command, &[("the PIN of the token `release`: ", "pin-9418\n")]);
        assert_ran(&wrong, 2, "is wrong; it was tried once");
        let right = format!("{}\n", genome_test_support::PIN);
        let signed = at_a_terminal(&command, &[("the PIN of the token `release`: ", &right)]);
        assert_ran(&signed, 0, "signed by `by-token`");
        // The key of another is refused for what it is.
        let mut other = signing(&release, &[DIRECTORY, "--key", "pkcs11:token=release;object=ops-2", "--yes"]);
        other.env("SOFTHSM2_CONF", token.path().join("conf")).env("PKCS11_PROVIDER_MODULE", token.module());
        release.write("pin", genome_test_support::PIN);
        release.set_mode("pin", 0o600);
        assert_ran(&run(other.args(["--passphrase-file", "pin"])), 1, " is not one of those that may sign\n");
    }
    assert!(is_verified(&release, GENOME));
}

#[test]
fn the_variables_say_whose_key_it_is_too() {
    let release = two_of_three();
    let mut command = signing(&release, &[DIRECTORY]);
    assert_ran(&run(command.env("GENOME_SIGNING_PRIVATE_KEY", release.keys.get(1).unwrap())), 0, "signed by `signer-2`");
    let mut command = signing(&release, &[DIRECTORY]);
    assert_ran(&run(command.env("GENOME_SIGNING_KEY", "file:3.key")), 0, "signed by `signer-3`");
    let mut command = signing(&release, &[DIRECTORY]);
    let ran = run(command.env("GENOME_SIGNING_KEY", "3.key"));
    assert_ran(&ran, 2, "GENOME_SIGNING_KEY cannot be used: the key reference does not say that it is a file");
    assert!(ran.stderr.ends_with("  help: did you mean file:3.key?\n"), "{ran:?}");
    assert!(is_verified(&release, GENOME));
}

/// Before anybody reads what would be signed, where the key is not locked; and before anything is written in any case.
#[test]
fn a_key_that_may_not_sign_is_told_which_may() {
    let release = two_of_three();
    for refused in [
        sign(&release, &[DIRECTORY, "--key", "file:7.key"]),
        run(signing(&release, &[DIRECTORY]).env("GENOME_SIGNING_PRIVATE_KEY", release.keys.get(6).unwrap())),
    ] {
        assert_ran(&refused, 1, &format!("error: the key given, {}, is not one of those that may sign\n", fingerprint(7)));
        let who: Vec<String> = [1, 2, 3].map(|number| format!("`signer-{number}` ({})", fingerprint(number))).into();
        let hint = format!("\n  help: give the private key of {}, {} or {}\n", who[0], who[1], who[2]);
        assert!(refused.stderr.ends_with(&hint) && !refused.stderr.contains("threshold"), "{refused:?}");
    }
    let mut public = signing(&release, &[DIRECTORY]);
    assert_ran(&run(public.env("GENOME_SIGNING_PRIVATE_KEY", test_key())), 1, "is not one of those that may sign");
    assert_ran(&sign(&release, &[DIRECTORY, GENOME, "signer-1", "--key", "file:7.key"]), 1, "does not belong to `signer-1`");
    assert_eq!(names(&release.path().join(DIRECTORY)), ["genome-unsigned.json"]);
}

/// A file that changes between the review and the signature is another key, and what was reviewed was for the first.
#[test]
fn the_key_that_signs_is_the_one_that_was_reviewed() {
    if !has("python3") {
        return;
    }
    let release = two_of_three();
    shell(release.path(), "cp -p 1.key k");
    // What is more than the screen shows is paged, which is a moment between the two.
    let mut command = signing(&release, &[DIRECTORY, "--key", "file:k"]);
    command.env("PAGER", "cp -p 2.key k");
    let typist = Typist { steps: &[("[4/n] ", "4\n")], shows_errors: true, size: Some((3, 200)), ..Typist::default() };
    let typed = typist.run(&command);
    assert_eq!(typed.ran.status, Some(1), "{typed:?}");
    assert!(typed.shown.contains("the private key does not belong to `signer-1`"), "{typed:?}");
    assert_eq!(names(&release.path().join(DIRECTORY)), ["genome-unsigned.json"]);
}

#[test]
fn nothing_secret_is_asked_for_where_nothing_can_be_signed() {
    if !has("openssl") || !has("python3") {
        return;
    }
    let release = two_of_three();
    shell(release.path(), "umask 077; openssl genpkey -algorithm ed25519 -aes256 -pass pass:words -out locked.pem");
    let silent = |arguments: &[&str], status: i32, said: &str| {
        let command = signing(&release, &[arguments, &["--key", "file:locked.pem"]].concat());
        let typed = Typist { shows_errors: true, ..Typist::default() }.run(&command);
        let shown = typed.shown.replace("\r\n", "\n");
        assert_eq!(typed.ran.status, Some(status), "{shown}");
        assert!(shown.contains(said) && !shown.contains("passphrase") && !shown.contains("threshold"), "{shown}");
    };
    silent(&[DIRECTORY, "nowhere/genome.json"], 2, "cannot write the signed genome");
    silent(&[DIRECTORY, "--audit-log", "nowhere/log"], 2, "the audit log cannot be used");
    silent(&[DIRECTORY, GENOME, "nobody"], 1, "names no `nobody`");
    release.write(GENOME, &Draft::new("1.0.1", &[1, 2, 3], 2).signed(&[1]));
    silent(&[DIRECTORY], 1, "it holds another genome");
    release.write(GENOME, &Draft::new("1.0.0", &[1, 2, 3], 2).signed(&[1]));
    release.set_mode(GENOME, 0o444);
    silent(&[DIRECTORY], 1, "its owner has no permission to write it");
}

/// What is left out is what stands beside the draft.
#[test]
fn the_output_is_beside_the_draft() {
    let release = two_of_three();
    let key = ["--key", "file:1.key"];
    for (arguments, written) in [
        (&[DRAFT][..], GENOME),
        (&["genomes/../genomes/TEST_v1.0.0/"], "genomes/../genomes/TEST_v1.0.0/genome.json"),
        // What is signed already is a draft too.
        (&[GENOME], GENOME),
    ] {
        let ran = sign(&release, &[arguments, &key].concat());
        assert_ran(&ran, 0, "signed");
        let is_new = ran.stderr.contains("signed by `signer-1`") && ran.stderr.contains(&format!("  written to  {written}\n"));
        assert!(is_new || ran.stderr.contains("nothing to do"), "{ran:?}");
        if arguments != [GENOME] {
            fs::remove_file(release.path().join(DIRECTORY).join("genome.json")).unwrap();
            assert_ran(&sign(&release, &[DRAFT, "--key", "file:1.key"]), 0, "signed by");
        }
    }
    // Where there is no draft, the genome that lacks signatures is one.
    fs::remove_file(release.path().join(DRAFT)).unwrap();
    assert_ran(&sign(&release, &[DIRECTORY, "--key", "file:2.key"]), 0, "signatures  2 of 2 required");
    assert!(is_verified(&release, GENOME));
    // In the directory itself.
    release.write("genome-unsigned.json", &Draft::new("1.0.0", &[1, 2, 3], 2).document.to_string());
    let ran = sign(&release, &["--key", "file:1.key", "."]);
    assert_ran(&ran, 0, "  written to  ./genome.json\n");
    assert!(ran.stderr.contains(":\n  genome sign . --key REF\n"), "{ran:?}");
    fs::create_dir(release.path().join("empty")).unwrap();
    let ran = sign(&release, &["empty", "--key", "file:1.key"]);
    assert_ran(
        &ran,
        2,
        "error[GENOME_MISSING]: it is a directory, and neither genome-unsigned.json nor genome.json is in it\n  --> empty\n",
    );
    assert_eq!(names(&release.path().join("empty")), [""; 0]);
}

#[test]
fn what_comes_through_a_stream_says_where_it_goes() {
    let release = two_of_three();
    let bash = |script: &str| {
        let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
        run(Command::new("bash").args(["-c", script]).current_dir(release.path()).env("PATH", path))
    };
    for script in [
        "genome-sign - --key file:1.key < DRAFT",
        "genome-sign /dev/stdin --key file:1.key < DRAFT",
        "genome-sign <(cat DRAFT) --key file:1.key",
    ] {
        let ran = bash(&script.replace("DRAFT", DRAFT));
        assert_ran(&ran, 2, "so nothing says where the signed genome goes\n  help: name OUTPUT after UNSIGNED");
    }
    assert_eq!(names(&release.path().join(DIRECTORY)), ["genome-unsigned.json"]);
    let ran = bash(&format!("genome-sign <(cat {DRAFT}) new.json --key file:1.key"));
    assert_ran(&ran, 0, "signed by `signer-1`");
    assert!(ran.stderr.contains("):\n  genome sign new.json new.json --key REF\n"), "{ran:?}");
    let ran = bash(&format!("genome-sign - - --key file:<(cat 1.key) < {DRAFT}"));
    assert_ran(&ran, 0, "signed by `signer-1`");
    assert!(ran.stderr.contains("):\n  genome sign FILE OUTPUT --key REF\n"), "{ran:?}");
    assert!(ran.stdout.contains("signer-1"));
}

/// Who leaves out OUTPUT and names the signer all the same would get a file of that name.
#[test]
fn a_key_id_is_no_output() {
    let release = two_of_three();
    let ran = sign(&release, &[DIRECTORY, "signer-1", "--key", "file:1.key"]);
    assert_ran(&ran, 2, "error: `signer-1` stands where OUTPUT should, and is the name of a signer\n");
    assert!(!release.path().join("signer-1").exists());
    assert_ran(&sign(&release, &[DIRECTORY, "./signer-1", "--key", "file:1.key"]), 0, "  written to  ./signer-1\n");
    // As it always was.
    assert_ran(&sign(&release, &[DRAFT, "signer-2", "--key", "file:1.key"]), 0, "  written to  signer-2\n");
}

/// What a shell would take for more than a name is quoted, and what a program would take for an option is not one.
#[test]
fn the_command_can_be_typed_whatever_the_directory_is_called() {
    for name in ["a b", "it's", "-x", "$(touch made)", "a\nb", "##[group]"] {
        let release = two_of_three();
        fs::rename(release.path().join(DIRECTORY), release.path().join(name)).unwrap();
        let ran = sign(&release, &["--key", "file:1.key", "--", name]);
        assert_ran(&ran, 0, "signed by `signer-1`");
        let command = next_commands(&ran).first().unwrap().1.replace("REF", "file:2.key");
        shell(release.path(), &command);
        let genome = release.path().join(name).join("genome.json");
        assert!(is_verified(&release, genome.to_str().unwrap()), "{command}");
        assert!(!release.path().join("made").exists() && !ran.stderr.contains("##["), "{ran:?}");
    }
}

#[test]
fn a_program_tells_its_public_key_or_its_signer_has_to_be_named() {
    if !has("openssl") {
        return;
    }
    let scratch = Release::new(1, 1);
    let key = openssl_key(scratch.path(), "key.pem");
    let signers = json!([genome_test_support::signer(1), signer("kms", &key)]);
    let release = release(&Draft::new("1.0.0", &[1], 1).with("authority", json!({"signers": signers, "threshold": 1})));
    fs::copy(scratch.path().join("key.pem"), release.path().join("key.pem")).unwrap();
    let script = |name: &str, told: &str| {
        let signs = "m=$(mktemp); cat > \"$m\"; openssl pkeyutl -sign -rawin -inkey key.pem -in \"$m\" | openssl base64; rm \"$m\"";
        release.write(
            name,
            &format!("#!/bin/sh\necho $GENOME_EXEC >> calls\nif [ $GENOME_EXEC = public-key ]; then {told}; fi\n{signs}\n"),
        );
        release.set_mode(name, 0o755);
    };
    script("tells", "exec openssl pkey -in key.pem -pubout");
    script("tells-not", "exit 3");
    script("signs-all", ":");
    assert_ran(&sign(&release, &[DIRECTORY, "--key", "exec:./tells"]), 0, "signed by `kms`");
    assert_eq!(release.read("calls"), "public-key\nsign\n");
    fs::remove_file(release.path().join(GENOME)).unwrap();
    for name in ["tells-not", "signs-all"] {
        let ran = sign(&release, &[DIRECTORY, "--key", &format!("exec:./{name}")]);
        assert_ran(&ran, 1, "error: 2 signers may sign, so the one who signs must be named\n");
        let hint =
            format!("add `signer-1` or `kms` at the end of the command, as KEY_ID, after OUTPUT, which is {GENOME}; the program");
        assert!(ran.stderr.contains(&hint), "{ran:?}");
        assert_ran(&sign(&release, &[DIRECTORY, GENOME, "kms", "--key", &format!("exec:./{name}")]), 0, "signed by `kms`");
        fs::remove_file(release.path().join(GENOME)).unwrap();
    }
    // Where there is one only, a program need not tell.
    release.write(
        DRAFT,
        &Draft::new("1.0.0", &[1], 1)
            .with("authority", json!({"signers": [signer("kms", &key)], "threshold": 1}))
            .document
            .to_string(),
    );
    assert_ran(&sign(&release, &[DIRECTORY, "--key", "exec:./tells-not"]), 0, "signed by `kms`");
    assert!(is_verified(&release, GENOME));
    assert!(Path::new(&release.path().join("calls")).exists());
}

/// The audit log says where the keys of those are who have signed before: the command is the one for their kind.
#[test]
fn the_command_is_the_one_for_a_kind_of_key_that_the_log_knows() {
    let release = two_of_three();
    let log = ["--audit-log", "log.jsonl"];
    let mut first = signing(&release, &[&[DIRECTORY, "--key", "env:MINE"][..], &log].concat());
    assert_ran(&run(first.env("MINE", release.keys.first().unwrap())), 0, "in log.jsonl, line 1\n");
    assert_ran(&sign(&release, &[&[DIRECTORY, "--key", "file:2.key"][..], &log].concat()), 0, "in log.jsonl, line 2\n");
    fs::remove_file(release.path().join(GENOME)).unwrap();
    let command = format!("genome sign {DIRECTORY} --audit-log log.jsonl --key");
    let next = |number, reference: &str| (format!("`signer-{number}` ({})", fingerprint(number)), format!("{command} {reference}"));
    let ran = sign(&release, &[&[DIRECTORY, "--key", "file:3.key"][..], &log].concat());
    assert_eq!(next_commands(&ran), [next(1, "env:NAME"), next(2, "file:PATH")]);
    assert_eq!(lines(&ran, "REF"), [""; 0]);
    fs::remove_file(release.path().join(GENOME)).unwrap();
    // The last line says it; by now a variable holds that of the second. The third has one, too.
    let mut second = signing(&release, &[DIRECTORY, "--key", "env:MINE"]);
    second.env("MINE", release.keys.get(1).unwrap()).env("GENOME_AUDIT_LOG", "log.jsonl");
    let ran = run(&mut second);
    let command = format!("genome sign {DIRECTORY} --key");
    let next = |number, reference: &str| (format!("`signer-{number}` ({})", fingerprint(number)), format!("{command} {reference}"));
    assert_eq!(next_commands(&ran), [next(1, "env:NAME"), next(3, "file:PATH")]);
    // Without a log nothing is known.
    fs::remove_file(release.path().join(GENOME)).unwrap();
    let ran = sign(&release, &[DIRECTORY, "--key", "file:3.key"]);
    assert_eq!(next_commands(&ran), [next(1, "REF"), next(2, "REF")]);
}

/// A key in an agent has a reference that can be typed as it is.
#[test]
fn a_key_that_the_log_knows_in_an_agent_is_named_whole() {
    let Some(agent) = Agent::start() else { return };
    let scratch = Release::new(1, 1);
    let ada = openssh_key(scratch.path(), "ada", "");
    agent.does(&scratch, "ssh-add -q ada");
    let signers = json!([signer("ada", &ada), genome_test_support::signer(1)]);
    let release = release(&Draft::new("1.0.0", &[1], 1).with("authority", json!({"signers": signers, "threshold": 2})));
    let by = |reference: &str| {
        let mut command = signing(&release, &[DIRECTORY, "--key", reference, "--audit-log", "log.jsonl"]);
        run(command.env("SSH_AUTH_SOCK", agent.socket()))
    };
    assert_ran(&by("ssh-agent:"), 0, "signed by `ada`");
    fs::remove_file(release.path().join(GENOME)).unwrap();
    let ran = by("file:1.key");
    let (_, command) = next_commands(&ran).swap_remove(0);
    assert!(command.ends_with(&format!("--key ssh-agent:{}", ada.fingerprint())), "{command}");
    shell(release.path(), &format!("export SSH_AUTH_SOCK='{}'; {command}", agent.socket().display()));
    assert!(is_verified(&release, GENOME));
}

/// An encrypted key of OpenSSH says whose it is before anybody is asked for its passphrase. What it says counts for nothing once it is open.
#[test]
fn an_encrypted_key_of_openssh_says_who_signs_and_has_to_prove_it() {
    let [ours, other] = [1, 9].map(genome_test_support::key);
    let release = two_of_three();
    let encrypted = |key: &genome::PrivateKey| {
        key.to_openssh("", Some(genome::key::Encryption { passphrase: "words", random: &[7; 32] })).unwrap()
    };
    let write = |name: &str, text: &str| {
        release.write(name, text);
        release.set_mode(name, 0o600);
    };
    write("ours", &encrypted(&ours));
    write("other", &encrypted(&other));
    write("words", "words\n");
    // Nobody is asked, where there is no terminal either.
    let refused = sign(&release, &[DIRECTORY, "--key", "file:other"]);
    assert_ran(&refused, 1, "");
    assert!(!refused.stderr.contains("passphrase") && refused.stderr.contains(&fingerprint(9)), "{refused:?}");
    let given = ["--passphrase-file", "words"];
    assert_ran(&sign(&release, &[&[DIRECTORY, "--key", "file:ours"][..], &given].concat()), 0, "signed by `signer-1`");
    // The public half of a signer in the file of another key.
    let pem = encrypted(&other);
    let body: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
    let mut bytes = <base64ct::Base64 as base64ct::Encoding>::decode_vec(&body).unwrap();
    let at = bytes.windows(32).position(|window| window == other.public_key().as_bytes()).unwrap();
    bytes[at..at + 32].copy_from_slice(genome_test_support::key(2).public_key().as_bytes());
    write("forged", &<base64ct::Base64 as base64ct::Encoding>::encode_string(&bytes));
    let forged = sign(&release, &[&[DIRECTORY, "--key", "file:forged"][..], &given].concat());
    assert_ran(&forged, 2, "forged holds no usable key");
    assert!(!release.read(GENOME).contains("signer-2\",\n      \"sig_base64"), "{forged:?}");
}
