//! A server, and a browser that has opened its page.

use genome_test_support::browser::Browser;
use genome_test_support::server::Server;
use genome_test_support::{Draft, Release, has};
use serde_json::{Value, json};

pub(super) fn are_installed() -> bool {
    has("chromedriver") && has("chromium")
}

/// A server whose genome has these texts, and a browser that has opened its page.
pub(super) struct Visit {
    pub(super) browser: Browser,
    pub(super) server: Server,
    pub(super) release: Release,
    pub(super) draft: Draft,
}

impl Visit {
    /// The text is the name of the genome, of its capability, and of an action that this allows.
    pub(super) fn new(runs_scripts: bool, text: &str, claim: &str) -> Self {
        let capability =
            json!({"cap_id": text, "risk_class": "C", "allow_actions": ["memory_search", text], "deny_actions": ["erase"]});
        let invariant = json!({"id": format!("INV {text}"), "severity": "HIGH", "testable_claim": claim, "enforcement_hook": text});
        let draft = Release::draft().with("name", text).with("capabilities", vec![capability]).with("invariants", vec![invariant]);
        Self::of(runs_scripts, draft, true)
    }

    /// The page of a genome, with the trust policy that names its signer, or without any.
    pub(super) fn of(runs_scripts: bool, draft: Draft, is_trusted: bool) -> Self {
        let document = draft.signed(&[1]);
        Self::of_document(runs_scripts, draft, &document, is_trusted)
    }

    /// The page of the root genome, which is signed with a published test key, and which no policy names.
    pub(super) fn of_test_key(runs_scripts: bool) -> Self {
        let path = genome_test_support::repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json");
        Self::of_document(runs_scripts, Release::draft(), &std::fs::read_to_string(path).unwrap(), false)
    }

    fn of_document(runs_scripts: bool, draft: Draft, document: &str, is_trusted: bool) -> Self {
        let release = Release::deployed();
        release.deploy("etc/genome.json", document);
        let mut command = release.serving(if is_trusted { &[] } else { &["--state", "state.json"] });
        if !is_trusted {
            command.env_remove("MATHISON_GENOME_TRUST");
        }
        let server = Server::start(&mut command);
        let browser = Browser::start(runs_scripts);
        let visit = Self { browser, server, release, draft };
        visit.browser.open(&visit.url(""));
        visit
    }

    pub(super) fn url(&self, query: &str) -> String {
        format!("http://{}/{query}", self.server.address)
    }

    /// The items of the strip: the class that colours each, and its text.
    pub(super) fn strip(&self) -> Vec<(String, String)> {
        self.items("#strip li", "span")
    }

    /// The notes: the class that colours each, and its title.
    pub(super) fn notes(&self) -> Vec<(String, String)> {
        self.items("#notes > ul > li", "strong")
    }

    fn items(&self, items: &str, title: &str) -> Vec<(String, String)> {
        let script = format!(
            "return Array.from(document.querySelectorAll({items:?}), (e) => [e.className, e.querySelector({title:?}).textContent])"
        );
        serde_json::from_value(self.browser.run(&script)).unwrap()
    }

    /// Nothing went wrong that a browser sees, and nobody but the server was asked for anything. Gives what it was asked for.
    pub(super) fn assert_clean(&self) -> Vec<String> {
        assert_eq!(self.browser.console(), Vec::<Value>::new());
        let requests = self.browser.requests();
        assert!(requests.contains(&self.url("page.css")), "{requests:?}");
        let elsewhere: Vec<&String> =
            requests.iter().filter(|url| !url.starts_with(&self.url("")) && !url.starts_with("data:,")).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        requests
    }

    /// Makes the page ask for what is new, as it does when a person comes back to it.
    pub(super) fn come_back(&self) {
        let _ = self.browser.run("document.dispatchEvent(new Event('visibilitychange'))");
    }
}

/// Pairs as they are found in a page.
pub(super) fn said(items: &[(&str, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(class, text)| ((*class).to_owned(), (*text).to_owned())).collect()
}
