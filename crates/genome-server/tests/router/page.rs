//! The page for people.

use crate::service::Service;
use genome::{TrustPolicy, Verifier};
use genome_test_support::{Draft, fingerprint, policy};
use serde_json::json;
use std::time::SystemTime;

#[tokio::test]
async fn nothing_of_the_genome_becomes_markup() {
    let service = Service::new();
    service.post(r#"{"action": "<script>alert(1)</script>\u202e"}"#).await;
    let page = service.get("/?action=%3Cb%3E%22%27").await;
    assert_eq!(page.status, 200);
    let escaped = "&lt;b&gt;&quot;&amp;&#39;\\&lt;/b&gt;{}&lt;!-- denials --&gt;";
    // The invariant, the capability, its action, and that once more as a suggestion.
    assert_eq!(page.text.matches(escaped).count(), 4, "{}", page.text);
    assert!(page.text.contains("a claim\\u{202e}"), "what does not show is written out");
    assert!(
        page.text.contains("<code><bdi>`&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}`</bdi></code>"),
        "a denial is shown: {}",
        page.text
    );
    assert!(page.text.contains("value=\"&lt;b&gt;&quot;&#39;\""), "what was asked is shown");
    assert!(!page.text.contains("<b>") && !page.text.contains("<script>") && !page.text.contains('\u{202e}'));
    assert!(!page.text.contains("<!--"), "a place was not filled");
}

#[tokio::test]
async fn it_loads_nothing_from_elsewhere() {
    let service = Service::new();
    let page = service.get("/").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; ") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*'));
    for (attribute, known) in [
        ("src=\"", &["page.js"][..]),
        ("href=\"", &["data:,", "page.css", "genome", "genome/document", "health", "openapi.json", "metrics"]),
    ] {
        let found = page.text.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap());
        // A place on the page itself is there.
        let (places, found): (Vec<&str>, Vec<&str>) = found.partition(|link| link.starts_with('#'));
        assert_eq!(found, known);
        assert!(places.iter().all(|place| page.text.contains(&format!("id=\"{}\"", place.trim_start_matches('#')))), "{places:?}");
        for path in found.iter().filter(|path| !path.contains(':')) {
            assert_eq!(service.get(&format!("/{path}")).await.status, 200, "{path}");
        }
    }
    for path in ["/", "/page.css", "/page.js", "/page.live"] {
        assert!(!service.get(path).await.text.contains("://"), "{path}");
    }
    // What the policy forbids would not work.
    assert!(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("<style"));
}

#[tokio::test]
async fn it_answers_without_a_script() {
    let service = Service::new();
    let verdict = |word: &str, why: &str, after: &str| -> String {
        let class = match word {
            "Allowed" => "allow",
            "Denied" => "deny",
            _ => "none",
        };
        let but = " <span class=\"badge danger\">by a genome that is not trusted</span>";
        let but = if word == "Allowed" { but } else { "" };
        format!("<strong class=\"{class}\"><svg>{word}</strong>{but} <span class=\"why\">{why}</span>{after}</output>")
    };
    let risk = " <span class=\"badge risk-B\">Risk class B</span>";
    for (query, answer) in [
        ("action=memory_search", verdict("Allowed", "<bdi>`CAP-MEMORY`</bdi> allows it, and no capability denies it", risk)),
        ("action=memory_erase", verdict("Denied", "<bdi>`CAP-MEMORY`</bdi> denies it", risk)),
        ("action=unknown", verdict("Denied", "no capability allows it", "")),
        ("action=%ff", verdict("No answer", "the action is not UTF-8", "")),
        ("", "aria-live=\"polite\"></output>".to_owned()),
    ] {
        let page = service.get(&format!("/?{query}")).await;
        assert!(without_drawings(&page.text).contains(&answer), "{query}: {}", page.text);
        assert_eq!(page.status, if query.contains("%ff") { 400 } else { 200 });
    }
}

#[tokio::test]
async fn recent_denials_are_shown_and_no_more_of_them_than_fit() {
    let service = Service::new();
    for number in 0..60 {
        service.point.decide(&format!("unknown-{number}"));
    }
    service.point.decide("memory_search");
    service.point.decide(&"ü".repeat(128));
    service.point.decide(&"é".repeat(129));
    let page = service.get("/").await.text;
    let (_, denials) = page.split_once("<div id=\"denials\">").unwrap();
    let (denials, _) = denials.split_once("<section id=\"ceiling\" ").unwrap();
    assert_eq!(denials.matches("<time ").count(), 50);
    let at = |action: &str| denials.find(&format!("<code><bdi>{action}</bdi></code>"));
    assert!(at(&"ü".repeat(128)).is_some() && at(&format!("{}…", "é".repeat(128))).is_some());
    assert!(at("unknown-59").is_some() && at("unknown-12").is_some() && at("unknown-11").is_none());
    assert!(at("unknown-59") < at("unknown-58"), "the newest comes first");
    // What is denied again and again is one row, and pushes out nothing.
    for _ in 0..1000 {
        service.point.decide("again");
    }
    let live = service.get("/page.live").await.text;
    assert!(
        live.contains("<bdi>again</bdi>") && live.contains(">1,000 times<") && live.contains("<bdi>unknown-13</bdi>"),
        "{live}"
    );
    assert!(live.contains(">42 older<"), "{live}");
}

