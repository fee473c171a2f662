//! Several questions in one request: R24 to R35.

use super::{
    EVALUATION, EVALUATIONS, JSON, action, capabilities, counted, decisions, resource, service, subject, under, unnamed, whole,
    with,
};
use genome::mcp::ActionNames;
use genome_server::Projection;
use serde_json::{Value, json};

/// What is wrong with an item, and where.
fn error(answer: &Value) -> (&str, &str) {
    assert_eq!(answer["decision"], false, "{answer}");
    let error = &answer["context"]["error"];
    assert_eq!(error["status"], 400, "{answer}");
    (error["message"].as_str().unwrap(), error["pointer"].as_str().unwrap())
}

#[tokio::test]
async fn r24_without_items_it_is_a_single_question() {
    let service = service();
    let expected = service.evaluated(&whole()).await;
    for members in [
        json!({}),
        json!({"evaluations": []}),
        json!({"evaluations": [], "options": {}}),
        json!({"options": {"evaluations_semantic": "permit_on_first_permit"}}),
        // It is of the right kind, and has no effect.
        json!({"options": {"evaluations_semantic": "of another standard"}}),
    ] {
        let answer = service.asked(EVALUATIONS, &with(members.clone())).await;
        assert_eq!((answer.status, answer.json()), (200, expected.clone()), "{members}");
    }
    for (members, pointer) in [
        (json!({"evaluations": [], "subject": null}), "/subject"),
        (json!({"evaluations": [], "action": null}), "/action"),
        (json!({"resource": null}), "/resource"),
        (json!({"options": []}), "/options"),
        (json!({"evaluations": [], "options": {"evaluations_semantic": 1}}), "/options/evaluations_semantic"),
    ] {
        let answer = service.asked(EVALUATIONS, &with(members.clone())).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!(pointer)), "{members}");
    }
}

#[tokio::test]
async fn r25_r28_an_item_that_cannot_be_read_is_denied_alone() {
    let service = service();
    let whole_item = whole();
    for (item, message, pointer) in [
        (json!({"subject": subject(), "action": action("memory_search")}), "`resource` is missing", "/evaluations/1/resource"),
        (json!({"subject": subject(), "resource": resource()}), "`action` is missing", "/evaluations/1/action"),
        (json!({"action": action("memory_search"), "resource": resource()}), "`subject` is missing", "/evaluations/1/subject"),
        (json!({}), "`subject` is missing", "/evaluations/1/subject"),
        (with(json!({"resource": {"type": "tool"}})), "`id` is missing", "/evaluations/1/resource/id"),
        (with(json!({"action": {"name": 7}})), "expected a string, found a number", "/evaluations/1/action/name"),
        (with(json!({"context": []})), "expected an object, found an array", "/evaluations/1/context"),
        (json!("x"), "expected an object, found a string", "/evaluations/1"),
        (json!(null), "expected an object, found null", "/evaluations/1"),
        (json!([]), "expected an object, found an array", "/evaluations/1"),
    ] {
        let before = unnamed(&service).await;
        let answers = service.evaluated_all(&json!({"evaluations": [whole_item, item, whole_item]})).await;
        assert_eq!(decisions(&answers), [true, false, true], "{item}");
        assert_eq!(error(&answers[1]), (message, pointer));
        let context = &answers[1]["context"];
        assert_eq!((&context["scope"], &context["projection"]), (&json!("ceiling"), &json!("action")));
        assert_eq!((&context["genome_id"], context.get("action")), (&json!(service.id), None));
        assert_eq!(unnamed(&service).await, before + 1, "it is counted as a denial");
    }
    assert!(service.get("/").await.text.contains("question cannot be read"), "people see it");
}

/// Recent denials are for people, and there is room for fifty: what cannot be read is one of them.
#[tokio::test]
async fn r25_many_items_that_cannot_be_read_push_out_no_other_denial() {
    let service = service();
    service.evaluated(&with(json!({"action": action("seen_before")}))).await;
    service.evaluated_all(&with(json!({"evaluations": vec![json!({"action": {"name": 7}}); 100]}))).await;
    let page = service.get("/").await.text;
    assert!(page.contains("seen_before") && page.contains("100 times"), "{page}");
}

