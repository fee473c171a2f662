//! Random requests with several questions, against an evaluator that knows nothing of how the server does it.

use super::naive::{Said, naive};
use super::{EVALUATION, EVALUATIONS, capabilities, under};
use genome::mcp::ActionNames;
use genome_server::Projection;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
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

const NAMES: [&str; 8] =
    ["memory_search", "memory_erase", "web/fetch", "tools/list", "tools/call", "tool_call.execute", "", "memory_search "];
const TYPES: [&str; 5] = ["tool", "mcp_tool", "mcp_server", "shelf", ""];
const IDS: [&str; 8] = ["memory_search", "memory_erase", "files/memory_search", "a/b/c", "/x", "x/", "tools/list", ""];
const OPERATIONS: [&str; 4] = ["op:tool:memory_search", "op:tool:memory_erase", "op:tool:", "x"];

fn members() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let free = || mostly(object(vec![("a", text(&NAMES)), ("operation_ref_id", text(&OPERATIONS))], 0.4));
    let subject = mostly(object(vec![("type", text(&TYPES)), ("id", text(&IDS)), ("properties", free())], 0.02));
    let action = mostly(object(vec![("name", text(&NAMES)), ("properties", free()), ("more", free())], 0.02));
    let resource = mostly(object(vec![("type", text(&TYPES)), ("id", text(&IDS)), ("properties", free())], 0.02));
    vec![("subject", subject), ("action", action), ("resource", resource), ("context", free()), ("unknown", free())]
}

fn request() -> BoxedStrategy<Value> {
    let items = mostly(prop::collection::vec(mostly(object(members(), 0.5)), 0..6).prop_map(Value::from));
    let semantics: &[&str] = &["execute_all", "deny_on_first_deny", "permit_on_first_permit"];
    let options = mostly(object(vec![("evaluations_semantic", text(semantics)), ("more", text(&NAMES))], 0.2));
    object([members(), vec![("evaluations", items), ("options", options)]].concat(), 0.15)
}

#[test]
fn many_random_requests_are_answered_as_a_naive_evaluator_answers_them() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let services = Projection::ALL.map(|projection| (projection, under(projection, ActionNames::Plain, &capabilities())));
    let mut runner = TestRunner::new(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() });
    let (mut seen_several, mut seen_refused, mut seen_true) = (0, 0, 0);
    let counts = std::cell::RefCell::new((&mut seen_several, &mut seen_refused, &mut seen_true));
    let strategy = (request(), prop::sample::select(vec![EVALUATION, EVALUATIONS, EVALUATIONS, EVALUATIONS]), 0..services.len());
    runner
        .run(&strategy, |(body, path, at)| {
            let (projection, service) = &services[at];
            let expected = naive(*projection, path == EVALUATIONS, &body);
            let answer = runtime.block_on(service.asked(path, &body));
            let said = Said::of(answer.status, &answer.text);
            prop_assert_eq!(&said, &expected, "{} {} {}", projection, path, body);
            let mut counts = counts.borrow_mut();
            match said {
                Said::Refused => *counts.1 += 1,
                Said::One(decision) => *counts.2 += usize::from(decision),
                Said::Several(answers) => {
                    *counts.0 += 1;
                    *counts.2 += answers.iter().filter(|(decision, _)| *decision).count();
                }
            }
            Ok(())
        })
        .unwrap();
    // It says little where hardly anything is answered.
    assert!(seen_several > 300 && seen_refused > 100 && seen_true > 100, "{seen_several} {seen_refused} {seen_true}");
}
