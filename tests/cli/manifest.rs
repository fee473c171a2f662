//! The files of the build manifest, on the disk: what `genome-verify` accepts and what it refuses.

use genome::Digest;
use genome_test_support::tree::{Tree, named};
use genome_test_support::{Ran, assert_ran, has, program, programs, run, say};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn files_as_they_were_signed_are_accepted() {
    let tree = Tree::of(&[("a/b/file", "signed"), ("empty", ""), ("a/..b é", "\r\n\0")]);
    assert_ran(&tree.check(&[]), 0, "");
    let ran = run(program("genome-verify", tree.path())
        .arg("genome.json")
        .envs([("MATHISON_VERIFY_MANIFEST", "true"), ("MATHISON_REPO_ROOT", "root")]));
    assert_ran(&ran, 0, "");
    assert!(ran.stdout.contains("  ok  the files of the manifest match\n") && ran.stdout.contains("3 files, checked\n"), "{ran:?}");
    // One that nobody asked about is not looked at.
    tree.put("empty", "changed");
    assert_ran(&tree.verify(&["genome.json"]), 0, "");
    assert_eq!(named(&tree.check(&[])), ["empty"]);
}

#[test]
fn every_fault_is_named_in_the_order_of_the_manifest() {
    let files = ["z/gone", "good", "changed", "directory", "fifo", "good/below", "link", "empty", "shorter", "longer"];
    let contents: Vec<(&str, &str)> =
        files.iter().map(|path| (*path, "signed")).filter(|(path, _)| *path != "good/below").collect();
    let below = ("good/below", Digest::of(b"").to_string());
    let digest = Digest::of(b"signed").to_string();
    let tree = Tree::listing(&files.map(|path| (path, if path == below.0 { below.1.as_str() } else { digest.as_str() })));
    for (path, text) in contents {
        tree.put(path, text);
    }
    let root = tree.root();
    for gone in ["z/gone", "directory", "fifo", "link"] {
        fs::remove_file(root.join(gone)).unwrap();
    }
    for (path, text) in [("changed", "signeD"), ("empty", ""), ("shorter", "signe"), ("longer", "signed\n")] {
        tree.put(path, text);
    }
    fs::create_dir(root.join("directory")).unwrap();
    symlink("good", root.join("link")).unwrap();
    tree.fifo("fifo");
    let ran = tree.check(&[]);
    assert_eq!(named(&ran), ["z/gone", "changed", "directory", "fifo", "good/below", "link", "empty", "shorter", "longer"]);
    for said in [
        "/build_manifest/files/0: `z/gone`: there is no such file\n",
        "files/2: `changed`: its SHA-256 is ",
        "`directory`: expected a regular file, found a directory\n",
        "`fifo`: expected a regular file, found a FIFO\n",
        "`good/below`: `good` is not a directory\n",
        "files/6: `link`: `link` is a symbolic link\n",
        "9 files are not as the manifest says\n",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let ran = tree.check(&["--format", "json"]);
    assert_eq!((ran.status, ran.stdout.matches("\"/build_manifest/files/").count()), (Some(1), 9), "{}", ran.stdout);
}

/// The wrong directory looks like files that are gone. New digests would not help.
#[test]
fn a_file_that_is_missing_names_the_directory_where_the_paths_start() {
    let tree = Tree::listing(&[("a", &Digest::of(b"a").to_string())]);
    fs::create_dir(tree.root().join("elsewhere")).unwrap();
    let elsewhere = tree.root().join("elsewhere").canonicalize().unwrap();
    let ran = tree.verify(&["--verify-manifest", "--manifest-root", "root/elsewhere", "genome.json"]);
    let hint = format!(
        "  help: the paths start in `{}`; if that is the wrong directory, name another with --manifest-root or MATHISON_REPO_ROOT; otherwise restore the files\n",
        elsewhere.display()
    );
    assert_ran(&ran, 1, &hint);
}

#[test]
fn devices_are_not_read() {
    let tree = Tree::listing(&[("zero", &Digest::of(b"").to_string())]);
    let ran = tree.verify(&["--verify-manifest", "--manifest-root", "/dev", "genome.json"]);
    assert_ran(&ran, 1, "`zero`: expected a regular file, found a character device");
}

#[test]
fn what_this_user_may_not_read_is_named() {
    if !has("setpriv") {
        return;
    }
    let tree = Tree::of(&[("secret", ""), ("closed/file", ""), ("unlistable/file", ""), ("file", "")]);
    let script = "chmod 711 . && cd root && chmod 600 secret && chmod 700 closed && chmod 711 unlistable && cd .. &&
        exec setpriv --reuid 65534 --clear-groups \"$0\" --manifest-root root \"$@\" genome.json";
    let verify = |arguments: &[&str]| {
        let program = programs().join("genome-verify");
        run(Command::new("sh").args(["-c", script]).arg(program).args(arguments).current_dir(tree.path()))
    };
    let ran = verify(&["--verify-manifest"]);
    if ran.stderr.contains("setpriv:") || ran.status == Some(127) {
        say(&format!("SKIPPED, only root can become another user: {}\n", ran.stderr));
        return;
    }
    // A directory that may not be listed can be gone through.
    assert_eq!(named(&ran), ["secret", "closed/file"]);
    assert!(ran.stderr.contains("`secret`: it cannot be read: Permission denied"), "{}", ran.stderr);
    assert_eq!(named(&verify(&["--strict-manifest", "."])), ["secret", "closed/file", "closed", "unlistable"]);
}

/// CVE-2026-6968: a symbolic link at a step below the root, which leads to what was signed.
#[test]
fn cve_2026_6968_a_link_below_the_root_is_not_followed() {
    for (link, target) in
        [("a", "../outside/a"), ("a/b", "../../outside/a/b"), ("a/b/file", "../../../outside/a/b/file"), ("a", "b")]
    {
        let tree = Tree::of(&[("a/b/file", "signed")]);
        let root = tree.root();
        // Outside of the root, and in the last case beneath it.
        let aside = if target == "b" { root.join("b") } else { tree.path().join("outside/a") };
        fs::create_dir_all(aside.parent().unwrap()).unwrap();
        fs::rename(root.join("a"), aside).unwrap();
        fs::create_dir_all(root.join(link).parent().unwrap()).unwrap();
        symlink(target, root.join(link)).unwrap();
        assert_eq!(fs::read_to_string(root.join("a/b/file")).unwrap(), "signed", "the link leads there");
        assert_ran(&tree.check(&[]), 1, &format!("`a/b/file`: `{link}` is a symbolic link\n"));
    }
}

/// CVE-2026-24686: a path of the manifest that leads out of the root, to what was signed.
#[test]
fn cve_2026_24686_no_path_of_the_manifest_leads_out() {
    let tree = Tree::of(&[("a/file", "signed")]);
    tree.write("outside", "signed");
    let outside = tree.path().join("outside");
    let digest = Digest::of(b"signed").to_string();
    let genome = tree.read("genome.json");
    for path in
        ["../outside", "a/../../outside", outside.to_str().unwrap(), "./a/file", "a//file", "a/file/", "a\\\\file", "C:/outside"]
    {
        tree.write("draft.json", &tree.draft(&[(path, &digest)]));
        assert_ran(&tree.sign(1, &["draft.json", "escaped.json", "signer-1"]), 1, "GENOME_INVALID_SCHEMA");
        // Put in after it was signed.
        tree.write("genome.json", &genome.replace("\"a/file\"", &format!("\"{path}\"")));
        assert_ran(&tree.check(&[]), 1, "GENOME_INVALID_SCHEMA");
    }
}

/// GHSA-qp9x-wp8f-qgjj: while the files are checked, a link takes the place of a directory or a file and leads to what was signed. What
/// is in the root was not signed, so that every yes would be a wrong one.
#[test]
fn ghsa_qp9x_wp8f_qgjj_a_link_that_is_swapped_in_is_not_followed() {
    for swapped in ["a", "a/file"] {
        let tree = Tree::of(&[("a/file", "signed")]);
        let root = tree.root();
        fs::create_dir_all(tree.path().join("outside/a")).unwrap();
        fs::rename(root.join("a/file"), tree.path().join("outside/a/file")).unwrap();
        tree.put("a/file", "forged");
        let (place, aside, target) = (root.join(swapped), root.join("aside"), tree.path().join("outside").join(swapped));
        let (done, swaps) = (AtomicBool::new(false), AtomicBool::new(false));
        let runs: Vec<Ran> = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    fs::rename(&place, &aside).unwrap();
                    symlink(&target, &place).unwrap();
                    fs::remove_file(&place).unwrap();
                    fs::rename(&aside, &place).unwrap();
                    swaps.store(true, Ordering::Relaxed);
                }
            });
            let runs = (0..100).map(|_| tree.check(&["--strict-manifest", "a"])).collect();
            done.store(true, Ordering::Relaxed);
            runs
        });
        assert!(swaps.into_inner());
        assert!(runs.iter().all(|ran| ran.status == Some(1)), "{swapped}: {runs:?}");
        assert!(runs.iter().all(|ran| ran.stderr.contains("GENOME_MANIFEST_MISMATCH")), "{swapped}: {runs:?}");
    }
}
