//! The four projections, as section 1.7 of the requirements has them, with plain names.

use super::{EVALUATION, capabilities, resource, subject, under, whole};
use crate::service::Service;
use genome::mcp::ActionNames;
use genome_server::Projection;
use serde_json::{Value, json};

/// What a row expects: an action of the ceiling and its decision, or that nothing is covered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected<'e> {
    Action(&'e str, bool),
    Uncovered,
}

use Expected::{Action, Uncovered};

impl Service {
    /// Asks about an action and a resource, and holds the answer against what is expected.
    pub(super) async fn holds(&self, action: &Value, resource: &Value, expected: Expected<'_>) {
        let body = json!({"subject": {"type": "identity", "id": "sub"}, "action": action, "resource": resource, "context": {"agent": "c"}});
        let answer = self.evaluated(&body).await;
        let context = &answer["context"];
        match expected {
            Action(name, decision) => {
                assert_eq!((&context["action"], &answer["decision"]), (&json!(name), &json!(decision)), "{body}: {answer}");
                assert_eq!(context.get("covered"), None, "{body}: {answer}");
            }
            Uncovered => {
                assert_eq!((&answer["decision"], &context["covered"]), (&json!(false), &json!(false)), "{body}: {answer}");
                assert_eq!((context.get("action"), context.get("cap_id"), context.get("reasons")), (None, None, None));
                assert_eq!(context["code"], "GENOME_CAPABILITY_DENIED");
                assert!(context["reason"].as_str().unwrap().starts_with("not covered: "), "{answer}");
                assert_eq!(context["reason_admin"]["en"], context["reason"]);
            }
        }
    }
}

pub(super) fn named(name: &str) -> Value {
    json!({"name": name})
}

