//! The page for people, in a browser.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

mod large;
mod live;
mod states;
mod visit;

use genome_json::text::{Field, Quoted};
use genome_test_support::browser::{BACKSPACE, Browser, ENTER, TAB};
use genome_test_support::server::Server;
use genome_test_support::{Draft, fingerprint};
use visit::{Visit, are_installed, said};

/// What runs or changes the page, if it is taken for markup.
const HOSTILE: [&str; 3] = [
    "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 2\">",
    "\"' autofocus onfocus='window.ran = 3' x=\"",
    "</code></table><!-- \\u{202e} &lt;b&gt; {{7*7}}",
];

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
        "1 of 1 required signatures",
        "INV CAP-MEMORY",
        "HIGH",
        "it holds",
        "2 allowed, 1 denied",
        "2 actions are allowed, 1 denied by name",
        "None since the genome was loaded.",
    ] {
        assert!(page.contains(shown), "no `{shown}` in {page}");
    }
    assert_eq!(visit.server.decide("launch")["decision"], "deny");
    visit.browser.open(&visit.url(""));
    assert!(visit.browser.text("#denials tbody").contains("launch"));
    assert_eq!(visit.browser.text("title"), "Trusted: CAP-MEMORY 1.2.0");
    visit.assert_clean();
    // What would have been wrong would have been seen.
    let _ = visit.browser.run("fetch('http://localhost:1/').catch(() => 0)");
    let _ = visit.browser.run("return new Promise((done) => setTimeout(done, 100))");
    let console = visit.browser.console();
    assert!(console.iter().any(|entry| entry["message"].as_str().unwrap().contains("Content Security Policy")), "{console:?}");
}

/// What has the focus: its id, or else its tag.
fn focus(browser: &Browser) -> String {
    browser.run("return document.activeElement.id || document.activeElement.tagName").as_str().unwrap().to_owned()
}

/// Whether the tabulator reaches this.
fn reach(browser: &Browser, what: &str) -> bool {
    (0..30).any(|_| {
        browser.press(TAB);
        focus(browser) == what
    })
}

#[test]
fn the_keyboard_is_enough() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    let focus = || focus(browser);
    // The first thing that is reached leads past what stands on each page.
    browser.press(TAB);
    assert_eq!(browser.text(":focus"), "Skip to the content");
    assert_eq!(browser.run("return document.activeElement.getBoundingClientRect().top >= 0"), true);
    browser.press(ENTER);
    assert_eq!(focus(), "main");
    assert!(reach(browser, "action"));
    // What has the focus is not beneath the strip.
    let below = "const strip = document.querySelector('.strip').getBoundingClientRect();
        return document.activeElement.getBoundingClientRect().top >= strip.bottom";
    assert_eq!(browser.run(below), true);
    browser.press("memory_search");
    browser.press(ENTER);
    browser.wait("#answer", "Allowed `CAP-MEMORY` allows it, and no capability denies it Risk class C");
    browser.press(&BACKSPACE.repeat("memory_search".len()));
    browser.wait("#answer", "");
    browser.press("erase");
    // The button, too.
    browser.press(TAB);
    assert_eq!(focus(), "BUTTON");
    browser.press(ENTER);
    browser.wait("#answer", "Denied `CAP-MEMORY` denies it Risk class C");
    assert_eq!(browser.url(), visit.url("#main"), "it is the same page");
    // Whatever can be opened is reached, and its place is seen.
    assert!(reach(browser, "find-action") && reach(browser, "order") && reach(browser, "SUMMARY"));
    assert!(browser.run("return document.activeElement.matches(':focus-visible')").as_bool().unwrap());
    assert_eq!(browser.run(below), true);
    // The few actions of this genome are open already.
    browser.press(ENTER);
    assert_eq!(browser.run("return document.querySelector('details').open"), false);
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
    for (action, answer) in [("memory_search", "Allowed `CAP-MEMORY` allows it"), ("x&y=%2B é", "Denied no capability allows it")]
    {
        browser.open(&visit.url(""));
        assert!(reach(browser, "action"));
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
        browser.wait("#answer", &format!("No answer {why}"));
        assert_eq!(class(), "none");
        let text = browser.run("return document.getElementById('answer').innerText").as_str().unwrap().to_lowercase();
        assert!(!text.contains("allow") && !text.contains("deny") && !text.contains("denied"), "{text}");
    };
    assert!(reach(browser, "action"));
    ask("memory_search");
    browser.wait("#answer", "Allowed ");

    // It goes on, and says nothing.
    visit.server.signal("STOP");
    browser.press(BACKSPACE);
    browser.wait("#answer", "");
    assert_none("the server took more than 5 seconds");
    visit.server.signal("CONT");
    ask("erase");
    browser.wait("#answer", "Denied ");
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
    visit.browser.wait("#answer", "Allowed `CAP-MEMORY` allows it, and no capability denies it Risk class C");

    // It has another genome: what the page shows is not what decided.
    visit.server.signal("TERM");
    assert_eq!(visit.server.wait(), Some(0));
    visit.release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
    visit.server = Server::start_at(&address, &mut visit.release.serving(&[]));
    let browser = &visit.browser;
    browser.press(&format!("{}unknown{ENTER}", BACKSPACE.repeat(40)));
    browser.wait("#answer", "Denied ");
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
    assert!(reach(browser, "action"));
    let _ = browser.run("document.getElementById('action').value = 'x\\ud800'");
    browser.press(ENTER);
    browser.wait("#answer", "No answer the action is no text that can be sent");
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
        browser.wait("#answer", &format!("No answer {shown}"));
        assert_eq!(browser.text("#answer strong"), "No answer");
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
    browser.wait("#answer", "Denied right");
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
            (visit.strip(), visit.notes())
        };
        let both =
            |(strip, note): (&str, &str), trusted| (said(&[("caution", strip), trusted]), said(&[("caution", note), trusted]));
        let trusted = ("good", "Trusted: pinned");
        assert_eq!(again(), (said(&[trusted]), said(&[trusted])));
        let kept = visit.release.read("etc/genome.json");
        visit.release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
        assert_eq!(again(), both(("File changed on disk", "The file on disk differs"), trusted));
        std::fs::remove_file(visit.release.path().join("etc/genome.json")).unwrap();
        assert_eq!(again(), both(("File gone from disk", "The file on disk is gone"), trusted));
        std::fs::create_dir(visit.release.path().join("etc/genome.json")).unwrap();
        assert_eq!(again(), both(("File on disk unreadable", "The file on disk cannot be read"), trusted));
        std::fs::remove_dir(visit.release.path().join("etc/genome.json")).unwrap();
        visit.release.deploy("etc/genome.json", &kept);
        assert_eq!(again(), (said(&[trusted]), said(&[trusted])));
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
    const all = document.querySelectorAll('.strip li *, #notes strong, #notes p, #notes svg, .badge, .note, dt, output strong, output .why, button, a, label, summary, caption, th');
    const found = Array.from(all, (e) => [e.tagName + ' ' + (e.closest('li') ?? e).className, ratio(e)]);
    probe.remove();
    return found;
