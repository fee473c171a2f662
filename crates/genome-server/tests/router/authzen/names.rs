//! The names of actions of MCP (DESIGN section 11), where the operator has named the server.

use super::projections::Expected::{Action, Uncovered};
use super::projections::{named, on};
use super::{of_server, under};
use crate::service::Service;
use genome::Genome;
use genome::mcp::ActionNames;
use genome_server::{AuthzenSettings, Projection};
use serde_json::{Value, json};

fn capabilities() -> Value {
    json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": [
            "files/memory_search", "files/web/fetch", "files/tools/list", "files:tools/list", "files:resources/read", "files:prompts/get", "memory_search",
            "files/erase", "other/x", "files:agent.invoke", "agent.invoke", "files/trimmed",
        ], "deny_actions": ["files/Erase", "files/ trimmed"]},
    ])
}

fn of_files(projection: Projection) -> Service {
    under(projection, of_server("files"), &capabilities())
}

#[tokio::test]
async fn coaz_names_actions_after_the_server() {
    let service = of_files(Projection::Coaz);
    for (name, resource, expected) in [
        ("tools/call", on("tool", "memory_search"), Action("files/memory_search", true)),
        ("tools/call", on("tool", "web/fetch"), Action("files/web/fetch", true)),
        ("tools/call", on("tool", "memory_erase"), Action("files/memory_erase", false)),
        ("tools/list", on("mcp_server", "https://mcp.example"), Action("files:tools/list", true)),
        ("resources/read", on("resource", "data://x"), Action("files:resources/read", true)),
        ("initialize", on("mcp_server", "x"), Action("files:initialize", false)),
        // A tool may go by any name: it never meets that of a method.
        ("tools/call", on("tool", "tools/list"), Action("files/tools/list", true)),
        ("tools/call", on("tool", "ping"), Action("files/ping", false)),
        ("tools/call", on("tool", ""), Uncovered),
        ("ping", on("mcp_server", "x"), Uncovered),
    ] {
        service.holds(&named(name), &resource, expected).await;
    }
    assert_eq!(service.get("/genome").await.json()["authzen"], json!({"projection": "coaz", "mcp_server": "files"}));
    assert!(service.get("/").await.text.contains("MCP server</dt><dd><code>files</code>"));
}

#[tokio::test]
async fn apparitor_asks_about_that_server_alone_and_by_the_same_names() {
    let service = of_files(Projection::Apparitor);
    let execute = "tool_call.execute";
    let resource = |server: Value| json!({"type": "mcp_resource", "id": "data://x", "properties": {"server": server}});
    for (name, resource, expected) in [
        (execute, on("mcp_tool", "files/memory_search"), Action("files/memory_search", true)),
        (execute, on("tool", "memory_search"), Action("files/memory_search", true)),
        (execute, on("tool", "web/fetch"), Action("files/web/fetch", true)),
        (execute, on("mcp_tool", "files/erase"), Action("files/erase", false)),
        (execute, on("tool", "trimmed"), Action("files/trimmed", false)),
        (execute, on("mcp_tool", "files/resource.read"), Action("files/resource.read", false)),
        (execute, on("mcp_tool", "Files/memory_search"), Uncovered),
        (execute, on("mcp_tool", "other/x"), Uncovered),
        (execute, on("mcp_tool", "files/web/fetch"), Uncovered),
        ("resource.read", resource(json!("files")), Action("files:resources/read", true)),
        ("resource.read", resource(json!("Files")), Uncovered),
        ("resource.read", resource(json!(1)), Uncovered),
        ("resource.read", on("mcp_resource", "data://x"), Uncovered),
        ("prompt.get", on("mcp_prompt", "files/hello"), Action("files:prompts/get", true)),
        ("prompt.get", on("mcp_prompt", "other/hello"), Uncovered),
        ("prompt.get", on("mcp_prompt", "hello"), Uncovered),
        // An agent is none of the server.
        ("agent.invoke", on("a2a_agent", "a"), Uncovered),
    ] {
        service.holds(&named(name), &resource, expected).await;
    }
}

#[tokio::test]
async fn the_other_projections_know_no_server() {
    let service = of_files(Projection::Action);
    service.holds(&named("memory_search"), &on("", ""), Action("memory_search", true)).await;
    let service = of_files(Projection::PolicyBackend);
    let action = json!({"name": "memory_search", "properties": {"operation_ref_id": "op:tool:memory_search"}});
    service.holds(&action, &on("", ""), Action("memory_search", true)).await;
}

#[test]
fn what_is_never_asked_is_warned_of() {
    let service = of_files(Projection::Action);
    let capabilities = json!([
        {"cap_id": "A", "risk_class": "A", "allow_actions": ["Upper", "ok", "files/ Padded", "files/ok", "Denied"], "deny_actions": []},
        // One is allowed twice, and the other denied.
        {"cap_id": "B", "risk_class": "A", "allow_actions": ["Upper"], "deny_actions": ["Denied"]},
    ]);
    let other = under(Projection::Action, ActionNames::Plain, &capabilities);
    let warned = |genome: &Genome, projection, names| {
        let settings = AuthzenSettings { projection, public_url: None };
        settings.warnings(genome, &names).into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    let genome = other.point.active().genome();
    let plain = warned(genome, Projection::Apparitor, ActionNames::Plain);
    assert_eq!(plain, ["the genome allows `Upper` and 1 more, but the client of the projection `apparitor` never asks for that"]);
    let of_files = warned(genome, Projection::Apparitor, of_server("files"));
    assert_eq!(of_files, ["the genome allows `files/ Padded`, but the client of the projection `apparitor` never asks for that"]);
    assert!(warned(genome, Projection::Coaz, ActionNames::Plain).is_empty());
    assert!(warned(service.point.active().genome(), Projection::Apparitor, of_server("files")).is_empty());
}
