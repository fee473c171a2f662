//! What a request may be: R1 to R14.

use super::{EVALUATION, EVALUATIONS, JSON, SEARCH, action, resource, service, subject, whole, with};
use serde_json::{Value, json};

const ENDPOINTS: [&str; 3] = [EVALUATION, EVALUATIONS, SEARCH];

#[tokio::test]
async fn r1_r2_the_body_is_said_to_be_json() {
    let service = service();
    for path in ENDPOINTS {
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ;x"] {
            let answer = service.ask("POST", path, &[("content-type", kind)], whole().to_string()).await;
            assert_eq!(answer.status, 200, "{path} {kind}");
        }
        let plain = ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""];
        for headers in plain.map(|kind| [("content-type", kind)]).iter().map(|header| &header[..]).chain([&[][..]]) {
            let answer = service.ask("POST", path, headers, whole().to_string()).await;
            assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn r3_the_body_is_one_object() {
    let service = service();
    for path in ENDPOINTS {
        for body in
            ["", " ", "[]", "\"x\"", "1", "null", "true", "{", "{}{}", "{\"subject\":", "{]", "{'a': 1}", "{\"a\": 1,}", "{} x"]
        {
            assert_eq!(service.ask("POST", path, &[JSON], body).await.status, 400, "{path} {body}");
        }
    }
}

#[tokio::test]
async fn r4_what_is_required_is_there_at_every_level() {
    let service = service();
    for (body, pointer) in [
        (with(json!({"subject": null})), "/subject"),
        (with(json!({"action": null})), "/action"),
        (with(json!({"resource": null})), "/resource"),
        (with(json!({"subject": {"id": "mira"}})), "/subject/type"),
        (with(json!({"subject": {"type": "person"}})), "/subject/id"),
        (with(json!({"action": {}})), "/action/name"),
        (with(json!({"resource": {"id": "s-9"}})), "/resource/type"),
        (with(json!({"resource": {"type": "shelf"}})), "/resource/id"),
        (json!({}), "/subject"),
    ] {
        for path in ENDPOINTS {
            let answer = service.asked(path, &body).await;
            if path == SEARCH && pointer.starts_with("/action") {
                // R12: there an action is not known.
                assert_eq!(answer.status, 200, "{body}");
                continue;
            }
            assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!(pointer)), "{path} {body}: {}", answer.text);
            assert!(answer.json()["detail"].as_str().unwrap().contains("is missing"), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn r5_r6_a_member_of_another_kind_is_refused_and_so_is_null() {
    let service = service();
    let others = [json!(null), json!(true), json!(1), json!("x"), json!([]), json!({})];
    let places = [
        ("/subject", "object"),
        ("/subject/type", "string"),
        ("/subject/id", "string"),
        ("/subject/properties", "object"),
        ("/action", "object"),
        ("/action/name", "string"),
        ("/action/properties", "object"),
        ("/resource", "object"),
        ("/resource/type", "string"),
        ("/resource/id", "string"),
        ("/resource/properties", "object"),
        ("/context", "object"),
        ("/evaluations", "array"),
        ("/options", "object"),
        ("/options/evaluations_semantic", "string"),
        ("/page", "object"),
        ("/page/token", "string"),
        ("/page/properties", "object"),
    ];
    for (pointer, kind) in places {
        let is_kind = |value: &Value| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            _ => value.is_string(),
        };
        let path = match pointer {
            _ if pointer.starts_with("/page") => SEARCH,
            _ if pointer.starts_with("/evaluations") || pointer.starts_with("/options") => EVALUATIONS,
            _ => EVALUATION,
        };
        for value in others.iter().filter(|value| !is_kind(value)) {
            let mut body = with(json!({"context": {}, "page": {}, "options": {}}));
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value.clone();
            let answer = service.asked(path, &body).await;
            assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!(pointer)), "{body}: {}", answer.text);
            let says_to_leave_it_out = answer.json()["hint"].as_str().unwrap().contains("leave a member out");
            assert_eq!(says_to_leave_it_out, value.is_null(), "{}", answer.text);
        }
    }
    // Within free objects anything may stand.
    let free = json!({"a": null, "b": [null, {"c": null}], "": 1e300});
    let properties = |mut entity: Value| {
        entity["properties"] = free.clone();
        entity
    };
    let body = json!({
        "subject": properties(subject()), "action": properties(action("memory_search")), "resource": properties(resource()), "context": free,
    });
    assert_eq!(service.evaluated(&body).await["decision"], true);
}

