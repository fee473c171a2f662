//! The status and the denials, which come by themselves while a person looks at the page.

use super::visit::{Visit, are_installed, said};
use genome_test_support::Draft;
use genome_test_support::server::Server;

const TRUSTED: (&str, &str) = ("good", "Trusted: pinned");
const GONE: &str = "The server does not answer: this page may be out of date";
const OTHER: &str = "The server has another genome by now: load the page again";

#[test]
fn what_changes_is_shown_without_loading_the_page_again() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    assert!(browser.text("#denials").contains("None since the genome was loaded."));
    let _ = browser.run("window.stays = document.querySelector('#strip ul')");
    for _ in 0..3 {
        assert_eq!(visit.server.decide("launch")["decision"], "deny");
    }
    visit.come_back();
    browser.wait("#denials tbody th", "launch");
    assert_eq!(browser.text("#denials tbody td:nth-of-type(2)"), "3 times");
    assert_eq!(browser.text("#denials time"), "just now");
    // What has not changed is not put there again: a screen reader would read it again.
    assert_eq!(browser.run("return window.stays === document.querySelector('#strip ul')"), true);
    let title = browser.run("const t = document.querySelector('#denials time'); return [t.title, t.dateTime]");
    assert!(title[0] == title[1] && title[0].as_str().unwrap().ends_with('Z'), "{title}");

    // More than are shown at once.
    for number in 0..12 {
        assert_eq!(visit.server.decide(&format!("launch-{number}"))["decision"], "deny");
    }
    visit.come_back();
    browser.wait("#denials summary", "5 older");
    let _ = browser.run("const s = document.querySelector('#denials summary'); s.click(); s.focus()");
    assert_eq!(visit.server.decide("launch-12")["decision"], "deny");
    visit.come_back();
    browser.wait("#denials summary", "6 older");
    let kept = browser.run("return [document.querySelector('#denials details').open, document.activeElement.tagName]");
    assert_eq!(kept, serde_json::json!([true, "SUMMARY"]));

    // By itself, too.
    visit.release.deploy("etc/genome.json", "{}");
    browser.wait("#strip span", "File changed on disk");
    assert_eq!(visit.strip(), said(&[("caution", "File changed on disk"), TRUSTED]));
    assert_eq!(visit.notes()[0].1, "The file on disk differs");
    assert_eq!(browser.run("return document.querySelector('#strip ul').className"), "caution");
    visit.assert_clean();
}

/// A page that nobody looks at asks for nothing.
#[test]
fn it_pauses_while_it_is_hidden() {
    if !are_installed() {
        return;
    }
    let visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let browser = &visit.browser;
    let asked = "window.asked = 0; const get = window.fetch; window.fetch = (...a) => { window.asked += 1; return get(...a); };";
    let timers = "window.timers = []; window.setTimeout = (f, ms) => { window.timers.push([f, ms]); return 0; };";
    let _ = browser.run(&format!("{asked}{timers}"));
    visit.come_back();
    let waited = browser.run(
        "return new Promise((done) => { const look = () => (timers.length ? done([asked, timers[0][1]]) : requestAnimationFrame(look)); look(); })",
    );
    assert_eq!(waited, serde_json::json!([1, 10000]));
    let hidden = "Object.defineProperty(document, 'hidden', { value: true, configurable: true }); timers.splice(0)[0][0](); return [asked, timers.length]";
    assert_eq!(browser.run(hidden), serde_json::json!([1, 0]));
    // And goes on when somebody does.
    let _ = browser.run("Object.defineProperty(document, 'hidden', { value: false })");
    visit.come_back();
    assert_eq!(browser.run("return asked"), 2);
}

#[test]
fn a_server_that_is_gone_or_has_another_genome_is_said() {
    if !are_installed() {
        return;
    }
    let mut visit = Visit::new(true, "CAP-MEMORY", "it holds");
    let address = visit.server.address.to_string();
    visit.server.signal("KILL");
    assert_eq!(visit.server.wait(), None);
    for _ in 0..2 {
        visit.come_back();
        visit.browser.wait("#strip span", GONE);
    }
    assert_eq!(visit.strip(), said(&[("danger", GONE), TRUSTED]));
    assert_eq!(visit.browser.run("return document.querySelector('#strip ul').className"), "danger");

    visit.server = Server::start_at(&address, &mut visit.release.serving(&[]));
    visit.come_back();
    visit.browser.wait("#strip span", TRUSTED.1);
    assert_eq!(visit.strip(), said(&[TRUSTED]));
    assert_eq!(visit.browser.run("return document.querySelector('#strip ul').className"), "good");

    visit.server.signal("TERM");
    assert_eq!(visit.server.wait(), Some(0));
    visit.release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
    visit.server = Server::start_at(&address, &mut visit.release.serving(&[]));
    visit.come_back();
    visit.browser.wait("#strip span", OTHER);

    // What answers is not always this server.
    let _ = visit.browser.run("window.fetch = async () => new Response('<html>all is well</html>', { status: 200 })");
    visit.come_back();
    visit.browser.wait("#strip span", GONE);
}
