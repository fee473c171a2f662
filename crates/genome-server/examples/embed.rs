//! A program of one's own that serves the policy decision point beside what else it serves, and asks it before it acts.
//!
//! `cargo run --package genome-server --no-default-features --example embed [GENOME TRUST-POLICY]`; without arguments it trusts the root
//! genome of this repository by its own authority.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::routing::get;
use genome::{Genome, TrustPolicy, Verified, Verifier};
use genome_server::{Active, DecisionPoint, router};
use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::SystemTime;
use std::{env, fs};
use tower::ServiceExt as _;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../genomes/TOTK_ROOT_v1.0.0/genome.json");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    let (genome, document) = verified()?;
    let point = Arc::new(DecisionPoint::new(Active::new(genome, document, SystemTime::now()))?);

    // In process, without any HTTP. It is counted as if it had come over HTTP.
    let decision = point.decide("memory_search");
    writeln!(out, "memory_search may be taken: {} ({decision})", decision.is_allowed())?;

    // Over HTTP, beside other routes. `axum::serve` serves this, as does `genome_server::listener`, which has limits.
    let application = Router::new().route("/", get(|| async { "what this program is for" })).nest("/policy", router(point));
    let question = Request::post("/policy/decisions")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"action": "share_identity"}"#))?;
    let answer = application.oneshot(question).await?;
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await?;
    writeln!(out, "{status}: {}", String::from_utf8_lossy(&body).trim_end())?;
    Ok(())
}

/// A genome that a trust policy trusts, and its bytes. There is no way to serve one that was not verified.
fn verified() -> Result<(Verified<Genome>, Vec<u8>), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let now = SystemTime::now();
    let Some(path) = arguments.next() else {
        let document = fs::read(ROOT)?;
        // For an example: anybody could have made this genome.
        return Ok((genome::dangerous::accept_self_declared(now).verify(&document)?, document));
    };
    let document = fs::read(path)?;
    let policy = TrustPolicy::read(&fs::read(arguments.next().ok_or("name the trust policy, too")?)?)?;
    Ok((Verifier::trusting(&policy, now).verify(&document)?, document))
}
