//! The search for actions: R36 to R45.

use super::{JSON, SEARCH, action, capabilities, counted, of_server, resource, service, subject, under, whole, with};
use crate::service::{Service, signed_with};
use genome::mcp::ActionNames;
use genome_server::Projection;
use serde_json::{Value, json};

impl Service {
    async fn found(&self, body: &Value) -> Value {
        let answer = self.asked(SEARCH, body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        answer.json()
    }
}

fn names(found: &Value) -> Vec<String> {
    let results = found["results"].as_array().unwrap();
    let only_name = |result: &Value| result.as_object().unwrap().keys().eq(["name"]);
    assert!(results.iter().all(only_name), "{found}");
    results.iter().map(|result| result["name"].as_str().unwrap().to_owned()).collect()
}

/// A question about actions on this resource, with other members.
fn search(resource: &Value, members: &Value) -> Value {
    let mut body = json!({"subject": subject(), "resource": resource});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn r36_subject_and_resource_are_whole() {
    let service = service();
    for (body, pointer) in [
        (json!({}), "/subject"),
        (json!({"subject": subject()}), "/resource"),
        (json!({"resource": resource()}), "/subject"),
        (json!({"subject": {"type": "person"}, "resource": resource()}), "/subject/id"),
        (json!({"subject": {"id": "mira"}, "resource": resource()}), "/subject/type"),
        (json!({"subject": subject(), "resource": {"type": "shelf"}}), "/resource/id"),
        (json!({"subject": subject(), "resource": {"id": "s-9"}}), "/resource/type"),
        (search(&resource(), &json!({"context": 1})), "/context"),
    ] {
        let answer = service.asked(SEARCH, &body).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!(pointer)), "{body}");
    }
}

/// The property: a name is found if, and only if, its evaluation is true.
#[tokio::test]
async fn r37_what_is_found_is_what_would_be_true() {
    let methods =
        ["tools/call", "tools/list", "initialize", "resources/read", "prompts/get", "ping", "tasks/list", "completion/complete"];
    let verbs = ["tool_call.execute", "resource.read", "prompt.get", "agent.invoke"];
    let allowed = json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": ["memory_search", "tools/list", "initialize", "resources/read", "é"], "deny_actions": []},
        {"cap_id": "B", "risk_class": "B", "allow_actions": ["memory_search", "resource.read", "files/memory_search", "twin"], "deny_actions": ["memory_erase", "prompts/get", "Twin"]},
        {"cap_id": "C", "risk_class": "C", "allow_actions": ["files:tools/list", "files:resources/read", "memory_erase", "files/twin"], "deny_actions": ["files:initialize", "files/Twin"]},
    ]);
    let mut everything: Vec<String> = methods.iter().chain(&verbs).map(ToString::to_string).collect();
    for capability in allowed.as_array().unwrap() {
        for list in ["allow_actions", "deny_actions"] {
            everything.extend(capability[list].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()));
        }
    }
    let resources = [
        ("tool", "memory_search"),
        ("tool", "memory_erase"),
        ("tool", "twin"),
        ("tool", "tools/list"),
        ("tool", ""),
        ("mcp_server", "https://mcp.example"),
        ("resource", "data://x"),
        ("prompt", "p"),
        ("task", "1"),
        ("mcp_tool", "files/memory_search"),
        ("mcp_tool", "Files/memory_search"),
        ("mcp_resource", "data://x"),
        ("mcp_prompt", "files/p"),
        ("a2a_agent", "a"),
        ("shelf", "s-9"),
    ];
    let mut found_by = Vec::new();
    for projection in Projection::ALL {
        for names_of in [ActionNames::Plain, of_server("files")] {
            let service = under(projection, names_of, &allowed);
            let mut most = 0;
            for (kind, id) in resources {
                let resource = json!({"type": kind, "id": id, "properties": {"server": "files"}});
                let found = names(&service.found(&search(&resource, &json!({}))).await);
                let mut expected = Vec::new();
                for name in &everything {
                    let body = json!({"subject": subject(), "resource": resource, "action": action(name)});
                    if service.evaluated(&body).await["decision"] == true {
                        expected.push(name.clone());
                    }
                }
                expected.sort();
                expected.dedup();
                assert_eq!(found, expected, "{projection} {kind} {id}");
                most = most.max(found.len());
            }
            found_by.push((projection, most));
        }
    }
    for (projection, most) in found_by {
        match projection {
            Projection::Action => assert!(most > 8),
            Projection::Coaz => assert!((1..=3).contains(&most), "{most}"),
            Projection::PolicyBackend => assert_eq!(most, 0),
            Projection::Apparitor => assert_eq!(most, 1),
        }
    }
}

