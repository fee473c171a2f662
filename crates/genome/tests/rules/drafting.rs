//! Any sequence of changes gives a draft that the schema accepts, or is refused where it should be.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod model;

use genome::change::Change;
use genome::dangerous::verify_self_declared;
use genome::draft::{Draft, DraftError};
use genome::lineage::SuccessionCheck;
use genome::{Digest, Document, Genome, Timestamp};
use model::{Model, ModelCapability, Step, apply, document, key, signed, start};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn any_name() -> impl Strategy<Value = String> {
    (0..5).prop_map(|number| format!("n{number}"))
}

fn any_step() -> impl Strategy<Value = Step> {
    let any_capability = (any_name(), "[A-D]", vec(any_name(), 0..3), vec(any_name(), 0..3));
    let any_capability = any_capability.prop_map(|(id, risk, allow, mut deny)| {
        deny.retain(|action| !allow.contains(action));
        ModelCapability { id, risk: risk.chars().next().unwrap(), allow, deny }
    });
    prop_oneof![
        (any_name(), 0..5_u8).prop_map(|(id, number)| Step::AddSigner(id, number)),
        any_name().prop_map(Step::RemoveSigner),
        (0..4_usize).prop_map(Step::Threshold),
        (any_name(), "claim [0-4]").prop_map(|(id, claim)| Step::AddInvariant(id, claim)),
        any_name().prop_map(Step::RemoveInvariant),
        any_capability.prop_map(Step::AddCapability),
        any_name().prop_map(Step::RemoveCapability),
        (any_name(), any_name()).prop_map(|(id, action)| Step::Allow(id, action)),
        (any_name(), any_name()).prop_map(|(id, action)| Step::Deny(id, action)),
        (any_name(), any_name()).prop_map(|(id, action)| Step::RemoveAction(id, action)),
        (any_name(), 0..3_u8).prop_map(|(action, number)| Step::Pin(action, Digest::of(&[number]))),
        (any_name(), option::of(0..3_u8))
            .prop_map(|(action, number)| Step::Unpin(action, number.map(|number| Digest::of(&[number])))),
        (any_name(), 0..5_u8).prop_map(|(path, number)| Step::PutFile(path, Digest::of(&[number]))),
        any_name().prop_map(Step::RemoveFile),
    ]
}

proptest! {
    #[test]
    fn a_draft_is_what_was_asked_for(steps in vec(any_step(), 0..24)) {
        let before = start();
        let text = signed(&before);
        let parent = verify_self_declared(text.as_bytes()).unwrap();
        prop_assert_eq!(Model::of(&parent), before.clone());
        let documents: Vec<String> = steps.iter().map(document).collect();

        let mut after = before.clone();
        let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
        draft.set_version("1.0.1".parse().unwrap());
        draft.set_created_at("2026-02-01T00:00:00Z".parse().unwrap());
        for (step, json) in steps.iter().zip(&documents) {
            prop_assert_eq!(apply(&mut draft, step, json).is_ok(), after.apply(step), "{:?}", step);
        }
        let drafted = match draft.finish() {
            Ok(drafted) => drafted,
            Err(errors) => {
                let has_bad_threshold = after.threshold == 0 || after.threshold > after.signers.len();
                match errors.as_slice() {
                    [DraftError::Threshold { .. }] => prop_assert!(has_bad_threshold),
                    [DraftError::Refused(_)] => prop_assert!(!has_bad_threshold && !after.has_good_pins()),
                    _ => prop_assert!(false, "{:?}", errors),
                }
                return Ok(());
            }
        };
        prop_assert_eq!(Model::of(drafted.genome()), after.clone());
        let document = Document::read(drafted.to_json().as_bytes()).unwrap();
        prop_assert_eq!((document.id(), document.signatures().len()), (drafted.id(), 0));
        prop_assert_eq!(document.to_json(), drafted.to_json());
        prop_assert_eq!(&drafted.genome().parents, &[parent.id()]);
        let version = if after.pins.is_empty() { "genome.v0.1" } else { "genome.v0.2" };
        let said = format!("\"schema_version\": \"{version}\"");
        prop_assert!(after.has_good_pins() && drafted.to_json().contains(&said));
        prop_assert_eq!(drafted.genome().schema_version(), version);

        // Left to the draft, the version is the smallest that is called a good step.
        let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
        draft.fit_version();
        for (step, json) in steps.iter().zip(&documents) {
            // Which of them are refused was asked above.
            let _ = apply(&mut draft, step, json);
        }
        let fitted = draft.finish().unwrap();
        let is_good = |child: &Genome| SuccessionCheck::of_version(&parent, child, &Change::between(&parent, child)).is_met;
        prop_assert!(is_good(fitted.genome()), "{}", fitted.genome().version);
        let expected = if is_good(drafted.genome()) { "1.0.1" } else { "1.1.0" };
        prop_assert_eq!(fitted.genome().version.to_string(), expected);
    }
}

