//! The page for people, in a browser.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_json::text::{Field, Quoted};
use genome_test_support::browser::{BACKSPACE, Browser, ENTER, TAB};
use genome_test_support::server::Server;
use genome_test_support::{Draft, Release, fingerprint, has};
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
    release: Release,
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
        let visit = Self { browser, server, release, draft };
        visit.browser.open(&visit.url(""));
        visit
    }

    fn url(&self, query: &str) -> String {
        format!("http://{}/{query}", self.server.address)
    }

    /// The items of the banner: the class that colours each, and how its text starts.
    fn banner(&self) -> Vec<(String, String)> {
        let found = self.browser.run(
            "return Array.from(document.querySelectorAll('.banner > li'), (e) => [e.className, e.querySelector('strong').textContent])",
        );
        serde_json::from_value(found).unwrap()
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

/// Whatever was answered before, it is not the answer to what nobody has answered.
#[test]
fn an_answer_that_does_not_come_is_neither_yes_nor_no() {
    if !are_installed() {
        return;
    }
    let mut visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let address = visit.server.address.to_string();
    let browser = &visit.browser;
    let class = || browser.run("return document.querySelector('#answer strong').className");
    let ask = |action: &str| browser.press(&format!("{}{action}{ENTER}", BACKSPACE.repeat(40)));
    let assert_none = |why: &str| {
        browser.wait("#answer", &format!("no answer: {why}"));
        assert_eq!(class(), "none");
        let text = browser.run("return document.getElementById('answer').innerText").as_str().unwrap().to_lowercase();
        assert!(!text.contains("allow") && !text.contains("deny") && !text.contains("denied"), "{text}");
    };
    browser.press(TAB);
    ask("memory_search");
    browser.wait("#answer", "allow ");

    // It goes on, and says nothing.
    visit.server.signal("STOP");
    browser.press(BACKSPACE);
    browser.wait("#answer", "");
    assert_none("the server took more than 5 seconds");
    visit.server.signal("CONT");
    ask("erase");
    browser.wait("#answer", "deny ");
    assert_eq!(class(), "deny");

    // It is not there any more, and then it is again.
    visit.server.signal("KILL");
    assert_eq!(visit.server.wait(), None);
    for action in ["memory_search", "erase"] {
        ask(action);
        assert_none("the server cannot be reached");
    }
    visit.server = Server::start_at(&address, &mut visit.release.serving(&[]));
    ask("memory_search");
    visit.browser.wait("#answer", "allow `CAP-MEMORY` allows it, and no capability denies it (risk class C)");

    // It has another genome: what the page shows is not what decided.
    visit.server.signal("TERM");
    assert_eq!(visit.server.wait(), Some(0));
    visit.release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
    visit.server = Server::start_at(&address, &mut visit.release.serving(&[]));
    let browser = &visit.browser;
    browser.press(&format!("{}unknown{ENTER}", BACKSPACE.repeat(40)));
    browser.wait("#answer", "deny ");
    assert!(browser.text("#answer").ends_with("The server has another genome than this page shows by now: load the page again"));
}

/// What answers is not always this server.
#[test]
fn an_answer_that_is_no_decision_is_none() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    browser.press(TAB);
    let _ = browser.run("document.getElementById('action').value = 'x\\ud800'");
    browser.press(ENTER);
    browser.wait("#answer", "no answer: the action is no text that can be sent");
    let _ = browser.run("document.getElementById('action').value = ''");
    for (status, body, shown) in [
        (503, "{\"detail\": \"it is about to end\"}", "the server answers with status 503: it is about to end"),
        (502, "<html>denied</html>", "the server answers with status 502"),
        (200, "<html>denied</html>", "what came is no decision"),
        (200, "{\"decision\": \"ALLOW\", \"reason\": \"\"}", "what came is no decision"),
        (200, "null", "what came is no decision"),
    ] {
        let script = format!("window.fetch = async () => new Response({body:?}, {{ status: {status} }})");
        let _ = browser.run(&script);
        browser.press(&format!("x{ENTER}"));
        browser.wait("#answer", &format!("no answer: {shown}"));
        assert_eq!(browser.text("#answer strong"), "no answer:");
    }
    // What is answered for something else does not come back late.
    let late = "window.fetch = () => new Promise((done) => { window.done = done })";
    let _ = browser.run(late);
    browser.press(&format!("y{ENTER}"));
    browser.wait("#answer", "");
    let _ = browser.run("window.first = window.done");
    browser.press(&format!("z{ENTER}"));
    let _ = browser.run("window.first(new Response('{\"decision\": \"allow\", \"reason\": \"late\"}'))");
    let _ = browser.run("window.done(new Response('{\"decision\": \"deny\", \"reason\": \"right\"}'))");
    browser.wait("#answer", "deny right");
    visit.assert_clean();
}

#[test]
fn the_state_of_the_genome_is_said_first() {
    if !are_installed() {
        return;
    }
    // The script has no part in it.
    for runs_scripts in [true, false] {
        let visit = Visit::new(runs_scripts, "CAP-MEMORY", "it holds");
        let again = || {
            visit.browser.open(&visit.url(""));
            visit.banner()
        };
        let said = |items: &[(&str, &str)]| -> Vec<(String, String)> {
            items.iter().map(|(class, text)| ((*class).to_owned(), (*text).to_owned())).collect()
        };
        let trusted = ("good", "Trusted: pinned");
        assert_eq!(visit.banner(), said(&[trusted]));
        let kept = visit.release.read("etc/genome.json");
        visit.release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
        assert_eq!(again(), said(&[("caution", "The file on disk differs"), trusted]));
        std::fs::remove_file(visit.release.path().join("etc/genome.json")).unwrap();
        assert_eq!(again(), said(&[("caution", "The file on disk is gone"), trusted]));
        std::fs::create_dir(visit.release.path().join("etc/genome.json")).unwrap();
        assert_eq!(again(), said(&[("caution", "The file on disk cannot be read"), trusted]));
        std::fs::remove_dir(visit.release.path().join("etc/genome.json")).unwrap();
        visit.release.deploy("etc/genome.json", &kept);
        assert_eq!(again(), said(&[trusted]));
        visit.assert_clean();
    }
}