#[tokio::test]
async fn a_private_key_that_was_asked_about_is_not_shown() {
    let service = Service::new();
    // RFC 8410 section 10.3.
    service.point.decide("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
    let page = service.get("/").await.text;
    assert!(page.contains("[a private key, not shown]") && !page.contains("INTuctv5"));
}

/// What the script asks for is what the page has, and nothing else.
#[tokio::test]
async fn the_parts_that_change_are_those_of_the_page() {
    let service = Service::new();
    service.point.decide("unknown");
    let (page, live) = (service.get("/").await, service.get("/page.live").await);
    assert_eq!(live.header("content-security-policy"), page.header("content-security-policy"));
    let id = format!("data-genome-id=\"{}\"", service.id);
    assert!(page.text.contains(&id) && live.text.contains(&id));
    for (part, end) in [("strip\"", "</ul></div>"), ("notes\"", "</ul></div>"), ("denials\"", "</table>")] {
        let of = |text: &str| -> String {
            let (_, part) = text.split_once(&format!("<div id=\"{part}")).unwrap();
            let (_, part) = part.split_once('>').unwrap();
            part.split_once(end).unwrap().0.to_owned()
        };
        assert_eq!(of(&page.text), of(&live.text), "{part}");
    }
    assert!(!live.text.contains("<!--") && live.text.len() < page.text.len() / 2, "{}", live.text);
}

#[tokio::test]
async fn whoever_looks_sees_which_keys_signed_and_what_the_policy_says_of_each() {
    let document = Draft::new("1.0.0", &[1, 2, 3, 4], 1).signed(&[1, 2]);
    let serving = |policy: &str| {
        let policy = TrustPolicy::read(policy.as_bytes()).unwrap();
        let genome = Verifier::trusting(&policy, SystemTime::now()).verify(document.as_bytes()).unwrap();
        Service::serving(genome, &document, Vec::new())
    };
    let row = |number: u8, signed: &str, said: &str| -> String {
        let cell = |label: &str, text: &str| format!("<td role=\"cell\" data-label=\"{label}\">{text}</td>");
        let print = cell("Fingerprint", &format!("<code>{}</code>", fingerprint(number)));
        format!("<bdi>signer-{number}</bdi> </th>{print}{}{}</tr>", cell("Signed", signed), cell("Trust policy", said))
    };
    let revoked = "<span class=\"badge danger\">Revoked</span>";
    let named = policy(&[1], 1, &json!({"revoked": [fingerprint(2), fingerprint(3)]}));
    let page = serving(&named).get("/").await.text;
    for row in [
        row(1, "<strong>yes</strong>", "names it"),
        row(2, "yes, but it does not count", revoked),
        row(3, "no", revoked),
        row(4, "no", "does not name it"),
    ] {
        assert!(page.contains(&row), "{row}: {page}");
    }
    assert!(page.contains(">1 of 1 required signatures</caption>") && !page.contains("Published test key"), "{page}");
    // A policy that pins by the genome id names no key.
    let by_id = json!({"schema_version": "trust.v0.1", "genome_ids": [Draft::new("1.0.0", &[1, 2, 3, 4], 1).id()]});
    let page = serving(&by_id.to_string()).get("/").await.text;
    assert!(page.contains(&row(1, "<strong>yes</strong>", "does not name it")), "{page}");
    assert!(Service::new().get("/").await.text.contains(">there is none</td>"));
}

#[tokio::test]
async fn what_is_pinned_is_shown() {
    let page = Service::pinning(&["files/<b>".to_owned(), "read".to_owned()]).get("/").await.text;
    let row = |name: &str, action: &str| {
        let digest = genome::Digest::of(action.as_bytes());
        let digest = format!("<td role=\"cell\" data-label=\"SHA-256 of the definition\"><code>{digest}</code></td>");
        format!("<bdi>{name}</bdi></th>{digest}</tr>")
    };
    assert!(page.contains("<caption>2 pins: no other definition of these was signed</caption>"), "{page}");
    assert!(page.contains(&row("files/&lt;b&gt;", "files/<b>")) && page.contains(&row("read", "read")), "{page}");
    let many: Vec<String> = (0..1003).map(|number| format!("action-{number}")).collect();
    let page = Service::pinning(&many).get("/").await.text;
    assert_eq!(page.matches("<td role=\"cell\" data-label=\"SHA-256 of the definition\">").count(), 1000);
    assert!(page.contains("<p>3 more are in <a href=\"genome\">the genome as JSON</a>.</p></section>"), "{page}");
    assert!(!Service::new().get("/").await.text.contains("pins-title"));
}

/// Of a genome with very much in it, the page shows a part, the gravest first, and says so.
#[tokio::test]
async fn what_is_shown_is_bounded() {
    let service = Service::with_capabilities(700, 10);
    let page = service.get("/").await.text;
    assert_eq!(page.matches("<option value=\"action-").count(), 1000);
    assert_eq!(page.matches("<li><code>").count(), 2000);
    assert_eq!(page.matches("<tr role=\"row\" data-group=").count(), 500);
    assert!(
        page.contains("10 more are not shown: check them above.") && page.contains("200 more are in <a href=\"genome\">"),
        "{page}"
    );
    let risks: Vec<&str> = page.split("data-group=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(risks.is_sorted_by(|one, next| one >= next) && risks[0] == "D", "{risks:?}");
    assert!(page.contains("<section id=\"ceiling\" data-unshown=\"5,000\""), "{page}");
    assert!(Service::new().get("/").await.text.contains("data-unshown=\"0\""));
    assert!(page.contains("7,000 actions are allowed, 0 denied by name"));
}

/// A page without its icons.
fn without_drawings(page: &str) -> String {
    let mut parts = page.split("<svg ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + "<svg>" + part.split_once("</svg>").unwrap().1)
}
