//! `genome-sign` with a key in a real `ssh-agent`, and with what is none.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Agent, Release, assert_ran, has, openssh_key, run, shell};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// An agent with the key of `signer-1`, whose comment is `ada`.
fn agent_and_release() -> Option<(Agent, Release)> {
    let agent = Agent::start()?;
    let release = Release::new(2, 1);
    release.name_key(1, &openssh_key(release.path(), "ada", ""));
    agent.does(&release, "ssh-add -q ada; rm ada");
    Some((agent, release))
}

fn fingerprint(release: &Release, name: &str) -> String {
    let listed = shell(release.path(), &format!("ssh-keygen -lf {name}.pub"));
    listed.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_key_of_the_agent_signs_by_each_of_its_names() {
    let Some((agent, release)) = agent_and_release() else { return };
    for name in ["", "ada", &fingerprint(&release, "ada")] {
        // The key chooses among the two who may sign only where nobody is named: the signer is named all the same.
        let mut sign = release.signing_by(&format!("ssh-agent:{name}"));
        assert_ran(&run(sign.arg("signer-1").env("SSH_AUTH_SOCK", agent.socket())), 0, "signed by `signer-1`");
        release.assert_signed();
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
}

#[test]
fn an_agent_with_other_keys_signs_nothing() {
    let Some((agent, release)) = agent_and_release() else { return };
    let _ = openssh_key(release.path(), "eve", "");
    agent.does(&release, "ssh-add -q -D; ssh-add -q eve; ssh-keygen -q -t rsa -b 2048 -N '' -C old -f rsa; ssh-add -q rsa");
    let eve = fingerprint(&release, "eve");
    let ran = agent.signs(&release, "ssh-agent:");
    assert_ran(&ran, 2, &format!("the agent holds no Ed25519 key that would do; it holds {eve} `eve` (ssh-ed25519), SHA256:"));
    assert_ran(&agent.signs(&release, "ssh-agent:ada"), 2, "the agent holds no such key; it holds");
    assert_ran(&agent.signs(&release, &format!("ssh-agent:{}", fingerprint(&release, "ada"))), 2, "no such key");
    assert_ran(&agent.signs(&release, "ssh-agent:old"), 2, "`old` (ssh-rsa) is not an Ed25519 key");
    let ran = run(release.signing_by("ssh-agent:eve").arg("signer-1").env("SSH_AUTH_SOCK", agent.socket()));
    assert_ran(&ran, 1, "the private key does not belong to `signer-1`");
    release.assert_unsigned();
}

#[test]
fn several_keys_that_would_do_are_listed() {
    let Some((agent, release)) = agent_and_release() else { return };
    release.name_key(2, &openssh_key(release.path(), "bob", ""));
    let _ = openssh_key(release.path(), "eve", "");
    agent.does(&release, "ssh-keygen -q -c -C ada -f bob; ssh-add -q bob; ssh-add -q eve");
    for name in ["", "ada"] {
        let ran = agent.signs(&release, &format!("ssh-agent:{name}"));
        assert_ran(&ran, 2, "several keys of the agent would do: SHA256:");
        for key in ["ada", "bob"] {
            assert!(ran.stderr.contains(&format!("{} `ada` (ssh-ed25519)", fingerprint(&release, key))), "{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("`eve`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("help: name one by its fingerprint, such as ssh-agent:SHA256:"), "{}", ran.stderr);
    }
    // A comment cannot pass for another key.
    agent.does(&release, "ssh-keygen -q -c -C 'ada` (ssh-ed25519), SHA256:x `eve\\' -f bob; ssh-add -q -d bob; ssh-add -q bob");
    let ran = agent.signs(&release, "ssh-agent:");
    assert_ran(&ran, 2, r" `ada\u{60} (ssh-ed25519), SHA256:x \u{60}eve\\` (ssh-ed25519)");
    release.assert_unsigned();
    // Whoever is named has one key only.
    let ran = run(release.signing_by("ssh-agent:").arg("signer-2").env("SSH_AUTH_SOCK", agent.socket()));
    assert_ran(&ran, 0, "signed by `signer-2`");
}

#[test]
fn an_agent_that_is_not_there_or_locked_or_empty_says_so() {
    let Some((mut agent, release)) = agent_and_release() else { return };
    assert_ran(&run(&mut release.signing_by("ssh-agent:")), 2, "SSH_AUTH_SOCK is not set");
    assert_ran(&run(release.signing_by("ssh-agent:").env("SSH_AUTH_SOCK", "")), 2, "SSH_AUTH_SOCK is not set");
    shell(release.path(), "printf '#!/bin/sh\\necho secret\\n' > askpass; chmod +x askpass");
    agent.does(&release, "export SSH_ASKPASS=./askpass SSH_ASKPASS_REQUIRE=force; ssh-add -q -x");
    assert_ran(&agent.signs(&release, "ssh-agent:"), 2, "the agent holds no key, or is locked");
    agent.does(&release, "export SSH_ASKPASS=./askpass SSH_ASKPASS_REQUIRE=force; ssh-add -q -X; ssh-add -q -D");
    assert_ran(&agent.signs(&release, "ssh-agent:ada"), 2, "the agent holds no key, or is locked");
    agent.end();
    assert_ran(&agent.signs(&release, "ssh-agent:"), 2, "no agent answers at ");
    let ran = run(release.signing_by("ssh-agent:").env("SSH_AUTH_SOCK", "no such\nsocket"));
    assert_ran(&ran, 2, "no agent answers at `no such\\u{a}socket`, to which SSH_AUTH_SOCK points: ");
    release.assert_unsigned();
}

#[test]
fn an_agent_may_refuse_and_says_so() {
    let Some((agent, release)) = agent_and_release() else { return };
    let ada = openssh_key(release.path(), "confirmed", "");
    release.name_key(2, &ada);
    // Nobody can be asked whether the key may be used.
    agent.does(&release, "ssh-add -q -c confirmed");
    let ran = run(release.signing_by("ssh-agent:confirmed").arg("signer-2").env("SSH_AUTH_SOCK", agent.socket()));
    assert_ran(&ran, 2, "the agent refuses to sign");
    release.assert_unsigned();
}

#[test]
fn a_genome_that_is_too_large_for_the_agent_is_named_for_that() {
    let Some((agent, release)) = agent_and_release() else { return };
    let files: Vec<String> =
        (0..4000).map(|number| format!(r#"{{"path": "{number}", "sha256": "{}"}}"#, "0123456789abcdef".repeat(4))).collect();
    let draft = release.read("draft.json");
    let start = draft.find("\"build_manifest\"").unwrap();
    release.write("draft.json", &format!("{}\"build_manifest\": {{\"files\": [{}]}}}}", &draft[..start], files.join(",")));
    let ran = run(release.signing_by("ssh-agent:ada").arg("signer-1").env("SSH_AUTH_SOCK", agent.socket()));
    assert_ran(&ran, 2, "the agent hung up without an answer to a message of ");
    assert!(ran.stderr.contains("at most 256 KiB"), "{}", ran.stderr);
    release.assert_unsigned();
}

/// Answers the questions of one connection after the other, in the order given; an empty answer is none at all.
fn false_agent(release: &Release, answers: Vec<Vec<u8>>) -> std::path::PathBuf {
    let socket = release.path().join("false-agent");
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut length = [0; 4];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut question).unwrap();
            stream.write_all(&answer).unwrap();
            if answer.is_empty() {
                kept.push(stream);
            }
        }
        // What was not answered stays open.
        thread::park();
    });
    socket
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The answer of an agent that holds one key.
fn holds(blob: &[u8], comment: &str) -> Vec<u8> {
    string(&[&[12, 0, 0, 0, 1], string(blob).as_slice(), &string(comment.as_bytes())].concat())
}

#[test]
fn a_security_key_is_refused_with_the_reason() {
    let release = Release::new(1, 1);
    let key = genome::PrivateKey::from_text(&release.keys[0], None).unwrap().public_key();
    let blob = [string(b"sk-ssh-ed25519@openssh.com"), string(key.as_bytes()), string(b"ssh:")].concat();
    for name in ["token", ""] {
        let socket = false_agent(&release, vec![holds(&blob, "token")]);
        let ran = run(release.signing_by(&format!("ssh-agent:{name}")).env("SSH_AUTH_SOCK", &socket));
        fs::remove_file(socket).unwrap();
        let said = "`token` (sk-ssh-ed25519@openssh.com) is a key on a security key, which signs its own flags and counter";
        assert_ran(&ran, 2, said);
        release.assert_unsigned();
    }
}

/// An agent that takes no connection, and before which as many wait already as may; until its standard input ends.
const STUCK: &str = r#"
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind("stuck")
listener.listen(0)
waiting = []
try:
    while True:
        waiting.append(socket.socket(socket.AF_UNIX))
        waiting[-1].setblocking(False)
        waiting[-1].connect("stuck")
except BlockingIOError:
    print("full", flush=True)
sys.stdin.read()
"#;

#[test]
fn an_agent_that_takes_no_connection_is_not_waited_for() {
    if !has("python3") {
        return;
    }
    let release = Release::new(1, 1);
    let mut python = Command::new("python3");
    let python = python.args(["-c", STUCK]).current_dir(release.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut stuck = python.spawn().unwrap();
    let mut full = [0; 4];
    stuck.stdout.as_mut().unwrap().read_exact(&mut full).unwrap();
    let mut signing = release.signing_by("ssh-agent:");
    signing.args(["--key-timeout", "1"]).env("SSH_AUTH_SOCK", "stuck");
    let (done, ran) = channel();
    thread::spawn(move || done.send(run(&mut signing)));
    let ran = ran.recv_timeout(Duration::from_secs(30));
    // Whoever still waits is let go.
    drop(stuck.stdin.take());
    stuck.wait().unwrap();
    assert_ran(&ran.unwrap(), 2, "the agent did not answer within 1 seconds");
}

#[test]
fn what_is_no_agent_neither_signs_nor_hangs_nor_breaks_us() {
    let release = Release::new(1, 1);
    let key = genome::PrivateKey::from_text(&release.keys[0], None).unwrap().public_key();
    let blob = [string(b"ssh-ed25519"), string(key.as_bytes())].concat();
    let signature = |bytes: &[u8]| string(&[&[14], string(&[string(b"ssh-ed25519"), string(bytes)].concat()).as_slice()].concat());
    let held = || holds(&blob, "\u{1b}[2J\n");
    for (answers, status, said) in [
        (vec![vec![]], 2, "the agent did not answer within 1 seconds"),
        (vec![vec![0, 0, 0, 5, 12]], 2, "the agent hung up"),
        (vec![vec![0, 0, 0, 0]], 2, "does not speak the protocol"),
        (vec![vec![255; 8]], 2, "does not speak the protocol"),
        (vec![string(&[5])], 2, "the agent refuses to say what it holds"),
        (vec![string(&[12, 255, 255, 255, 255])], 2, "does not speak the protocol"),
        (vec![string(&[12, 0, 0, 0, 1, 255, 255, 255, 255])], 2, "does not speak the protocol"),
        (vec![string(&[12, 0, 0, 0, 0, 7])], 2, "does not speak the protocol"),
        (vec![holds(b"", "")], 2, "it holds SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU `` (``)"),
        (vec![holds(&[0, 0, 0, 9, 1], "\u{1b}[2J")], 2, "`\\u{1b}[2J`"),
        (vec![held(), string(&[5])], 2, "the agent refuses to sign"),
        (vec![held(), vec![]], 2, "the agent did not answer within 1 seconds"),
        (vec![held(), signature(&[7; 63])], 2, "does not speak the protocol"),
        (vec![held(), signature(&[7; 64])], 1, "the signature that was made is not one over this genome by the key of `signer-1`"),
    ] {
        let socket = false_agent(&release, answers);
        let ran = run(release.signing_by("ssh-agent:").args(["--key-timeout", "1"]).env("SSH_AUTH_SOCK", &socket));
        assert_ran(&ran, status, said);
        release.assert_unsigned();
        fs::remove_file(socket).unwrap();
    }
}
