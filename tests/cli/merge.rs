//! `genome-merge`, as people who sign apart run it, and as git does.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::dangerous::verify_self_declared;
use genome::{Document, Refusal};
use genome_test_support::{Ran, Release, assert_ran, has, names, program, programs, run, run_at_once};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

/// A draft that two of three have to sign, and a copy that each has signed alone: 1.json, 2.json, 3.json.
fn signed_apart() -> Release {
    let release = Release::new(3, 2);
    for signer in 1..=3 {
        let name = format!("signer-{signer}");
        assert_ran(&release.sign(signer, &["draft.json", &format!("{signer}.json"), &name]), 0, "1 of 2 required");
    }
    release
}

/// How many signatures count, and how many are by keys that the genome does not name.
fn counted(release: &Release, name: &str) -> (usize, usize) {
    let text = release.read(name);
    let document = Document::read(text.as_bytes()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let counted = document.tally().unwrap_or_else(|refusal| panic!("{name}: {refusal}")).signed.len();
    (counted, document.signatures().len() - counted)
}

/// The text of a copy with the name of its one signer replaced.
fn renamed(release: &Release, copy: &str, signer: &str) -> String {
    let before = format!("\"signer_key_id\": \"signer-{}\"", copy.trim_end_matches(".json"));
    let text = release.read(copy);
    assert!(text.contains(&before));
    text.replace(&before, &format!("\"signer_key_id\": \"{signer}\""))
}

/// The text of a copy with one byte of its signature changed.
fn damaged(release: &Release, copy: &str) -> String {
    let text = release.read(copy);
    let at = text.find("sig_base64\": \"").unwrap() + 20;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[test]
fn what_was_signed_apart_is_as_if_signed_together() {
    let release = signed_apart();
    let ran = release.merge(&["1.json", "3.json", "--output", "genome.json"]);
    assert_ran(&ran, 0, "joined 1.json, 3.json\n  genome      `TOTK_ROOT` 1.0.0\n  genome id   ");
    assert_ran(&ran, 0, "\n  signatures  2 of 2 required\n  may sign    `signer-2`\n  written to  genome.json\n");
    assert_eq!(ran.stdout, "");
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));

    assert_ran(&release.sign(3, &["draft.json", "together.json", "signer-3"]), 0, "");
    assert_ran(&release.sign(1, &["draft.json", "together.json", "signer-1"]), 0, "");
    assert_eq!(release.read("genome.json"), release.read("together.json"));
    assert_eq!(names(release.path()), ["1.json", "2.json", "3.json", "draft.json", "genome.json", "together.json"]);
}

#[test]
fn the_order_of_the_copies_does_not_matter() {
    let release = signed_apart();
    // Two keys that the genome does not name, as of a parent, whose order no authority gives.
    release.write("x.json", &renamed(&release, "1.json", "old-x"));
    release.write("y.json", &renamed(&release, "2.json", "old-y"));
    let copies = ["y.json", "2.json", "x.json", "draft.json", "3.json"];
    let merged = |order: &[&str]| {
        assert_ran(&release.merge(&[order, &["--output", "out.json"]].concat()), 0, "signatures  2 of 2 required");
        let merged = release.read("out.json");
        fs::remove_file(release.path().join("out.json")).unwrap();
        merged
    };
    let first = merged(&copies);
    for turn in 1..copies.len() {
        let mut order = copies;
        order.rotate_left(turn);
        assert_eq!(merged(&order), first, "{order:?}");
        order.reverse();
        assert_eq!(merged(&order), first, "{order:?}");
    }
    // One at a time, through the output.
    for copy in copies {
        assert_ran(&release.merge(&[copy, copy, "--output", "step.json"]), 0, "");
    }
    assert_eq!(release.read("step.json"), first);
    assert_eq!(counted(&release, "step.json"), (2, 2));
}

#[test]
fn members_have_the_order_of_the_first_copy() {
    let release = signed_apart();
    let text = release.read("2.json").replace("\"parents\": [],\n", "").replacen('{', "{\"parents\":\t[],", 1);
    release.write("2.json", &text);
    assert_ran(&release.merge(&["2.json", "1.json", "--output", "21.json"]), 0, "2 of 2 required");
    assert!(release.read("21.json").starts_with("{\n  \"parents\": [],\n"));
    assert_ran(&release.merge(&["1.json", "2.json", "--output", "12.json"]), 0, "2 of 2 required");
    assert!(release.read("12.json").starts_with("{\n  \"schema_version\""));
}