#[tokio::test]
async fn r38_names_are_sorted_and_stand_once() {
    let capabilities = json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": ["z", "a", "\u{1f600}", "é", "\u{e000}", "B", "b"], "deny_actions": ["gone"]},
        {"cap_id": "B", "risk_class": "B", "allow_actions": ["a", "z", "gone", "a b"], "deny_actions": ["b"]},
    ]);
    let service = under(Projection::Action, ActionNames::Plain, &capabilities);
    assert_eq!(names(&service.found(&whole()).await), ["B", "a", "a b", "z", "é", "\u{e000}", "\u{1f600}"]);
    let nothing = json!([{"cap_id": "A", "risk_class": "A", "allow_actions": [], "deny_actions": ["x"]}]);
    let service = under(Projection::Action, ActionNames::Plain, &nothing);
    assert_eq!(service.found(&whole()).await["results"], json!([]));
}

#[tokio::test]
async fn r39_a_search_says_what_it_rests_on_and_is_not_counted() {
    let service = service();
    let before = counted(&service).await;
    let found = service.found(&whole()).await;
    assert_eq!(found["context"], json!({"scope": "ceiling", "projection": "action", "genome_id": service.id}));
    assert_eq!(counted(&service).await, before);
    let coaz = under(Projection::Coaz, ActionNames::Plain, &capabilities());
    let before = counted(&coaz).await;
    coaz.found(&search(&json!({"type": "tool", "id": "memory_erase"}), &json!({}))).await;
    assert_eq!(counted(&coaz).await, before);
    assert!(coaz.get("/").await.text.contains("None since"));
}

#[tokio::test]
async fn r40_r41_r42_pages_have_tokens_until_the_last() {
    let service = service();
    let body = |page: &Value| search(&resource(), &json!({"page": page}));
    let all = service.found(&search(&resource(), &json!({}))).await;
    assert_eq!((all.get("page"), names(&all).len()), (None, 3));
    // A page that holds all of it.
    for page in [json!({}), json!({"limit": 3}), json!({"limit": 10_000_000}), json!({"properties": {"a": 1}})] {
        let found = service.found(&body(&page)).await;
        assert_eq!(found["page"], json!({"next_token": "", "count": 3, "total": 3}), "{page}");
        assert_eq!(found["results"], all["results"]);
    }
    for limit in [1, 2] {
        let (mut page, mut seen) = (json!({"limit": limit}), Vec::new());
        loop {
            let answer = service.asked(SEARCH, &body(&page)).await;
            assert!(answer.text.starts_with("{\"page\":{"), "R42: {}", answer.text);
            let found = answer.json();
            assert_eq!((&found["page"]["count"], &found["page"]["total"]), (&json!(names(&found).len()), &json!(3)));
            seen.extend(names(&found));
            let token = found["page"]["next_token"].as_str().unwrap().to_owned();
            if token.is_empty() {
                break;
            }
            assert_eq!(names(&found).len(), limit);
            // R43: without a limit, that of the token is kept.
            page = if seen.len() == limit { json!({"token": token}) } else { json!({"token": token, "limit": limit}) };
        }
        assert_eq!(seen, names(&all));
    }
}

#[tokio::test]
async fn r40_a_large_set_is_paged_unasked() {
    let actions: Vec<String> = (0..10_001).map(|number| format!("action-{number:05}")).collect();
    let capabilities = json!([{"cap_id": "A", "risk_class": "A", "allow_actions": actions, "deny_actions": []}]);
    let service = Service::of(&signed_with(&capabilities));
    let first = service.found(&whole()).await;
    assert_eq!(
        (names(&first), &first["page"]["count"], &first["page"]["total"]),
        (actions[..10_000].to_vec(), &json!(10_000), &json!(10_001))
    );
    let token = first["page"]["next_token"].clone();
    for page in [json!({"token": token}), json!({"token": token, "limit": 10_000}), json!({"token": token, "limit": 99_999})] {
        let second = service.found(&with(json!({"page": page}))).await;
        assert_eq!((names(&second), &second["page"]["next_token"]), (actions[10_000..].to_vec(), &json!("")), "{page}");
    }
}

