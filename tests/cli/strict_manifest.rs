//! `genome-verify --strict-manifest`, and manifests of a size that is out of the ordinary.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use genome::Digest;
use genome_test_support::terminal::{Typist, joined};
use genome_test_support::tree::{Tree, named};
use genome_test_support::{Ran, assert_ran, has, programs, run};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;

/// The SHA-256 digest of 5 GiB of zeros, from OpenSSL.
const FIVE_GIB_OF_ZEROS: &str = "7f06c62352aebd8125b2a1841e2b9e1ffcbed602f381c3dcb3200200e383d1d5";

#[test]
fn a_strict_manifest_lists_all_that_is_there() {
    let tree = Tree::of(&[("dist/app", "app"), ("dist/lib/deep/file", "file"), ("docs/page", "page"), ("other", "")]);
    let strict = |directories: &[&str]| {
        let arguments: Vec<&str> = directories.iter().flat_map(|directory| ["--strict-manifest", directory]).collect();
        // It implies the check.
        tree.verify(&[&["--manifest-root", "root", "genome.json"], &arguments[..]].concat())
    };
    for all_listed in [&["dist"][..], &["dist/", "docs"], &["."], &["dist/lib/deep"]] {
        assert_ran(&strict(all_listed), 0, "");
    }
    let root = tree.root();
    fs::create_dir_all(root.join("dist/empty/directory")).unwrap();
    assert_ran(&strict(&["."]), 0, "");
    for unlisted in ["dist/.hidden", "dist/lib/deep/other", "dist/APP", "dist/page", "docs/page.orig"] {
        tree.put(unlisted, "");
    }
    symlink("app", root.join("dist/link")).unwrap();
    symlink("/", root.join("dist/lib/slash")).unwrap();
    tree.fifo("dist/fifo");
    fs::write(root.join("dist").join(OsStr::from_bytes(b"\xff\x1b[2J")), "").unwrap();
    assert_ran(&tree.check(&[]), 0, "");
    let in_dist = [
        "dist/.hidden",
        "dist/APP",
        "dist/fifo",
        "dist/lib/deep/other",
        "dist/lib/slash",
        "dist/link",
        "dist/page",
        "dist/\\xff\\u{1b}[2J",
    ];
    assert_eq!(named(&strict(&["dist"])), in_dist);
    assert_eq!(named(&strict(&["dist", "dist/lib"])), in_dist);
    assert_eq!(named(&strict(&["docs"])), ["docs/page.orig"]);
    assert_eq!(named(&strict(&["."])), [&in_dist[..], &["docs/page.orig"]].concat());
    assert_ran(&strict(&["docs"]), 1, "/build_manifest/files: `docs/page.orig`: the manifest does not list it\n");
    // What is wrong with the files that it lists comes first.
    fs::remove_file(root.join("other")).unwrap();
    assert_eq!(named(&strict(&["docs"])), ["other", "docs/page.orig"]);
}

#[test]
fn a_strict_directory_is_one_beneath_the_root() {
    let tree = Tree::of(&[("dist/app", "app")]);
    symlink("dist", tree.path().join("root/link")).unwrap();
    symlink("..", tree.path().join("root/up")).unwrap();
    for (directory, said) in [
        ("gone", "`gone`: there is no such file\n"),
        ("dist/app", "`dist/app`: `dist/app` is not a directory\n"),
        ("link", "`link`: `link` is a symbolic link\n"),
        ("up/root/dist", "`up/root/dist`: `up` is a symbolic link\n"),
    ] {
        assert_ran(&tree.check(&["--strict-manifest", directory]), 1, said);
    }
    for directory in ["..", "../root", "/", "./dist", "dist/..", "dist//", "dist\\x"] {
        assert_ran(&tree.check(&["--strict-manifest", directory]), 2, "names no directory for --strict-manifest");
    }
    // A name that is no text is not taken for the one that is shown for it, in which all is well.
    fs::create_dir(tree.root().join("\u{fffd}")).unwrap();
    fs::create_dir(tree.root().join(OsStr::from_bytes(b"\xff"))).unwrap();
    fs::write(tree.root().join(OsStr::from_bytes(b"\xff/unlisted")), "").unwrap();
    let mut no_text = tree.verifying(&["--manifest-root", "root", "genome.json", "--strict-manifest"]);
    assert_ran(&run(no_text.arg(OsStr::from_bytes(b"\xff"))), 2, "names no directory for --strict-manifest");
    // The genome's own file is a file as any other, and no manifest can list it.
    fs::copy(tree.path().join("genome.json"), tree.path().join("root/dist/genome.json")).unwrap();
    assert_eq!(named(&tree.check(&["--strict-manifest", "dist"])), ["dist/genome.json"]);
}

/// What a terminal is told before each line of the bar but the first, and after the last: return, and erase the line (ECMA-48).
const ERASED: &str = "\r\u{1b}[2K";

/// A tree whose one file has no contents on the disk, and this size.
fn sparse(bytes: u64) -> Tree {
    let tree = Tree::listing(&[("sparse", FIVE_GIB_OF_ZEROS)]);
    File::create(tree.path().join("root/sparse")).unwrap().set_len(bytes).unwrap();
    tree
}

