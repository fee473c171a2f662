//! What the router answers, without a listener.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

mod authzen;
mod decisions;
mod description;
mod headers;
mod metrics;
mod page;
mod schemas;
mod service;
mod warnings;

use axum::http::{Request, Version};
use service::{DOCUMENT, Service};

#[tokio::test]
async fn the_genome_is_told() {
    let service = Service::new();
    let genome = service.get("/genome").await.json();
    assert_eq!(genome["genome_id"], service.id.as_str());
    assert_eq!(
        (&genome["name"], &genome["version"], &genome["trust"]),
        (&"EXAMPLE".into(), &"1.0.0".into(), &"self-declared".into())
    );
    assert_eq!(genome["signatures"], serde_json::json!({"counted": 1, "required": 1}));
    assert_eq!(genome["authority"]["signers"][0]["signed"], true);
    assert_eq!(genome["capabilities"][1]["allow_count"], 1);
    assert_eq!(genome["capabilities"][1]["deny_actions"], serde_json::json!(["memory_erase"]));
    assert_eq!(genome["ceiling"], serde_json::json!({"allowed": 2, "denied": 1}));
    assert_eq!(genome["loaded_at"], "2026-01-31T00:00:00Z");
}

#[tokio::test]
async fn what_is_pinned_is_told() {
    let genome = Service::pinning(&["files/read_file".to_owned()]).get("/genome").await.json();
    let digest = genome::Digest::of(b"files/read_file").to_string();
    assert_eq!(genome["tools"], serde_json::json!([{"action": "files/read_file", "sha256": digest}]));
    assert_eq!(Service::new().get("/genome").await.json()["tools"], serde_json::json!([]));
}

#[tokio::test]
async fn the_document_is_told_to_the_byte() {
    let service = Service::new();
    let answer = service.get("/genome/document").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, service.document.as_str()));
    assert!(answer.text.ends_with("\n \t"), "the white space at its end is part of it");
}

#[tokio::test]
async fn whoever_has_it_already_gets_no_body() {
    let service = Service::trusted();
    for path in ["/genome", DOCUMENT] {
        let tag = service.get(path).await.header("etag").to_owned();
        for asked in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let answer = service.ask("GET", path, &[("if-none-match", &asked)], "").await;
            assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", tag.as_str()), "{path} {asked}");
        }
        for asked in ["\"other\"", "", tag.trim_matches('"')] {
            assert_eq!(service.ask("GET", path, &[("if-none-match", asked)], "").await.status, 200, "{path} {asked}");
        }
    }
    assert_eq!(service.get("/genome").await.header("etag"), format!("\"{}\"", service.id));
    // Two copies of one genome may have other bytes.
    let other = Service::of(&format!("{} ", service.document));
    assert_eq!(other.get("/genome").await.header("etag"), service.get("/genome").await.header("etag"));
    assert_ne!(other.get(DOCUMENT).await.header("etag"), service.get(DOCUMENT).await.header("etag"));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let service = Service::new();
    for (method, path, status, allow) in [
        ("GET", "/nowhere", 404, ""),
        ("GET", "/genome/", 404, ""),
        ("POST", "/genome", 405, "GET, HEAD"),
        ("DELETE", "/decisions", 405, "GET, HEAD, POST"),
        ("OPTIONS", "/", 405, "GET, HEAD"),
    ] {
        let answer = service.ask(method, path, &[], "").await;
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["status"], status);
    }
}

