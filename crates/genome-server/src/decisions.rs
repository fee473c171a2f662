//! `/decisions`: the request is read strictly, and its faults are reported.

use crate::decision_log::Asker;
use crate::limits::MOST_ACTIONS;
use crate::problem::Problem;
use crate::query::asked_action;
use crate::reply;
use crate::site::Site;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use genome_json::text::Quoted;
use genome_json::{Member, Text, Value, parse};

/// The path of decisions.
pub(crate) const PATH: &str = "/decisions";

/// Room for an answer of the usual size.
const ROOM: usize = 384;

/// `POST /decisions`: one object, or an array of them, and the answer has the same shape.
pub(crate) fn decide(site: &Site, headers: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let point = &site.point;
    let asker = Asker { headers, route: PATH, projection: None, subject: None };
    let write = |out: &mut String, action: &Text<'_>| {
        point.decide_for(&asker, action).1.write(out, action);
    };
    let value = parse(body)?;
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
                write(&mut out, action);
            }
            out.push(']');
        }
        one => {
            let action = action(one, None)?;
            out = String::with_capacity(ROOM);
            write(&mut out, action);
        }
    }
    Ok(reply::json_line(out))
}

/// `GET /decisions?action=NAME`: what would be answered, for a caller who is not about to act. It is not counted.
pub(crate) fn peek(site: &Site, uri: &Uri) -> Result<Response, Problem> {
    let missing = || {
        let hint = "ask for /decisions?action=NAME, or POST {\"action\": \"NAME\"}";
        Problem::new(StatusCode::BAD_REQUEST, "the query names no action", hint)
    };
    let action = asked_action(uri)?.ok_or_else(missing)?;
    let mut out = String::with_capacity(ROOM);
    site.point.peek(&action).1.write(&mut out, &action);
    Ok(reply::json_line(out))
}

/// The action of an object that names one and nothing else; in an array, of the item at this index.
fn action<'v>(value: &'v Value<'v>, item: Option<usize>) -> Result<&'v Text<'v>, Problem> {
    const HINT: &str = "send {\"action\": \"NAME\"}, or an array of such objects; AuthZEN is asked at /access/v1/evaluation";
    let place = || item.map(|index| format!("/{index}")).unwrap_or_default();
    let at = |name: &str| format!("{}/{name}", place());
    let Value::Object(members) = value else {
        return Err(Problem::at(place(), format!("expected an object, found {}", value.kind()), HINT));
    };
    // An ignored field could be the one that its sender relies on.
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