pub(super) fn on(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

fn plain(projection: Projection) -> Service {
    under(projection, ActionNames::Plain, &capabilities())
}

#[tokio::test]
async fn action_takes_the_name_as_it_is() {
    let service = plain(Projection::Action);
    for (name, resource, decision) in [
        ("memory_search", resource(), true),
        ("memory_search", on("tool", "memory_erase"), true),
        ("web/fetch", resource(), true),
        ("Memory_search", resource(), false),
        ("memory_search ", resource(), false),
        ("", resource(), false),
        ("tools/call", on("tool", "memory_search"), false),
    ] {
        service.holds(&named(name), &resource, Action(name, decision)).await;
    }
}

#[tokio::test]
async fn coaz_covers_a_closed_list() {
    let all = [
        ("tools/call", &["tool"][..]),
        ("resources/read", &["resource"]),
        ("resources/subscribe", &["resource"]),
        ("resources/unsubscribe", &["resource"]),
        ("prompts/get", &["prompt"]),
        ("completion/complete", &["prompt", "resource"]),
        ("tasks/get", &["task"]),
        ("tasks/result", &["task"]),
        ("tasks/cancel", &["task"]),
        ("initialize", &["mcp_server"]),
        ("tools/list", &["mcp_server"]),
        ("resources/list", &["mcp_server"]),
        ("prompts/list", &["mcp_server"]),
        ("logging/setLevel", &["mcp_server"]),
        ("tasks/list", &["mcp_server"]),
    ];
    let service = plain(Projection::Coaz);
    for (method, covered) in all {
        for kind in ["tool", "resource", "prompt", "task", "mcp_server", "Tool", "mcp_tool", ""] {
            let name = if method == "tools/call" { "memory_search" } else { method };
            let expected =
                if covered.contains(&kind) { Action(name, ["memory_search", "tools/list"].contains(&name)) } else { Uncovered };
            service.holds(&named(method), &on(kind, "memory_search"), expected).await;
        }
    }
}

#[tokio::test]
async fn coaz_lets_no_tool_borrow_from_a_method() {
    let service = plain(Projection::Coaz);
    let call = named("tools/call");
    for (id, expected) in [
        ("memory_erase", Action("memory_erase", false)),
        ("web/fetch", Action("web/fetch", true)),
        ("Tools/list", Action("Tools/list", false)),
        ("tools/list ", Action("tools/list ", false)),
        ("notifications", Action("notifications", false)),
        ("tools/list", Uncovered),
        ("tools/call", Uncovered),
        ("initialize", Uncovered),
        ("ping", Uncovered),
        ("notifications/initialized", Uncovered),
        ("notifications/", Uncovered),
        ("server/discover", Uncovered),
        ("", Uncovered),
    ] {
        service.holds(&call, &on("tool", id), expected).await;
    }
    for (name, resource) in [
        ("get_customer", on("customer", "7")),
        ("memory_search", on("tool", "memory_search")),
        ("ping", on("mcp_server", "x")),
        ("notifications/initialized", on("mcp_server", "x")),
        ("server/discover", on("mcp_server", "x")),
        ("subscriptions/listen", on("mcp_server", "x")),
        ("resources/templates/list", on("mcp_server", "x")),
        ("Tools/Call", on("tool", "memory_search")),
        ("tools/call ", on("tool", "memory_search")),
        ("", on("tool", "memory_search")),
    ] {
        service.holds(&named(name), &resource, Uncovered).await;
    }
}

#[tokio::test]
async fn policy_backend_takes_the_tool_that_is_named_twice() {
    let service = plain(Projection::PolicyBackend);
    let action = |name: &str, operation: Value| json!({"name": name, "properties": {"resource_type": "mcp_tool", "operation_ref_id": operation}});
    for (name, operation, expected) in [
        ("memory_search", json!("op:tool:memory_search"), Action("memory_search", true)),
        ("memory_erase", json!("op:tool:memory_erase"), Action("memory_erase", false)),
        ("web/fetch", json!("op:tool:web/fetch"), Action("web/fetch", true)),
        ("op:tool:x", json!("op:tool:op:tool:x"), Action("op:tool:x", false)),
        ("invoke", json!("op:tool:memory_search"), Uncovered),
        ("memory_search", json!("op:tool:memory_erase"), Uncovered),
        ("memory_search", json!("op:tool:"), Uncovered),
        ("", json!("op:tool:"), Uncovered),
        ("unknown", json!("op:tool:unknown"), Uncovered),
        ("memory_search", json!(7), Uncovered),
        ("memory_search", json!(null), Uncovered),
        ("memory_search", json!(["op:tool:memory_search"]), Uncovered),
        ("memory_search", json!("OP:TOOL:memory_search"), Uncovered),
        ("memory_search", json!("memory_search"), Uncovered),
        ("memory_search", json!(" op:tool:memory_search"), Uncovered),
    ] {
        // The resource is not looked at.
        for resource in [on("mcp_tool", "memory_search"), on("mcp_tool", "memory_erase"), on("", "")] {
            service.holds(&action(name, operation.clone()), &resource, expected).await;
        }
    }
    service.holds(&named("memory_search"), &on("mcp_tool", "memory_search"), Uncovered).await;
    // What the client really sends.
    let sent = json!({
        "subject": {"type": "ai_agent", "id": "auth:agent:agentmesh:a1", "properties": {}},
        "action": {"name": "memory_search", "properties": {"resource_type": "mcp_tool", "operation_ref_id": "op:tool:memory_search"}},
        "resource": {"type": "mcp_tool", "id": "memory_search", "properties": {}},
        "context": {"pdp_application": "demo", "k": 1},
    });
    assert_eq!(service.evaluated(&sent).await["decision"], true);
}

#[tokio::test]
async fn apparitor_has_four_verbs() {
    let service = plain(Projection::Apparitor);
    let execute = "tool_call.execute";
    for (name, resource, expected) in [
        (execute, on("mcp_tool", "files/memory_search"), Action("memory_search", true)),
        (execute, on("mcp_tool", "Files/memory_search"), Action("memory_search", true)),
        (execute, on("mcp_tool", "files/memory_erase"), Action("memory_erase", false)),
        (execute, on("tool", "memory_search"), Action("memory_search", true)),
        (execute, on("tool", "web/fetch"), Action("web/fetch", true)),
        (execute, on("tool", "other"), Action("other", false)),
        ("resource.read", on("mcp_resource", "data://x"), Action("resource.read", false)),
        ("prompt.get", on("mcp_prompt", "Files/hello"), Action("prompt.get", false)),
        ("agent.invoke", on("a2a_agent", "a"), Action("agent.invoke", false)),
        ("agent.invoke", on("a2a_skill", "a"), Action("agent.invoke", false)),
        (execute, on("mcp_tool", "memory_search"), Uncovered),
        (execute, on("mcp_tool", "files/"), Uncovered),
        (execute, on("mcp_tool", "/memory_search"), Uncovered),
        (execute, on("mcp_tool", "/"), Uncovered),
        (execute, on("mcp_tool", "a/b/memory_search"), Uncovered),
        (execute, on("mcp_tool", "files/resource.read"), Uncovered),
        (execute, on("tool", ""), Uncovered),
        (execute, on("tool", "resource.read"), Uncovered),
        (execute, on("tool", "tool_call.execute"), Uncovered),
        (execute, on("tool", "prompt.get"), Uncovered),
        (execute, on("tool", "agent.invoke"), Uncovered),
        (execute, on("tool", "tools/list"), Uncovered),
        (execute, on("mcp_resource", "memory_search"), Uncovered),
        (execute, on("Tool", "memory_search"), Uncovered),
        ("resource.read", on("tool", "memory_search"), Uncovered),
        ("prompt.get", on("mcp_resource", "x"), Uncovered),
        ("agent.invoke", on("mcp_tool", "files/memory_search"), Uncovered),
        ("memory_search", on("tool", "memory_search"), Uncovered),
        ("Tool_Call.Execute", on("tool", "memory_search"), Uncovered),
        ("", on("tool", "memory_search"), Uncovered),
    ] {
        service.holds(&named(name), &resource, expected).await;
    }
    let verbs = json!([{"cap_id": "A", "risk_class": "A", "allow_actions": ["resource.read", "prompt.get", "agent.invoke"], "deny_actions": []}]);
    let service = under(Projection::Apparitor, ActionNames::Plain, &verbs);
    service.holds(&named("resource.read"), &on("mcp_resource", "data://x"), Action("resource.read", true)).await;
    service.holds(&named("prompt.get"), &on("mcp_prompt", "Files/hello"), Action("prompt.get", true)).await;
    service.holds(&named("agent.invoke"), &on("a2a_skill", "a"), Action("agent.invoke", true)).await;
    service.holds(&named("tool_call.execute"), &on("tool", "resource.read"), Uncovered).await;
}

/// The client folds names before it asks, so that two tools arrive as one: what denies either denies both.
#[tokio::test]
async fn apparitor_denies_what_goes_by_the_name_of_a_denied_tool() {
    let capabilities = json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": ["memory_erase", "search", "Upper", "plain", "é", "resource.read"], "deny_actions": []},
        {"cap_id": "B", "risk_class": "D", "allow_actions": [], "deny_actions": ["Memory_Erase", "SEARCH", "É", "other", "Resource.Read", "plain/x"]},
    ]);
    let service = under(Projection::Apparitor, ActionNames::Plain, &capabilities);
    let execute = named("tool_call.execute");
    for (id, decision) in
        [("memory_erase", false), ("search", false), ("é", false), ("plain", true), ("upper", false), ("Upper", true)]
    {
        service.holds(&execute, &on("tool", id), Action(id, decision)).await;
        service.holds(&execute, &on("mcp_tool", &format!("files/{id}")), Action(id, decision)).await;
    }
    let body = json!({"subject": subject(), "action": execute, "resource": on("tool", "memory_erase")});
    let answer = service.evaluated(&body).await;
    let context = &answer["context"];
    assert_eq!((&context["cap_id"], &context["risk_class"], &context["reasons"]), (&json!("B"), &json!("D"), &json!(["B"])));
    assert_eq!(context["reason"], "`B` denies `Memory_Erase`, and this client asks about both under one name");
    let text = service.get("/metrics").await.text;
    assert!(text.contains("genome_decisions_total{cap_id=\"B\",outcome=\"deny\"} "), "{text}");
    assert!(service.get("/").await.text.contains("Memory_Erase"));
    // A verb is no tool.
    service.holds(&named("resource.read"), &on("mcp_resource", "x"), Action("resource.read", true)).await;
    // Others do not fold.
    let coaz = under(Projection::Coaz, ActionNames::Plain, &capabilities);
    coaz.holds(&named("tools/call"), &on("tool", "memory_erase"), Action("memory_erase", true)).await;
}

