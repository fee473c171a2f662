//! `genome schema`: the schemas of the repository, from the program alone.

use genome_test_support::{assert_ran, names, program, repository, run};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn it_prints_each_schema_to_the_letter_and_lists_all() {
    let elsewhere = tempfile::tempdir().unwrap();
    let genome = |arguments: &[&str]| run(program("genome", elsewhere.path()).arg("schema").args(arguments));
    let ran = genome(&[]);
    assert_ran(&ran, 0, "");
    let listed: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let files = names(&repository().join("schemas"));
    let files: BTreeSet<&str> = files.iter().filter_map(|name| name.strip_suffix(".schema.json")).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), files);
    assert_eq!(listed.first(), Some(&"genome"));
    for name in files {
        let ran = genome(&[name]);
        let file = fs::read_to_string(repository().join("schemas").join(format!("{name}.schema.json"))).unwrap();
        assert_eq!((ran.status, ran.stdout), (Some(0), file), "{name}");
        // Who reads the list learns what it is.
        let line = genome(&[]).stdout.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap().to_owned();
        assert!(line.split_whitespace().count() > 3, "{line}");
    }
    assert_ran(&genome(&["genom"]), 2, "genome");
}