#[tokio::test]
async fn r26_what_is_wrong_at_the_top_is_wrong_for_all() {
    let service = service();
    let item = whole();
    let before = counted(&service).await;
    for (members, pointer) in [
        (json!({"subject": {"type": "person"}}), "/subject/id"),
        (json!({"action": {}}), "/action/name"),
        (json!({"action": "memory_search"}), "/action"),
        (json!({"resource": {"type": "shelf", "id": 1}}), "/resource/id"),
        (json!({"resource": {"type": "shelf", "id": "", "properties": []}}), "/resource/properties"),
        (json!({"context": "x"}), "/context"),
        (json!({"options": "x"}), "/options"),
    ] {
        // Every item overrides it.
        let mut body = with(members.clone());
        body["evaluations"] = json!([item]);
        let answer = service.asked(EVALUATIONS, &body).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!(pointer)), "{members}");
    }
    for evaluations in [json!({}), json!("x"), json!(0), json!(false)] {
        let answer = service.asked(EVALUATIONS, &with(json!({"evaluations": evaluations}))).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/evaluations")));
    }
    assert_eq!(service.ask("POST", EVALUATIONS, &[JSON], "{\"evaluations\": [{}").await.status, 400);
    assert_eq!(counted(&service).await, before, "nothing was decided");
}

#[tokio::test]
async fn r27_a_member_of_an_item_replaces_the_default_as_a_whole() {
    let service = service();
    let items = json!([
        {},
        {"action": action("memory_erase")},
        {"resource": {"type": "tool"}},
        {"resource": {"id": "s-9"}},
        {"action": {"properties": {}}},
        {"subject": {"type": "", "id": ""}, "context": {}},
    ]);
    let answers = service.evaluated_all(&with(json!({"context": {"a": 1}, "evaluations": items}))).await;
    assert_eq!(decisions(&answers), [true, false, false, false, false, true]);
    assert_eq!(error(&answers[2]).1, "/evaluations/2/resource/id");
    assert_eq!(error(&answers[3]).1, "/evaluations/3/resource/type");
    assert_eq!(error(&answers[4]).1, "/evaluations/4/action/name");
    assert_eq!(answers[1]["context"]["cap_id"], "CAP-MEMORY");
}

#[tokio::test]
async fn r27_properties_of_a_default_are_not_merged_into_an_item() {
    let service = under(Projection::PolicyBackend, ActionNames::Plain, &capabilities());
    let operation = json!({"operation_ref_id": "op:tool:memory_search"});
    let default = json!({"name": "memory_search", "properties": operation});
    let items = json!([{}, {"action": action("memory_search")}, {"action": {"name": "memory_search", "properties": {}}}]);
    let answers = service.evaluated_all(&with(json!({"action": default, "evaluations": items}))).await;
    assert_eq!(decisions(&answers), [true, false, false]);
    let covered: Vec<_> = answers.iter().map(|answer| answer["context"].get("covered")).collect();
    assert_eq!(covered, [None, Some(&json!(false)), Some(&json!(false))]);
}

#[tokio::test]
async fn r29_r30_answers_stand_in_the_order_of_the_items() {
    let service = service();
    let names = ["memory_erase", "memory_search", "x", "web/fetch", "memory_search", "y", "tools/list"];
    let items: Vec<Value> = names.iter().map(|name| json!({"action": action(name)})).collect();
    // It has no other member: `evaluated_all` sees to that.
    let answers = service.evaluated_all(&with(json!({"action": null, "evaluations": items}))).await;
    let answered: Vec<&str> = answers.iter().map(|answer| answer["context"]["action"].as_str().unwrap()).collect();
    assert_eq!(answered, names);
    assert_eq!(decisions(&answers), [false, true, false, true, true, false, true]);
}