#[test]
fn drafts_are_copies_too() {
    let release = signed_apart();
    release.write("compact.json", &release.read("draft.json").replace('\n', ""));
    assert_ran(&release.merge(&["draft.json", "2.json", "--output", "one.json"]), 0, "signatures  1 of 2 required");
    assert_eq!(release.read("one.json"), release.read("2.json"));
    let ran = release.merge(&["draft.json", "compact.json", "--output", "none.json"]);
    assert_ran(&ran, 0, "signatures  0 of 2 required\n  may sign    `signer-1`, `signer-2`, `signer-3`\n");
    assert!(matches!(verify_self_declared(release.read("none.json").as_bytes()), Err(Refusal::Unsigned(_))));
    // One with placeholders instead of digests has nothing that could be wrong with it yet.
    let digest = release.read("draft.json").split("\"sha256\": \"").nth(1).unwrap()[..64].to_owned();
    release.write("unfinished.json", &release.read("draft.json").replace(&digest, "TO BE COMPUTED"));
    assert_ran(&release.merge(&["unfinished.json", "unfinished.json", "--output", "out.json"]), 0, "0 of 2 required");
    assert_ran(&release.merge(&["unfinished.json", "1.json", "--output", "no.json"]), 1, "/build_manifest/files/0/sha256\n");
}

#[test]
fn different_genomes_are_refused_with_the_fields_in_which_they_differ() {
    let release = signed_apart();
    let draft = release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\"").replacen("\"CRITICAL\"", "\"HIGH\"", 1);
    let parent = format!("\"parents\": [\"{}\"]", "ab".repeat(32));
    release.write("next.json", &draft.replace("\"parents\": []", &parent));
    assert_ran(&release.sign(2, &["next.json", "next.json", "signer-2"]), 0, "");
    let ran = release.merge(&["1.json", "3.json", "next.json", "--output", "genome.json"]);
    let message = "error: compared with 1.json, it is another genome: they differ at /version, /parents/0, /invariants/0/severity\n  --> next.json\n  help: ";
    assert_ran(&ran, 1, message);
    let ran = release.merge(&["next.json", "1.json", "--output", "genome.json", "--force"]);
    assert_ran(&ran, 1, "compared with next.json, it is another genome: they differ at /version, ");
    // Of very many places the first are named, and the others are counted.
    let renamed = draft.replace("\"INV-", "\"RULE-").replace("\"CAP-", "\"CAN-").replace("\"CRITICAL\"", "\"MEDIUM\"");
    release.write("many.json", &renamed);
    let ran = release.merge(&["1.json", "many.json", "--output", "genome.json"]);
    assert_ran(&ran, 1, " and ");
    assert!(ran.stderr.lines().next().unwrap().ends_with(" more"), "{}", ran.stderr);
    assert!(ran.stderr.len() < 2000, "{}", ran.stderr);
    assert!(!release.path().join("genome.json").exists());
}