/// Names are never shortened, folded or decoded: each is just one that nobody named.
#[tokio::test]
async fn hostile_names_are_names_that_nobody_named() {
    let long = "x".repeat(900_000);
    let hostile = [
        "memory_se\u{200b}arch",
        "memory_search\u{0}",
        "\u{0}",
        "memory\u{5f}search\u{301}",
        "e\u{301}",
        "../memory_search",
        "a/../memory_search",
        "memory_search\n",
        "memory%5Fsearch",
        "memory_search\u{202e}",
        "ｍemory_search",
        &long,
    ];
    for projection in Projection::ALL {
        let service = plain(projection);
        for name in hostile {
            let (action, resource) = match projection {
                Projection::Action => (named(name), resource()),
                Projection::Coaz => (named("tools/call"), on("tool", name)),
                Projection::PolicyBackend => {
                    let half = if name.len() > 400_000 { &name[..400_000] } else { name };
                    (json!({"name": half, "properties": {"operation_ref_id": format!("op:tool:{half}")}}), resource())
                }
                Projection::Apparitor => (named("tool_call.execute"), on("tool", name)),
            };
            let body = json!({"subject": subject(), "action": action, "resource": resource});
            let answer = service.asked(EVALUATION, &body).await;
            assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!(false)), "{projection}");
            assert!(answer.text.len() < 2000 && answer.json()["context"].get("covered").is_none(), "{projection}: {}", answer.text);
        }
    }
}

