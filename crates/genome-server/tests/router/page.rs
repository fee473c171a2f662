//! The page for people.

use crate::service::Service;

#[tokio::test]
async fn nothing_of_the_genome_becomes_markup() {
    let service = Service::new();
    service.post(r#"{"action": "<script>alert(1)</script>\u202e"}"#).await;
    let page = service.get("/?action=%3Cb%3E%22%27").await;
    assert_eq!(page.status, 200);
    let escaped = "&lt;b&gt;&quot;&amp;&#39;\\&lt;/b&gt;{}&lt;!-- denials --&gt;";
    // The invariant, the capability, and its action.
    assert_eq!(page.text.matches(escaped).count(), 3, "{}", page.text);
    assert!(page.text.contains("a claim\\u{202e}"), "what does not show is written out");
    assert!(
        page.text.contains("<code>`&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}`</code>"),
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
        let found: Vec<&str> = page.text.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(found, known);
        for path in found.iter().filter(|path| !path.contains(':')) {
            assert_eq!(service.get(&format!("/{path}")).await.status, 200, "{path}");
        }
    }
    for path in ["/", "/page.css", "/page.js"] {
        assert!(!service.get(path).await.text.contains("://"), "{path}");
    }
    // What the policy forbids would not work.
    assert!(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("<style"));
}

#[tokio::test]
async fn it_answers_without_a_script() {
    let service = Service::new();
    let no_answer = format!("aria-live=\"polite\" data-genome-id=\"{}\"></output>", service.id);
    for (query, answer) in [
        (
            "action=memory_search",
            "<strong class=\"allow\">allow</strong> `CAP-MEMORY` allows it, and no capability denies it (risk class B)",
        ),
        ("action=memory_erase", "<strong class=\"deny\">deny</strong> `CAP-MEMORY` denies it (risk class B)"),
        ("action=unknown", "<strong class=\"deny\">deny</strong> no capability allows it</output>"),
        ("action=%ff", "<strong class=\"none\">no answer:</strong> the action is not UTF-8"),
        ("", &no_answer),
    ] {
        let page = service.get(&format!("/?{query}")).await;
        assert!(page.text.contains(answer), "{query}: {}", page.text);
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
    assert_eq!(page.matches("<time ").count(), 50);
    assert!(page.contains(&format!("<code>{}</code>", "ü".repeat(128))));
    assert!(page.contains(&format!("<code>{}…</code>", "é".repeat(128))));
    assert!(page.contains("<code>unknown-59</code>") && page.contains("<code>unknown-12</code>"));
    assert!(!page.contains("<code>unknown-11</code>"));
    let at = |action: &str| page.find(&format!("<code>{action}</code>"));
    assert!(at("unknown-59") < at("unknown-58"), "the newest comes first");
}

#[tokio::test]
async fn a_private_key_that_was_asked_about_is_not_shown() {
    let service = Service::new();
    // RFC 8410 section 10.3.
    service.point.decide("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
    let page = service.get("/").await.text;
    assert!(page.contains("[a private key, not shown]") && !page.contains("INTuctv5"));
}
