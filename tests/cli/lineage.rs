//! Where `genome-verify` finds ancestors, what it passes over, and what it says of signatures that are missing.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, failing_after_search, has, policy, program, run, run_unprivileged};
use serde_json::json;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Signer 1 made the first version, and handed over to signer 2.
struct Rotation {
    release: Release,
    parent: Draft,
    child: Draft,
}

/// `genomes/new/genome.json` is the child, and nobody has put the parent anywhere; `trust.json` trusts signer 1.
fn rotation() -> Rotation {
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1], 1);
    let child = Draft::new("1.1.0", &[2], 1).after(&[&parent]);
    fs::create_dir_all(release.path().join("genomes/new")).unwrap();
    release.write("genomes/new/genome.json", &child.signed(&[1, 2]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    // The policy's own key must not have signed, or the lineage is not needed.
    let grandchild = Draft::new("1.2.0", &[3], 1).after(&[&child]);
    release.write("genomes/new/genome.json", &grandchild.signed(&[2, 3]));
    Rotation { release, parent: child, child: grandchild }
}

impl Rotation {
    /// The parent, which the policy's key signed.
    fn parent(&self) -> String {
        self.parent.signed(&[1, 2])
    }

    /// Verifies the child under the policy.
    fn verify(&self, arguments: &[&str]) -> Ran {
        self.release.verify(&[&["--trust", "trust.json", "genomes/new/genome.json"], arguments].concat())
    }
}

fn assert_lineage(ran: &Ran) {
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("\n  ok  every step of the lineage is good\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("\n  trust       lineage: each step from an ancestor that the trust policy pins"),
        "{}",
        ran.stdout
    );
}

fn assert_broken(ran: &Ran) {
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.starts_with("error[GENOME_LINEAGE_BROKEN]: "), "{}", ran.stderr);
    assert!(ran.stderr.contains(", which was not found\n"), "{}", ran.stderr);
}

#[test]
fn ancestors_are_found_under_any_name() {
    let rotation = rotation();
    assert_broken(&rotation.verify(&[]));
    // The directory above the genome's own, and the directories in it.
    for place in
        ["genomes/new/1.1.0", "genomes/parent.json", "genomes/old/genome.json", "genomes/old/.hidden", "genomes/old/x.txt~"]
    {
        let path = rotation.release.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        rotation.release.write(place, &rotation.parent());
        let ran = rotation.verify(&[]);
        assert_lineage(&ran);
        assert!(
            ran.stdout.contains(&format!("\n  lineage     1 ancestor\n    pinned  `TEST` 1.1.0 ({})\n", rotation.parent.id())),
            "{ran:?}"
        );
        fs::remove_file(path).unwrap();
    }
    // Farther away they are only found where somebody says so.
    for (place, directory) in [("genomes/old/deep/down/p.json", "genomes"), ("far/p.json", "far"), ("p.json", ".")] {
        let path = rotation.release.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        rotation.release.write(place, &rotation.parent());
        assert_broken(&rotation.verify(&[]));
        let ran = rotation.verify(&["--lineage", directory, "--format", "json"]);
        let genome = ran.report()["genome"].clone();
        assert_eq!(genome["lineage"], json!({"ancestors": 1, "pinned": [rotation.parent.id()], "roots": []}), "{ran:?}");
        assert_eq!(genome["trust"], "lineage");
        fs::remove_file(path).unwrap();
    }
    // What is named takes the place of what is near.
    rotation.release.write("genomes/parent.json", &rotation.parent());
    assert_broken(&rotation.verify(&["--lineage", "far"]));
}