#[test]
fn a_signature_that_does_not_verify_refuses_its_copy() {
    let release = signed_apart();
    let wrong = [damaged(&release, "2.json"), renamed(&release, "1.json", "signer-2"), renamed(&release, "2.json", "signer-1")];
    for text in wrong {
        release.write("wrong.json", &text);
        for arguments in
            [["1.json", "wrong.json", "3.json"], ["wrong.json", "1.json", "3.json"], ["1.json", "3.json", "wrong.json"]]
        {
            let ran = release.merge(&[&arguments[..], &["--output", "genome.json"]].concat());
            assert_ran(&ran, 1, "error[GENOME_INVALID_SIGNATURE]");
            assert_ran(&ran, 1, "  --> wrong.json at /signature\n");
            let ran = release.merge(&[&arguments[..], &["--output", "genome.json", "--force"]].concat());
            assert_ran(&ran, 1, "error[GENOME_INVALID_SIGNATURE]");
        }
        let ran = release.merge(&["1.json", "wrong.json", "--output", "-"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    }
    assert!(!release.path().join("genome.json").exists());
}

#[test]
fn two_signatures_by_a_key_that_nobody_knows_are_a_contradiction() {
    let release = signed_apart();
    release.write("x.json", &renamed(&release, "1.json", "old-key"));
    release.write("y.json", &renamed(&release, "2.json", "old-key"));
    assert_ran(&release.merge(&["x.json", "1.json", "x.json", "--output", "kept.json"]), 0, "signatures  1 of 2 required");
    assert_eq!(counted(&release, "kept.json"), (1, 1));

    let ran = release.merge(&["1.json", "x.json", "y.json", "--output", "genome.json"]);
    let message = "error: compared with x.json, it holds another signature by `old-key`, whom the authority does not name\n  --> y.json\n  help: ";
    assert_ran(&ran, 1, message);
    assert!(!release.path().join("genome.json").exists());

    let before = release.read("kept.json");
    let ran = release.merge(&["1.json", "y.json", "--output", "kept.json"]);
    assert_ran(&ran, 1, "compared with y.json, it holds another signature by `old-key`");
    assert_ran(&ran, 1, "  --> kept.json\n");
    assert_ran(&ran, 1, "or replace this one with --force\n");
    assert_eq!(release.read("kept.json"), before);
    assert_ran(&release.merge(&["1.json", "y.json", "--output", "kept.json", "--force"]), 0, "written to");
    assert_ne!(release.read("kept.json"), before);
}

/// CVE-2020-6174 (TUF) and CVE-2020-15093 (tough): one signature shown twice met a threshold of two.
#[test]
fn one_signature_counts_once() {
    let release = signed_apart();
    for copies in [&["1.json", "1.json"][..], &["1.json", "1.json", "draft.json", "1.json"]] {
        let ran = release.merge(&[copies, &["--output", "one.json"]].concat());
        assert_ran(&ran, 0, "signatures  1 of 2 required");
        assert_eq!(release.read("one.json"), release.read("1.json"));
    }
    // Under the name of a key that nobody knows it is kept, and counts for nothing.
    release.write("renamed.json", &renamed(&release, "1.json", "signer-1b"));
    assert_ran(&release.merge(&["1.json", "renamed.json", "--output", "two.json"]), 0, "signatures  1 of 2 required");
    assert_eq!(counted(&release, "two.json"), (1, 1));
    assert_eq!(release.verify(&["two.json"]).status, Some(1));
    // Twice in one copy.
    let text = release.read("1.json");
    let (start, signature) = text.split_once("\"signature\": ").unwrap();
    let signature = signature.trim_end().strip_suffix('}').unwrap();
    release.write("twice.json", &format!("{start}\"signatures\": [{signature}, {signature}]}}"));
    let ran = release.merge(&["twice.json", "1.json", "--output", "genome.json"]);
    assert_ran(&ran, 1, "error[GENOME_INVALID_SCHEMA]");
    assert_ran(&ran, 1, "  - /signatures/1/signer_key_id: the same signer_key_id as at /signatures/0/signer_key_id\n");
    assert!(!release.path().join("genome.json").exists());
}

#[test]
fn an_output_that_exists_is_one_more_copy() {
    let release = signed_apart();
    fs::copy(release.path().join("3.json"), release.path().join("genome.json")).unwrap();
    let ran = release.merge(&["1.json", "2.json", "--output", "genome.json"]);
    assert_ran(&ran, 0, "joined 1.json, 2.json, genome.json\n");
    assert_ran(&ran, 0, "signatures  2 of 2 required\n  written to  genome.json\n");
    assert_eq!(counted(&release, "genome.json"), (3, 0));

    let inode = || fs::metadata(release.path().join("genome.json")).unwrap().ino();
    let before = inode();
    let ran = release.merge(&["1.json", "2.json", "--output", "genome.json"]);
    assert_ran(&ran, 0, "nothing to do, joined before: 1.json, 2.json, genome.json\n");
    assert!(!ran.stderr.contains("written to"), "{}", ran.stderr);
    assert_eq!(inode(), before, "it was written again");

    // It may be one of the copies, whichever.
    for copies in [["in-out.json", "2.json"], ["2.json", "in-out.json"]] {
        fs::copy(release.path().join("1.json"), release.path().join("in-out.json")).unwrap();
        assert_ran(&release.merge(&[&copies[..], &["--output", "in-out.json"]].concat()), 0, "written to  in-out.json");
        assert_eq!(counted(&release, "in-out.json"), (2, 0));
    }
}

#[test]
fn another_output_is_replaced_only_by_force() {
    let release = signed_apart();
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    assert_ran(&release.sign(1, &["next.json", "next.json", "signer-1"]), 0, "");
    assert_ran(&release.merge(&["1.json", "2.json", "--output", "good.json"]), 0, "");
    let good = release.read("good.json");
    for (other, said) in [
        (release.read("next.json"), "compared with 1.json, it is another genome: they differ at /version\n  --> genome.json\n"),
        ("not a genome".to_owned(), "error[GENOME_INVALID_JSON]"),
        ("{}".to_owned(), "error[GENOME_INVALID_SCHEMA]"),
        ("\n".to_owned(), "error[GENOME_INVALID_JSON]"),
    ] {
        release.write("genome.json", &other);
        let ran = release.merge(&["1.json", "2.json", "--output", "genome.json"]);
        assert_ran(&ran, 1, said);
        assert_ran(&ran, 1, "; or write to another file, or replace this one with --force\n");
        assert_eq!(release.read("genome.json"), other);
        assert_ran(&release.merge(&["1.json", "2.json", "--output", "genome.json", "--force"]), 0, "written to  genome.json");
        assert_eq!(release.read("genome.json"), good);
    }
    // Of the same genome only the signatures that are wrong are lost.
    release.write("genome.json", &renamed(&release, "3.json", "signer-2"));
    assert_ran(&release.merge(&["1.json", "3.json", "--output", "genome.json"]), 1, "; --force drops the signature\n");
    let ran = release.merge(&["1.json", "2.json", "--output", "genome.json", "--force"]);
    assert_ran(&ran, 0, "warning[GENOME_INVALID_SIGNATURE]");
    assert_eq!(release.read("genome.json"), good);
}

#[test]
fn a_read_only_output_is_replaced_only_by_force() {
    let release = signed_apart();
    let path = release.path().join("genome.json");
    fs::copy(release.path().join("1.json"), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert_ran(&release.merge(&["1.json", "draft.json", "--output", "genome.json"]), 0, "nothing to do");
    assert_ran(&release.merge(&["1.json", "2.json", "--output", "genome.json"]), 1, "chmod u+w");
    assert_eq!(release.read("genome.json"), release.read("1.json"));
    assert_ran(&release.merge(&["1.json", "2.json", "--output", "genome.json", "--force"]), 0, "written to");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o444);
}

#[test]
fn dashes_are_the_standard_streams() {
    let release = signed_apart();
    let mut command = program("genome-merge", release.path());
    command.args(["1.json", "-", "--output", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(release.read("2.json").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(verify_self_declared(&output.stdout).unwrap().tally().signed.len(), 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("joined 1.json, standard input\n") && !said.contains("written to"), "{said}");
    assert_ran(&release.merge(&["-", "-", "--output", "-"]), 2, "standard input can be read only once");
    assert_eq!(names(release.path()), ["1.json", "2.json", "3.json", "draft.json"]);
}

#[test]
fn a_path_is_quoted_once_and_only_where_it_has_to_be() {
    let release = signed_apart();
    release.write("other.json", &release.read("1.json").replace("\"1.0.0\"", "\"1.0.1\""));
    for (copy, shown) in [("a b.json", "`a b.json`"), ("standard input", "`standard input`"), ("a`.json", r"`a\u{60}.json`")] {
        fs::copy(release.path().join("1.json"), release.path().join(copy)).unwrap();
        assert_ran(&release.merge(&[copy, "2.json", "--output", "-"]), 0, &format!("joined {shown}, 2.json\n"));
        let ran = release.merge(&[copy, "other.json", "--output", "-"]);
        assert_ran(&ran, 1, &format!("compared with {shown}, it is another genome: they differ at /version\n  --> other.json\n"));
    }
}

#[test]
fn what_cannot_be_read_or_written() {
    let release = signed_apart();
    let merge = |copy: &str, output: &str| release.merge(&["1.json", copy, "--output", output]);
    assert_ran(&merge("missing.json", "genome.json"), 2, "error[GENOME_MISSING]: there is no such file\n  --> missing.json\n");
    assert_ran(&merge(".", "genome.json"), 2, "error[GENOME_UNREADABLE]");
    assert_ran(&merge("2.json", "missing/genome.json"), 2, "cannot write the signed genome");
    assert_ran(&merge("2.json", "."), 2, "not a regular file");
    assert_ran(&merge("2.json", "/dev/full"), 2, "not a regular file");
    symlink("nowhere.json", release.path().join("dangling")).unwrap();
    assert_ran(&merge("2.json", "dangling"), 2, "a link to `nowhere.json`");
    fs::remove_file(release.path().join("dangling")).unwrap();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = program("genome-merge", release.path());
    command.args(["1.json", "2.json", "--output", "-"]).stdout(full()).stderr(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(2), "a genome that nobody got is no success");
    assert_eq!(names(release.path()), ["1.json", "2.json", "3.json", "draft.json"]);
    // A report that nobody reads does not undo the merging.
    let mut command = program("genome-merge", release.path());
    command.args(["1.json", "2.json", "--output", "genome.json"]).stderr(full());
    assert_eq!(command.status().unwrap().code(), Some(0));
    // A limit on the size of files stands in for a full disk: the write fails halfway.
    let before = release.read("genome.json");
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" 1.json 3.json --output genome.json";
    let mut limited = Command::new("sh");
    let ran = run(limited.args(["-c", script]).arg(programs().join("genome-merge")).current_dir(release.path()));
    assert_ran(&ran, 2, "help: the output was not changed; ");
    assert_eq!(release.read("genome.json"), before);
    assert_eq!(names(release.path()), ["1.json", "2.json", "3.json", "draft.json", "genome.json"]);
}

#[test]
fn the_command_line_says_what_is_meant() {
    let release = signed_apart();
    for arguments in [
        &[][..],
        &["1.json", "2.json"],
        &["1.json", "--output", "genome.json"],
        &["--output", "genome.json"],
        &["--driver", "1.json", "2.json"],
        &["--driver", "draft.json", "1.json", "2.json", "genome.json", "3.json"],
        &["1.json", "2.json", "--output", "genome.json", "--driver", "draft.json", "1.json", "2.json"],
        &["--force", "--driver", "draft.json", "1.json", "2.json"],
    ] {
        assert_ran(&release.merge(arguments), 2, "error: ");
    }
    assert_eq!(names(release.path()), ["1.json", "2.json", "3.json", "draft.json"]);
}

#[test]
fn hostile_documents_are_refused() {
    let release = signed_apart();
    let draft = release.read("draft.json");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, code) in [
        (String::new(), "GENOME_INVALID_JSON"),
        (deep, "GENOME_INVALID_JSON"),
        (format!("\u{feff}{draft}"), "GENOME_INVALID_JSON"),
        (format!("{draft}{draft}"), "GENOME_INVALID_JSON"),
        (draft.replacen("\"name\"", "\"n\\u0061me\": \"\\ud800\", \"name\"", 1), "GENOME_INVALID_JSON"),
        (draft.replacen("\"name\"", "\"n\\u0061me\": \"TWICE\", \"name\"", 1), "GENOME_INVALID_JSON"),
        (draft.replacen("\"name\"", "\"\\u001b[31m\\n::error::x\": 1, \"name\"", 1), "GENOME_INVALID_SCHEMA"),
        (draft.replace("\"threshold\": 2", "\"threshold\": 2.0"), "GENOME_INVALID_SCHEMA"),
        (draft.replace("\"threshold\": 2", "\"threshold\": 4"), "GENOME_INVALID_SCHEMA"),
        (draft.replace("consent_wins", &release.keys[0]), "GENOME_SECRET_EXPOSED"),
    ] {
        release.write("hostile.json", &text);
        for copies in [["1.json", "hostile.json"], ["hostile.json", "1.json"]] {
            let ran = release.merge(&[&copies[..], &["--output", "genome.json"]].concat());
            assert_ran(&ran, 1, &format!("error[{code}]"));
            assert!(ran.stderr.contains("  --> hostile.json"), "{}", ran.stderr);
            assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.lines().any(|line| line.starts_with("::")), "{}", ran.stderr);
        }
    }
    let mut endless = program("genome-merge", release.path());
    endless.args(["1.json", "/dev/stdin", "--output", "genome.json"]).stdin(fs::File::open("/dev/zero").unwrap());
    let output = endless.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("larger than 16 MiB"));
    assert!(!release.path().join("genome.json").exists());
}

#[test]
fn no_line_starts_with_what_a_stranger_wrote() {
    let release = signed_apart();
    for (from, to) in [("1.json", "::error::\u{1b}[31m"), ("2.json", "x\n::error::y")] {
        fs::rename(release.path().join(from), release.path().join(to)).unwrap();
    }
    release.write("other.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    let output = "z\n::error::z";
    for copies in [["::error::\u{1b}[31m", "x\n::error::y"], ["x\n::error::y", "other.json"], ["missing\n::error::", "3.json"]] {
        let ran = release.merge(&[&copies[..], &["--output", output]].concat());
        assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.lines().any(|line| line.starts_with("::")), "{}", ran.stderr);
    }
    assert_eq!(counted(&release, output), (2, 0));
}

#[test]
fn many_who_merge_at_once_lose_no_signature() {
    let release = Release::new(8, 8);
    for signer in 1..=8 {
        assert_ran(&release.sign(signer, &["draft.json", &format!("{signer}.json"), &format!("signer-{signer}")]), 0, "");
    }
    run_at_once((1..=8).map(|signer| {
        let mut command = program("genome-merge", release.path());
        command.args(["draft.json", &format!("{signer}.json"), "--output", "genome.json"]);
        command
    }));
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));
}

