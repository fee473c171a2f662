//! What it gains that an answer of `/decisions` is ready but for the name of its action: the time of a decision in a request for very many of
//! them, all of it (reading, deciding, counting, writing), beside what `serde_json` alone takes to write the same answers whole. Fails where
//! that is so little that the answers need not be made ready.
//!
//! `cargo bench -p genome-server --bench answers`

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on must stop")]
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use axum::body::Body;
use axum::http::Request;
use genome::dangerous::accept_self_declared;
use genome_json::text::visible_json;
use genome_server::limits::MOST_ACTIONS;
use genome_server::{Active, DecisionAnswer, DecisionPoint, router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use std::{fs, iter};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// How much of the time of a decision it must gain, at least.
const TARGET: f64 = 0.2;

const ROUNDS: usize = 51;

const ACTIONS: [&str; 3] = ["memory_search", "share_identity", "unknown_action"];

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../genomes/TOTK_ROOT_v1.0.0/genome.json");
    let document = fs::read(path).unwrap();
    let genome = accept_self_declared(SystemTime::now()).verify(&document).unwrap();
    let point = Arc::new(DecisionPoint::new(Active::new(genome, document, SystemTime::now())).unwrap());
    let actions: Vec<&str> = ACTIONS.into_iter().cycle().take(MOST_ACTIONS).collect();
    let question = Value::from(actions.iter().map(|action| json!({ "action": action })).collect::<Vec<_>>()).to_string();
    let runtime = Builder::new_current_thread().build().unwrap();
    let router = router(Arc::clone(&point));
    let ask = || answer(&runtime, router.clone().oneshot(request(&question)));
    let write = || written_whole(&point, &actions);
    assert_eq!(ask(), write());
    let (request, whole) = (median(&ask), median(&write));
    let gain = whole.as_secs_f64() / request.as_secs_f64();
    println!("a decision, the median of {ROUNDS} rounds of {MOST_ACTIONS}: {} ns in a request", nanoseconds(request));
    println!("its answer, written by serde_json alone: {} ns, {gain:.2} times that; target: {TARGET}", nanoseconds(whole));
    if gain >= TARGET { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn request(question: &str) -> Request<Body> {
    let request = Request::post("/decisions").header("host", "localhost").header("content-type", "application/json");
    request.body(Body::from(question.to_owned())).unwrap()
}

fn answer<E: std::fmt::Debug>(runtime: &Runtime, answering: impl Future<Output = Result<axum::response::Response, E>>) -> String {
    runtime.block_on(async {
        let body = answering.await.unwrap().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.into()).unwrap()
    })
}

/// The answers to these actions, without what a request costs otherwise. The ceiling is asked, and nothing is counted.
fn written_whole(point: &DecisionPoint, actions: &[&str]) -> String {
    let active = point.active();
    let decisions: Vec<_> = actions.iter().map(|action| active.ceiling().decide(action)).collect();
    let answers = iter::zip(actions, &decisions);
    let answers: Vec<_> = answers.map(|(action, decision)| DecisionAnswer::new(action, decision, active.genome().id())).collect();
    let mut json = serde_json::to_string(&answers).unwrap();
    json.push('\n');
    visible_json(json)
}

fn median(work: &impl Fn() -> String) -> Duration {
    let mut times: Vec<Duration> = iter::repeat_with(|| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    })
    .take(ROUNDS)
    .collect();
    times.sort();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn nanoseconds(time: Duration) -> u128 {
    time.as_nanos() / MOST_ACTIONS as u128
}