#[test]
fn the_way_in_which_a_genome_is_named_makes_no_difference() {
    let rotation = rotation();
    let at = |path: &str| rotation.release.path().join(path);
    rotation.release.write("genomes/parent.json", &rotation.parent());
    let trust = at("trust.json");
    let verify = |directory: &str, path: &Path| {
        let mut command = program("genome-verify", &at(directory));
        command.arg("--trust").arg(&trust).arg(path).stdin(File::open(at("genomes/new/genome.json")).unwrap());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    };
    for (directory, path) in [
        ("genomes/new", "genome.json"),
        ("genomes/new", "./genome.json"),
        ("genomes", "new/genome.json"),
        ("genomes", "new"),
        ("genomes/new", "../new/genome.json"),
        ("genomes/new", "."),
    ] {
        assert_lineage(&verify(directory, Path::new(path)));
    }
    assert_lineage(&verify(".", &at("genomes/new/genome.json")));
    symlink("genomes/new/genome.json", at("current.json")).unwrap();
    symlink("genomes/new", at("current")).unwrap();
    fs::create_dir_all(at("deploy/here")).unwrap();
    symlink(at("current.json"), at("deploy/here/genome.json")).unwrap();
    for path in ["current.json", "current/genome.json", "deploy/here/genome.json"] {
        assert_lineage(&verify(".", Path::new(path)));
    }
    // As a kubelet mounts a version: above the file there is another directory of the same volume, above its path that of the parent.
    fs::remove_file(at("genomes/parent.json")).unwrap();
    fs::create_dir_all(at("mounted/v2/..2026_11_29")).unwrap();
    fs::create_dir_all(at("mounted/v1")).unwrap();
    fs::copy(at("genomes/new/genome.json"), at("mounted/v2/..2026_11_29/genome.json")).unwrap();
    symlink("..2026_11_29", at("mounted/v2/..data")).unwrap();
    symlink("..data/genome.json", at("mounted/v2/genome.json")).unwrap();
    rotation.release.write("mounted/v1/genome.json", &rotation.parent());
    symlink(at("mounted/v2"), at("deploy/v2")).unwrap();
    for (directory, path) in [
        (".", "mounted/v2/genome.json"),
        ("mounted/v2", "genome.json"),
        ("mounted/v2", "./genome.json"),
        ("mounted/v1", "../v2/genome.json"),
        ("mounted/v1/..", "v2/genome.json"),
        (".", "deploy/v2/genome.json"),
        (".", "mounted/v2"),
    ] {
        assert_lineage(&verify(directory, Path::new(path)));
    }
    fs::remove_dir_all(at("mounted/v1")).unwrap();
    assert_broken(&verify(".", Path::new("mounted/v2/genome.json")));
    // Beside a link to the directory of a version, too.
    fs::create_dir(at("deploy/v1")).unwrap();
    rotation.release.write("deploy/v1/genome.json", &rotation.parent());
    assert_lineage(&verify(".", Path::new("deploy/v2/genome.json")));
    rotation.release.write("genomes/parent.json", &rotation.parent());
    // Standard input is nowhere: nothing is near it.
    assert_broken(&verify("genomes/new", Path::new("-")));
    let script = "exec \"$0\" --trust trust.json --lineage genomes - < genomes/new/genome.json";
    let mut stdin = Command::new("sh");
    let stdin = stdin.args(["-c", script]).arg(genome_test_support::programs().join("genome-verify"));
    assert_lineage(&run(stdin.current_dir(rotation.release.path())));
}