#[test]
fn a_private_key_on_the_command_line_is_not_repeated() {
    let release = signed_apart();
    let key = release.keys[0].as_str();
    for arguments in [&["1.json", key, "--output", "genome.json"][..], &["--driver", "draft.json", "1.json", "2.json", key], &[key]]
    {
        assert_ran(&release.merge(arguments), 2, "a private key stands on the command line");
    }
}

// --- As a merge driver ---

#[test]
fn the_driver_leaves_the_result_in_the_place_of_ours() {
    let release = signed_apart();
    let ran = release.merge(&["--driver", "draft.json", "1.json", "2.json", "genomes/genome.json"]);
    assert_ran(&ran, 0, "joined genomes/genome.json (ours), genomes/genome.json (theirs)\n");
    assert_ran(&ran, 0, "\n  signatures  2 of 2 required\n  may sign    `signer-3`\n");
    assert!(!ran.stderr.contains("written to") && !ran.stderr.contains("taken away"), "{}", ran.stderr);
    assert_eq!((counted(&release, "1.json"), counted(&release, "2.json")), ((2, 0), (1, 0)));

    // Nothing new, and no file at the common ancestor: ours stays as it is, to the byte.
    release.write("empty", "");
    release.write("1.json", &release.read("1.json").replace('\n', "\n "));
    let before = release.read("1.json");
    assert_ran(&release.merge(&["--driver", "empty", "1.json", "2.json"]), 0, "joined 1.json (ours), 1.json (theirs)\n");
    assert_eq!(release.read("1.json"), before);
}

