//! The metadata and the public address: R46 to R52. The forms of an address (R46) are tested where they are read.

use super::{EVALUATION, JSON, METADATA, service, whole};
use crate::service::Service;
use genome_server::AuthzenSettings;
use serde_json::json;

const URL: &str = "https://pdp.example:8443";

fn published(url: &str, is_for_loopback: bool) -> Service {
    let settings = AuthzenSettings { public_url: Some(url.parse().unwrap()), ..AuthzenSettings::default() };
    service().with_authzen(settings, is_for_loopback)
}

#[tokio::test]
async fn r47_without_a_public_address_there_is_none() {
    let answer = service().get(METADATA).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
    assert!(answer.json()["hint"].as_str().unwrap().contains("--public-url"), "{}", answer.text);
}

#[tokio::test]
async fn r46_r48_it_says_where_the_endpoints_are_and_nothing_else() {
    let answer = published(URL, false).get(METADATA).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let expected = json!({
        "policy_decision_point": URL,
        "access_evaluation_endpoint": format!("{URL}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{URL}/access/v1/evaluations"),
        "search_action_endpoint": format!("{URL}/access/v1/search/action"),
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn r49_nothing_of_it_comes_from_the_request() {
    let service = published(URL, false);
    let expected = service.get(METADATA).await.text;
    for headers in [
        [("host", "evil.example"), ("x-forwarded-host", "evil.example")],
        [("x-forwarded-proto", "http"), ("forwarded", "host=evil.example;proto=http")],
        [("host", "pdp.example"), ("x-original-host", "evil.example")],
    ] {
        assert_eq!(service.ask("GET", METADATA, &headers, "").await.text, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn r50_it_is_read_and_kept_for_minutes() {
    let service = published(URL, false);
    let answer = service.ask("GET", METADATA, &[("x-request-id", "q-1")], "").await;
    assert_eq!((answer.header("cache-control"), answer.header("x-request-id")), ("max-age=300", "q-1"));
    assert_eq!(service.ask("HEAD", METADATA, &[], "").await.status, 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = service.ask(method, METADATA, &[JSON], "{}").await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
}

/// R51 is about what stands in front of the server: the book says that it ends TLS, and claims nothing for plain HTTP.
#[test]
fn r51_the_book_says_who_speaks_tls() {
    let page = include_str!("../../../../../docs/src/integrate/authzen.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let section = page.split("## ").find(|section| section.starts_with("TLS and metadata")).unwrap();
    for said in
        ["The server speaks none", "put a proxy that ends TLS in front", "Plain HTTP without one does not conform to the standard"]
    {
        assert!(section.contains(said), "the page does not say who speaks TLS: {section}");
    }
    assert!(page.contains("No certification is claimed."), "the page does not say what is not claimed");
}

#[tokio::test]
async fn r52_the_public_host_is_one_of_this_server() {
    let ask =
        async |service: &Service, host: &str| service.ask("POST", EVALUATION, &[JSON, ("host", host)], whole().to_string()).await;
    let with_port = published(URL, true);
    for (host, status) in [
        ("pdp.example:8443", 200),
        ("PDP.example:8443", 200),
        ("localhost", 200),
        ("127.0.0.1:7070", 200),
        ("pdp.example", 421),
        ("pdp.example:443", 421),
        ("x.pdp.example:8443", 421),
        ("pdp.example.:8443", 421),
        ("example:8443", 421),
    ] {
        assert_eq!(ask(&with_port, host).await.status, status, "{host}");
    }
    let without = published("https://pdp.example", true);
    for (host, status) in [("pdp.example", 200), ("pdp.example:443", 200), ("pdp.example:1", 200), ("example", 421), ("", 421)] {
        assert_eq!(ask(&without, host).await.status, status, "{host}");
    }
    assert_eq!(ask(&service().for_loopback(), "pdp.example").await.status, 421);
    let genome = with_port.get("/genome").await.json();
    assert_eq!(genome["authzen"], json!({"projection": "action", "public_url": URL}));
    assert!(with_port.get("/").await.text.contains(URL));
}
