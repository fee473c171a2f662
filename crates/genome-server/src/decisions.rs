//! `/decisions`: the request is read strictly, and whatever is wrong with it is said.

use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use genome::json::{self, Member, Text, Value};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;

/// How large a request may be, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// How many actions may be asked about at once.
const MOST_ACTIONS: usize = 10_000;

/// How long a client may take to send a request's body.
const PATIENCE: Duration = Duration::from_secs(10);

/// Room for an answer of the usual size.
const ROOM: usize = 384;

/// `POST /decisions`: one object, or an array of them, and the answer has the same shape.
pub(crate) async fn decide(point: &DecisionPoint, request: Request) -> Result<Response, Problem> {
    require_json(request.headers())?;
    let body = collect(request.into_body()).await?;
    let value = json::parse(&body)?;
    let mut out;
    match &value {
        Value::Array(items) if items.len() > MOST_ACTIONS => {
            let detail = format!("{} actions are asked about, and {MOST_ACTIONS} is the most", items.len());
            return Err(Problem::at(String::new(), detail, "ask about fewer at once"));
        }
        Value::Array(items) => {
            // All of them are read before the first is decided.
            let actions = items.iter().enumerate().map(|(index, item)| action(item, Some(index)));
            let actions: Vec<&Text<'_>> = actions.collect::<Result<_, _>>()?;
            out = String::with_capacity(actions.len() * ROOM);
            out.push('[');
            for (index, action) in actions.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                point.rule(action).1.write(&mut out, action);
            }
            out.push(']');
        }
        one => {
            let action = action(one, None)?;
            out = String::with_capacity(ROOM);
            point.rule(action).1.write(&mut out, action);
        }
    }
    Ok(answered(out))
}

/// `GET /decisions?action=NAME`: what would be answered, for somebody who is not about to act. It is not counted.
pub(crate) fn look_up(point: &DecisionPoint, uri: &Uri) -> Result<Response, Problem> {
    let missing = || {
        let hint = "ask for /decisions?action=NAME, or POST {\"action\": \"NAME\"}";
        Problem::new(StatusCode::BAD_REQUEST, "the query names no action", hint)
    };
    let action = asked_action(uri)?.ok_or_else(missing)?;
    let mut out = String::with_capacity(ROOM);
    point.look_up(&action).1.write(&mut out, &action.clone().into());
    Ok(answered(out))
}

fn answered(mut json: String) -> Response {
    // For those who read it on a terminal.
    json.push('\n');
    reply::fresh(StatusCode::OK, &reply::JSON, json)
}

/// The `action` of a query, as a form sends it (`application/x-www-form-urlencoded`), if there is one.
pub(crate) fn asked_action(uri: &Uri) -> Result<Option<String>, Problem> {
    let fields = uri.query().unwrap_or_default().split('&').filter_map(|field| field.split_once('='));
    let mut values = fields.filter(|(name, _)| *name == "action").map(|(_, value)| value);
    let Some(value) = values.next() else { return Ok(None) };
    let bad = |detail: &str| Problem::new(StatusCode::BAD_REQUEST, detail, "name one action, percent-encoded in UTF-8");
    if values.next().is_some() {
        return Err(bad("the query names more than one action"));
    }
    let plain = value.replace('+', " ");
    match percent_decode_str(&plain).decode_utf8() {
        Ok(action) => Ok(Some(action.into_owned())),
        Err(_) => Err(bad("the action is not UTF-8")),
    }
}

/// The action of an object that names one and nothing else; in an array, of the item at this index.
fn action<'v>(value: &'v Value<'v>, item: Option<usize>) -> Result<&'v Text<'v>, Problem> {
    const HINT: &str = "send {\"action\": \"NAME\"}, or an array of such objects";
    let place = || item.map(|index| format!("/{index}")).unwrap_or_default();
    let at = |name: &str| format!("{}/{name}", place());
    let Value::Object(members) = value else {
        return Err(Problem::at(place(), format!("expected an object, found {}", value.kind()), HINT));
    };
    // A field that is passed over could be the one that its sender relies on.
    if let Some(Member { name, .. }) = members.iter().find(|member| &*member.name != "action") {
        let shown: String = name.chars().take(80).collect();
        let escaped = shown.replace('~', "~0").replace('/', "~1");
        return Err(Problem::at(at(&escaped), format!("`{shown}` is not known here"), HINT));
    }
    match members.first() {
        Some(Member { value: Value::String(action), .. }) => Ok(action),
        Some(Member { value, .. }) => Err(Problem::at(at("action"), format!("expected a string, found {}", value.kind()), HINT)),
        None => Err(Problem::at(place(), "`action` is missing", HINT)),
    }
}

/// A page of another site can make a browser send a form or plain text, but not this.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    if essence.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Ok(());
    }
    let detail = "the body is not said to be application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, "send `Content-Type: application/json`"))
}

async fn collect(body: Body) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("the body is larger than {MOST_BYTES} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail, "ask about fewer actions at once").closing()
    };
    if body.size_hint().lower() > MOST_BYTES as u64 {
        return Err(too_large());
    }
    let mut whole = pin!(Limited::new(body, MOST_BYTES).collect());
    let collected = match second_look(whole.as_mut()).await {
        Some(collected) => Ok(collected),
        None => timeout(PATIENCE, whole).await,
    };
    match collected {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            let detail = "the body ended before it was complete";
            Err(Problem::new(StatusCode::BAD_REQUEST, detail, "send all of it").closing())
        }
        Err(_) => {
            let detail = format!("the body did not come within {} seconds", PATIENCE.as_secs());
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, detail, "send it faster").closing())
        }
    }
}

/// What is there when it is asked for a second time, and at once: hyper hands over what came together with the head when it has been
/// asked for it. Nearly every body is there then, and needs no timer.
async fn second_look<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut has_looked = false;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if has_looked => Poll::Ready(None),
        Poll::Pending => {
            has_looked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}