#[tokio::test]
async fn r31_the_semantics_are_three() {
    let service = service();
    let ask = async |options: Value| service.asked(EVALUATIONS, &with(json!({"options": options, "evaluations": [{}]}))).await;
    for options in [
        json!({}),
        json!({"evaluations_semantic": "execute_all"}),
        json!({"evaluations_semantic": "deny_on_first_deny"}),
        json!({"evaluations_semantic": "permit_on_first_permit"}),
        json!({"another": null}),
    ] {
        assert_eq!(ask(options.clone()).await.status, 200, "{options}");
    }
    let long = "\u{202e}".repeat(10_000);
    for semantic in
        [json!("Execute_All"), json!("execute_all "), json!(""), json!(long), json!(null), json!(0), json!(["execute_all"])]
    {
        let answer = ask(json!({"evaluations_semantic": semantic})).await;
        assert_eq!((answer.status, &answer.json()["pointer"]), (400, &json!("/options/evaluations_semantic")), "{semantic}");
        assert!(answer.text.len() < 2000 && !answer.text.contains('\u{202e}'), "{}", answer.text);
    }
}

#[tokio::test]
async fn r32_r33_the_first_that_decides_is_the_last_that_is_answered() {
    let service = service();
    let (yes, no, bad) = (json!({}), json!({"action": action("memory_erase")}), json!({"action": 1}));
    for (semantic, items, expected) in [
        ("deny_on_first_deny", vec![&yes, &yes, &no, &yes], vec![true, true, false]),
        ("deny_on_first_deny", vec![&yes, &bad, &no], vec![true, false]),
        ("deny_on_first_deny", vec![&yes, &yes], vec![true, true]),
        ("deny_on_first_deny", vec![&no], vec![false]),
        ("permit_on_first_permit", vec![&no, &bad, &yes, &no], vec![false, false, true]),
        ("permit_on_first_permit", vec![&no, &bad, &no], vec![false, false, false]),
        ("permit_on_first_permit", vec![&yes, &no], vec![true]),
        ("execute_all", vec![&no, &bad, &yes, &no], vec![false, false, true, false]),
    ] {
        let body = with(json!({"evaluations": items, "options": {"evaluations_semantic": semantic}}));
        let answers = service.evaluated_all(&body).await;
        assert_eq!(decisions(&answers), expected, "{semantic} {items:?}");
        for (item, answer) in items.iter().zip(&answers) {
            assert_eq!(answer["context"].get("error").is_some(), *item == &bad, "{semantic}");
        }
    }
}

#[tokio::test]
async fn r34_what_stands_after_the_stop_is_neither_read_nor_counted() {
    let service = service();
    let before = counted(&service).await;
    let rest = [json!(1), json!({"action": 1}), json!({}), json!({"action": action("memory_erase")})];
    let items = [&[json!({})][..], &rest].concat();
    let body = with(json!({"evaluations": items, "options": {"evaluations_semantic": "permit_on_first_permit"}}));
    assert_eq!(decisions(&service.evaluated_all(&body).await), [true]);
    let after = counted(&service).await;
    let changed: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert_eq!(changed, ["genome_decisions_total{cap_id=\"CAP-MEMORY\",outcome=\"allow\"} 1"]);
    assert!(service.get("/").await.text.contains("None since"));
}

#[tokio::test]
async fn r35_no_item_changes_another() {
    let service = service();
    let mut items = vec![
        json!({}),
        json!({"action": action("memory_erase")}),
        json!({"action": action("web/fetch"), "resource": {"type": "a", "id": "b"}}),
        json!({"action": {"name": "x", "properties": {"a": 1}}}),
        json!({"context": {"x": 1}}),
    ];
    let expected: Vec<Value> = {
        let mut alone = Vec::new();
        for item in &items {
            alone.extend(service.evaluated_all(&with(json!({"evaluations": [item]}))).await);
        }
        alone
    };
    for rotation in 0..items.len() {
        let mut expected = expected.clone();
        expected.rotate_left(rotation);
        assert_eq!(service.evaluated_all(&with(json!({"evaluations": items}))).await, expected);
        items.rotate_left(1);
    }
    // Nor does it make a difference whether an action is asked about alone.
    assert_eq!(service.asked(EVALUATION, &whole()).await.json(), expected[0]);
}
