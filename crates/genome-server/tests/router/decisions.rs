//! What `/decisions` answers, and what it refuses.

use crate::service::{HOSTILE, Service};
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::sleep;

fn question(action: &str) -> String {
    json!({"action": action}).to_string()
}

#[tokio::test]
async fn each_answer_says_who_decided() {
    let service = Service::new();
    for (action, decision, cap_id, risk_class, reason) in [
        ("memory_search", "allow", json!("CAP-MEMORY"), json!("B"), "`CAP-MEMORY` allows it, and no capability denies it"),
        ("memory_erase", "deny", json!("CAP-MEMORY"), json!("B"), "`CAP-MEMORY` denies it"),
        (HOSTILE, "allow", json!(HOSTILE), json!("C"), ""),
        ("memory_searc", "deny", Value::Null, Value::Null, "no capability allows it"),
        ("MEMORY_SEARCH", "deny", Value::Null, Value::Null, "no capability allows it"),
        ("", "deny", Value::Null, Value::Null, "no capability allows it"),
        ("a\u{202e}\u{0}é😀\"\\", "deny", Value::Null, Value::Null, "no capability allows it"),
    ] {
        let answer = service.post(question(action)).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{action}");
        assert!(!answer.text.contains('\u{202e}'), "it does not show");
        let answer = answer.json();
        let code = if decision == "deny" { json!("GENOME_CAPABILITY_DENIED") } else { Value::Null };
        let expected = json!({
            "action": action, "decision": decision, "cap_id": cap_id, "risk_class": risk_class, "code": code,
            "genome_id": service.id, "reason": answer["reason"],
        });
        assert_eq!(answer, expected);
        assert!(answer["reason"].as_str().unwrap().contains(reason), "{answer}");
        assert_eq!(service.point.decide(action).is_allowed(), decision == "allow");
    }
}