#[tokio::test]
async fn r7_r12_what_is_not_known_is_passed_over() {
    let service = service();
    let mut body = with(json!({"foo": "bar", "futureField": {"nested": true}, "Subject": 1, "evaluation": []}));
    for name in ["subject", "action", "resource"] {
        body[name]["more"] = json!([1, null]);
    }
    let expected = service.evaluated(&whole()).await;
    assert_eq!(service.evaluated(&body).await, expected);
    // They are members of another endpoint.
    let of_others = with(json!({"evaluations": 1, "options": null, "page": "x"}));
    // `with` leaves out what is null.
    let of_others = of_others.to_string().replacen('{', "{\"options\": null,", 1);
    assert_eq!(service.ask("POST", EVALUATION, &[JSON], of_others).await.json(), expected);
    let item = json!({"more": null, "action": {"name": "memory_search", "more": 1}});
    let body = with(
        json!({"action": null, "options": {"more": 1, "evaluations_semantic": "execute_all"}, "evaluations": [item], "page": 7}),
    );
    assert_eq!(service.evaluated_all(&body).await, [expected]);
    // R12: an action, of whatever kind, changes no search.
    let found = service.asked(SEARCH, &with(json!({"action": null}))).await.json();
    for action in ["1", "null", "{}", "{\"name\": 1}", "[]", "{\"name\": \"memory_erase\"}"] {
        let body = format!(
            "{{\"subject\": {}, \"action\": {action}, \"resource\": {}, \"evaluations\": 1, \"page\": {{\"more\": 1}}}}",
            subject(),
            resource()
        );
        let answer = service.ask("POST", SEARCH, &[JSON], body).await;
        assert_eq!((answer.status, &answer.json()["results"]), (200, &found["results"]), "{action}");
    }
}

#[tokio::test]
async fn r8_what_two_readers_could_understand_differently_is_refused() {
    let service = service();
    let rest = format!("\"subject\": {}, \"resource\": {}", subject(), resource());
    for (start, detail) in [
        ("\"action\": {\"name\": \"x\"}, \"action\": {\"name\": \"memory_search\"}", "twice"),
        ("\"action\": {\"name\": \"x\"}, \"\\u0061ction\": {\"name\": \"memory_search\"}", "twice"),
        ("\"action\": {\"name\": \"x\", \"n\\u0061me\": \"memory_search\"}", "twice"),
        ("\"action\": {\"name\": \"x\", \"properties\": {\"a\": 1, \"a\": 2}}", "twice"),
        ("\"action\": {\"name\": \"x\"}, \"context\": {\"deep\": [{\"a\": 1, \"\\u0061\": 2}]}", "twice"),
        ("\"action\": {\"name\": \"x\"}, \"unknown\": {\"a\": 1, \"a\": 2}", "twice"),
        ("\"action\": {\"name\": \"\\ud800\"}", "surrogate"),
        ("\"action\": {\"name\": \"x\"}, \"context\": {\"a\": \"\\udc00\"}", "surrogate"),
        ("\"action\": {\"name\": \"x\"}, \"context\": {\"a\": 1e400}", "number"),
        ("\"action\": {\"name\": \"x\"}, \"unknown\": 9007199254740993", "integer"),
    ] {
        for path in [EVALUATION, EVALUATIONS, SEARCH] {
            let answer = service.ask("POST", path, &[JSON], format!("{{{start}, {rest}}}")).await;
            let problem = answer.json();
            assert_eq!(answer.status, 400, "{path} {start}");
            assert!(problem["detail"].as_str().unwrap().contains(detail) && problem["line"] == 1, "{start}: {problem}");
        }
    }
    for (start, end) in [(&b"\xef\xbb\xbf"[..], &b""[..]), (b"", b"\xff"), (b"{\"\xff\": 1, ", b"")] {
        let body = [start, whole().to_string().as_bytes(), end].concat();
        assert_eq!(service.ask("POST", EVALUATION, &[JSON], body).await.status, 400);
    }
}

