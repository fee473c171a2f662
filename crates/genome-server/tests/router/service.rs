//! A genome that is served, and asked without a listener.

use crate::decisions::Coming;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, HeaderValue, Request};
use axum::response::Response;
use genome::dangerous::accept_self_declared;
use genome::mcp::ActionNames;
use genome::{Digest, Document, Genome, PrivateKey, Timestamp, TrustPolicy, Verified, Verifier};
use genome_server::{Active, AuthzenSettings, DecisionPoint, GenomeWarning, HeaderAuthorization, router};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::convert::Infallible;
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

pub(crate) const DOCUMENT: &str = "/genome/document";

/// Text that means something in HTML, in JSON and in the text format of Prometheus.
pub(crate) const HOSTILE: &str = r#"<b>"&'\</b>{}<!-- denials -->"#;

/// The router of a genome with two capabilities.
pub(crate) struct Service {
    pub(crate) point: Arc<DecisionPoint>,
    pub(crate) document: String,
    pub(crate) id: String,
    router: Router,
}

/// What it answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) headers: HeaderMap,
}

impl Answer {
    /// A header, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Every value of a header, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&[u8]> {
        self.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Clients whose bodies have not come to their end.
pub(crate) struct HeldBodies(Vec<(Sender<Bytes>, Answering)>);

type Answering = JoinHandle<Result<Response, Infallible>>;

impl HeldBodies {
    /// Ends their connections.
    pub(crate) async fn let_go(self) {
        for (_sender, answered) in self.0 {
            answered.abort();
            assert!(answered.await.unwrap_err().is_cancelled());
        }
    }
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::of(&format!("{}\n \t", signed()))
    }

    /// So many capabilities of all risk classes, each of which allows so many actions.
    pub(crate) fn with_capabilities(number: usize, actions: usize) -> Self {
        let capability = |at: usize| {
            let risk = ["A", "B", "C", "D"][at % 4];
            let allow: Vec<String> = (0..actions).map(|action| format!("action-{at}-{action}")).collect();
            serde_json::json!({"cap_id": format!("CAP-{at}"), "risk_class": risk, "allow_actions": allow, "deny_actions": []})
        };
        Self::of(&signed_with(&(0..number).map(capability).collect()))
    }

    /// One that pins these actions, which it allows.
    pub(crate) fn pinning(actions: &[String]) -> Self {
        let capability = serde_json::json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": actions, "deny_actions": []});
        let pin = |action: &String| serde_json::json!({"action": action, "sha256": Digest::of(action.as_bytes()).to_string()});
        let pins: Vec<Value> = actions.iter().map(pin).collect();
        Self::of(&signed_pinning(&serde_json::json!([capability]), &pins))
    }

    /// Only its own authority vouches for the genome.
    pub(crate) fn of(document: &str) -> Self {
        Self::serving(accept_self_declared(SystemTime::now()).verify(document.as_bytes()).unwrap(), document, Vec::new())
    }

    /// The same genome, and a trust policy that names its signer: there is nothing to warn of.
    pub(crate) fn trusted() -> Self {
        let document = signed();
        let signer = serde_json::from_str::<Value>(&document).unwrap()["authority"]["signers"][0].to_string();
        let policy = TrustPolicy::read(signer.as_bytes()).unwrap();
        let genome = Verifier::trusting(&policy, SystemTime::now()).verify(document.as_bytes()).unwrap();
        Self::serving(genome, &document, Vec::new())
    }

    pub(crate) fn serving(genome: Verified<Genome>, document: &str, warnings: Vec<GenomeWarning>) -> Self {
        let id = genome.id().to_string();
        let loaded_at: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let loaded_at = SystemTime::UNIX_EPOCH + Duration::from_secs(loaded_at.unix_seconds().try_into().unwrap());
        let active = Active::new(genome, document.into(), loaded_at).with_warnings(warnings);
        let point = Arc::new(DecisionPoint::new(active).unwrap());
        Self { router: router(Arc::clone(&point)), point, document: document.to_owned(), id }
    }

    /// The same for a server that listens to its own machine.
    pub(crate) fn for_loopback(self) -> Self {
        let active = Active::new(self.point.active().genome().clone(), self.document.clone().into(), SystemTime::now());
        let point = Arc::new(DecisionPoint::new(active).unwrap().for_loopback());
        Self { router: router(Arc::clone(&point)), point, ..self }
    }

    /// One that answers only its own machine, or everybody, and AuthZEN in this way.
    pub(crate) fn with_authzen(self, settings: AuthzenSettings, is_for_loopback: bool) -> Self {
        let active = Active::new(self.point.active().genome().clone(), self.document.clone().into(), SystemTime::now());
        let point = DecisionPoint::new(active).unwrap().with_authzen(settings);
        let point = Arc::new(if is_for_loopback { point.for_loopback() } else { point });
        Self { router: router(Arc::clone(&point)), point, ..self }
    }