/// The ratio of WCAG 2.2, success criterion 1.4.3, for each text that says how things stand, against what is behind it.
const CONTRASTS: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const paint = (colours) => {
      canvas.fillStyle = 'white';
      canvas.fillRect(0, 0, 1, 1);
      for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
      return Array.from(canvas.getImageData(0, 0, 1, 1).data).slice(0, 3);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      const found = [];
      for (let e = element; e; e = e.parentElement) { found.unshift(getComputedStyle(e).backgroundColor); }
      const root = document.createElement('div');
      root.style.backgroundColor = 'Canvas';
      document.body.append(root);
      found.unshift(getComputedStyle(root).backgroundColor);
      root.remove();
      return found;
    };
    const ratio = (element) => {
      const below = behind(element);
      const pair = [luminance(paint(below)), luminance(paint([...below, getComputedStyle(element).color]))].sort((a, b) => b - a);
      return (pair[0] + 0.05) / (pair[1] + 0.05);
    };
    const probe = document.createElement('output');
    probe.innerHTML = '<strong class=allow>a</strong><strong class=deny>d</strong><strong class=none>n</strong>';
    document.querySelector('main').append(probe);
    const all = document.querySelectorAll('.banner strong, .banner p, .banner svg, .banner .hint, .note, dt, output strong, a');
    const found = Array.from(all, (e) => [e.tagName + ' ' + (e.closest('li') ?? e).className, ratio(e)]);
    probe.remove();
    return found;
";

#[test]
fn a_published_test_key_is_said_so_that_everybody_can_read_it() {
    if !are_installed() {
        return;
    }
    let mut visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let root = std::fs::read(genome_test_support::repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")).unwrap();
    std::fs::write(visit.release.path().join("etc/genome.json"), root).unwrap();
    let mut command = visit.release.serving(&["--state", "state.json"]);
    visit.server = Server::start(command.env_remove("MATHISON_GENOME_TRUST"));
    let browser = &visit.browser;
    visit.release.deploy("etc/genome.json", "{}");
    for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)] {
        browser.appear(scheme, width);
        browser.open(&visit.url("?action=memory_write"));
        let banner = visit.banner();
        let titles: Vec<(&str, &str)> = banner.iter().map(|(class, title)| (class.as_str(), title.as_str())).collect();
        let expected = [
            ("danger", "Published test key"),
            ("danger", "Self-declared, not trusted"),
            ("caution", "The file on disk differs"),
            ("caution", "2 warnings"),
        ];
        assert_eq!(titles, expected);
        assert!(browser.text(".banner").contains("is a published test key: anybody can sign with it"));
        // Each has a shape of its own, too, which a screen reader passes over.
        let icons = browser.run(
            "return Array.from(document.querySelectorAll('.banner svg'), (e) => [e.getAttribute('aria-hidden'), e.innerHTML, e.getBoundingClientRect().width > 20])",
        );
        let icons: Vec<(String, String, bool)> = serde_json::from_value(icons).unwrap();
        assert!(icons.len() == 4 && icons.iter().all(|(hidden, _, is_shown)| hidden == "true" && *is_shown), "{icons:?}");
        assert!(icons[0].1 == icons[1].1 && icons[1].1 != icons[2].1, "{icons:?}");
        let contrasts: Vec<(String, f64)> = serde_json::from_value(browser.run(CONTRASTS)).unwrap();
        assert!(contrasts.len() > 15, "{contrasts:?}");
        for (what, ratio) in contrasts {
            assert!(ratio >= 4.5, "{what} has a contrast of {ratio:.2} in {scheme}");
        }
        // Nothing has to be scrolled sideways to be read.
        let wide = browser.run("return [document.documentElement.scrollWidth, innerWidth]");
        assert!(wide[0].as_u64() <= wide[1].as_u64(), "{wide} at {width}");
        let is_first = browser.run("return document.querySelector('main').firstElementChild.className");
        assert_eq!(is_first, "banner");
    }
    assert_eq!(browser.console(), Vec::<serde_json::Value>::new());
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
        assert!(
            browser.text("#answer").starts_with(&format!("allow {} allows it", Quoted(hostile))),
            "{}",
            browser.text("#answer")
        );
        assert_eq!(browser.run("return document.getElementById('action').value"), hostile);
        let invariants = browser.text("section[aria-labelledby=invariants-title] tbody");
        assert!(invariants.contains(&format!("INV {hostile}")) && invariants.contains("a \\u{202e}claim\\u{202c}"), "{invariants}");
        let denied = browser.text("section[aria-labelledby=denials-title] tbody");
        assert!(denied.contains(&Field(&format!("{hostile}\u{202e}")).to_string()), "{denied}");
        // The script, too, takes it for text.
        browser.press(&format!("{TAB}{ENTER}"));
        browser.wait("#answer", &format!("allow {} allows it", Quoted(hostile)));
        let counts = browser.run(
            "return ['script', 'img', '[onerror]', '[onfocus]', '[autofocus]'].map((s) => document.querySelectorAll(s).length).join()",
        );
        assert_eq!(counts, "1,0,0,0,0");
        assert!(browser.run("return window.ran ?? null").is_null());
        visit.assert_clean();
    }
}
