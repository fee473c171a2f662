//! The structural cases of the certification scenario, S1 to S36, in our names. A ceiling that knows no subject can satisfy these, and not the whole
//! scenario: no certification is claimed.

use super::{EVALUATION, EVALUATIONS, JSON, METADATA, SEARCH, action, decisions, resource, service, subject, whole, with};
use genome_server::AuthzenSettings;
use serde_json::{Value, json};

fn denied() -> Value {
    action("memory_erase")
}

#[tokio::test]
async fn s1_to_s5_one_question() {
    let service = service();
    for _ in 0..10 {
        assert_eq!(service.evaluated(&whole()).await["decision"], true, "S1");
    }
    assert_eq!(service.evaluated(&with(json!({"action": denied()}))).await["decision"], false, "S2");
    let context = json!({"time": "2026-01-31T00:00:00Z", "ip": "192.0.2.1"});
    let expected = service.evaluated(&whole()).await;
    assert_eq!(service.evaluated(&with(json!({"context": context}))).await, expected, "S3");
    let mut with_properties = whole();
    for name in ["subject", "action", "resource"] {
        with_properties[name]["properties"] = json!({"a": [1, "b"], "c": {}});
    }
    assert_eq!(service.evaluated(&with_properties).await, expected, "S4");
    let unknown = json!({"foo": "bar", "futureField": {"nested": true}});
    assert_eq!(service.evaluated(&with(unknown)).await, expected, "S5");
}

#[tokio::test]
async fn s6_to_s18_what_is_no_question() {
    let service = service();
    for (case, body) in [
        ("S6", with(json!({"subject": null}))),
        ("S7", with(json!({"action": null}))),
        ("S8", with(json!({"resource": null}))),
        ("S9", with(json!({"subject": {"id": "mira"}}))),
        ("S10", with(json!({"subject": {"type": "person"}}))),
        ("S11", with(json!({"action": {}}))),
        ("S12", with(json!({"resource": {"id": "s-9"}}))),
        ("S13", with(json!({"resource": {"type": "shelf"}}))),
        ("S17", with(json!({"subject": "mira"}))),
        ("S18", with(json!({"action": {"name": 123}}))),
    ] {
        assert_eq!(service.asked(EVALUATION, &body).await.status, 400, "{case}");
    }
    for (case, headers, body) in [
        ("S14", &[("content-type", "text/plain")][..], whole().to_string()),
        ("S14", &[], whole().to_string()),
        ("S15", &[JSON], "{\"subject\":".to_owned()),
        ("S16", &[JSON], String::new()),
    ] {
        assert_eq!(service.ask("POST", EVALUATION, headers, body).await.status, 400, "{case}");
    }
}

#[tokio::test]
async fn s19_s20_request_ids() {
    let service = service();
    let answer = service.ask("POST", EVALUATION, &[JSON, ("x-request-id", "q-1")], whole().to_string()).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (200, "q-1"), "S19");
    let answer = service.ask("POST", EVALUATION, &[JSON], whole().to_string()).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (200, ""), "S20");
}

#[tokio::test]
async fn s21_to_s28_several_questions() {
    let service = service();
    let (s, a, r, d) = (subject(), action("memory_search"), resource(), denied());
    let (s2, r2) = (json!({"type": "person", "id": "noa"}), json!({"type": "shelf", "id": "s-8"}));
    for (case, body, expected) in [
        ("S21", json!({"subject": s, "action": a, "evaluations": [{"resource": r}, {"resource": r2}]}), &[true, true][..]),
        ("S22", json!({"subject": s, "resource": r, "evaluations": [{"action": a}, {"action": d}]}), &[true, false]),
        (
            "S23",
            json!({"evaluations": [{"subject": s, "action": a, "resource": r}, {"subject": s2, "action": d, "resource": r}]}),
            &[true, false],
        ),
        ("S24", with(json!({"context": {"a": 1}, "evaluations": [{}, {"context": {"b": 2}}]})), &[true, true]),
        ("S25", with(json!({"evaluations": [{}, {"action": d}]})), &[true, false]),
        (
            "S26",
            json!({"subject": s, "action": a, "options": {"evaluations_semantic": "execute_all"}, "evaluations": [{"resource": r}, {}]}),
            &[true, false],
        ),
    ] {
        let answers = service.evaluated_all(&body).await;
        assert_eq!(decisions(&answers), expected, "{case}");
        assert_eq!(answers[1]["context"].get("error").is_some(), case == "S26", "{case}");
    }
    for (case, body) in [("S27", whole()), ("S28", with(json!({"evaluations": []})))] {
        let answer = service.asked(EVALUATIONS, &body).await;
        assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!(true)), "{case}");
        assert!(answer.json().get("evaluations").is_none(), "{case}");
    }
}

#[tokio::test]
async fn s29_to_s34_the_search() {
    let service = service();
    let body = with(json!({"action": null}));
    let found = service.asked(SEARCH, &body).await.json()["results"].clone();
    let has = |found: &Value, name: &str| found.as_array().unwrap().contains(&action(name));
    assert!(has(&found, "memory_search") && !has(&found, "memory_erase"), "S29: {found}");
    let mut in_context = body.clone();
    in_context["context"] = json!({"a": 1});
    assert_eq!(service.asked(SEARCH, &in_context).await.json()["results"], found, "S30");
    let (mut page, mut union) = (json!({"limit": 1}), Vec::new());
    loop {
        let mut body = body.clone();
        body["page"] = page;
        let answer = service.asked(SEARCH, &body).await;
        assert_eq!(answer.status, 200, "S31");
        let answer = answer.json();
        union.extend(answer["results"].as_array().unwrap().clone());
        let token = answer["page"]["next_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
        page = json!({"token": token});
    }
    assert_eq!(Value::from(union), found, "S31");
    for (case, body) in [
        ("S32", json!({"subject": subject()})),
        ("S33", json!({"resource": resource()})),
        ("S34", json!({"subject": {"type": "person"}, "resource": resource()})),
    ] {
        assert_eq!(service.asked(SEARCH, &body).await.status, 400, "{case}");
    }
}

#[tokio::test]
async fn s35_s36_the_metadata_and_what_is_not_offered() {
    let url = "https://pdp.example";
    let settings = AuthzenSettings { public_url: Some(url.parse().unwrap()), ..AuthzenSettings::default() };
    let answer = service().with_authzen(settings, false).get(METADATA).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "S35");
    let metadata = answer.json();
    assert_eq!(metadata["policy_decision_point"], url, "S35");
    assert!(metadata.as_object().unwrap().values().all(|value| value.as_str().unwrap().starts_with(url)), "S35: {metadata}");
    let service = service();
    assert_eq!(service.get(METADATA).await.status, 404, "S36");
    for path in ["/access/v1/search/subject", "/access/v1/search/resource"] {
        assert_eq!(service.asked(path, &whole()).await.status, 404, "S36: {path}");
    }
}