#[test]
fn the_driver_leaves_ours_alone_where_there_is_a_conflict() {
    let release = signed_apart();
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    release.write("wrong.json", &damaged(&release, "2.json"));
    release.write("x.json", &renamed(&release, "1.json", "old-key"));
    release.write("y.json", &renamed(&release, "2.json", "old-key"));
    for (ours, theirs, status, said) in [
        ("1.json", "next.json", 1, "compared with p (ours), it is another genome: they differ at /version\n  --> p (theirs)\n"),
        ("1.json", "next.json", 1, "`git checkout --ours`"),
        ("1.json", "wrong.json", 1, "  --> p (theirs) at /signature\n"),
        ("wrong.json", "1.json", 1, "  --> p (ours) at /signature\n"),
        ("x.json", "y.json", 1, "compared with p (ours), it holds another signature by `old-key`"),
        ("1.json", "missing.json", 2, "error[GENOME_MISSING]"),
    ] {
        let before = release.read(ours);
        assert_ran(&release.merge(&["--driver", "draft.json", ours, theirs, "p"]), status, said);
        assert_eq!(release.read(ours), before);
    }
    assert_ran(&release.merge(&["--driver", "missing", "1.json", "2.json"]), 2, "error[GENOME_MISSING]");
    assert_ran(&release.merge(&["--driver", "draft.json", "1.json", "-"]), 2, "error[GENOME_MISSING]");
}

