//! `genome-diff --since` compares what each path leads to at the revision and now.

use genome_test_support::git::WorkTree;
use genome_test_support::proposal::capability;
use genome_test_support::{Draft, Ran, assert_ran};
use std::fs;
use std::os::unix::fs::symlink;

fn old() -> Draft {
    Draft::new("1.0.0", &[1], 1)
}

fn wider() -> Draft {
    old().with("version", "1.1.0").with("capabilities", capability(&["memory_search", "send"], &[])).after(&[&old()])
}

fn since(tree: &WorkTree, arguments: &[&str]) -> Ran {
    tree.run("genome-diff", &[&["--since", "HEAD", "--fail-on", "widening,weakening"], arguments].concat())
}

/// Each case: the links, the file to which they lead, and what is named.
#[test]
fn a_link_that_stays_while_its_target_changes() {
    type Links = &'static [(&'static str, &'static str)];
    let cases: [(Links, &str, &[&str]); 8] = [
        (&[("genomes/A/genome.json", "../../store/current")], "store/current", &[]),
        (&[("genomes/A/genome.json", "../../store/current")], "store/current", &["genomes/A", "genomes/A/genome.json"]),
        (&[("genomes/A/genome.json", "../../store/j.json")], "store/j.json", &["genomes"]),
        (&[("genomes/A/genome.json", "../../hop"), ("hop", "store/odd")], "store/odd", &["genomes"]),
        (&[("genomes/A", "../store/A")], "store/A/genome.json", &["genomes"]),
        (&[("genomes/A", "../store/A")], "store/A/genome.json", &["genomes/A/genome.json"]),
        // A link below what a link leads to.
        (&[("live", "store/A"), ("store/A/ceiling", "../../odd/b")], "odd/b", &["live"]),
        (&[("live", "store/A"), ("store/A/ceiling", "../../odd/b")], "odd/b", &[]),
    ];
    for (links, target, arguments) in cases {
        let Some(tree) = WorkTree::new() else { return };
        tree.write("README.md", "a project\n");
        tree.write("genomes/README.md", "genomes\n");
        tree.write("store/A/README.md", "a store\n");
        tree.write(target, &old().signed(&[1]));
        for (link, to) in links {
            let link = tree.path().join(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(to, link).unwrap();
        }
        // It leads to no genome.
        symlink("README.md", tree.path().join("unrelated")).unwrap();
        tree.commit();
        assert_ran(&since(&tree, arguments), 0, "");
        tree.write("README.md", "another project\n");
        assert_ran(&since(&tree, arguments), 0, "");
        tree.write(target, &wider().signed(&[1]));
        let ran = since(&tree, arguments);
        assert!(ran.status == Some(1) && ran.stdout.starts_with(&format!("{target} is changed\n")), "{links:?}: {ran:?}");
        tree.remove(target);
        let ran = since(&tree, arguments);
        assert!(ran.status == Some(1) && ran.stdout.contains("is deleted: what descends from it"), "{links:?}: {ran:?}");
        tree.write(target, "{\"schema_version\": \"genome.v0.1\"}");
        assert_eq!(since(&tree, arguments).status, Some(2), "{links:?}");
    }
}

/// The path that somebody types leads elsewhere than before, or a link that others lead through does.
#[test]
fn a_link_on_the_way() {
    let Some(tree) = WorkTree::new() else { return };
    for (name, genome) in [("v1", old()), ("v2", wider())] {
        tree.write(format!("store/{name}.json"), &genome.signed(&[1]));
        fs::create_dir_all(tree.path().join("genomes").join(name)).unwrap();
        symlink(format!("../../store/{name}.json"), tree.path().join(format!("genomes/{name}/genome.json"))).unwrap();
    }
    symlink("v1", tree.path().join("genomes/current")).unwrap();
    symlink("genomes/current/genome.json", tree.path().join("genome.json")).unwrap();
    tree.commit();
    tree.remove("genomes/current");
    symlink("v2", tree.path().join("genomes/current")).unwrap();
    for arguments in [&[][..], &["genomes/current/genome.json"], &["genomes/current"], &["genome.json"], &["genomes"]] {
        let ran = since(&tree, arguments);
        let said = "genomes/current: a link, which is not followed, leads to v2 now, and led to v1\n";
        assert!(ran.status == Some(1) && ran.stdout.starts_with(said), "{arguments:?}: {ran:?}");
    }
    assert_ran(&since(&tree, &["genomes/v2"]), 0, "");
}

/// What git does not see may have changed.
#[test]
fn a_link_that_leads_out_of_sight() {
    for (link, to, put, is_told) in [
        ("genome.json", "../outside/missing", "", false),
        ("live", "../outside/missing", "", true),
        ("live", "../outside", "genome.json", false),
        ("live", "../outside", "package.json", true),
        ("live", "../outside/odd", "odd", false),
        ("genome.json", "ignored/odd", "", false),
        ("live", ".git/odd", "", false),
        ("package.json", "ignored/package.json", "", true),
        ("live", "live", "", true),
    ] {
        let Some(tree) = WorkTree::new() else { return };
        tree.write(".gitignore", "ignored\n");
        tree.write("ignored/package.json", "{}");
        for name in ["ignored/odd", ".git/odd"] {
            tree.write(name, &old().signed(&[1]));
        }
        let outside = tree.path().join("../outside");
        fs::create_dir_all(&outside).unwrap();
        if !put.is_empty() {
            fs::write(outside.join(put), if put == "package.json" { "{}".to_owned() } else { old().signed(&[1]) }).unwrap();
        }
        symlink(to, tree.path().join(link)).unwrap();
        tree.commit();
        let ran = since(&tree, &[]);
        let said = "whether this leads to another genome than before cannot be told, as ";
        assert!(ran.status == Some(if is_told { 0 } else { 2 }) && ran.stderr.contains(said) != is_told, "{link} {to}: {ran:?}");
        assert_eq!(ran.stdout.contains("no genome differs"), is_told, "{link} {to}: {ran:?}");
    }
}

#[test]
fn a_link_into_a_submodule() {
    let Some(inner) = WorkTree::new() else { return };
    let Some(tree) = WorkTree::new() else { return };
    for (name, genome) in [("v1", old()), ("v2", wider())] {
        inner.write(format!("{name}/genome.json"), &genome.signed(&[1]));
        inner.write(format!("{name}/odd"), &genome.signed(&[1]));
    }
    symlink("v1", inner.path().join("cur")).unwrap();
    inner.commit();
    let from = inner.path().display().to_string();
    tree.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "sub"]);
    symlink("sub/cur/genome.json", tree.path().join("genome.json")).unwrap();
    symlink("sub/v1/odd", tree.path().join("ceiling")).unwrap();
    tree.write("README.md", "a project\n");
    tree.commit();
    let asked = [&[][..], &["genome.json"], &["ceiling"]];
    for arguments in asked {
        assert_ran(&since(&tree, arguments), 0, "");
    }
    assert_ran(&since(&tree, &["README.md"]), 0, "");
    let turn = |to: &str| {
        tree.remove("sub/cur");
        symlink(to, tree.path().join("sub/cur")).unwrap();
    };
    let said = |what: &str| format!("a submodule holds what is not committed there, {what}, and that is not compared\n  --> sub\n");
    turn("v2");
    for arguments in asked {
        assert_ran(&since(&tree, arguments), 2, &said("cur"));
    }
    assert_ran(&since(&tree, &["README.md"]), 0, "");
    turn("v1");
    tree.write("sub/v1/odd", &wider().signed(&[1]));
    assert_ran(&since(&tree, &["ceiling"]), 2, &said("v1/odd"));
    tree.write("sub/v1/odd", &old().signed(&[1]));
    // A repository in it.
    fs::create_dir_all(tree.path().join("sub/nested")).unwrap();
    tree.git(&["init", "--quiet", "sub/nested"]);
    tree.write("sub/nested/genome.json", &wider().signed(&[1]));
    assert_ran(&since(&tree, &[]), 2, &said("nested/genome.json"));
    fs::remove_dir_all(tree.path().join("sub/nested")).unwrap();
    // Its repository is away.
    fs::rename(tree.path().join("sub/.git"), tree.path().join("../away")).unwrap();
    assert_ran(
        &since(&tree, &[]),
        2,
        "a submodule has no repository here, but cur/genome.json, and that is not compared\n  --> sub\n",
    );
    fs::rename(tree.path().join("../away"), tree.path().join("sub/.git")).unwrap();
    assert_ran(&since(&tree, &[]), 0, "");
    // At another commit, and the link leads there still.
    tree.git(&["-C", "sub", "rm", "--quiet", "-r", "v2"]);
    tree.git(&["-C", "sub", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=less"]);
    for arguments in asked {
        assert_ran(&since(&tree, arguments), 2, "a submodule is at another commit, and what it holds is not compared\n  --> sub\n");
    }
    // A link that leads there now.
    tree.remove("ceiling");
    symlink("sub/missing", tree.path().join("ceiling")).unwrap();
    assert_ran(&since(&tree, &["ceiling"]), 2, "which genome this link leads to cannot be told, as it leads into a submodule\n");
}

/// A repository that git does not look into chooses its genome by a link.
#[test]
fn a_link_in_another_repository() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("README.md", "a project\n");
    tree.commit();
    fs::create_dir_all(tree.path().join("nested")).unwrap();
    tree.git(&["init", "--quiet", "nested"]);
    tree.write("nested/README.md", "another project\n");
    symlink("README.md", tree.path().join("nested/genome")).unwrap();
    assert_ran(&since(&tree, &[]), 0, "");
    tree.write("nested/odd", &wider().signed(&[1]));
    symlink("odd", tree.path().join("nested/genome.json")).unwrap();
    assert_ran(&since(&tree, &[]), 2, "another repository is here, into which git does not look, and nested/genome.json in it");
}

