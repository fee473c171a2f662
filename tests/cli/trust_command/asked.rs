//! The question before a change, on a terminal.

use super::{read, with_policy};
use genome_test_support::terminal::{Typed, Typist};
use genome_test_support::{Release, assert_ran, file, has, program, programs, signer};
use serde_json::json;

const QUESTION: &str = "change trust.json, after which it trusts more than before? [y/n] ";

fn add(release: &Release, typist: Typist<'_>, more: &[&str]) -> Typed {
    let mut command = program("genome", release.path());
    command.args(["trust", "add", "trust.json", "2.json"]).args(more);
    Typist { shows_errors: true, ..typist }.run(&command)
}

#[test]
fn a_change_is_made_after_a_yes() {
    if !has("python3") {
        return;
    }
    let release = with_policy(&[1], 1, &json!({}));
    let before = file(release.path(), "trust.json");
    let steps = &[(QUESTION, "n\n")];
    let typed = add(&release, Typist { steps, size: Some((24, 120)), ..Typist::default() }, &[]);
    assert_eq!(typed.ran.status, Some(1), "{typed:?}");
    let order =
        ["trusted by trust.json after this change", "changes of trust.json: ", "may sign now", QUESTION, "nothing was changed"];
    let places: Vec<Option<usize>> = order.iter().map(|text| typed.shown.find(text)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {typed:?}");
    // What was typed before is no answer, and Ctrl-D is none.
    let typed = add(&release, Typist { ahead: "y\n", steps: &[(QUESTION, "\u{4}")], ..Typist::default() }, &[]);
    assert_eq!(typed.ran.status, Some(2), "{typed:?}");
    assert_eq!(file(release.path(), "trust.json"), before);
    let typed = add(&release, Typist { steps: &[(QUESTION, "y\n")], ..Typist::default() }, &[]);
    assert!(typed.ran.status == Some(0) && typed.shown.ends_with("changed trust.json\r\n"), "{typed:?}");
    assert_eq!(read(&release)["signers"], json!([signer(1), signer(2)]));
    // There is no question about nothing, nor where it was answered beforehand.
    let typed = add(&release, Typist::default(), &[]);
    assert!(typed.ran.status == Some(0) && typed.shown.contains("nothing to do"), "{typed:?}");
    let typed = add(&release, Typist::default(), &["3.json", "--yes"]);
    assert!(typed.ran.status == Some(0) && !typed.shown.contains("[y/n]"), "{typed:?}");
}

#[test]
fn a_yes_is_to_what_was_shown() {
    if !has("python3") {
        return;
    }
    let release = with_policy(&[1], 1, &json!({}));
    let meanwhile = format!("'{}' trust add trust.json 3.json", programs().join("genome").display());
    let typist = Typist { steps: &[(QUESTION, "y\n")], meanwhile: Some(&meanwhile), ..Typist::default() };
    let typed = add(&release, typist, &[]);
    assert_eq!(typed.ran.status, Some(1), "{typed:?}");
    assert!(typed.shown.contains(": another program changed it meanwhile"), "{typed:?}");
    assert_eq!(read(&release)["signers"], json!([signer(1), signer(3)]));
    assert_ran(&super::trust(&release, &["add", "trust.json", "2.json"]), 0, "changed");
    assert_eq!(read(&release)["signers"], json!([signer(1), signer(3), signer(2)]));
}

/// A person who has not seen all of it does not agree out of habit.
#[test]
fn what_the_screen_does_not_show_is_agreed_to_by_its_number() {
    if !has("python3") {
        return;
    }
    let names: serde_json::Map<_, _> = (0..30).map(|number| (format!("SYSTEM_{number}"), json!("1.0.0"))).collect();
    let release = with_policy(&[1], 1, &json!({"minimum_versions": names}));
    // Where the line breaks depends on the width.
    let asked = "To change it, type 1, the number of";
    let steps = &[(asked, ""), ("[1/n] ", "y\n"), ("type 1 or n", ""), ("[1/n] ", "n\n")];
    let typed = add(&release, Typist { steps, size: Some((24, 80)), ..Typist::default() }, &[]);
    assert!(typed.ran.status == Some(1) && typed.shown.contains("answer `1` to change it"), "{typed:?}");
    let steps = &[("[1/n] ", "1\n")];
    let typed = add(&release, Typist { steps, size: Some((24, 80)), ..Typist::default() }, &[]);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
    // What trusts no more than before needs no number.
    let mut command = program("genome", release.path());
    command.args(["trust", "raise", "trust.json", "SYSTEM_1", "2.0.0"]);
    let steps = &[("[y/n] ", "y\n")];
    let typed = Typist { steps, shows_errors: true, size: Some((24, 80)), ..Typist::default() }.run(&command);
    assert_eq!(typed.ran.status, Some(0), "{typed:?}");
}