#[test]
fn what_is_not_changed_stands_as_it_stood() {
    let text = signed(&start());
    let parent = verify_self_declared(text.as_bytes()).unwrap();
    let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
    draft.set_version("1.0.1".parse().unwrap());
    let drafted = draft.finish().unwrap();
    let unsigned = text.get(..text.find(",\n  \"signatures\"").unwrap()).unwrap().to_owned() + "\n}\n";
    let id = format!("[\n    \"{}\"\n  ]", parent.id());
    assert_eq!(
        drafted.to_json(),
        unsigned.replace("\"1.0.0\"", "\"1.0.1\"").replace("\"parents\": []", &format!("\"parents\": {id}"))
    );
}

/// The first pin makes another version of the document, behind the capabilities, and without the last it is as it was.
#[test]
fn pins_come_and_go() {
    let text = signed(&Model { pins: Vec::new(), ..start() });
    let parent = verify_self_declared(text.as_bytes()).unwrap();
    let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
    draft.set_version("1.1.0".parse().unwrap());
    let before = draft.clone().finish().unwrap();
    draft.pin("n2", Digest::of(b"")).unwrap();
    draft.pin("files:instructions", Digest::of(b"")).unwrap();
    let pinned = draft.clone().finish().unwrap();
    let document: serde_json::Value = serde_json::from_str(pinned.to_json()).unwrap();
    let pin = |action: &str| serde_json::json!({"action": action, "sha256": Digest::of(b"").to_string()});
    assert_eq!(
        (&document["schema_version"], &document["tools"]),
        (&"genome.v0.2".into(), &serde_json::json!([pin("n2"), pin("files:instructions")]))
    );
    let at = |name: &str| pinned.to_json().find(&format!("\n  \"{name}\"")).unwrap();
    assert!(at("capabilities") < at("tools") && at("tools") < at("authority"));
    assert_eq!(pinned.genome().pins_of("n2").collect::<Vec<_>>(), [&Digest::of(b"")]);
    let of_server: Vec<_> = pinned.genome().pins_of_server(&"files".parse().unwrap()).map(|pin| pin.action.as_str()).collect();
    assert_eq!(of_server, ["files:instructions"]);
    draft.unpin("n2", None).unwrap();
    draft.unpin("files:instructions", Some(Digest::of(b""))).unwrap();
    assert_eq!(draft.finish().unwrap(), before);
}

#[test]
fn what_may_not_follow() {
    let text = signed(&start());
    let parent = verify_self_declared(text.as_bytes()).unwrap();
    let draft = |version: &str| {
        let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
        draft.set_version(version.parse().unwrap());
        draft
    };
    for version in ["1.0.0", "0.9.9", "1.0.0-rc.1", "1.0.0+build.2"] {
        let errors = draft(version).finish().unwrap_err();
        assert!(matches!(errors.as_slice(), [DraftError::VersionNotAbove { .. }]), "{version}: {errors:?}");
        let mut renamed = draft(version);
        renamed.rename("OTHER");
        renamed.finish().unwrap();
        let mut root = draft(version);
        root.start_lineage();
        assert_eq!(root.finish().unwrap().genome().parents, []);
    }
    draft("1.0.1-rc.1").finish().unwrap();
    let mut early = draft("0.1.0");
    early.set_created_at(Timestamp::from_unix_seconds(0).unwrap());
    early.set_threshold(4);
    let errors = early.clone().finish().unwrap_err();
    let pointers: Vec<&str> = errors.iter().map(DraftError::pointer).collect();
    assert_eq!(pointers, ["/version", "/created_at", "/authority/threshold"]);
    early.start_lineage();
    early.set_threshold(1);
    early.finish().unwrap();
    // One instant, written in another way: another genome id, and so a change.
    let mut same = draft("1.0.1");
    same.set_created_at("2026-01-31T01:00:00+01:00".parse().unwrap());
    assert!(
        Change::between(&parent, same.finish().unwrap().genome()).iter().any(|change| matches!(change, Change::CreatedAt { .. }))
    );
}