#[tokio::test]
async fn the_answer_has_the_shape_of_the_question() {
    let service = Service::new();
    for actions in [vec![], vec!["memory_search"], vec!["x", "memory_erase", "x", "memory_search"]] {
        let questions: Vec<Value> = actions.iter().map(|action| json!({"action": action})).collect();
        let answers = service.post(Value::from(questions).to_string()).await.json();
        let answers = answers.as_array().unwrap();
        let asked: Vec<&str> = answers.iter().map(|answer| answer["action"].as_str().unwrap()).collect();
        assert_eq!(asked, actions);
        for answer in answers {
            assert_eq!(*answer, service.post(question(answer["action"].as_str().unwrap())).await.json());
        }
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON", " application/json ;x"] {
        assert_eq!(service.ask("POST", "/decisions", &[("content-type", kind)], question("x")).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_and_says_what_is_wrong() {
    let service = Service::new();
    let pointer = |pointer: &'static str| json!({"pointer": pointer});
    let at = |line: u32, column: u32| json!({"line": line, "column": column});
    for (body, detail, place) in [
        (&b""[..], "the document ends", at(1, 1)),
        (b"{\"action\":\n\"x\",}", "expected", at(2, 5)),
        (b"{\"action\": \"x\", \"action\": \"memory_search\"}", "stands twice", at(1, 17)),
        (b"{\"action\": \"x\", \"\\u0061ction\": \"y\"}", "stands twice", at(1, 17)),
        (b"{\"action\": \"\xff\"}", "not UTF-8", at(1, 13)),
        (b"\xef\xbb\xbf{\"action\": \"x\"}", "byte order mark", at(1, 1)),
        (b"{\"action\": \"x\"} {}", "something follows", at(1, 17)),
        (b"{\"action\": \"\\ud800\"}", "surrogate", at(1, 13)),
        (b"{}", "`action` is missing", pointer("")),
        (b"[{\"action\": \"x\"}, {}]", "`action` is missing", pointer("/1")),
        (b"{\"action\": null}", "expected a string, found null", pointer("/action")),
        (b"[{\"action\": [\"x\"]}]", "expected a string, found an array", pointer("/0/action")),
        (b"\"memory_search\"", "expected an object, found a string", pointer("")),
        (b"[\"memory_search\"]", "expected an object, found a string", pointer("/0")),
        (b"{\"action\": \"x\", \"a/b~\xe2\x80\xae\": 1}", "`a/b~\\u{202e}` is not known here", pointer("/a~1b~0\u{202e}")),
        (b"{\"Action\": \"x\"}", "`Action` is not known here", pointer("/Action")),
    ] {
        let answer = service.post(body.to_vec()).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{shown}");
        assert!(!answer.text.contains('\u{202e}'), "it does not show");
        let problem = answer.json();
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{shown}: {problem}");
        for (name, value) in place.as_object().unwrap() {
            assert_eq!(problem[name], *value, "{shown}: {problem}");
        }
    }
    let deep = "[".repeat(100_000);
    assert!(service.post(deep).await.text.contains("more than 64 levels"));
    // Nothing of it was decided.
    assert!(!service.get("/metrics").await.text.contains("outcome=\"deny\"} 1"));
}

#[tokio::test]
async fn only_json_is_taken() {
    let service = Service::new();
    for headers in [&[][..], &[("content-type", "text/plain")], &[("content-type", "application/jsonp")]] {
        let answer = service.ask("POST", "/decisions", headers, question("memory_search")).await;
        assert_eq!((answer.status, answer.header("content-type")), (415, "application/problem+json"), "{headers:?}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let service = Service::new();
    let large = question(&"x".repeat(1024 * 1024));
    // With its length said, and without.
    let pieces: Vec<Bytes> = large.as_bytes().chunks(65536).map(Bytes::copy_from_slice).collect();
    for body in [Body::from(large), Body::new(Pieces(pieces))] {
        let answer = service.post(body).await;
        assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    }
    let most = Value::from(vec![json!({"action": "x"}); 10_000]).to_string();
    assert_eq!(service.post(most).await.status, 200);
    let more = Value::from(vec![json!({"action": "x"}); 10_001]).to_string();
    assert!(service.post(more).await.json()["detail"].as_str().unwrap().contains("10001 actions"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let answer = Service::new().post(Body::new(Never)).await;
    assert_eq!((answer.status, answer.header("connection")), (408, "close"));
}

/// Where there are no timers, a body that is waited for would be a panic.
#[test]
fn a_body_that_is_there_when_it_is_asked_for_needs_no_timer() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let body = Asked { has_been: false, text: question("memory_search") };
    let answer = runtime.block_on(Service::new().post(Body::new(body)));
    assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!("allow")));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_in_pieces_is_waited_for() {
    let (client, pieces) = channel(1);
    let answer = tokio::spawn(async { Service::new().post(Body::new(Coming(pieces))).await });
    for piece in question("memory_search").as_bytes().chunks(10) {
        client.send(Bytes::copy_from_slice(piece)).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    drop(client);
    assert_eq!(answer.await.unwrap().json()["decision"], "allow");
}

/// Sixty-four clients have sent all but the last byte of a mebibyte each, in which only a few bytes are left for others.
#[tokio::test]
async fn bodies_that_are_held_share_one_budget() {
    let service = Service::new();
    let in_pieces = |text: &str| Body::new(Pieces(text.as_bytes().rchunks(64).map(Bytes::copy_from_slice).collect()));
    let small = question("memory_search");
    let large = question(&"x".repeat(1000));
    let held = service.hold_bodies().await;
    let refused = service.post(in_pieces(&large)).await;
    assert_eq!((refused.status, refused.header("connection"), refused.header("retry-after")), (503, "close", "10"));
    let problem = refused.json();
    assert!(problem["detail"].as_str().unwrap().contains("67108864 bytes"), "{problem}");
    // What is there at once is not held, of whatever size.
    for body in [&small, &large] {
        assert_eq!(service.post(body.clone()).await.status, 200);
    }
    held.let_go().await;
    let held = service.hold_bodies().await;
    assert_eq!(service.post(in_pieces(&large)).await.status, 503, "not all of it was given back");
    held.let_go().await;
    assert_eq!(service.post(in_pieces(&large)).await.status, 200);
    let counted = service.get("/metrics").await.text;
    assert!(counted.contains("_count{method=\"POST\",route=\"/decisions\",status=\"503\"} 2\n"), "{counted}");
}

#[tokio::test]
async fn a_person_may_ask_without_being_counted() {
    let service = Service::new();
    let before = service.get("/metrics").await.text;
    for (query, action) in [
        ("action=memory_search", "memory_search"),
        ("other=1&action=memory%5Fsearch", "memory_search"),
        ("action=a+b%2B%C3%A9", "a b+é"),
        ("action=", ""),
    ] {
        let answer = service.get(&format!("/decisions?{query}")).await;
        assert_eq!((answer.status, answer.json()["action"].as_str()), (200, Some(action)), "{query}");
        assert_eq!(answer.json()["decision"], if action == "memory_search" { "allow" } else { "deny" });
    }
    for (query, detail) in [
        ("", "names no action"),
        ("action", "names no action"),
        ("action=a&action=b", "more than one"),
        ("action=%ff", "not UTF-8"),
    ] {
        let answer = service.get(&format!("/decisions?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(detail), "{query}: {}", answer.text);
    }
    let decisions =
        |text: &str| text.lines().filter(|line| line.starts_with("genome_decisions")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(decisions(&service.get("/metrics").await.text), decisions(&before));
    assert!(service.get("/").await.text.contains("None since"));
}

/// A body whose length is not said.
pub(crate) struct Pieces(pub(crate) Vec<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(self.0.pop().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A body of which nothing ever comes.
pub(crate) struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Pending
    }
}

/// A body as hyper gives it: it is there when it has been asked for.
struct Asked {
    has_been: bool,
    text: String,
}

impl HttpBody for Asked {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.has_been {
            self.has_been = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let text = std::mem::take(&mut self.text);
        Poll::Ready((!text.is_empty()).then(|| Ok(Frame::data(text.into()))))
    }
}

/// A body that somebody sends.
pub(crate) struct Coming(pub(crate) Receiver<Bytes>);

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