#[test]
fn the_driver_does_not_bring_back_what_was_taken_away() {
    let release = signed_apart();
    assert_ran(&release.merge(&["1.json", "2.json", "--output", "12.json"]), 0, "");
    assert_ran(&release.merge(&["12.json", "3.json", "--output", "123.json"]), 0, "");
    let merged = |ours: &str, theirs: &str| {
        fs::copy(release.path().join(ours), release.path().join("ours.json")).unwrap();
        let ran = release.merge(&["--driver", "12.json", "ours.json", theirs]);
        assert_ran(&ran, 0, "\n  taken away  `signer-2`\n");
        release.read("ours.json")
    };
    assert_eq!(merged("1.json", "12.json"), release.read("1.json"));
    assert_eq!(merged("12.json", "1.json"), release.read("1.json"));
    assert_ran(&release.merge(&["1.json", "3.json", "--output", "13.json"]), 0, "");
    assert_eq!(merged("1.json", "123.json"), release.read("13.json"));
    assert_eq!(merged("123.json", "1.json"), release.read("13.json"));
}

/// A repository of git, in which people sign on branches.
struct Repository(Release);

impl Repository {
    /// With the two lines of configuration, and the draft as the genome of the branch `main`, if it is to be there.
    fn new(signers: u8, threshold: u8, with_draft: bool) -> Self {
        let repository = Self(Release::new(signers, threshold));
        assert_ran(&repository.git(&["init", "--quiet", "--initial-branch=main"]), 0, "");
        fs::create_dir(repository.0.path().join("my genomes")).unwrap();
        repository.0.write(ATTRIBUTES, "genome.json merge=genome\n");
        let driver = "genome-merge --driver %O %A %B %P";
        assert_ran(&repository.git(&["config", "merge.genome.driver", driver]), 0, "");
        assert_ran(&repository.git(&["add", ATTRIBUTES]), 0, "");
        assert_ran(&repository.git(&["commit", "--quiet", "--message=attributes"]), 0, "");
        if with_draft {
            repository.commit(&repository.0.read("draft.json"));
        }
        repository
    }