#[test]
fn a_draft_is_made_of_what_was_verified() {
    let text = signed(&start());
    let parent = verify_self_declared(text.as_bytes()).unwrap();
    let mut other = start();
    other.files.clear();
    let other = signed(&other);
    assert!(matches!(Draft::of(&parent, other.as_bytes()), Err(DraftError::AnotherGenome { .. })));
    assert!(matches!(Draft::of(&parent, b"{"), Err(DraftError::Refused(_))));
}

#[test]
fn each_refusal_says_what_to_do() {
    let text = signed(&start());
    let parent = verify_self_declared(text.as_bytes()).unwrap();
    let mut draft = Draft::of(&parent, text.as_bytes()).unwrap();
    let said = |result: Result<(), DraftError>| {
        let error = result.unwrap_err();
        format!("{}: {error}; {}", error.pointer(), error.hint())
    };
    assert_eq!(said(draft.allow("nix", "a")), "/capabilities: there is no capability `nix`; there are `n0`, `n1` and `n2`");
    assert!(said(draft.deny("n0", "n1")).starts_with("/capabilities: `n0` allows `n1` already; leave it out"));
    assert_eq!(said(draft.remove_action("n0", "x")), "/capabilities: `n0` neither allows nor denies `x`; there are `n0` and `n1`");
    assert!(said(draft.remove_file(&"nix".parse().unwrap())).starts_with("/build_manifest/files: there is no file `nix`"));
    let digests = [0, 1].map(|number| Digest::of(&[number]));
    assert_eq!(said(draft.unpin("n0", None)), "/tools: there is no pin `n0`; there are `n1` and `n2`");
    let other = format!("/tools: `n1` is not pinned to {}; there is only `{}`", digests[0], digests[1]);
    assert_eq!(said(draft.unpin("n1", Some(digests[0]))), other);
    assert_eq!(said(draft.pin("n1", digests[1])), format!("/tools: `n1` is pinned to {} already; leave it out", digests[1]));
    let json = document(&Step::AddSigner("new".to_owned(), 1));
    let taken = said(draft.add_signer(&Draft::read_signer(json.as_bytes()).unwrap()));
    assert!(taken.starts_with("/authority/signers: the key of `new` (SHA256:") && taken.ends_with("or remove `n1`"), "{taken}");
    assert!(said(draft.add_capability(br#"{"cap_id": "x"}"#)).contains("3 fields are not what the schema asks for"));
    let exposed =
        format!(r#"{{"id": "x", "severity": "HIGH", "testable_claim": "{}", "enforcement_hook": "h"}}"#, *key(1).to_base64());
    let error = draft.clone().add_invariant(exposed.as_bytes()).unwrap_err();
    assert_eq!((error.pointer(), genome_json::holds_private_key(&error.to_string())), ("/testable_claim", false));
}

#[test]
fn changes_are_lines_whatever_the_genomes_say() {
    let mut before = start();
    let text = signed(&before).replace("claim 1", "claim\\n  genome id   0");
    let from = Document::read(text.as_bytes()).unwrap();
    before.invariants.remove(1);
    before.capabilities.iter_mut().for_each(|capability| capability.allow.reverse());
    let text = signed(&before);
    let to = Document::read(text.as_bytes()).unwrap();
    let lines: Vec<String> = Change::between(from.unverified(), to.unverified()).iter().map(Change::to_string).collect();
    assert_eq!(
        lines,
        [
            "invariant `n1` need not hold any more: HIGH, `claim\\u{a}  genome id   0`, enforced by `hook`",
            "capability `n0`: the same allow_actions, arranged in another way",
            "capability `n1`: the same allow_actions, arranged in another way",
        ]
    );
}
