//! A client of the Rust SDK: `rmcp-client SESSIONS` holds the sessions of the file one after the other, and prints what came of each as JSON.

// The legacy era has methods that the modern one has given up.
#![allow(deprecated)]

use rmcp::model::{
    ClientCapabilities, ClientConfig, ClientRequest, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
    ElicitResult, Implementation, ListRootsResult, PingRequest, ProgressNotificationParam, ProtocolVersion,
};
use rmcp::service::{NotificationContext, RequestContext, RunningService, ServiceError};
use rmcp::transport::TokioChildProcess;
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt as _, ErrorData, RoleClient};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::process::Command;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
struct Session {
    era: String,
    command: Vec<String>,
    roots: Value,
    asks: Vec<(String, Value)>,
}

/// What the user of the client answers, and how often progress was told.
struct User {
    roots: Value,
    progress: Arc<AtomicUsize>,
}

/// A value of a type that others have written, from what it is on the wire.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

impl ClientHandler for User {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        let all = json!({"sampling": {}, "roots": {"listChanged": true}, "elicitation": {"form": {}, "url": {}}});
        if let Ok(known) = serde_json::from_value(all) {
            capabilities = known;
        }
        ClientConfig::new(capabilities, Implementation::new("rmcp", "1.0.0"))
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        typed(json!({"model": "m", "role": "assistant", "content": {"type": "text", "text": "a sample"}}))
    }

    async fn create_elicitation(
        &self,
        asked: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        match asked {
            ElicitRequestParams::UrlElicitationParams { .. } => typed(json!({"action": "accept"})),
            _ => typed(json!({"action": "accept", "content": {"name": "blue", "value": "blue"}})),
        }
    }

    async fn list_roots(&self, _: RequestContext<RoleClient>) -> Result<ListRootsResult, ErrorData> {
        typed(json!({"roots": self.roots}))
    }

    async fn on_progress(&self, _: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progress.fetch_add(1, Ordering::Relaxed);
    }
}

async fn ask(client: &RunningService<RoleClient, User>, method: &str, params: Value) -> Outcome<Value> {
    let answer = match method {
        "ping" => {
            client.send_request(ClientRequest::PingRequest(PingRequest::default())).await?;
            json!({})
        }
        "tools/list" => json!(client.list_tools(None).await?),
        "tools/call" => json!(client.call_tool(typed(params)?).await?),
        "resources/list" => json!(client.list_resources(None).await?),
        "resources/templates/list" => json!(client.list_resource_templates(None).await?),
        "resources/read" => json!(client.read_resource(typed(params)?).await?),
        "resources/subscribe" => json!(client.subscribe(typed(params)?).await?),
        "resources/unsubscribe" => json!(client.unsubscribe(typed(params)?).await?),
        "prompts/list" => json!(client.list_prompts(None).await?),
        "prompts/get" => json!(client.get_prompt(typed(params)?).await?),
        "completion/complete" => json!(client.complete(typed(params)?).await?),
        "logging/setLevel" => json!(client.set_level(typed(params)?).await?),
        _ => return Err(format!("what is {method}?").into()),
    };
    Ok(answer)
}

fn refused(error: &(dyn Error + 'static)) -> Value {
    match error.downcast_ref() {
        Some(ServiceError::McpError(error)) => json!(error),
        _ => {
            // The outermost says least.
            let mut said = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                said.push_str(&format!(": {error}"));
                cause = error.source();
            }
            json!({"message": said})
        }
    }
}

async fn hold(session: Session, came: &mut Value, progress: Arc<AtomicUsize>) -> Outcome<()> {
    let (program, arguments) = session.command.split_first().ok_or("a session without a command")?;
    let mut command = Command::new(program);
    command.args(arguments);
    let (transport, user) = (TokioChildProcess::new(command)?, User { roots: session.roots, progress });
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let lifecycle = match session.era.as_str() {
        "auto" => ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
        // It does not take a server that is slow to start for one of the legacy era.
        "modern" => ClientLifecycleMode::Discover { preferred_versions },
        _ => ClientLifecycleMode::Initialize,
    };
    let client = user.serve_with_lifecycle(transport, lifecycle).await?;
    came["server"] = json!(client.peer_info());
    let mut answers = Vec::new();
    for (method, params) in session.asks {
        answers.push(ask(&client, &method, params).await.unwrap_or_else(|error| json!({"error": refused(&*error)})));
    }
    came["answers"] = Value::Array(answers);
    client.cancel().await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let path = std::env::args_os().nth(1).ok_or("rmcp-client SESSIONS")?;
    let sessions: Vec<Session> = serde_json::from_slice(&std::fs::read(path)?)?;
    let mut held = Vec::new();
    for session in sessions {
        let (mut came, progress) = (json!({}), Arc::new(AtomicUsize::new(0)));
        if let Err(error) = hold(session, &mut came, Arc::clone(&progress)).await {
            came["session"] = refused(&*error);
        }
        came["progress"] = json!(progress.load(Ordering::Relaxed));
        held.push(came);
    }
    println!("{}", json!(held));
    Ok(())
}
