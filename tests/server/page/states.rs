//! The page in the states that a person has to tell apart, in light and dark, on a desk and on a telephone: axe-core finds nothing wrong, nothing
//! has to be scrolled sideways, and a picture of each is left below `target/tmp/page/` to be looked at.

use super::visit::{Visit, are_installed};
use genome_test_support::{Draft, Release};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The pictures are of no more of a page than this.
const MOST_HEIGHT: u32 = 4000;

/// How much of what was shown has moved by itself (<https://wicg.github.io/layout-instability/>).
const SHIFT: &str = "
    return new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { sum += value; })).observe({ type: 'layout-shift', buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    });
";

/// A genome that needs room: 1,000 actions in 40 capabilities, and 60 invariants.
pub(super) fn large() -> Draft {
    let capability = |number: usize| {
        let risk = ["A", "B", "C", "D"][number % 4];
        let action =
            |action: usize| format!("service_{number:02}.resource_{action:02}.{}", ["read", "write", "remove"][action % 3]);
        json!({
            "cap_id": format!("CAP-{number:02}"), "risk_class": risk,
            "allow_actions": (0..20).map(action).collect::<Vec<_>>(), "deny_actions": (20..25).map(action).collect::<Vec<_>>(),
        })
    };
    let invariant = |number: usize| {
        let severity = ["MEDIUM", "CRITICAL", "HIGH"][number % 3];
        json!({
            "id": format!("INV-{number:03}"), "severity": severity, "enforcement_hook": format!("gate.check{number}"),
            "testable_claim": format!("claim {number}: whatever is asked for, and by whatever way, each effect can be traced to what allowed it"),
        })
    };
    let capabilities: Vec<Value> = (0..40).map(capability).collect();
    let invariants: Vec<Value> = (0..60).map(invariant).collect();
    Release::draft().with("name", "LARGE").with("capabilities", capabilities).with("invariants", invariants)
}

/// A genome as there may be many.
fn usual() -> Draft {
    let capability = |cap_id: &str, risk: &str, allow: &[&str], deny: &[&str]| json!({"cap_id": cap_id, "risk_class": risk, "allow_actions": allow, "deny_actions": deny});
    let invariant = |id: &str, severity: &str, claim: &str, hook: &str| json!({"id": id, "severity": severity, "testable_claim": claim, "enforcement_hook": hook});
    Release::draft()
        .with("name", "TOTK_PROD")
        .with(
            "capabilities",
            vec![
                capability("CAP-HEALTH", "A", &["health_check"], &[]),
                capability("CAP-MEMORY-READ", "B", &["memory_search", "memory_list"], &["memory_export"]),
                capability("CAP-MEMORY-WRITE", "C", &["memory_write", "memory_export"], &[]),
                capability("CAP-ERASE", "D", &["memory_erase"], &["share_identity"]),
            ],
        )
        .with(
            "invariants",
            vec![
                invariant(
                    "INV-002",
                    "MEDIUM",
                    "honest_limits: no output claims an ability that the system does not have",
                    "cdi.checkOutput",
                ),
                invariant(
                    "INV-001",
                    "CRITICAL",
                    "consent_wins: when a user says stop, everything done for that user halts at once",
                    "cdi.checkConsent",
                ),
                invariant(
                    "INV-003",
                    "HIGH",
                    "attribution: each side effect can be traced to the genome id under which it was allowed",
                    "gate.execute",
                ),
            ],
        )
}

/// Leaves a picture to be looked at.
fn keep_picture(visit: &Visit, name: &str) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(format!("{name}.png")), visit.browser.picture(MOST_HEIGHT)).unwrap();
}

/// Nothing has to be scrolled sideways to be read. A telephone would zoom out, so that what counts is how wide it is.
fn assert_fits(visit: &Visit, state: &str, width: u32) {
    let is = visit.browser.run("return document.documentElement.scrollWidth");
    assert!(is.as_u64() <= Some(width.into()), "{state}: {is} at {width}");
}