#[tokio::test]
async fn r43_a_token_goes_with_its_search() {
    let service = service();
    let properties = json!({"type": "shelf", "id": "s-9", "properties": {"r": 1}});
    let mut first = search(&properties, &json!({"context": {"a": [1, {"b": 2}]}, "page": {"limit": 1, "properties": {"p": 1}}}));
    first["subject"]["properties"] = json!({"s": 1});
    let token = service.found(&first).await["page"]["next_token"].clone();
    let second = |members: &Value| {
        let mut body = first.clone();
        body["page"]["token"] = token.clone();
        for (pointer, value) in members.as_object().unwrap() {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value.clone();
        }
        body
    };
    for same in [
        json!({}),
        json!({"/action": {"name": "x"}}),
        json!({"/action": 1, "/unknown": [1]}),
        json!({"/page/unknown": true}),
        // Another text for the same value.
        json!({"/context": {"a": [1, {"b": 2}]}}),
    ] {
        assert_eq!(service.asked(SEARCH, &second(&same)).await.status, 200, "{same}");
    }
    let spelled = second(&json!({})).to_string().replace("\"b\":2", "\"\\u0062\": 2.0");
    assert_eq!(service.ask("POST", SEARCH, &[JSON], spelled).await.status, 200);
    for other in [
        json!({"/subject/id": "noa"}),
        json!({"/subject/type": "agent"}),
        json!({"/subject/properties": {}}),
        json!({"/subject/properties": {"s": 2}}),
        json!({"/resource/id": "s-8"}),
        json!({"/resource/type": "shelves"}),
        json!({"/resource/properties": {"a": 1}}),
        json!({"/context/a": [1, {"b": 3}]}),
        json!({"/context": {}}),
        json!({"/page/properties": {"p": 2}}),
        json!({"/page/limit": 2}),
        json!({"/page/limit": 0}),
    ] {
        let answer = service.asked(SEARCH, &second(&other)).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/page/token")), "{other}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("begin again"), "{}", answer.text);
    }
    // A search that lacks one of these is another, too.
    for pointer in
        ["/context", "/context/a", "/subject/properties", "/resource/properties", "/resource/properties/r", "/page/properties"]
    {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut body = second(&json!({}));
        assert!(body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).is_some(), "{pointer}");
        let answer = service.asked(SEARCH, &body).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/page/token")), "{pointer}");
    }
}

#[tokio::test]
async fn r44_a_token_is_taken_as_it_was_given_and_by_the_same_genome() {
    let service = service();
    let body = |token: &str| with(json!({"page": {"limit": 1, "token": token}}));
    let token = service.found(&with(json!({"page": {"limit": 1}}))).await["page"]["next_token"].as_str().unwrap().to_owned();
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    assert_eq!(service.asked(SEARCH, &body(&token)).await.status, 200);
    let mut altered: Vec<String> = vec![
        String::new(),
        "x".to_owned(),
        format!("{token}="),
        format!(" {token}"),
        token[1..].to_owned(),
        token.to_lowercase(),
        "A".repeat(900_000),
    ];
    altered.extend((0..token.len()).map(|at| {
        let mut altered = token.clone();
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        altered.replace_range(at..=at, other);
        altered
    }));
    for altered in altered {
        let answer = service.asked(SEARCH, &body(&altered)).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/page/token")));
        assert!(answer.text.len() < 1000);
    }
    // Of another genome, and of this one under another projection.
    let mut others = capabilities();
    others[0]["risk_class"] = json!("D");
    let others =
        [under(Projection::Action, ActionNames::Plain, &others), under(Projection::Coaz, ActionNames::Plain, &capabilities())];
    for other in others {
        assert_eq!(other.asked(SEARCH, &body(&token)).await.status, 400);
    }
}

#[tokio::test]
async fn r45_a_limit_is_an_integer_that_is_not_negative() {
    let service = service();
    let ask = async |limit: &str| {
        let body = format!("{{\"subject\": {}, \"resource\": {}, \"page\": {{\"limit\": {limit}}}}}", subject(), resource());
        service.ask("POST", SEARCH, &[JSON], body).await
    };
    for (limit, count) in [("0", 0), ("1", 1), ("2", 2), ("2.0", 2), ("2e0", 2), ("-0", 0), ("3", 3), ("10001", 3), ("1e300", 3)] {
        let found = ask(limit).await.json();
        assert_eq!((names(&found).len(), &found["page"]["count"]), (count, &json!(count)), "{limit}");
        assert_eq!(found["page"]["next_token"] == "", count == 3, "{limit}");
    }
    for limit in ["-1", "-1e300", "1.5", "\"2\"", "null", "true", "[]", "{}"] {
        let answer = ask(limit).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/page/limit")), "{limit}");
    }
    // With none to come there is no token, also for nothing at once.
    let nothing = under(Projection::PolicyBackend, ActionNames::Plain, &capabilities());
    let found = nothing.found(&with(json!({"page": {"limit": 0}}))).await;
    assert_eq!(found["page"], json!({"next_token": "", "count": 0, "total": 0}));
}