/// Runs a command of the shell in this tree, on a terminal or in a pipe, with the programs on the path.
fn shell(tree: &Tree, is_on_terminal: bool, command: &str) -> Ran {
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new(if is_on_terminal { "script" } else { "sh" });
    if is_on_terminal {
        shell.args(["-qec", command, "/dev/null"]);
    } else {
        shell.args(["-c", command]);
    }
    run(shell.env("PATH", path).env("TERM", "xterm").env_remove("CI").current_dir(tree.path()))
}

/// The lines of the bar, and what stands there in the end. Each is the bar's, and nothing else.
fn bars(watched: &Ran) -> (Vec<&str>, &str) {
    assert_ran(watched, 0, "");
    let mut shown: Vec<&str> = watched.stdout.split(ERASED).collect();
    let report = shown.pop().unwrap();
    assert!(shown.iter().all(|bar| bar.starts_with('[') && bar.trim_end().ends_with(" left")), "more than a bar: {watched:?}");
    assert!(report.contains("accepted") && !report.contains(" left"), "the bar is left: {watched:?}");
    (shown, report)
}

/// In little memory, and with a bar where somebody watches.
#[test]
fn five_gigabytes_are_hashed_piece_by_piece() {
    if !has("script") {
        return;
    }
    let verify = "ulimit -v 300000 && exec genome-verify --verify-manifest --manifest-root root genome.json";
    let watched = shell(&sparse(5 << 30), true, verify);
    let (bars, _) = bars(&watched);
    assert!(bars.iter().any(|bar| bar.starts_with("[#") && bar.contains("%  0 of 1 files  ")), "no bar: {watched:?}");
}

/// On a disk that takes longer than the second for which nobody is told to wait.
#[test]
fn a_bar_is_shown_only_where_somebody_watches() {
    if !has("script") || !has("strace") {
        return;
    }
    let tree = Tree::of(&[("file", "contents")]);
    let verify = "exec strace -f -o /dev/null -P \"$PWD/root/file\" -e trace=read,pread64 -e inject=read,pread64:delay_enter=1500000:when=1 \
                  genome-verify --verbose --verify-manifest --manifest-root root genome.json";
    let (unmoving, quiet) =
        (|variable| format!("export NO_COLOR=1 {variable}; {verify}"), verify.replace("genome.json", "-q genome.json"));
    let on_terminals = [verify.to_owned(), quiet, unmoving("TERM=dumb"), unmoving("CI=true")];
    let tree = &tree;
    let (watched, in_a_pipe) = std::thread::scope(|scope| {
        let watched = on_terminals.map(|command| scope.spawn(move || shell(tree, true, &command)));
        (watched.map(|ran| ran.join().unwrap()), shell(tree, false, verify))
    });
    let [watched, quiet, plain @ ..] = &watched;
    assert!(!bars(watched).0.is_empty(), "no bar: {watched:?}");
    assert_eq!((quiet.status, quiet.stdout.as_str()), (Some(0), ""));
    assert_eq!((in_a_pipe.status, in_a_pipe.stderr.as_str(), in_a_pipe.stdout.contains('\r')), (Some(0), "", false));
    for plain in plain {
        assert_eq!(joined(&plain.stdout), in_a_pipe.stdout, "a bar where it cannot be drawn, or where nobody watches");
    }
}

#[test]
fn a_bar_says_how_much_how_fast_and_how_long() {
    let tree = sparse(1 << 40);
    let mut verify = tree.verifying(&["--verify-manifest", "--manifest-root", "root", "genome.json"]);
    verify.env("TERM", "xterm").env_remove("CI");
    // In a narrow one the line is wrapped, and what it says may be, too.
    let narrow = [("[", ""), (ERASED, ""), ("[", "\u{3}")];
    let wide = [("%  0 of 1 files  ", ""), (" GB  ", ""), ("B/s  ", ""), (" left", "\u{3}")];
    for (size, steps) in [((24, 20), &narrow[..]), ((24, 80), &wide)] {
        let typed = Typist { steps, shows_errors: true, size: Some(size), ..Typist::default() }.run(&verify);
        assert_eq!((typed.ran.status, typed.ran.stdout.as_str()), (Some(-2), ""), "{typed:?}");
    }
}

#[test]
fn a_hundred_thousand_entries_are_checked() {
    let paths: Vec<String> = (0..100_000).map(|number| format!("{}/{number}", number / 1000)).collect();
    let empty = Digest::of(b"").to_string();
    let tree = Tree::listing(&paths.iter().map(|path| (path.as_str(), empty.as_str())).collect::<Vec<_>>());
    for path in &paths {
        let path = tree.root().join(path);
        if !path.parent().unwrap().is_dir() {
            fs::create_dir(path.parent().unwrap()).unwrap();
        }
        File::create(path).unwrap();
    }
    let ran = tree.check(&["--strict-manifest", "."]);
    assert_ran(&ran, 0, "");
    assert!(ran.stdout.contains("100000 files, checked\n"), "{}", ran.stdout);
    tree.put("7/7777", "changed");
    tree.put("99/unlisted", "");
    fs::remove_file(tree.path().join("root/50/50000")).unwrap();
    assert_eq!(named(&tree.check(&["--strict-manifest", "."])), ["7/7777", "50/50000", "99/unlisted"]);
}
