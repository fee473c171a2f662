//! `genome init`: from nothing to a signed genome that production accepts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::openssh_key;
use genome_test_support::terminal::{Typed, Typist};
use genome_test_support::{Ran, assert_ran, has, names, program, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::{TempDir, tempdir};

const MADE: [&str; 6] = [".gitignore", "genome-unsigned.json", "genome.env", "genome.json", "signing-key.pem", "trust.json"];
const SCRIPT: [&str; 6] = ["--name", "AGENT", "--allow", "B=memory_search,health_check", "--no-passphrase", "--yes"];

fn genome(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = program("genome", directory);
    command.args(arguments);
    command
}

fn init(directory: &Path, arguments: &[&str]) -> Ran {
    run(&mut genome(directory, &[&["init", "agent"], arguments].concat()))
}

/// What a shell that reads the environment file starts `genome-verify` with.
fn verify_as_the_server(directory: &Path) -> Ran {
    let verify = program("genome-verify", directory);
    let mut shell = Command::new("sh");
    shell.current_dir(directory).args(["-c", "set -a; . agent/genome.env; exec \"$0\"", verify.get_program().to_str().unwrap()]);
    run(&mut shell)
}

fn answer(directory: &Path, action: &str) -> String {
    let genome = fs::read(directory.join("agent/genome.json")).unwrap();
    let verified = genome::dangerous::verify_self_declared(&genome).unwrap();
    let allowed = genome::change::ActionAnswer::of_each_action(&verified).get(action).cloned();
    allowed.map_or_else(|| "denied".to_owned(), |answer| format!("{answer:?}"))
}

#[test]
fn a_script_has_a_genome_that_production_accepts() {
    let directory = tempdir().unwrap();
    let ran = init(directory.path(), &SCRIPT);
    assert_ran(&ran, 0, "signed by `");
    assert_eq!(names(&directory.path().join("agent")), MADE);
    let mode = |name: &str| fs::metadata(directory.path().join("agent").join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("signing-key.pem"), 0o600);
    let verified = verify_as_the_server(directory.path());
    assert_ran(&verified, 0, "");
    assert!(verified.stdout.contains("pinned"), "{}", verified.stdout);
    assert!(answer(directory.path(), "memory_search").contains("CAP-B"));
    // What nobody has classified counts as the gravest.
    assert!(answer(directory.path(), "health_check").contains("CAP-D"));
    assert_eq!(answer(directory.path(), "memory_erase"), "denied");
}

#[test]
fn openssl_reads_the_key_that_is_made() {
    if !has("openssl") {
        return;
    }
    let directory = tempdir().unwrap();
    fs::write(directory.path().join("passphrase"), "correct horse\n").unwrap();
    fs::set_permissions(directory.path().join("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
    let ran = init(directory.path(), &["--name", "AGENT", "--passphrase-file", "passphrase", "--key-id", "ada", "--yes"]);
    assert_ran(&ran, 0, "signed by `ada`");
    let mut openssl = Command::new("openssl");
    openssl.current_dir(directory.path().join("agent"));
    let read = run(openssl.args(["pkey", "-in", "signing-key.pem", "-passin", "file:../passphrase", "-pubout"]));
    assert_ran(&read, 0, "");
    let genome = fs::read(directory.path().join("agent/genome.json")).unwrap();
    let verified = genome::dangerous::verify_self_declared(&genome).unwrap();
    let public: String = read.stdout.lines().filter(|line| !line.starts_with("-----")).collect();
    assert_eq!(verified.authority.signers[0].public_key.to_string(), public);
}

#[test]
fn nothing_that_is_there_is_replaced_and_what_is_refused_leaves_nothing() {
    let directory = tempdir().unwrap();
    for name in [&MADE[1..], &["state.json"]].concat() {
        fs::create_dir_all(directory.path().join("agent")).unwrap();
        fs::write(directory.path().join("agent").join(name), "mine").unwrap();
        assert_ran(&init(directory.path(), &SCRIPT), 1, "something is there already");
        assert_eq!(names(&directory.path().join("agent")), [name]);
        fs::remove_dir_all(directory.path().join("agent")).unwrap();
    }
    for (arguments, status, said) in [
        (&["--name", "a\u{202e}b", "--no-passphrase", "--yes"][..], 1, "/name"),
        (&["--name", "A", "--allow", "B=a\u{200b}", "--no-passphrase", "--yes"], 1, "allow_actions"),
        (&["--name", "A", "--threshold", "2", "--no-passphrase", "--yes"], 1, "threshold"),
        (&["--name", "A", "--key", "file:none.pem", "--yes"], 2, "none.pem"),
        (&["--no-passphrase", "--yes"], 2, "--name NAME"),
        (&["--name", "A"], 2, "--no-passphrase"),
        (&["--name", "A", "--signer", "none.json", "--no-passphrase", "--yes"], 2, "none.json"),
    ] {
        assert_ran(&init(directory.path(), arguments), status, said);
        assert_eq!(names(directory.path()), [""; 0], "{arguments:?}");
    }
    // The directory above is not made, as its path may be mistyped.
    assert_ran(&run(&mut genome(directory.path(), &[&["init", "not/there"][..], &SCRIPT].concat())), 2, "the directory above");
}

#[test]
fn what_fails_on_the_way_leaves_nothing() {
    let directory = tempdir().unwrap();
    fs::create_dir(directory.path().join("agent")).unwrap();
    let log = directory.path().join("log");
    fs::write(&log, "no audit log\n").unwrap();
    let ran = init(directory.path(), &[&SCRIPT[..], &["--audit-log", "log"]].concat());
    assert_ran(&ran, 2, "log");
    assert_eq!(names(&directory.path().join("agent")), [""; 0]);
    assert_eq!(fs::read_to_string(log).unwrap(), "no audit log\n");
}

/// What could not be taken away is named, and nothing else is said to be there.
#[test]
fn what_is_left_is_named() {
    if !has("strace") {
        return;
    }
    let directory = tempdir().unwrap();
    fs::write(directory.path().join("log"), "no audit log\n").unwrap();
    let failing = |injected: &str| {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-o", "/dev/null", "-e", &format!("inject={injected}")]);
        traced.arg(genome(directory.path(), &[]).get_program()).args(["init", "agent"]).args(SCRIPT).args(["--audit-log", "log"]);
        run(traced.current_dir(directory.path()))
    };
    let ran = failing("unlinkat:error=EACCES:when=3");
    let left = "help: remove agent/genome-unsigned.json, the directory agent, which are left; nothing was signed; ";
    assert_ran(&ran, 2, left);
    assert!(!ran.stderr.contains("nothing was made"), "{ran:?}");
    assert_eq!(names(&directory.path().join("agent")), ["genome-unsigned.json"]);
    fs::remove_dir_all(directory.path().join("agent")).unwrap();
    assert_ran(&failing("unlinkat:error=EBUSY:when=6"), 2, "help: remove the directory agent, which is left; nothing was signed; ");
    assert_eq!(names(&directory.path().join("agent")), [""; 0]);
    fs::remove_dir(directory.path().join("agent")).unwrap();
    assert_ran(&failing("sync:error=EPERM"), 2, "help: nothing was made; nothing was signed; ");
    assert_eq!(names(directory.path()), ["log"]);
}

#[test]
fn several_sign_and_the_signing_is_recorded() {
    if !has("ssh-keygen") {
        return;
    }
    let directory = tempdir().unwrap();
    for name in ["bob", "carol"] {
        assert_ran(&run(&mut genome(directory.path(), &["keygen", "--secret-file", &format!("{name}.txt"), name])), 0, "made");
        let key = format!("file:{name}.txt");
        let public = run(&mut genome(directory.path(), &["keygen", "--public-from", &key, name]));
        fs::write(directory.path().join(format!("{name}.json")), public.stdout).unwrap();
    }
    let key = openssh_key(directory.path(), "ada", "");
    let more = ["--signer", "bob.json", "--signer", "carol.json", "--threshold", "2", "--audit-log", "audit.log"];
    let given = ["--name", "AGENT", "--key", "file:ada", "--key-id", "ada", "--yes"];
    let ran = init(directory.path(), &[&given[..], &more].concat());
    assert_ran(&ran, 0, "1 of 2 required");
    assert!(
        ran.stderr.contains(&key.fingerprint().to_string())
            && ran.stderr.contains("  next        `bob` (SHA256:")
            && ran.stderr.contains("):\n  genome sign agent --audit-log audit.log --key REF\n"),
        "{}",
        ran.stderr
    );
    assert!(!directory.path().join("agent/signing-key.pem").exists());
    // Production accepts it when one more has signed.
    assert_ran(&verify_as_the_server(directory.path()), 1, "GENOME_INSUFFICIENT_SIGNATURES");
    let paths = ["agent/genome-unsigned.json", "agent/genome.json"];
    let sign = run(&mut genome(
        directory.path(),
        &["sign", paths[0], paths[1], "bob", "--key", "file:bob.txt", "--audit-log", "audit.log"],
    ));
    assert_ran(&sign, 0, "2 of 2 required");
    // The policy is named that was made beside it.
    let next = "verify it with a trust policy:\n  genome verify --trust agent/trust.json agent/genome.json\n";
    assert!(sign.stderr.ends_with(next), "{sign:?}");
    assert_ran(&verify_as_the_server(directory.path()), 0, "");
    assert_ran(&run(&mut genome(directory.path(), &["verify", "agent/genome.json", "--audit-log", "audit.log"])), 0, "");
}

fn typed(directory: &TempDir, arguments: &[&str], steps: &[(&str, &str)]) -> Typed {
    let typist = Typist { steps, sits_there: true, size: Some((24, 80)), ..Typist::default() };
    typist.run(&genome(directory.path(), &[&["init", "agent"], arguments].concat()))
}

#[test]
fn a_person_is_asked_for_what_is_not_given() {
    if !has("python3") {
        return;
    }
    let directory = tempdir().unwrap();
    let typed = typed(
        &directory,
        &[],
        &[
            ("Name of the genome [agent]: ", "a\u{200b}b\n"),
            // An answer to another question, as of other programs.
            ("Name of the genome [agent]: ", "Y\n"),
            ("such as MY_AGENT", ""),
            ("Name of the genome [agent]: ", "\n"),
            ("[new]: ", "file:none.pem\n"),
            ("[new]: ", "\n"),
            ("]: ", "ada lovelace\n"),
            ("]: ", "yes\n"),
            ("such as alice", ""),
            ("]: ", "ada\n"),
            ("[none]: ", "n\n"),
            ("or press Enter", ""),
            ("[none]: ", "B = memory_search\n"),
            ("behind the risk class", ""),
            ("[none]: ", "B=memory_search, A=health_check\n"),
            ("[y/n] ", "y\n"),
            // None is not taken for granted, and two that differ are no passphrase.
            ("the new passphrase of `ada` (Enter for none): ", "\n"),
            ("without protection?", ""),
            ("[y/n] ", "correct horse\n"),
            ("that is not an answer: type y or n\r\n", ""),
            ("[y/n] ", "n\n"),
            ("the new passphrase of `ada` (Enter for none): ", "correct horse\n"),
            ("Repeat passphrase: ", "\n"),
            ("try 2 of 3): ", "correct horse\n"),
            ("Repeat passphrase: ", "correct horse\n"),
        ],
    );
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    assert_eq!(names(&directory.path().join("agent")), MADE);
    assert_ran(&verify_as_the_server(directory.path()), 0, "");
    assert!(fs::read_to_string(directory.path().join("agent/signing-key.pem")).unwrap().starts_with("-----BEGIN ENCRYPTED"));
    // The terminal has shown it once, where it was typed at the wrong question.
    assert_eq!(typed.shown.matches("correct horse").count(), 1, "{}", typed.shown);
}

#[test]
fn a_person_can_say_no() {
    if !has("python3") {
        return;
    }
    for steps in [
        &[("agent]: ", "\n"), ("[new]: ", "\n"), ("]: ", "ada\n"), ("[none]: ", "\n"), ("[y/n] ", "n\n")][..],
        &[("agent]: ", "\u{4}")],
        &[
            ("agent]: ", "\n"),
            ("[new]: ", "\n"),
            ("]: ", "ada\n"),
            ("[none]: ", "\n"),
            ("[y/n] ", "y\n"),
            ("the new passphrase of `ada` (Enter for none): ", "\u{4}"),
            ("was not given: the input ended (Ctrl-D)", ""),
        ],
    ] {
        let directory = tempdir().unwrap();
        let typed = typed(&directory, &[], steps);
        assert!(matches!(typed.ran.status, Some(1 | 2)), "{typed:?}");
        assert_eq!(names(directory.path()), [""; 0]);
    }
}

#[test]
fn an_answer_that_will_not_do_is_explained_and_asked_for_again() {
    if !has("python3") {
        return;
    }
    let directory = tempdir().unwrap();
    // What the options say is judged before anything is asked.
    let refused = typed(&directory, &["--threshold", "2"], &[]);
    assert_eq!(refused.ran.status, Some(1), "{refused:?}");
    assert!(refused.shown.contains("threshold") && !refused.shown.contains("Name of the genome"), "{}", refused.shown);
    assert_ran(&run(&mut genome(directory.path(), &["keygen", "--secret-file", "bob.txt", "bob"])), 0, "");
    let public = run(&mut genome(directory.path(), &["keygen", "--public-from", "file:bob.txt", "bob"]));
    fs::write(directory.path().join("bob.json"), public.stdout).unwrap();
    let typed = typed(
        &directory,
        &["--signer", "bob.json", "--no-passphrase"],
        &[
            ("agent]: ", "\n"),
            ("as a signer", "bob\n"),
            ("the same key_id", ""),
            ("as a signer", "ada\n"),
            ("[none]: ", "E=x\n"),
            ("the risk classes are A, B, C and D", ""),
            ("[none]: ", "none\n"),
            ("[y/n] ", "y\n"),
        ],
    );
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
}

#[test]
fn a_wrong_passphrase_is_asked_for_again_and_the_right_one_only_once() {
    if !has("python3") || !has("ssh-keygen") {
        return;
    }
    let directory = tempdir().unwrap();
    let _ = openssh_key(directory.path(), "ada", "correct horse");
    let typed = typed(
        &directory,
        &["--name", "A", "--key", "file:ada", "--key-id", "ada", "--allow", "B=a", "--audit-log", "audit.log"],
        &[("the passphrase of", "wrong\n"), ("try 2 of 3", "correct horse\n"), ("[y/n] ", "y\n")],
    );
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    assert!(fs::read_to_string(directory.path().join("audit.log")).unwrap().contains("\"program\":\"genome-init "));
}

#[test]
fn a_published_test_key_is_warned_of() {
    let directory = tempdir().unwrap();
    let key = genome_test_support::repository().join("genomes/TOTK_ROOT_v1.0.0/test-key.json");
    let ran = init(directory.path(), &[&SCRIPT[..], &["--signer", key.to_str().unwrap()]].concat());
    assert_ran(&ran, 0, "warning[GENOME_TEST_KEY]: the signer `totk-dev-key-001` (SHA256:");
}

#[test]
fn an_action_that_looks_like_a_slip_is_not_allowed_in_silence() {
    let directory = tempdir().unwrap();
    for (given, said) in [
        ("x y", "an action has no white space in it"),
        ("B:x", "write `B=x`, or `D=B:x` if that is the whole action"),
        ("=x", "a risk class belongs before the `=`, as in B=x"),
    ] {
        let ran = init(directory.path(), &["--name", "A", "--allow", given, "--no-passphrase", "--yes"]);
        assert_ran(&ran, 2, said);
        assert_eq!(names(directory.path()), [""; 0], "{given}");
    }
    assert_ran(&init(directory.path(), &["--name", "A", "--allow", "B=a, D=B:x", "--no-passphrase", "--yes"]), 0, "signed by");
    assert!(answer(directory.path(), "a").contains("CAP-B") && answer(directory.path(), "B:x").contains("CAP-D"));
}

/// In `B=a,b` the class seems to be that of both.
#[test]
fn an_action_without_a_class_beside_one_that_has_one_is_warned_of() {
    let directory = tempdir().unwrap();
    let said = "warning: no risk class stands before `health_check`: without one an action is of class D\n";
    let ran = init(directory.path(), &SCRIPT);
    assert_ran(&ran, 0, said);
    assert!(ran.stderr.contains("write it before each, as in `B=health_check`\n"), "{ran:?}");
    for (number, allow) in ["a,b", "A=a,B=b"].into_iter().enumerate() {
        let made = number.to_string();
        let given = ["init", &made, "--name", "A", "--allow", allow, "--no-passphrase", "--yes"];
        let ran = run(&mut genome(directory.path(), &given));
        assert!(ran.status == Some(0) && !ran.stderr.contains("no risk class"), "{allow}: {ran:?}");
    }
}

/// A key that is left unencrypted, as the person has said so.
#[test]
fn a_person_can_have_a_key_without_a_passphrase() {
    if !has("python3") {
        return;
    }
    let directory = tempdir().unwrap();
    let steps = [("(Enter for none): ", "\n"), ("without protection?", ""), ("[y/n] ", "y\n")];
    let given = ["--name", "A", "--key-id", "ada", "--allow", "B=a"];
    let steps = [&[("[new]: ", "\n"), ("[y/n] ", "y\n")], &steps[..]].concat();
    let typed = typed(&directory, &given, &steps);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    let key = fs::read_to_string(directory.path().join("agent/signing-key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
}

/// What `git add` takes of it is no secret.
#[test]
fn git_does_not_take_the_key_that_is_made() {
    if !has("git") {
        return;
    }
    let directory = tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        genome_test_support::inherited::isolate(&mut git);
        String::from_utf8(git.current_dir(directory.path()).args(arguments).output().unwrap().stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    assert_ran(&init(directory.path(), &SCRIPT), 0, "agent/.gitignore: it keeps the private key and the state out of git\n");
    fs::write(directory.path().join("agent/state.json"), "{}").unwrap();
    git(&["add", "--all"]);
    let staged = git(&["diff", "--cached", "--name-only"]);
    assert!(staged.contains("agent/genome.json") && !staged.contains("key") && !staged.contains("state"), "{staged}");
    // One that is there is the user's own.
    let here = tempdir().unwrap();
    fs::write(here.path().join(".gitignore"), "mine\n").unwrap();
    let ran = run(&mut genome(here.path(), &[&["init", "."][..], &SCRIPT].concat()));
    assert_ran(&ran, 0, "was there already: see that it names /signing-key.pem and /state.json\n");
    assert_eq!(fs::read_to_string(here.path().join(".gitignore")).unwrap(), "mine\n");
}

#[test]
fn the_first_lowest_version_catches_a_name_that_is_mistyped() {
    let directory = tempdir().unwrap();
    assert_ran(&init(directory.path(), &SCRIPT), 0, "");
    let trust = directory.path().join("agent/trust.json");
    let policy: serde_json::Value = serde_json::from_slice(&fs::read(&trust).unwrap()).unwrap();
    assert_eq!(policy["minimum_versions"], serde_json::json!({"AGENT": "1.0.0"}));
    assert_ran(&verify_as_the_server(directory.path()), 0, "");
    let raise = |name| run(&mut genome(directory.path(), &["trust", "raise", "agent/trust.json", name, "1.1.0"]));
    assert_ran(&raise("AGNT"), 1, "did you mean `AGENT`?");
    assert_ran(&raise("OTHER"), 0, "the lowest version is for genomes with the name `OTHER` only, letter for letter\n");
    let ran = raise("AGENT");
    assert!(ran.status == Some(0) && !ran.stderr.contains("letter for letter"), "{ran:?}");
}

/// The key that `genome init` has left is named where nothing else says where the key is, and in what comes after a draft.
#[test]
fn what_comes_next_names_the_key_that_was_made() {
    let directory = tempdir().unwrap();
    assert_ran(&init(directory.path(), &SCRIPT), 0, "");
    let ran = run(&mut genome(directory.path(), &["draft", "--from", "agent", "--bump", "minor", "agent/v1.1.0/"]));
    assert_ran(&ran, 0, "  genome sign agent/v1.1.0 --key file:agent/signing-key.pem\n");
    let ran = run(&mut genome(directory.path(), &["sign", "agent/v1.1.0"]));
    assert_ran(&ran, 2, "GENOME_SIGNING_PRIVATE_KEY is not set\n  help: name the key with --key file:agent/signing-key.pem\n");
    let ran = run(&mut genome(directory.path(), &["verify", "agent/v1.1.0"]));
    assert_ran(&ran, 2, "a draft is there, agent/v1.1.0/genome-unsigned.json; sign it first: genome sign agent/v1.1.0\n");
    let sign = ["sign", "agent/v1.1.0", "--key", "file:agent/signing-key.pem"];
    assert_ran(&run(&mut genome(directory.path(), &sign)), 0, "signed by");
}

/// Production refuses what others can change, and says so only when the server starts.
#[test]
fn a_directory_that_others_can_write_is_warned_of() {
    let directory = tempdir().unwrap();
    let agent = directory.path().join("agent");
    fs::create_dir(&agent).unwrap();
    fs::set_permissions(&agent, fs::Permissions::from_mode(0o777)).unwrap();
    let ran = init(directory.path(), &SCRIPT);
    assert_ran(&ran, 0, "warning[GENOME_UNTRUSTED]: others than root and this user can change `");
    assert!(ran.stderr.contains("production refuses what is in it until then: ") && ran.stderr.contains("chmod go-w /"), "{ran:?}");
    // A shell would run what others have written into the file.
    assert!(ran.stderr.contains("do what the warning says") && !ran.stderr.contains("(set -a"), "{ran:?}");
    assert_ran(&verify_as_the_server(directory.path()), 1, "others than root and this user can change");
    // Nobody is warned of a directory that is made, whatever the umask.
    let mut shell = Command::new("sh");
    let genome = genome(directory.path(), &[]);
    shell
        .current_dir(directory.path())
        .args(["-c", "umask 000; exec \"$0\" init other \"$@\""])
        .arg(genome.get_program())
        .args(SCRIPT);
    let ran = run(&mut shell);
    assert!(ran.status == Some(0) && !ran.stderr.contains("can change"), "{ran:?}");
}

/// A link in a directory that others can write may lead elsewhere by the time the command runs.
#[test]
fn the_command_to_start_takes_a_path_that_nobody_else_can_change() {
    let directory = tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("real")).unwrap();
    fs::create_dir(at("shared")).unwrap();
    fs::set_permissions(at("shared"), fs::Permissions::from_mode(0o777)).unwrap();
    std::os::unix::fs::symlink("../real", at("shared/agent")).unwrap();
    let ran = run(&mut genome(directory.path(), &[&["init", "shared/agent"][..], &SCRIPT].concat()));
    let real = at("real").canonicalize().unwrap();
    assert_ran(&ran, 0, &format!("  (set -a && . {}/genome.env && exec genome server)\n", real.display()));
    assert!(!ran.stderr.contains("can change"), "{ran:?}");
    // Beneath such a directory everything can be replaced.
    let ran = run(&mut genome(directory.path(), &[&["init", "shared/other"][..], &SCRIPT].concat()));
    assert_ran(&ran, 0, "warning[GENOME_UNTRUSTED]: others than root and this user can change `");
    assert!(!ran.stderr.contains("(set -a"), "{ran:?}");
}

/// Who can write in the directory above gives the name to another one while the key signs.
#[test]
fn a_directory_that_takes_the_name_meanwhile_is_left_alone() {
    if !has("openssl") {
        return;
    }
    for (is_there, swap) in [
        (true, "mv shared/agent shared/gone && ln -s ../prod shared/agent"),
        (true, "mv shared/agent shared/gone && mkdir shared/agent"),
        (false, "mv shared gone && mkdir shared && ln -s ../prod shared/agent"),
    ] {
        let directory = tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("prod")).unwrap();
        fs::create_dir_all(at(if is_there { "shared/agent" } else { "shared" })).unwrap();
        let _ = genome_test_support::openssl_key(directory.path(), "key.pem");
        let script = format!(
            "#!/bin/sh\nset -e\n[ \"$GENOME_EXEC\" != public-key ] || exec openssl pkey -in key.pem -pubout\ncat > message\n{swap}\nopenssl pkeyutl -sign -rawin -inkey key.pem -in message | openssl base64\n"
        );
        fs::write(at("sign"), script).unwrap();
        fs::set_permissions(at("sign"), fs::Permissions::from_mode(0o755)).unwrap();
        let given = ["init", "shared/agent", "--name", "A", "--key", "exec:./sign", "--key-id", "ada", "--yes"];
        let ran = run(&mut genome(directory.path(), &given));
        assert_ran(&ran, 2, "the directory was moved meanwhile");
        let left = |name: &str| if at(name).is_dir() { names(&at(name)) } else { Vec::new() };
        for name in ["prod", "shared/agent", "shared/gone", "gone"] {
            assert_eq!(left(name), [""; 0], "{name}: {ran:?}");
        }
    }
}

#[test]
fn an_action_is_given_once() {
    let directory = tempdir().unwrap();
    for (given, said) in [("D=erase_all,A=erase_all", "as D and as A"), ("erase_all,b,A=erase_all", "as D and as A")] {
        let ran = init(directory.path(), &["--name", "A", "--allow", given, "--no-passphrase", "--yes"]);
        assert_ran(&ran, 1, &format!("the action `erase_all` is given twice, {said}"));
        assert_eq!(names(directory.path()), [""; 0], "{given}");
    }
}

/// A person who has not seen all of it does not agree out of habit.
#[test]
fn what_the_screen_does_not_show_is_agreed_to_by_its_number() {
    if !has("python3") {
        return;
    }
    let actions: Vec<String> = (0..40).map(|number| format!("B=action_{number}")).collect();
    let (allow, directory) = (actions.join(","), tempdir().unwrap());
    let given = ["--name", "A", "--key-id", "ada", "--no-passphrase", "--allow", &allow];
    let asked = "This is more than the screen shows at once.";
    let steps = [(asked, ""), ("[41/n] ", "y\n"), ("type 41 or n", ""), ("[41/n] ", "41\n")];
    let typed = typed(&directory, &given, &steps);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    assert!(typed.shown.contains("make and sign `A` 1.0.0, with 40 actions allowed?"), "{typed:?}");
    assert_eq!(names(&directory.path().join("agent")), MADE);
}
