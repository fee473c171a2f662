//! `/decisions`: the request is read strictly, and whatever is wrong with it is said.

use crate::body;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use genome::json::{self, Member, Text, Value};
use genome_json::text::Quoted;
use percent_encoding::percent_decode_str;

/// How many actions may be asked about at once.
const MOST_ACTIONS: usize = 10_000;

/// Room for an answer of the usual size.
const ROOM: usize = 384;

/// `POST /decisions`: one object, or an array of them, and the answer has the same shape.
pub(crate) async fn decide(point: &DecisionPoint, request: Request) -> Result<Response, Problem> {
    require_json(request.headers())?;
    let body = body::read(request.into_body(), &point.bodies).await?;
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
        return Err(Problem::at(at(&escaped), format!("{} is not known here", Quoted(&shown)), HINT));
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