#[tokio::test]
async fn who_asks_for_another_host_gets_nothing() {
    let (service, open) = (Service::new().for_loopback(), Service::new());
    for host in ["example.com", "example.com:7070", "localhost.example.com", "", "192.0.2.1:7070"] {
        for (method, path) in [("GET", "/genome"), ("GET", "/"), ("GET", "/metrics"), ("GET", "/nowhere"), ("POST", "/decisions")] {
            let answer = service.ask(method, path, &[("host", host)], "").await;
            assert_eq!((answer.status, answer.header("content-type")), (421, "application/problem+json"), "{host} {path}");
            assert!(!answer.text.contains(&service.id), "{host} {path}");
        }
        assert_eq!(open.ask("GET", "/genome", &[("host", host)], "").await.status, 200, "{host}");
    }
    let (ours, foreign) = (("host", "localhost:7070"), ("host", "example.com"));
    assert_eq!(service.ask("GET", "/genome", &[ours], "").await.status, 200);
    // A foreign host is refused, be it in the target or in the header.
    for (target, host, status) in [
        ("http://example.com/genome", ours, 421),
        ("http://127.0.0.1:7070/genome", foreign, 421),
        ("http://127.0.0.1:7070/genome", ours, 200),
    ] {
        assert_eq!(service.ask("GET", target, &[host], "").await.status, status, "{target} {host:?}");
    }
    let counted = service.get("/metrics").await.text;
    assert!(counted.contains("_count{method=\"GET\",route=\"/genome\",status=\"421\"} 7\n"), "{counted}");
}

#[tokio::test]
async fn who_does_not_say_once_which_host_is_meant_gets_nothing() {
    const PATHS: [&str; 16] = [
        "/",
        "/page.css",
        "/page.js",
        "/page.live",
        "/genome",
        DOCUMENT,
        "/decisions",
        "/health",
        "/ready",
        "/metrics",
        "/openapi.json",
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/search/action",
        "/.well-known/authzen-configuration",
        "/nowhere",
    ];
    for service in [Service::new(), Service::new().for_loopback()] {
        let ask = async |method: &str, path: &str, version: Version, hosts: &[&str]| {
            let request = Request::builder().method(method).uri(path).version(version);
            service.send(hosts.iter().fold(request, |request, host| request.header("host", *host)), "").await
        };
        for path in PATHS {
            for hosts in [&[][..], &["localhost", "localhost"], &["localhost", "example.com"], &["a b"], &["localhost, localhost"]]
            {
                for method in ["GET", "HEAD", "POST", "BREW"] {
                    let answer = ask(method, path, Version::HTTP_11, hosts).await;
                    assert_eq!((answer.status, answer.header("connection")), (400, "close"), "{method} {path} {hosts:?}");
                    assert_eq!(answer.header("content-type"), "application/problem+json");
                    // HEAD has no body.
                    let is_said = method == "HEAD" || answer.json()["detail"].as_str().unwrap().contains("`Host`");
                    assert!(is_said, "{method} {path} {hosts:?}: {}", answer.text);
                }
            }
        }
        // Where the target has the host, it stands in the header as well.
        assert_eq!(ask("GET", "http://localhost/ready", Version::HTTP_11, &[]).await.status, 400);
        for version in [Version::HTTP_09, Version::HTTP_10, Version::HTTP_2] {
            assert_eq!(ask("GET", "/ready", version, &[]).await.status, 200, "{version:?}");
            assert_eq!(ask("GET", "/ready", version, &["localhost", "localhost"]).await.status, 400, "{version:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_leaves_says_so() {
    let service = Service::new();
    let ready = service.get("/ready").await;
    assert_eq!((ready.status, ready.header("connection")), (200, ""));
    service.point.leave();
    let ready = service.get("/ready").await;
    assert_eq!((ready.status, ready.header("connection")), (503, "close"));
    // What is asked is answered to the end.
    let genome = service.get("/genome").await;
    assert_eq!((genome.status, genome.header("connection")), (200, "close"));
}

#[tokio::test]
async fn no_answer_is_taken_for_another_kind() {
    let service = Service::new();
    let pages = ["/", "/page.css", "/page.js", "/page.live"];
    for path in pages.into_iter().chain(["/genome", DOCUMENT, "/health", "/ready", "/metrics", "/openapi.json", "/nowhere"]) {
        let answer = service.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("cache-control").starts_with("no-"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