/// Looks at the page in all ways.
fn examine(visit: &Visit, state: &str, query: &str) {
    let browser = &visit.browser;
    for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)] {
        browser.appear(scheme, width);
        browser.open(&visit.url(query));
        let at = format!("{state}, {scheme}, {width}");
        // Nothing moves once it is there.
        let moved = browser.run(SHIFT).as_f64().unwrap();
        assert!(moved < 0.01, "{at}: what was shown has moved by {moved}");
        keep_picture(visit, &format!("{state}-{scheme}-{width}"));
        assert_fits(visit, state, width);
        // Before axe-core, which is no part of the page.
        visit.assert_clean();
        if let Some(broken) = browser.broken_rules() {
            assert!(broken.is_empty(), "{at}: {broken:#?}");
        }
    }
    // Just above and below where tables become cards, and where a page is magnified four times (WCAG 2.2, 1.4.10).
    for width in [320, 660, 690] {
        browser.appear("light", width);
        assert_fits(visit, state, width);
    }
}

#[test]
fn a_trusted_genome_and_the_answers() {
    if !are_installed() {
        return;
    }
    let visit = Visit::of(true, usual(), true);
    examine(&visit, "1-trusted", "");
    examine(&visit, "5-allowed", "?action=memory_search");
    examine(&visit, "6-denied", "?action=memory_export");
    for number in 0..30 {
        for _ in 0..=number % 4 {
            let action = format!("service.unknown_{number}");
            assert_eq!(visit.server.decide(&action)["decision"], "deny");
        }
    }
    assert_eq!(visit.server.decide("share_identity")["decision"], "deny");
    examine(&visit, "7-denials", "");
    visit.release.deploy("etc/genome.json", "{}");
    examine(&visit, "4-changed", "");
}

#[test]
fn a_genome_that_is_not_trusted() {
    if !are_installed() {
        return;
    }
    examine(&Visit::of(true, usual(), false), "2-untrusted", "");
}

#[test]
fn a_genome_of_a_published_test_key() {
    if !are_installed() {
        return;
    }
    examine(&Visit::of_test_key(true), "3-test-key", "?action=health_check");
}

#[test]
fn a_large_genome() {
    if !are_installed() {
        return;
    }
    examine(&Visit::of(true, large(), true), "8-large", "");
}

#[test]
fn a_page_without_its_script() {
    if !are_installed() {
        return;
    }
    let visit = Visit::of(false, usual(), true);
    for width in [1280, 390] {
        visit.browser.appear("light", width);
        visit.browser.open(&visit.url("?action=memory_erase"));
        keep_picture(&visit, &format!("9-no-script-light-{width}"));
        assert_fits(&visit, "9-no-script", width);
    }
    visit.assert_clean();
}

/// What others write may be long, in one word, and from right to left.
#[test]
fn what_others_write_stays_in_its_place() {
    if !are_installed() {
        return;
    }
    let (hebrew, long) = ("\u{5d9}\u{5db}\u{5d5}\u{5dc}\u{5ea} 1", "w".repeat(600));
    let capability =
        json!({"cap_id": hebrew, "risk_class": "D", "allow_actions": [long, "read"], "deny_actions": [format!("{hebrew}/x")]});
    let invariant = json!({"id": hebrew, "severity": "HIGH", "testable_claim": long, "enforcement_hook": long});
    let draft = Release::draft().with("name", "W".repeat(128));
    let visit = Visit::of(true, draft.with("capabilities", vec![capability]).with("invariants", vec![invariant]), true);
    assert_eq!(visit.server.decide(&long)["decision"], "allow");
    assert_eq!(visit.server.decide(&long.to_uppercase())["decision"], "deny");
    assert_eq!(visit.server.decide(&format!("{hebrew}/x"))["decision"], "deny");
    examine(&visit, "10-foreign", "?action=read");
    // The quoted name comes before what is said of it, although it is written the other way.
    let order = visit.browser.run(
        "const quoted = document.querySelector('#answer bdi');
         const ours = document.createRange();
         ours.selectNodeContents(quoted.nextSibling);
         return [getComputedStyle(quoted).unicodeBidi, quoted.getBoundingClientRect().left <= ours.getClientRects()[0].left]",
    );
    assert_eq!(order, json!(["isolate", true]));
}
