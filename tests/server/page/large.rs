//! The ceiling and the invariants of a large genome, which are searched, sorted and opened.

use super::states::large;
use super::visit::{Visit, are_installed};
use genome_test_support::browser::{BACKSPACE, ENTER};
use serde_json::{Value, json};

impl Visit {
    /// The capabilities that show, in their order.
    fn capabilities(&self) -> Vec<String> {
        self.found("#ceiling tbody tr:not([hidden]) th")
    }

    /// The actions that show, of capabilities that do and are open.
    fn actions(&self) -> Vec<String> {
        self.found("#ceiling tbody tr:not([hidden]) details[open] li:not([hidden]) code")
    }

    fn found(&self, selector: &str) -> Vec<String> {
        let script = format!("return Array.from(document.querySelectorAll({selector:?}), (e) => e.textContent)");
        serde_json::from_value(self.browser.run(&script)).unwrap()
    }

    fn choose(&self, name: &str, value: &str) {
        let script = format!(
            "const e = document.querySelector('.filter [name={name}]'); e.value = {value:?}; e.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        );
        let _ = self.browser.run(&script);
    }
}

#[test]
fn a_thousand_actions_are_searched_filtered_sorted_and_opened() {
    if !are_installed() {
        return;
    }
    let visit = Visit::of(true, large(), true);
    let browser = &visit.browser;
    let found = || browser.text("#ceiling .found");
    let risks = || -> String { visit.found("#ceiling tbody tr:not([hidden]) .badge").concat() };
    // The gravest come first, and nothing of it is open yet.
    assert_eq!(risks(), ["D", "C", "B", "A"].map(|risk| risk.repeat(10)).concat());
    assert_eq!(visit.capabilities()[..2], ["CAP-03", "CAP-07"]);
    assert_eq!((visit.actions().len(), found().as_str()), (0, "1,000 actions in 40 capabilities"));
    let suggested = browser.run("return document.querySelectorAll('#suggestions option').length");
    assert_eq!(suggested, 1000);

    let _ = browser.run("document.querySelector('[name=open]').focus()");
    browser.press(ENTER);
    assert_eq!(visit.actions().len(), 1000);
    let _ = browser.run("document.querySelector('[name=close]').focus()");
    browser.press(ENTER);
    assert_eq!(visit.actions().len(), 0);

    let _ = browser.run("document.getElementById('find-action').focus()");
    browser.press("07.RESOURCE_2");
    assert_eq!(visit.capabilities(), ["CAP-07"]);
    assert_eq!(visit.actions().len(), 5);
    assert_eq!(found(), "5 actions of 1,000 in 1 capability");
    // All of these are denied.
    visit.choose("answer", "allowed");
    assert_eq!((visit.actions().len(), found().as_str()), (0, "0 actions of 1,000 in 0 capabilities"));
    visit.choose("answer", "denied");
    assert_eq!(visit.actions().len(), 5);
    let _ = browser.run("document.getElementById('find-action').focus()");
    browser.press(&BACKSPACE.repeat(30));
    assert_eq!(found(), "200 actions of 1,000 in 40 capabilities");
    visit.choose("answer", "");
    assert_eq!(found(), "1,000 actions in 40 capabilities");

    // A capability is found by its name, too, with all that it has.
    browser.press("cap-11");
    assert_eq!(found(), "25 actions of 1,000 in 1 capability");
    browser.press(&BACKSPACE.repeat(30));
    let _ = browser.run("document.querySelector('.filter [value=D]').click()");
    assert_eq!(visit.capabilities().len(), 30);
    let _ = browser.run("document.querySelector('.filter [value=D]').click()");

    visit.choose("order", "name");
    assert_eq!(visit.capabilities()[..3], ["CAP-00", "CAP-01", "CAP-02"]);
    visit.choose("order", "rising");
    assert_eq!(risks(), ["A", "B", "C", "D"].map(|risk| risk.repeat(10)).concat());
    visit.choose("order", "");
    assert_eq!(visit.capabilities()[..2], ["CAP-03", "CAP-07"]);

    // The invariants: all of them, the gravest first.
    let severities = visit.found("#invariants tbody .badge");
    assert_eq!(severities.concat(), ["CRITICAL", "HIGH", "MEDIUM"].map(|severity| severity.repeat(20)).concat());
    assert_eq!(browser.text("#invariants caption"), "20 critical, 20 high, 20 medium");
    visit.assert_clean();
}

/// What one capability allows and another denies is denied, and must not look allowed.
#[test]
fn an_action_is_shown_under_the_answer_that_it_gets() {
    if !are_installed() {
        return;
    }
    let capability = |cap_id: &str, allow: &[&str], deny: &[&str]| json!({"cap_id": cap_id, "risk_class": "B", "allow_actions": allow, "deny_actions": deny});
    let capabilities = vec![capability("CAP-1", &["read", "export"], &[]), capability("CAP-2", &[], &["export"])];
    let visit = Visit::of(true, genome_test_support::Release::draft().with("capabilities", capabilities), true);
    assert_eq!(visit.found("#ceiling .allowed li"), ["read"]);
    assert_eq!(visit.found("#ceiling .denied li"), ["export by CAP-2", "export"]);
    assert_eq!(visit.found("#ceiling summary"), ["1 allowed, 1 denied", "0 allowed, 1 denied"]);
}

/// What is not found by a search may be allowed all the same, where there is more than is shown.
#[test]
fn a_search_says_what_it_does_not_look_through() {
    if !are_installed() {
        return;
    }
    let actions = |from: usize| -> Vec<String> { (from..from + 1500).map(|number| format!("action-{number}")).collect() };
    let capability = |cap_id: &str, risk: &str, from: usize| json!({"cap_id": cap_id, "risk_class": risk, "allow_actions": actions(from), "deny_actions": []});
    let capabilities = vec![capability("CAP-1", "A", 0), capability("CAP-2", "D", 1500)];
    let visit = Visit::of(true, genome_test_support::Release::draft().with("capabilities", capabilities), true);
    let _ = visit.browser.run("document.getElementById('find-action').focus()");
    visit.browser.press("action-1234");
    let found = visit.browser.text("#ceiling .found");
    assert_eq!(found, "0 actions of 2,000 in 0 capabilities. 1,000 more are neither shown nor searched: check them above");
    assert!(visit.browser.text("#ceiling").contains("1,000 more are not shown: check them above."));
}

/// Nothing is folded where nothing can unfold it.
#[test]
fn without_scripts_everything_is_visible() {
    if !are_installed() {
        return;
    }
    let visit = Visit::of(false, large(), true);
    assert_eq!(visit.actions().len(), 1000);
    let shown = visit
        .browser
        .run("return Array.from(document.querySelectorAll('#ceiling li'), (e) => e.checkVisibility()).filter(Boolean).length");
    assert_eq!(shown, 1000);
    assert_eq!(visit.browser.run("return document.querySelector('.filter').checkVisibility()"), Value::Bool(false));
    // The browser suggests what there is.
    assert_eq!(visit.browser.run("return document.getElementById('action').list.options.length"), 1000);
    // A time is absolute.
    let times = visit.found("time");
    assert!(times.len() == 2 && times.iter().all(|time| time.ends_with('Z')), "{times:?}");
}
