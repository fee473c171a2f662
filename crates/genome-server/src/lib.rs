//! The policy decision point: a verified genome, asked over HTTP what it allows.
//!
//! `genome-server` is this library, a listener, and the way to the one verifier. A program that is written in Rust can embed the
//! [`router`] in its own `axum` server, or ask a [`DecisionPoint`] without any HTTP.
//!
//! | to | use |
//! |---|---|
//! | hold the verified genome, for as long as the program runs | [`Active`], which takes a [`Verified`](genome::Verified) genome and nothing else: one that a trust policy trusts, or one that was accepted by [`genome::dangerous::accept_self_declared`] |
//! | add warnings for people and programs | [`Active::with_warnings`]; those of the verifier are there already |
//! | decide, count and remember denials | [`DecisionPoint`] |
//! | answer over HTTP | [`router`], which `openapi.json` describes |
//! | write down what was decided over HTTP | [`DecisionPoint::with_decision_log`], whose [`DecisionRecords`] no answer waits for |
//! | say how clients of OpenID AuthZEN are understood | [`DecisionPoint::with_authzen`] these [`AuthzenSettings`] |
//! | let a proxy ask by headers | [`DecisionPoint::with_header_authorization`] at these paths ([`HeaderAuthorization`]) |
//! | say how the actions of MCP are named | [`DecisionPoint::with_action_names`] |
//! | keep out the pages of other sites | [`DecisionPoint::for_loopback`], or [`DecisionPoint::for_hosts`] with each [`AllowedHost`] |
//! | listen, with limits, at several sockets | [`listener::serve_until`]; [`for_any_host`] where no browser reaches one of them |
//! | remember failed boots across restarts | [`Boots`] |
//!
//! # What it does not do
//!
//! - It verifies nothing and never loads another genome: whoever makes an [`Active`] has verified it, and a restart loads the next.
//! - It does not ask who asks. Whoever reaches it may read the genome and ask about actions; nobody can change anything. On the loopback,
//!   [`DecisionPoint::for_loopback`] keeps out the pages of other sites, which reach it by way of a browser.
//! - It does not enforce. The program that asks must obey the answer.
//!
//! # Example
//!
//! ```
//! use genome::{TrustPolicy, Verifier};
//! use genome_server::{Active, DecisionPoint, router};
//! use std::sync::Arc;
//! use std::time::SystemTime;
//!
//! # fn application(document: Vec<u8>, policy: &[u8]) -> Result<axum::Router, Box<dyn std::error::Error>> {
//! let policy = TrustPolicy::read(policy)?;
//! let genome = Verifier::trusting(&policy, SystemTime::now()).verify(&document)?;
//! let point = Arc::new(DecisionPoint::new(Active::new(genome, document, SystemTime::now()))?);
//!
//! // In process:
//! if !point.decide("memory_search").is_allowed() {
//!     // ... the action does not happen.
//! }
//! // Over HTTP, beside what else the program serves:
//! let application = axum::Router::new().nest("/policy", router(point));
//! # Ok(application)
//! # }
//! ```

mod active;
mod answer;
mod authorize;
mod authzen;
mod body;
mod boots;
mod collector;
mod decision_log;
mod decisions;
mod denials;
mod disk;
mod endpoint;
mod handlers;
mod host;
mod json;
pub mod limits;
pub mod listener;
mod metrics;
mod page;
mod point;
mod prepared;
mod problem;
mod query;
mod reply;
mod router;
mod site;
mod warning;

#[cfg(test)]
mod schemas;

pub use active::Active;
pub use answer::decision::{DecisionAnswer, Effect};
pub use authorize::HeaderAuthorization;
pub use authzen::{AuthzenSettings, Projection, ProjectionError, PublicUrl, PublicUrlError};
pub use boots::Boots;
pub use collector::MetricsError;
pub use decision_log::{DecisionRecord, DecisionRecords, SubjectRecord};
pub use endpoint::{ENDPOINTS, Endpoint};
pub use host::{AllowedHost, AllowedHostError};
pub use point::DecisionPoint;
pub use router::{for_any_host, router};
pub use warning::GenomeWarning;