/// What is missing is missing under each projection, also where it would not be looked at.
#[tokio::test]
async fn validation_comes_first() {
    for projection in Projection::ALL {
        let service = plain(projection);
        let mut body = whole();
        body.as_object_mut().unwrap().remove("resource");
        assert_eq!(service.asked(EVALUATION, &body).await.status, 400, "{projection}");
        body["evaluations"] = json!([{}]);
        let answers = service.evaluated_all(&body).await;
        assert_eq!(answers[0]["context"]["error"]["pointer"], "/evaluations/0/resource", "{projection}");
        assert_eq!(answers[0]["context"]["projection"], projection.as_str());
    }
}

#[tokio::test]
async fn the_projection_is_shown() {
    for projection in Projection::ALL {
        let service = plain(projection);
        assert_eq!(service.get("/genome").await.json()["authzen"], json!({"projection": projection.as_str()}));
        assert_eq!(service.evaluated(&whole()).await["context"]["projection"], projection.as_str());
        let shown = format!("AuthZEN projection</dt><dd><code>{projection}</code>");
        assert!(service.get("/").await.text.contains(&shown), "{projection}");
        assert_eq!(projection.as_str().parse(), Ok(projection));
    }
    for other in ["", "Action", "coaz ", "opa"] {
        assert!(other.parse::<Projection>().unwrap_err().to_string().contains("authzen-policy-backend"), "{other}");
    }
}
