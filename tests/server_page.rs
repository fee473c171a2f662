//! The page for people, in a browser.

use genome_tests::browser::{BACKSPACE, Browser, ENTER, TAB};
use genome_tests::server::Server;
use genome_tests::{Draft, Release, fingerprint, has};
use serde_json::json;

/// What runs or changes the page, if it is taken for markup.
const HOSTILE: [&str; 3] = [
    "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 2\">",
    "\"' autofocus onfocus='window.ran = 3' x=\"",
    "</code></table><!-- \\u{202e} &lt;b&gt; {{7*7}}",
];

fn are_installed() -> bool {
    has("chromedriver") && has("chromium")
}

/// A server whose genome has these texts, and a browser that has opened its page.
struct Visit {
    browser: Browser,
    server: Server,
    _release: Release,
    draft: Draft,
}

impl Visit {
    /// The text is the name of the genome, of its capability, and of an action that this allows.
    fn new(runs_scripts: bool, text: &str, claim: &str) -> Self {
        let release = Release::deployed();
        let capability =
            json!({"cap_id": text, "risk_class": "C", "allow_actions": ["memory_search", text], "deny_actions": ["erase"]});
        let invariant = json!({"id": format!("INV {text}"), "severity": "HIGH", "testable_claim": claim, "enforcement_hook": text});
        let draft = Release::draft().with("name", text).with("capabilities", vec![capability]).with("invariants", vec![invariant]);
        release.deploy("etc/genome.json", &draft.signed(&[1]));
        let server = Server::start(&mut release.serving(&[]));
        let browser = Browser::start(runs_scripts);
        let visit = Self { browser, server, _release: release, draft };
        visit.browser.open(&visit.url(""));
        visit
    }

    fn url(&self, query: &str) -> String {
        format!("http://{}/{query}", self.server.address)
    }

    /// Nothing went wrong that a browser sees, and nobody but the server was asked for anything. Gives what it was asked for.
    fn assert_clean(&self) -> Vec<String> {
        assert_eq!(self.browser.console(), Vec::<serde_json::Value>::new());
        let requests = self.browser.requests();
        assert!(requests.contains(&self.url("page.css")), "{requests:?}");
        let elsewhere: Vec<&String> =
            requests.iter().filter(|url| !url.starts_with(&self.url("")) && !url.starts_with("data:,")).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        requests
    }
}

#[test]
fn a_person_sees_what_is_active() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let page = visit.browser.text("main");
    for shown in [
        &visit.draft.id(),
        "pinned",
        "1.2.0",
        "2020-01-31T00:00:00Z",
        "signer-1",
        &fingerprint(1),
        "1 have signed, 1 must",
        "INV CAP-MEMORY",
        "HIGH",
        "it holds",
        "CAP-MEMORY risk class C, allows 2, denies 1",
        "2 actions are allowed, 1 denied by name",
        "None since the genome was loaded.",
    ] {
        assert!(page.contains(shown), "no `{shown}` in {page}");
    }
    assert_eq!(visit.server.decide("launch")["decision"], "deny");
    visit.browser.open(&visit.url(""));
    assert!(visit.browser.text("section[aria-labelledby=denials-title] tbody").contains("launch"));
    visit.assert_clean();
    // What would have been wrong would have been seen.
    let _ = visit.browser.run("fetch('http://localhost:1/').catch(() => 0)");
    let _ = visit.browser.run("return new Promise((done) => setTimeout(done, 100))");
    let console = visit.browser.console();
    assert!(console.iter().any(|entry| entry["message"].as_str().unwrap().contains("Content Security Policy")), "{console:?}");
}

#[test]
fn the_keyboard_is_enough() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    let focus = || browser.run("return document.activeElement.id || document.activeElement.tagName").as_str().unwrap().to_owned();
    browser.press(TAB);
    assert_eq!(focus(), "action");
    browser.press("memory_search");
    browser.press(ENTER);
    browser.wait("#answer", "allow `CAP-MEMORY` allows it, and no capability denies it (risk class C)");
    browser.press(&BACKSPACE.repeat("memory_search".len()));
    browser.wait("#answer", "");
    browser.press("erase");
    // The button, too.
    browser.press(TAB);
    assert_eq!(focus(), "BUTTON");
    browser.press(ENTER);
    browser.wait("#answer", "deny `CAP-MEMORY` denies it (risk class C)");
    assert_eq!(browser.url(), visit.url(""), "it is the same page");
    // Whatever can be opened is reached, and its place is seen.
    let reached = (0..20).any(|_| {
        browser.press(TAB);
        focus() == "SUMMARY"
    });
    assert!(reached);
    assert!(browser.run("return document.activeElement.matches(':focus-visible')").as_bool().unwrap());
    browser.press(ENTER);
    assert_eq!(browser.run("return document.querySelector('details').open"), true);
    // Asking was not acting.
    browser.open(&visit.url(""));
    assert!(browser.text("main").contains("None since the genome was loaded."));
    visit.assert_clean();
}

#[test]
fn it_works_without_scripts() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(false, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    for (action, answer) in [("memory_search", "allow `CAP-MEMORY` allows it"), ("x&y=%2B é", "deny no capability allows it")] {
        browser.open(&visit.url(""));
        browser.press(TAB);
        browser.press(action);
        browser.press(ENTER);
        browser.wait("#answer", answer);
        assert!(browser.url().starts_with(&visit.url("?action=")), "{}", browser.url());
        assert_eq!(browser.run("return document.getElementById('action').value"), action);
    }
    assert!(!visit.assert_clean().contains(&visit.url("page.js")));
}

#[test]
fn hostile_texts_are_texts() {
    if !are_installed() {
        return;
    }
    for hostile in HOSTILE {
        let visit = Visit::new(true, hostile, "a \u{202e}claim\u{202c}");
        let browser = &visit.browser;
        assert_eq!(visit.server.decide(&format!("{hostile}\u{202e}"))["decision"], "deny");
        let encoded: Vec<String> = hostile.bytes().map(|byte| format!("%{byte:02x}")).collect();
        browser.open(&visit.url(&format!("?action={}", encoded.concat())));
        assert_eq!(browser.text("h1"), format!("{hostile} 1.2.0"));
        assert!(browser.text("#answer").starts_with(&format!("allow `{hostile}` allows it")), "{}", browser.text("#answer"));
        assert_eq!(browser.run("return document.getElementById('action').value"), hostile);
        let invariants = browser.text("section[aria-labelledby=invariants-title] tbody");
        assert!(invariants.contains(&format!("INV {hostile}")) && invariants.contains("a \\u{202e}claim\\u{202c}"), "{invariants}");
        let denied = browser.text("section[aria-labelledby=denials-title] tbody");
        assert!(denied.contains(&format!("{hostile}\\u{{202e}}")), "{denied}");
        // The script, too, takes it for text.
        browser.press(&format!("{TAB}{ENTER}"));
        browser.wait("#answer", &format!("allow `{hostile}` allows it"));
        let counts = browser.run(
            "return ['script', 'img', '[onerror]', '[onfocus]', '[autofocus]'].map((s) => document.querySelectorAll(s).length).join()",
        );
        assert_eq!(counts, "1,0,0,0,0");
        assert!(browser.run("return window.ran ?? null").is_null());
        visit.assert_clean();
    }
}