#[test]
fn what_is_no_genome_is_passed_over_and_never_waited_for() {
    let rotation = rotation();
    let at = |path: &str| rotation.release.path().join("genomes").join(path);
    fs::create_dir(at("old")).unwrap();
    rotation.release.write("genomes/old/p.json", &rotation.parent());
    // Drafts and half-signed copies beside it, before and after it in the order of names.
    for (name, signers) in [("a", &[][..]), ("b", &[1]), ("y", &[2]), ("z", &[])] {
        rotation.release.write(&format!("genomes/old/{name}.json"), &rotation.parent.signed(signers));
    }
    assert!(Command::new("mkfifo").args([at("0.fifo"), at("old/fifo.json")]).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.json")).unwrap();
    for (name, target) in [
        ("dangling.json", "nowhere"),
        ("loop", "loop"),
        ("zero.json", "/dev/zero"),
        ("tty", "/dev/tty"),
        ("up", ".."),
        ("fifo2", "0.fifo"),
    ] {
        symlink(target, at(name)).unwrap();
    }
    let huge = File::create(at("huge.json")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&huge, b"{", 0).unwrap();
    huge.set_len(1 << 40).unwrap();
    for (name, contents) in [
        ("empty", &b""[..]),
        ("image.png", b"\x89PNG\r\n\x1a\n\0\0"),
        ("zeros", &[0; 4096]),
        ("brace", b"{"),
        ("list.json", b"[{}]"),
        ("not-utf-8.json", b"{\"name\": \"\xff\"}"),
        ("bom.json", b"\xef\xbb\xbf{}"),
        ("blank", &[b' '; 4096]),
        ("deep.json", "{\"a\":".repeat(100_000).as_bytes()),
        ("twice.json", b"{\"parents\": [], \"parents\": []}"),
        ("other.json", rotation.child.signed(&[9]).as_bytes()),
    ] {
        fs::write(at(name), contents).unwrap();
    }
    assert_lineage(&rotation.verify(&[]));
    assert_lineage(&rotation.verify(&["--lineage", "genomes"]));

    // Whoever may not read something passes it over too.
    for (name, mode) in [("genomes/secret.json", 0o000), ("genomes/closed", 0o000)] {
        if name.ends_with("closed") {
            fs::create_dir(rotation.release.path().join(name)).unwrap();
        } else {
            rotation.release.write(name, &rotation.parent());
        }
        rotation.release.set_mode(name, mode);
    }
    rotation.release.set_mode(".", 0o755);
    let verify = ["--trust", "trust.json", "--lineage", "genomes", "genomes/new/genome.json"];
    if let Some(ran) = run_unprivileged(&mut rotation.release.verifying(&verify)) {
        assert_lineage(&ran);
        // The others have half of its signatures each.
        fs::remove_file(at("old/p.json")).unwrap();
        assert_lineage(&run_unprivileged(&mut rotation.release.verifying(&verify)).unwrap());
        fs::remove_file(at("old/y.json")).unwrap();
        let ran = run_unprivileged(&mut rotation.release.verifying(&verify)).unwrap();
        assert_eq!(ran.status, Some(1), "the copy that it may not read does not help: {ran:?}");
    }
    rotation.release.set_mode("genomes/closed", 0o755);
}

#[test]
fn pipes_and_devices_are_not_even_opened() {
    if !has("strace") {
        return;
    }
    let rotation = rotation();
    rotation.release.write("genomes/parent.json", &rotation.parent());
    assert!(Command::new("mkfifo").arg(rotation.release.path().join("genomes/pipe")).status().unwrap().success());
    symlink("/dev/zero", rotation.release.path().join("genomes/device")).unwrap();
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-o", "trace", "-e", "trace=open,openat,openat2"])
        .arg(genome_test_support::programs().join("genome-verify"));
    traced.args(["--trust", "trust.json", "--lineage", "genomes", "genomes/new/genome.json"]);
    assert_lineage(&run(traced.current_dir(rotation.release.path())));
    let trace = rotation.release.read("trace");
    let named = |line: &&str| line.contains("/pipe\"") || line.contains("/device\"");
    // To look at what has a name is not to open it (open(2), `O_PATH`).
    let opened: Vec<&str> = trace.lines().filter(named).filter(|line| !line.contains("O_PATH")).collect();
    // A pipe's writer would take us for its reader, and some devices act when they are opened.
    assert!(opened.is_empty() && trace.contains("genomes/parent.json"), "{opened:?}");
}

/// Whoever keeps several copies loses none of them to a bad sector under one.
#[test]
fn a_copy_that_cannot_be_read_spoils_no_good_one() {
    if !has("strace") {
        return;
    }
    let rotation = rotation();
    rotation.release.write("genomes/a.json", &rotation.parent());
    let verifying = rotation.release.verifying(&["--trust", "trust.json", "--lineage", "genomes", "genomes/new/genome.json"]);
    let verify = || run(&mut failing_after_search(&verifying, "genomes/a.json"));
    let alone = verify();
    assert_eq!(alone.status, Some(1), "{alone:?}");
    assert!(alone.stderr.contains(", which cannot be read (genomes/a.json): Input/output error"), "{}", alone.stderr);
    rotation.release.write("genomes/b.json", &rotation.parent());
    let beside = verify();
    assert_lineage(&beside);
    let warning = "cannot be read and was passed over (genomes/a.json): Input/output error";
    assert!(beside.stderr.contains("warning[GENOME_UNREADABLE]") && beside.stderr.contains(warning), "{}", beside.stderr);
}

/// Nothing says what a file is that the search itself could not read. It is named only where it may be what is missing.
#[test]
fn what_the_search_could_not_read_may_be_what_was_not_found() {
    let rotation = rotation();
    let at = |path: &str| rotation.release.path().join(path);
    fs::create_dir(at("genomes/closed")).unwrap();
    rotation.release.write("genomes/closed/x.json", &rotation.parent());
    rotation.release.write("genomes/a.json", &rotation.parent());
    rotation.release.set_mode("genomes/a.json", 0o000);
    rotation.release.set_mode(".", 0o755);
    let verify = || {
        let arguments = ["--trust", "trust.json", "--lineage", "genomes", "genomes/new/genome.json"];
        run_unprivileged(&mut rotation.release.verifying(&arguments))
    };
    fs::rename(at("genomes/closed"), at("closed")).unwrap();
    let Some(alone) = verify() else { return };
    let said = "was not found; genomes/a.json, where it may be, cannot be read (Permission denied (os error 13))";
    assert_eq!(alone.status, Some(1), "{alone:?}");
    assert!(alone.stderr.contains(&format!("{said}\n")), "{}", alone.stderr);
    assert!(alone.stderr.contains("  help: check that this user may read what cannot be read; otherwise put"), "{}", alone.stderr);
    fs::rename(at("closed"), at("genomes/closed")).unwrap();
    rotation.release.set_mode("genomes/closed", 0o000);
    let more = verify().unwrap();
    assert!(more.stderr.contains(&format!("{said}, nor can 1 more\n")), "{}", more.stderr);
    rotation.release.write("genomes/b.json", &rotation.parent());
    let beside = verify().unwrap();
    rotation.release.set_mode("genomes/closed", 0o755);
    assert_lineage(&beside);
    assert!(!beside.stderr.contains("a.json"), "{}", beside.stderr);
}

/// Bytes that are no text are escaped, so that no two copies are called the same.
#[test]
fn copies_with_names_that_are_no_text_are_told_apart() {
    let rotation = rotation();
    rotation.release.write("genomes/good.json", &rotation.parent());
    let mut forged = rotation.parent();
    let start = forged.find("sig_base64\":\"").unwrap() + 13;
    forged.replace_range(start..start + 4, "AAAA");
    for name in [&b"bad-\xff.json"[..], b"bad-\xfe.json", b"bad-\\xff.json"] {
        fs::write(rotation.release.path().join("genomes").join(OsStr::from_bytes(name)), &forged).unwrap();
    }
    let ran = rotation.verify(&[]);
    assert_lineage(&ran);
    for name in [r"bad-\xff.json`", r"bad-\xfe.json`", r"bad-\\xff.json`"] {
        assert!(
            ran.stderr.contains(&format!("/{name})")) || ran.stderr.contains(&format!("`genomes/{name}")),
            "{name}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_directory_that_is_none_is_not_taken_for_an_empty_one() {
    let rotation = rotation();
    for (directory, code) in [("nowhere", "GENOME_MISSING"), ("trust.json", "GENOME_UNREADABLE")] {
        // Also of a genome that needs no ancestors.
        for genome in ["genomes/new/genome.json", "root.json"] {
            rotation.release.write("root.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
            let ran = rotation.release.verify(&["--trust", "trust.json", "--lineage", directory, "--format", "json", genome]);
            assert_eq!(ran.status, Some(2), "{directory}: {ran:?}");
            let refusal = &ran.report()["refusal"];
            assert_eq!((&refusal["code"], &refusal["file"]), (&code.into(), &directory.into()), "{directory}");
        }
    }
    assert_eq!(rotation.verify(&["--lineage", ""]).status, Some(2));
}

#[test]
fn what_strangers_wrote_starts_no_line_and_hides_nothing() {
    let release = Release::new(1, 1);
    // Names may not hold what does not show; everything else may.
    let [name, hidden] = ["::error::pwned", "::error::\u{1b}[2J\u{202e}\u{9b}\n::error::x"];
    let parent = Draft::new("1.0.0", &[1], 1).with("name", name);
    let child = Draft::new("1.1.0", &[1, 2], 1).with("name", name).after(&[&parent]);
    let unsigned_step = Draft::new("1.1.0", &[2], 1).with("name", name).after(&[&parent]);
    let hostile = parent.signed(&[1]).replace(name, &hidden.replace('\n', "\\n").replace('\u{1b}', "\\u001b"));
    fs::create_dir_all(release.path().join("genomes/::error::directory\n::error::x")).unwrap();
    release.write("genomes/::error::parent\n::error::x.json", &parent.signed(&[1]));
    release.write("genomes/::error::directory\n::error::x/\u{1b}[2J.json", &hostile);
    release.write("genomes/good.json", &child.signed(&[1]));
    release.write("genomes/bad.json", &unsigned_step.signed(&[2]));
    release
        .write("genomes/missing.json", &child.clone().with("parents", [&"0".repeat(64)].map(String::as_str).to_vec()).signed(&[1]));
    let versions = json!({"minimum_versions": {name: "9.0.0"}});
    let faulty = json!({"minimum_versions": {hidden: "x"}, hidden: 1});
    for (file, text) in [
        ("trust.json", policy(&[1], 1, &json!({}))),
        ("high.json", policy(&[1], 1, &versions)),
        ("faulty.json", policy(&[1], 1, &faulty)),
    ] {
        release.write(file, &text);
    }
    let renamed = policy(&[1], 1, &json!({})).replace("signer-1", "error::1");
    release.write("::error::policy\n::error::x", &renamed);
    for trust in ["trust.json", "high.json", "faulty.json", "::error::policy\n::error::x", "::error::missing\n::error::x"] {
        for genome in ["good.json", "bad.json", "missing.json", "::error::parent\n::error::x.json"] {
            for format in ["human", "json", "github"] {
                let ran =
                    release.verify(&["--trust", trust, "--lineage", "genomes", "--format", format, &format!("genomes/{genome}")]);
                let shown = format!("{}{}", ran.stdout, ran.stderr);
                let ours = ["::error file=", "::warning file=", "::notice file="];
                let start = shown.lines().map(str::trim_start).find(|line| {
                    line.starts_with("::") && (format != "github" || !ours.iter().any(|command| line.starts_with(command)))
                });
                assert_eq!(start, None, "{trust:?} {genome:?} {format}");
                let hidden = shown.chars().find(|&character| character != '\n' && genome_json::text::Printable::escapes(character));
                assert_eq!(hidden, None, "{trust:?} {genome:?} {format}: {shown:?}");
            }
        }
    }
}

/// Where a part of the policy's own signers has signed, the rest of them is the nearest way out, whatever of the lineage is missing.
#[test]
fn a_policy_that_is_half_met_is_named_with_the_lineage() {
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1, 2], 2);
    let child = Draft::new("1.1.0", &[1, 2, 3], 1).after(&[&parent]);
    fs::create_dir_all(release.path().join("genomes/new")).unwrap();
    release.write("trust.json", &policy(&[1, 2], 2, &json!({})));
    let verify = |signed: &[u8], arguments: &[&str]| {
        release.write("genomes/new/genome.json", &child.signed(signed));
        let ran = release.verify(&[&["--trust", "trust.json", "--quiet", "genomes/new/genome.json"], arguments].concat());
        (ran.status, ran.stderr)
    };
    let two = genome_test_support::fingerprint(2);
    let cause = "; the lineage is asked for because too few have signed for the trust policy itself: 1 of the 2 signatures required by the trust policy, by `signer-1` (";
    let way = format!("\n  help: 1 more of the trust policy must sign with genome-sign: `signer-2` ({two}); or ");
    // The parent is not there, or its signers have not signed either.
    for parent_is_there in [false, true] {
        if parent_is_there {
            release.write("genomes/parent.json", &parent.signed(&[1, 2]));
        }
        let (status, said) = verify(&[1], &[]);
        assert!(status == Some(1) && said.starts_with("error[GENOME_LINEAGE_BROKEN]: ") && said.contains(cause), "{said}");
        assert!(said.contains(&way) && said.contains("error[GENOME_UNTRUSTED]: "), "{said}");
        // Nobody of the policy has signed: it is no nearer than the lineage. Who asks for the lineage is told of that alone.
        for (signed, arguments) in [(&[3][..], &[][..]), (&[1], &["--lineage", "genomes"])] {
            let (status, said) = verify(signed, arguments);
            assert!(status == Some(1) && said.starts_with("error[GENOME_LINEAGE_BROKEN]: "), "{said}");
            assert!(!said.contains("is asked for because") && !said.contains("more of the trust policy must sign"), "{said}");
        }
    }
    assert_eq!(verify(&[1, 2], &[]).0, Some(0), "what is said is what helps");
}