    /// Runs git, without anything that this machine, its user or an outer git has set up.
    fn git(&self, arguments: &[&str]) -> Ran {
        let mut git = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            git.env_remove(name);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs().to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        git.current_dir(self.0.path()).env("PATH", path).env("HOME", self.0.path()).env_remove("XDG_CONFIG_HOME");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        git.args(["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]);
        run(git.args(arguments))
    }

    fn genome(&self) -> String {
        self.0.read(GENOME)
    }

    /// Commits this genome on the branch that is checked out.
    fn commit(&self, genome: &str) {
        self.0.write(GENOME, genome);
        assert_ran(&self.git(&["add", GENOME]), 0, "");
        assert_ran(&self.git(&["commit", "--quiet", "--message=genome"]), 0, "");
    }

    /// Signs on the branch that is checked out.
    fn sign(&self, signer: usize) {
        assert_ran(&self.0.sign(signer, &["draft.json", GENOME, &format!("signer-{signer}")]), 0, "signed by");
        self.commit(&self.genome());
    }

    /// Checks out a new branch.
    fn branch(&self, name: &str, start: &str) {
        assert_ran(&self.git(&["checkout", "--quiet", "-b", name, start]), 0, "");
    }

    /// What git says of the files that it knows.
    fn status(&self) -> String {
        self.git(&["status", "--porcelain", "--untracked-files=no"]).stdout
    }

    fn assert_clean(&self, signed: usize) {
        assert_eq!(self.status(), "");
        assert_eq!(counted(&self.0, GENOME), (signed, 0));
    }
}

const GENOME: &str = "my genomes/genome.json";
const ATTRIBUTES: &str = "my genomes/.gitattributes";

#[test]
fn branches_on_which_different_people_sign_merge_without_a_conflict() {
    if !has("git") {
        return;
    }
    for with_draft in [true, false] {
        let repository = Repository::new(3, 2, with_draft);
        for signer in 1..=3 {
            repository.branch(&format!("branch-{signer}"), "main");
            repository.sign(signer);
        }
        // The text alone is in conflict.
        assert_ran(&repository.git(&["-c", "merge.genome.driver=git merge-file %A %O %B", "merge", "branch-1"]), 1, "");
        assert_ran(&repository.git(&["merge", "--abort"]), 0, "");

        assert_ran(&repository.git(&["checkout", "--quiet", "branch-1"]), 0, "");
        let ran = repository.git(&["merge", "--no-edit", "branch-2"]);
        assert_ran(&ran, 0, "joined `my genomes/genome.json` (ours), `my genomes/genome.json` (theirs)\n");
        assert_ran(&ran, 0, "signatures  2 of 2 required");
        repository.assert_clean(2);
        assert_eq!(repository.0.verify(&[GENOME]).status, Some(0));
        assert_ran(&repository.git(&["merge", "--no-edit", "branch-3"]), 0, "");
        repository.assert_clean(3);
        // As if they had signed one after the other.
        for signer in 1..=3 {
            assert_ran(&repository.0.sign(signer, &["draft.json", "together.json", &format!("signer-{signer}")]), 0, "");
        }
        assert_eq!(repository.genome(), repository.0.read("together.json"));
    }
}

#[test]
fn branches_with_different_genomes_stay_in_conflict() {
    if !has("git") {
        return;
    }
    for with_draft in [true, false] {
        let repository = Repository::new(2, 1, with_draft);
        repository.branch("ours", "main");
        repository.sign(1);
        let ours = repository.genome();
        repository.branch("theirs", "main");
        repository.0.write("draft.json", &repository.0.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
        fs::remove_file(repository.0.path().join(GENOME)).unwrap_or_default();
        repository.sign(2);
        assert_ran(&repository.git(&["checkout", "--quiet", "ours"]), 0, "");

        let ran = repository.git(&["merge", "--no-edit", "theirs"]);
        let message = "error: compared with `my genomes/genome.json` (ours), it is another genome: they differ at /version\n  --> `my genomes/genome.json` (theirs)\n";
        assert_ran(&ran, 1, message);
        assert!(ran.stdout.contains("CONFLICT"), "{}", ran.stdout);
        let conflict = if with_draft { "UU" } else { "AA" };
        assert_eq!(repository.status(), format!("{conflict} \"{GENOME}\"\n"));
        assert_eq!(repository.genome(), ours);
        // As the hint says.
        assert_ran(&repository.git(&["checkout", "--quiet", "--theirs", GENOME]), 0, "");
        assert!(repository.genome().contains("\"1.0.1\""));
    }
}

#[test]
fn a_branch_with_a_wrong_signature_stays_in_conflict() {
    if !has("git") {
        return;
    }
    let repository = Repository::new(2, 1, true);
    repository.branch("theirs", "main");
    repository.sign(2);
    repository.commit(&repository.genome().replace("\"signer_key_id\": \"signer-2\"", "\"signer_key_id\": \"signer-1\""));
    repository.branch("ours", "main");
    repository.sign(1);
    let ran = repository.git(&["merge", "--no-edit", "theirs"]);
    assert_ran(&ran, 1, "error[GENOME_INVALID_SIGNATURE]");
    assert_eq!(repository.status(), format!("UU \"{GENOME}\"\n"));
    assert_eq!(counted(&repository.0, GENOME), (1, 0));
}

#[test]
fn a_signature_that_was_reverted_stays_away_and_others_can_be_rebased() {
    if !has("git") {
        return;
    }
    let repository = Repository::new(4, 1, true);
    repository.branch("one", "main");
    repository.sign(1);
    repository.branch("two", "main");
    repository.sign(2);
    repository.sign(3);
    assert_ran(&repository.git(&["rebase", "--quiet", "one"]), 0, "");
    repository.assert_clean(3);
    // The second person takes his signature back.
    assert_ran(&repository.git(&["revert", "--no-edit", "HEAD~1"]), 0, "taken away  `signer-2`");
    repository.assert_clean(2);
    // A branch that parted before and still has it does not bring it back.
    repository.branch("three", "HEAD~1");
    repository.sign(4);
    assert_ran(&repository.git(&["checkout", "--quiet", "two"]), 0, "");
    assert_ran(&repository.git(&["merge", "--no-edit", "three"]), 0, "taken away  `signer-2`");
    repository.assert_clean(3);
    assert!(!repository.genome().contains("\"signer_key_id\": \"signer-2\""));
}

#[test]
fn branches_that_have_merged_each_other_merge_again() {
    if !has("git") {
        return;
    }
    let repository = Repository::new(4, 4, true);
    for (branch, signer) in [("left", 1), ("right", 2)] {
        repository.branch(branch, "main");
        repository.sign(signer);
    }
    // Criss-cross: two common ancestors, which git merges first, with the same driver.
    for (branch, other, signer) in [("left", "right", 3), ("right", "left~2", 4)] {
        assert_ran(&repository.git(&["checkout", "--quiet", branch]), 0, "");
        assert_ran(&repository.git(&["merge", "--no-edit", other]), 0, "");
        repository.assert_clean(2);
        repository.sign(signer);
    }
    assert_eq!(repository.git(&["merge-base", "--all", "left", "right"]).stdout.lines().count(), 2);
    assert_ran(&repository.git(&["merge", "--no-edit", "left"]), 0, "4 of 4 required");
    repository.assert_clean(4);
    assert_eq!(repository.0.verify(&[GENOME]).status, Some(0));
}

#[test]
fn the_side_of_a_merge_is_no_part_of_a_quoted_path() {
    let release = signed_apart();
    release.write("2.json", &damaged(&release, "2.json"));
    for (ours, theirs, side) in [("1.json", "2.json", "theirs"), ("2.json", "1.json", "ours")] {
        for (path, shown) in [("genome.json", "genome.json"), ("a (ours).json", "`a (ours).json`")] {
            let arguments = ["--driver", "draft.json", ours, theirs, path];
            let ran = run(program("genome-merge", release.path()).args(arguments));
            assert_ran(&ran, 1, &format!("--> {shown} ({side})"));
        }
    }
}