    /// The same as it was made last, where a proxy may ask by headers.
    pub(crate) fn with_header_authorization(self, headers: HeaderAuthorization) -> Self {
        self.with(|point| point.with_header_authorization(headers))
    }

    /// The same as it was made last, where actions of MCP are so named.
    pub(crate) fn with_action_names(self, names: ActionNames) -> Self {
        self.with(|point| point.with_action_names(names))
    }

    fn with(self, change: impl FnOnce(DecisionPoint) -> DecisionPoint) -> Self {
        drop(self.router);
        let point = Arc::new(change(Arc::into_inner(self.point).unwrap()));
        Self { router: router(Arc::clone(&point)), point, ..self }
    }

    /// The same, with a warning that the verifier knows nothing of.
    pub(crate) fn warning(self) -> Self {
        let warning = GenomeWarning::new("there was no state", "expect it the first time").about_file("state.json");
        Self::serving(self.point.active().genome().clone(), &self.document, vec![warning])
    }

    /// The same, which looks at this file.
    pub(crate) fn watching(self, path: PathBuf) -> Self {
        let active = Active::new(self.point.active().genome().clone(), self.document.clone().into(), SystemTime::now());
        let point = Arc::new(DecisionPoint::new(active).unwrap().watching(path));
        Self { router: router(Arc::clone(&point)), point, ..self }
    }

    /// The same with another router.
    pub(crate) fn asking(self, router: Router) -> Self {
        Self { router, ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    /// `POST /decisions` as it is meant.
    pub(crate) async fn post(&self, body: impl Into<Body>) -> Answer {
        self.ask("POST", "/decisions", &[("content-type", "application/json")], body).await
    }

    /// Clients that have sent so much that hardly anything more may be held.
    pub(crate) async fn hold_bodies(&self) -> HeldBodies {
        let mut clients = Vec::new();
        for _ in 0..64 {
            let (sender, pieces) = channel(1);
            let request = Request::post("/decisions").header("host", "localhost").header("content-type", "application/json");
            let request = request.body(Body::new(Coming(pieces))).unwrap();
            let answered = tokio::spawn(self.router.clone().oneshot(request));
            sender.send(vec![b' '; 1024 * 1024 - 1].into()).await.unwrap();
            // There is room for another once this one was taken.
            drop(sender.reserve().await.unwrap());
            clients.push((sender, answered));
        }
        HeldBodies(clients)
    }

    /// The request is for `localhost`, if its headers name no host.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let host = [("host", "localhost")];
        let host = if headers.iter().any(|(name, _)| *name == "host") { &[][..] } else { &host };
        let headers = host.iter().chain(headers);
        let request =
            headers.fold(Request::builder().method(method).uri(path), |request, (name, value)| request.header(*name, *value));
        self.send(request, body).await
    }

    pub(crate) async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), text: String::from_utf8(bytes.into()).unwrap(), headers: parts.headers }
    }
}

fn signed() -> String {
    signed_with(&serde_json::json!([
        {"cap_id": HOSTILE, "risk_class": "C", "allow_actions": [HOSTILE], "deny_actions": []},
        {"cap_id": "CAP-MEMORY", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": ["memory_erase"]},
    ]))
}

pub(crate) fn signed_with(capabilities: &Value) -> String {
    signed_pinning(capabilities, &[])
}

/// The same with pins.
pub(crate) fn signed_pinning(capabilities: &Value, pins: &[Value]) -> String {
    // Another in each run: with one that stands here, the genome would be that of a published test key.
    static DRAWN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));
    let drawn = Digest::of(&DRAWN.to_le_bytes());
    let key = PrivateKey::from_seed(drawn.as_bytes());
    let signer = serde_json::json!({"key_id": "ops-1", "alg": "ed25519", "public_key": key.public_key().to_string()});
    let mut draft = serde_json::json!({
        "schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [], "created_at": "2026-01-31T00:00:00Z",
        "authority": {"signers": [signer], "threshold": 1},
        "invariants": [{"id": HOSTILE, "severity": "HIGH", "testable_claim": "a claim\u{202e}", "enforcement_hook": "gate"}],
        "capabilities": capabilities,
        "build_manifest": {"files": []},
    });
    if !pins.is_empty() {
        draft["schema_version"] = "genome.v0.2".into();
        draft["tools"] = pins.into();
    }
    let draft = draft.to_string();
    let mut document = Document::read(draft.as_bytes()).unwrap();
    document.sign(None, &key, &[]).unwrap();
    document.to_json()
}
