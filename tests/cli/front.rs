//! `genome`: the commands under one name.

use genome_test_support::{Release, assert_ran, has, names, program, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::tempdir;

fn genome(arguments: &[&str]) -> Command {
    let mut command = program("genome", Path::new("/"));
    command.args(arguments);
    command
}

#[test]
fn its_help_fits_a_screen() {
    for arguments in [&["help"][..], &["--help"], &["-h"]] {
        let ran = run(&mut genome(arguments));
        assert_ran(&ran, 0, "");
        assert!(ran.stdout.lines().count() <= 24, "{}", ran.stdout);
        assert!(ran.stdout.lines().all(|line| line.len() <= 80), "{}", ran.stdout);
    }
}

#[test]
fn each_command_is_the_program_of_that_name() {
    let release = Release::new(1, 1);
    for (name, arguments) in [
        ("verify", &["draft.json"][..]),
        ("verify", &["--format", "json", "draft.json"]),
        ("diff", &["draft.json", "draft.json"]),
        ("merge", &["draft.json", "draft.json", "--output", "-"]),
        ("sign", &["none.json", "-"]),
        ("draft", &["--from", "draft.json", "--bump", "minor", "-"]),
        ("keygen", &["--public-from", "env:NONE"]),
    ] {
        let by_name = run(program(&format!("genome-{name}"), release.path()).args(arguments));
        let by_command = run(program("genome", release.path()).arg(name).args(arguments));
        assert_eq!(by_command, by_name, "{name} {arguments:?}");
    }
    // Their help says what was typed.
    let help = run(&mut genome(&["help", "merge"])).stdout;
    assert!(help.contains("Usage: genome merge [OPTIONS]") && !help.contains("genome-merge"), "{help}");
    let wrong = run(&mut genome(&["diff", "--nothing"]));
    assert_ran(&wrong, 2, "genome diff [OPTIONS]");
}

#[test]
fn another_command_is_a_program_in_the_path() {
    let directory = tempdir().unwrap();
    let tool = directory.path().join("genome-tool");
    fs::write(&tool, "#!/bin/sh\necho \"$0 $*\"; exit 7\n").unwrap();
    let in_path = |path: &str, word: &str| {
        let mut command = program("genome", directory.path());
        run(command.args([word, "--help", "x y"]).env("PATH", path))
    };
    let path = directory.path().to_str().unwrap();
    // A file that cannot be run is not a program.
    assert_ran(&in_path(path, "tool"), 2, "cannot run");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = in_path(path, "tool");
    assert_eq!((ran.status, ran.stdout), (Some(7), format!("{} --help x y\n", tool.display())));
    // The working directory is not in the path by an empty entry, nor is another directory by a slash.
    for path in ["", ".", ":"] {
        assert_ran(&in_path(path, "tool"), 2, "unrecognized subcommand 'tool'");
    }
    assert_ran(&in_path("/", &format!("..{path}/tool")), 2, "unrecognized subcommand");
}

#[test]
fn an_unknown_command_is_asked_for_what_may_be_meant() {
    assert_ran(&run(&mut genome(&["sing"])), 2, "'sign'");
    assert_ran(&run(&mut genome(&["servr"])), 2, "'server'");
    // It may be built apart, and stands beside the others then.
    let alone = tempdir().unwrap();
    fs::hard_link(genome_test_support::programs().join("genome"), alone.path().join("genome"))
        .or_else(|_| fs::copy(genome_test_support::programs().join("genome"), alone.path().join("genome")).map(drop))
        .unwrap();
    let server = run(Command::new(alone.path().join("genome")).arg("server").env("PATH", "/"));
    assert_ran(&server, 2, "the program genome-server is neither beside this one nor in PATH");
    for (name, shown) in
        [("a\nerror: all is well", "`a\\u{a}error: all is well`"), ("##vso[x]", "`#\\u{23}vso[x]`"), ("", "subcommand ''")]
    {
        assert_ran(&run(&mut genome(&[name])), 2, shown);
    }
    assert_ran(&run(&mut genome(&[])), 2, "Usage: genome [OPTIONS] <COMMAND>");
}

#[test]
fn shells_read_the_completions() {
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let is_there = has(shell);
        for program in ["genome", "genome-sign"] {
            let script = run(&mut genome(&["completions", shell, program]));
            assert_ran(&script, 0, "");
            // fish writes it without the dashes.
            assert!(script.stdout.contains("key-timeout"), "{}", script.stdout);
            let directory = tempdir().unwrap();
            fs::write(directory.path().join("script"), &script.stdout).unwrap();
            if is_there {
                let read = run(Command::new(shell).args([check, "script"]).current_dir(directory.path()));
                assert_ran(&read, 0, "");
            }
        }
    }
}

#[test]
fn bash_completes_a_command() {
    if !has("bash") {
        return;
    }
    // What bash completes, as it calls the function itself.
    let script = run(&mut genome(&["completions", "bash"])).stdout;
    let ask = "COMP_WORDS=(genome si); COMP_CWORD=1; _genome genome si genome; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let completed = run(Command::new("bash").args(["--noprofile", "--norc", "-c", &format!("{script}\n{ask}")]));
    assert_eq!(completed.stdout, "sign\n", "{completed:?}");
}

#[test]
fn a_page_of_the_manual_is_there_for_each_program() {
    let directory = tempdir().unwrap();
    let man = directory.path().join("man1");
    assert_ran(&run(program("genome", directory.path()).args(["man", "man1"])), 0, "");
    let pages = names(&man);
    let programs = ["diff", "draft", "keygen", "merge", "sign", "verify"].map(|name| format!("genome-{name}.1"));
    let others = ["genome.1", "genome-init.1", "genome-trust-new.1"].map(ToOwned::to_owned);
    assert!(programs.iter().chain(&others).all(|page| pages.contains(page)), "{pages:?}");
    assert!(fs::read_to_string(man.join("genome-sign.1")).unwrap().contains("GENOME_SIGNING_KEY"));
    // Again, over what is there.
    assert_ran(&run(program("genome", directory.path()).args(["man", "man1"])), 0, "");
    assert_eq!(names(&man), pages);
}

/// What cannot be written is not said of a page that was, and a full disk is no question of permissions.
#[test]
fn a_page_that_cannot_be_written_is_said_as_it_is() {
    let directory = tempdir().unwrap();
    let genome = program("genome", directory.path());
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        shell.current_dir(directory.path()).args(["-c", script]).arg(genome.get_program());
        run(&mut shell)
    };
    let ran = shell("trap '' XFSZ; ulimit -f 0; exec \"$0\" man man1");
    assert_ran(&ran, 2, "error: cannot write the page: File too large (os error 27)\n  --> man1/genome.1\n  help: raise the limit");
    if has("strace") {
        let ran = shell("exec strace -f -o /dev/null -e inject=fsync:error=EIO:when=2 \"$0\" man man1");
        assert_ran(&ran, 2, "error: the page was written, but may not survive a power cut: ");
    }
}