/// Only a sparse checkout leaves a file out of the work tree.
#[test]
fn a_mark_of_the_index_does_not_keep_what_is_gone() {
    let Some(tree) = WorkTree::new() else { return };
    tree.write("genome.json", &old().signed(&[1]));
    tree.write("b/README.md", "b\n");
    for name in ["1", "2"] {
        tree.write(format!("a/odd-{name}"), &old().with("name", "OTHER").signed(&[1]));
    }
    symlink("a/odd-1", tree.path().join("live")).unwrap();
    tree.commit();
    tree.git(&["update-index", "--skip-worktree", "genome.json"]);
    tree.remove("genome.json");
    let ran = since(&tree, &[]);
    assert!(ran.status == Some(1) && ran.stdout.contains("genome.json: the genome `TEST` 1.0.0 ("), "{ran:?}");
    tree.git(&["update-index", "--no-skip-worktree", "genome.json"]);
    tree.git(&["checkout", "--quiet", "genome.json"]);
    // It does not hide what is committed, also where only a link leads there.
    let change = |change: &dyn Fn()| {
        tree.git(&["sparse-checkout", "disable"]);
        change();
        tree.commit();
        tree.git(&["sparse-checkout", "set", "--no-cone", "/b/"]);
        tree.run("genome-diff", &["--since", "HEAD^"])
    };
    let ran = change(&|| tree.write("a/odd-1", &wider().signed(&[1])));
    assert_ran(&ran, 2, "it is another, and a sparse checkout leaves it out\n  --> a/odd-1\n");
    let ran = change(&|| {
        tree.remove("live");
        symlink("a/odd-2", tree.path().join("live")).unwrap();
    });
    assert_ran(&ran, 2, "it is another, and a sparse checkout leaves it out\n  --> live\n");
}
