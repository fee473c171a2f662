//! Random requests with several questions, against an evaluator that knows nothing of how the server does it.

use super::naive::{SERVER, Said, capabilities, naive};
use super::{EVALUATION, EVALUATIONS, of_server, under};
use genome::mcp::ActionNames;
use genome_server::Projection;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::cell::RefCell;
use tokio::runtime::Builder;

/// An object with some of these members.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>, absent: f64) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::weighted(1.0 - absent, value).prop_map(move |value| Some((name.to_owned(), value?))))
        .collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

/// What has the right kind nearly always.
fn mostly(right: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    let wrong = prop::sample::select(vec![json!(null), json!(1), json!("x"), json!([]), json!({}), json!([{}])]);
    prop_oneof![30 => right, 1 => wrong].boxed()
}

fn text(texts: &'static [&'static str]) -> BoxedStrategy<Value> {
    mostly(prop::sample::select(texts).prop_map(Value::from))
}

const NAMES: [&str; 11] = [
    "memory_search",
    "memory_erase",
    "web/fetch",
    "tools/list",
    "tools/call",
    "tool_call.execute",
    "resource.read",
    "resources/read",
    "twin",
    "",
    "memory_search ",
];
const TYPES: [&str; 7] = ["tool", "mcp_tool", "mcp_server", "mcp_resource", "resource", "shelf", ""];
const IDS: [&str; 14] = [
    "memory_search",
    "memory_erase",
    "twin",
    "Twin",
    "files/memory_search",
    "files/twin",
    "Files/memory_search",
    "other/memory_search",
    "a/b/c",
    "/x",
    "x/",
    "tools/list",
    "resource.read",
    "",
];
/// Ids of tools, those of twins more often.
const TOOLS: [&str; 8] =
    ["memory_search", "memory_erase", "twin", "files/twin", "files/memory_search", "Files/twin", "tools/list", "resource.read"];
const OPERATIONS: [&str; 4] = ["op:tool:memory_search", "op:tool:memory_erase", "op:tool:", "x"];
const SERVERS: [&str; 3] = ["files", "Files", ""];

/// What clients ask about tools and methods of MCP: among others it would be rare.
fn of_mcp() -> BoxedStrategy<(Value, Value)> {
    let pairs: &[(&str, &str)] = &[
        ("tools/call", "tool"),
        ("tools/list", "mcp_server"),
        ("resources/read", "resource"),
        ("tool_call.execute", "tool"),
        ("tool_call.execute", "mcp_tool"),
        ("resource.read", "mcp_resource"),
    ];
    let properties = object(vec![("server", text(&SERVERS))], 0.2);
    let resource = (prop::sample::select(pairs), text(&TOOLS), properties);
    resource
        .prop_map(|((name, kind), id, properties)| {
            (json!({"name": name}), json!({"type": kind, "id": id, "properties": properties}))
        })
        .boxed()
}

fn members() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let free =
        || mostly(object(vec![("a", text(&NAMES)), ("operation_ref_id", text(&OPERATIONS)), ("server", text(&SERVERS))], 0.4));
    let subject = mostly(object(vec![("type", text(&TYPES)), ("id", text(&IDS)), ("properties", free())], 0.02));
    let action = mostly(object(vec![("name", text(&NAMES)), ("properties", free()), ("more", free())], 0.02));
    let resource = mostly(object(vec![("type", text(&TYPES)), ("id", text(&IDS)), ("properties", free())], 0.02));
    vec![("subject", subject), ("action", action), ("resource", resource), ("context", free()), ("unknown", free())]
}

/// A question, some of which are those of a client of MCP.
fn question(absent: f64) -> BoxedStrategy<Value> {
    let of_mcp = (object(members(), absent), of_mcp()).prop_map(|(mut question, (action, resource))| {
        question["action"] = action;
        question["resource"] = resource;
        question
    });
    prop_oneof![1 => object(members(), absent), 1 => of_mcp].boxed()
}

fn request() -> BoxedStrategy<Value> {
    let items = mostly(prop::collection::vec(mostly(question(0.5)), 0..6).prop_map(Value::from));
    let semantics: &[&str] = &["execute_all", "deny_on_first_deny", "permit_on_first_permit"];
    let options = mostly(object(vec![("evaluations_semantic", text(semantics)), ("more", text(&NAMES))], 0.2));
    let several = object(vec![("evaluations", items), ("options", options)], 0.15);
    let joined = (question(0.15), several).prop_map(|(mut question, several)| {
        question.as_object_mut().unwrap().extend(several.as_object().unwrap().clone());
        question
    });
    joined.boxed()
}

#[test]
fn many_random_requests_are_answered_as_a_naive_evaluator_answers_them() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let services: Vec<_> = Projection::ALL
        .into_iter()
        .flat_map(|projection| [None, Some(SERVER)].map(|server| (projection, server)))
        .map(|(projection, server)| {
            (projection, server, under(projection, server.map_or(ActionNames::Plain, of_server), &capabilities()))
        })
        .collect();
    let mut runner = TestRunner::new(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() });
    let seen = RefCell::new(Seen::default());
    let strategy = (request(), prop::sample::select(vec![EVALUATION, EVALUATIONS, EVALUATIONS, EVALUATIONS]), 0..services.len());
    runner
        .run(&strategy, |(body, path, at)| {
            let (projection, server, service) = &services[at];
            let expected = naive(*projection, *server, path == EVALUATIONS, &body);
            let answer = runtime.block_on(service.asked(path, &body));
            let said = Said::of(answer.status, &answer.text);
            prop_assert_eq!(&said, &expected, "{} {:?} {} {}", projection, server, path, body);
            seen.borrow_mut().add(&said, server.is_some(), &answer.text);
            Ok(())
        })
        .unwrap();
    // It says little where hardly anything is answered.
    let Seen { several, refused, allowed, allowed_of_server, twins } = seen.into_inner();
    assert!(several > 300 && refused > 300, "{several} {refused}");
    assert!(allowed > 200 && allowed_of_server > 80 && twins > 5, "{allowed} {allowed_of_server} {twins}");
}

/// How often what was said.
#[derive(Default)]
struct Seen {
    several: usize,
    refused: usize,
    allowed: usize,
    /// Where actions are named after a server.
    allowed_of_server: usize,
    /// Allowed tools that are denied for another that the client asks about by the same name.
    twins: usize,
}

impl Seen {
    fn add(&mut self, said: &Said, has_server: bool, text: &str) {
        let allowed = match said {
            Said::Refused => {
                self.refused += 1;
                0
            }
            Said::One(decision) => usize::from(*decision),
            Said::Several(answers) => {
                self.several += 1;
                answers.iter().filter(|(decision, _)| *decision).count()
            }
        };
        self.allowed += allowed;
        self.allowed_of_server += if has_server { allowed } else { 0 };
        self.twins += text.matches("asks about both under one name\",\"reason_admin").count();
    }
}