";

#[test]
fn a_published_test_key_is_said_so_that_everybody_can_read_it() {
    if !are_installed() {
        return;
    }
    let visit = Visit::of_test_key(true);
    let browser = &visit.browser;
    visit.release.deploy("etc/genome.json", "{}");
    for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)] {
        browser.appear(scheme, width);
        browser.open(&visit.url("?action=memory_write"));
        let strip = [
            ("danger", "Published test key: anybody can sign"),
            ("danger", "Not trusted"),
            ("caution", "File changed on disk"),
            ("caution", "2 warnings"),
        ];
        assert_eq!(visit.strip(), said(&strip));
        let titles: Vec<String> = visit.notes().into_iter().map(|(_, title)| title).collect();
        assert_eq!(titles, ["Published test key", "Not trusted: it is self-declared", "The file on disk differs", "2 warnings"]);
        assert!(browser.text("#notes").contains("is a published test key: anybody can sign with it"));
        // Beside the key itself, too.
        assert!(browser.text("section[aria-labelledby=signers-title] tbody").contains("Published test key: anybody can sign"));
        // It is seen at once, wherever the page was scrolled to.
        let _ = browser.run("scrollTo(0, document.documentElement.scrollHeight)");
        let seen = browser.run("return Array.from(document.querySelectorAll('.strip li'), (e) => e.getBoundingClientRect()).every((r) => r.top >= 0 && r.bottom < innerHeight / 4)");
        assert_eq!(seen, true, "{scheme}, {width}");
        // Each has a shape of its own, too, which a screen reader passes over.
        let icons = browser.run(
            "return Array.from(document.querySelectorAll('.strip svg'), (e) => [e.getAttribute('aria-hidden'), e.innerHTML, e.getBoundingClientRect().width >= 20])",
        );
        let icons: Vec<(String, String, bool)> = serde_json::from_value(icons).unwrap();
        assert!(icons.len() == 4 && icons.iter().all(|(hidden, _, is_shown)| hidden == "true" && *is_shown), "{icons:?}");
        assert!(icons[0].1 == icons[1].1 && icons[1].1 != icons[2].1, "{icons:?}");
        let contrasts: Vec<(String, f64)> = serde_json::from_value(browser.run(CONTRASTS)).unwrap();
        assert!(contrasts.len() > 15, "{contrasts:?}");
        for (what, ratio) in contrasts {
            assert!(ratio >= 4.5, "{what} has a contrast of {ratio:.2} in {scheme}");
        }
    }
    // What it allows is not simply allowed, with the script and without.
    let qualified = "Allowed by a genome that anybody can sign `CAP-HEALTH` allows it";
    browser.open(&visit.url("?action=health_check"));
    browser.wait("#answer", qualified);
    assert!(reach(browser, "action"));
    browser.press("erase");
    browser.wait("#answer", "Denied");
    browser.press(&BACKSPACE.repeat(5));
    browser.press("health_check");
    browser.wait("#answer", qualified);
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
            browser.text("#answer").starts_with(&format!("Allowed {} allows it", Quoted(hostile))),
            "{}",
            browser.text("#answer")
        );
        assert_eq!(browser.run("return document.getElementById('action').value"), hostile);
        let invariants = browser.text("#invariants tbody");
        assert!(invariants.contains(&format!("INV {hostile}")) && invariants.contains("a \\u{202e}claim\\u{202c}"), "{invariants}");
        let denied = browser.text("#denials tbody");
        assert!(denied.contains(&Field(&format!("{hostile}\u{202e}")).to_string()), "{denied}");
        // The script, too, takes it for text.
        assert!(reach(browser, "action"));
        browser.press(ENTER);
        browser.wait("#answer", &format!("Allowed {} allows it", Quoted(hostile)));
        let counts = browser.run(
            "return ['script', 'img', '[onerror]', '[onfocus]', '[autofocus]'].map((s) => document.querySelectorAll(s).length).join()",
        );
        assert_eq!(counts, "1,0,0,0,0");
        assert!(browser.run("return window.ran ?? null").is_null());
        visit.assert_clean();
    }
}