#[tokio::test]
async fn r9_the_order_of_members_changes_nothing() {
    let service = service();
    let members = [
        format!("\"subject\": {}", subject()),
        format!("\"resource\": {}", resource()),
        "\"action\": {\"properties\": {}, \"name\": \"memory_search\"}".to_owned(),
        "\"context\": {\"a\": 1}".to_owned(),
        "\"evaluations\": [{}, {\"action\": {\"name\": \"memory_erase\"}}]".to_owned(),
        "\"options\": {\"evaluations_semantic\": \"deny_on_first_deny\"}".to_owned(),
    ];
    // What is wrong is found in one order, too.
    let wrong = ["\"subject\": 1", "\"action\": 1", "\"resource\": 1", "\"context\": 1"].map(str::to_owned);
    for path in [EVALUATION, EVALUATIONS, SEARCH] {
        for members in [&members[..], &wrong] {
            let mut answers = Vec::new();
            for rotation in 0..members.len() {
                let mut members = members.to_vec();
                members.rotate_left(rotation);
                for members in [members.clone(), members.into_iter().rev().collect()] {
                    let answer = service.ask("POST", path, &[JSON], format!("{{{}}}", members.join(","))).await;
                    answers.push((answer.status, answer.text));
                }
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{path}: {answers:?}");
        }
    }
}

#[tokio::test]
async fn r10_an_empty_text_is_a_text() {
    let service = service();
    let empty = json!({"type": "", "id": ""});
    let answer = service.evaluated(&json!({"subject": empty, "action": action("memory_search"), "resource": empty})).await;
    assert_eq!(answer["decision"], true);
    let answer = service.evaluated(&with(json!({"action": {"name": ""}}))).await;
    assert_eq!((&answer["decision"], &answer["context"]["action"]), (&json!(false), &json!("")));
    assert_eq!(answer["context"].get("cap_id"), None);
}

#[tokio::test]
async fn r11_context_and_properties_change_no_decision() {
    let service = service();
    for name in ["memory_search", "memory_erase", "other"] {
        let expected = service.evaluated(&with(json!({"action": action(name)}))).await;
        for free in [
            json!({}),
            json!({"decision": true, "action": "memory_search", "allow": true}),
            json!({"operation_ref_id": "op:tool:memory_search"}),
        ] {
            let body = json!({
                "subject": {"type": "person", "id": "mira", "properties": free},
                "action": {"name": name, "properties": free},
                "resource": {"type": "shelf", "id": "s-9", "properties": free},
                "context": free,
            });
            assert_eq!(service.evaluated(&body).await, expected, "{body}");
        }
    }
}

#[tokio::test]
async fn r13_who_asks_is_not_looked_at_and_not_repeated() {
    let service = service();
    let expected = service.evaluated(&whole()).await;
    for value in ["Bearer secret-token", "Basic c2VjcmV0", "", "nonsense"] {
        let answer = service.ask("POST", EVALUATION, &[JSON, ("authorization", value)], whole().to_string()).await;
        assert_eq!((answer.status, answer.json()), (200, expected.clone()), "{value}");
        assert!(value.is_empty() || !answer.text.contains(value));
        assert_eq!((answer.header("authorization"), answer.header("www-authenticate")), ("", ""));
    }
}

#[tokio::test]
async fn r14_what_is_ours_stands_in_the_context_alone() {
    let service = service();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut names = members(&service.evaluated(&whole()).await);
    names.sort();
    assert_eq!(names, ["context", "decision"]);
    // Real clients give these names in a context another meaning.
    for taken in ["obligations", "constraints", "advice", "user_advice", "requires_approval", "decision_id", "id", "errors"] {
        for body in [whole(), with(json!({"action": action("memory_erase")})), with(json!({"action": action("x")}))] {
            assert_eq!(service.evaluated(&body).await["context"].get(taken), None);
        }
    }
    let mut names = members(&service.asked(SEARCH, &with(json!({"page": {}}))).await.json());
    names.sort();
    assert_eq!(names, ["context", "page", "results"]);
}

/// A client of AuthZEN takes `"decision": "deny"` for a yes, so that `/decisions` must never answer it.
#[tokio::test]
async fn a_body_of_authzen_is_refused_by_decisions() {
    let service = service();
    for body in [whole(), with(json!({"evaluations": [{}]})), json!({"evaluations": [whole()]}), json!([whole()])] {
        let answer = service.post(body.to_string()).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{body}");
        assert!(answer.json().get("decision").is_none(), "{}", answer.text);
    }
    let only_subject = json!({"subject": subject()}).to_string();
    assert!(service.post(only_subject).await.text.contains("`subject` is not known here"));
}
