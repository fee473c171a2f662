//! The runner, tested: it accepts what is true, and nothing else.

use super::{is_passed_on, run_steps, steps};
use genome_test_support::test_key;
use std::fs;
use std::thread;
use std::time::Duration;

fn run_text(document: &str) -> Result<usize, String> {
    let directory = tempfile::tempdir().unwrap();
    steps(document, |_| true).and_then(|steps| run_steps("test.md", &steps, directory.path()))
}

#[test]
fn the_runner_accepts_what_is_true() {
    let document = "\
        ```console\n$ export A=1; b=2\n$ mkdir d && cd d\n```\n\n```console\n$ echo \"$A $b\" ${PWD##*/}; echo error >&2\n1 2 d\nerror\n\
        $ printf '1\\n2\\n3\\nid 77 x\\n'\n1\n...\nid [..] x\n$ cat <<END\n> $A\n>\n> it's\n> END\n1\n\nit's\n\
        $ false; echo \"exit status $?\"\nexit status 1\n$ cat\n$ env | grep -c -e ^GENOME_ -e ^MATHISON_ || true\n0\n```\n";
    assert_eq!(run_text(document), Ok(8));
}

#[test]
fn the_runner_refuses_what_is_not() {
    for (transcript, fault) in [
        ("$ echo one\ntwo\n", "the output is another"),
        ("$ echo one\none\ntwo\n", "the output is another"),
        ("$ echo one; echo two\none\n", "the output is another"),
        ("$ echo one; echo two\n...\none\n", "the output is another"),
        ("$ true\nanything\n", "the output is another"),
        ("$ printf one\none[..]two\n", "the output is another"),
        ("$ false\n", "exit status 1"),
        ("$ echo one; exit 3\none\n", "the session ended"),
        ("$ exit 0\n", "the session ended"),
        ("$ echo 'one\n", "exit status 2"),
        ("$ no-such-program\n", "exit status 127"),
        ("output of nothing\n", "before any command"),
        ("\n", "no command"),
    ] {
        let said = run_text(&format!("# Title\n\n```console\n{transcript}```\n")).expect_err(transcript);
        assert!(said.contains(fault), "{transcript}: {said}");
        assert!(said.contains(":4") || said.contains("line 3") || said.contains("line 4"), "{transcript}: {said}");
    }
}

#[test]
fn the_runner_ends_what_a_document_started() {
    let said = run_text("```console\n$ sleep 600 & echo \"started $!,\"; false\n```\n").unwrap_err();
    let started = said.split_once("actual\nstarted ").unwrap().1.split_once(',').unwrap().0;
    // Of one that has ended and that nobody has asked about yet, there is no command line.
    let runs = || fs::read(format!("/proc/{started}/cmdline")).is_ok_and(|line| !line.is_empty());
    let ended = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        !runs()
    });
    assert!(ended, "{started} still runs");
}

#[test]
fn the_runner_knows_each_fence() {
    for (document, fault) in [
        ("```sh\nrm x\n```\n", "`sh`"),
        ("```bash\nrm x\n```\n", "`bash`"),
        ("```\nrm x\n```\n", "``"),
        ("````console\n$ rm x\n````\n", "``console`"),
        ("~~~console\n$ rm x\n~~~\n", "at the start"),
        ("- item\n  ```console\n  $ rm x\n  ```\n", "at the start"),
        ("```text\n$ rm x\n```\n", "a command"),
        ("```console\n$ rm x\n", "does not end"),
    ] {
        let said = run_text(document).expect_err(document);
        assert!(said.contains(fault), "{document}: {said}");
    }
    assert_eq!(run_text("<!-- test-command -->\n```sh\nfalse\n```\n\n```json\n{}\n```\n"), Ok(0));
    assert_eq!(steps("```console,nothing\n$ false\n```\n", |name| name != "nothing").unwrap().len(), 0);
}

#[test]
fn the_runner_shows_no_private_key() {
    let said = run_text(&format!("```console\n$ echo {}\n```\n", test_key())).unwrap_err();
    assert!(said.contains("private key") && !said.contains(&test_key()), "it shows the key");
}

#[test]
fn the_runner_starts_a_page_after_its_script() {
    let directory = tempfile::tempdir().unwrap();
    let page = "```console\n$ echo \"$made\"\nhere\n```\n\n<!-- setup: start -->\n";
    let ran = |script: &str| {
        fs::create_dir_all(directory.path().join("docs/setup")).unwrap();
        fs::write(directory.path().join("docs/setup/start.sh"), script).unwrap();
        steps(page, |_| true).and_then(|steps| run_steps("page.md", &steps, directory.path()))
    };
    assert_eq!(ran("made=here\n"), Ok(2));
    let said = ran("echo 'what it says'\nfalse\nmade=here\n").unwrap_err();
    assert!(said.contains("page.md:6: the session ended here") && said.contains("what it says"), "{said}");
    // Without commands there is nothing to make ready.
    assert_eq!(steps("<!-- setup: start -->\n", |_| true).unwrap().len(), 0);
}

#[test]
fn the_runner_hands_on_what_cargo_needs() {
    for name in ["CARGO_HOME", "CARGO_BUILD_JOBS", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"] {
        assert!(is_passed_on(name), "{name}");
    }
    for name in
        ["GIT_DIR", "RUST_LOG", "SSH_AUTH_SOCK", "GENOME_SIGNING_KEY", "HOME", "BASH_ENV", "CARGO_TARGET_DIR", "CARGO_PKG_NAME"]
    {
        assert!(!is_passed_on(name), "{name}");
    }
    let transcript = "```console\n$ echo \"${USER-none} ${XDG_CONFIG_HOME-none}\"; ls -A ~\nnone none\n\
        $ here=$(mktemp -d) && test \"$(dirname \"$here\")\" = ~ && stat -c %a ~\n700\n```\n";
    assert_eq!(run_text(transcript), Ok(2));
}
