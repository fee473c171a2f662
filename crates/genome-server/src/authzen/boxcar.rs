//! `POST /access/v1/evaluations`: many questions, each of which takes what it lacks from the top of the body.

use super::EVALUATIONS;
use super::evaluated::Evaluated;
use super::evaluation::{ROOM, single};
use super::request::{Fault, Place, Question, Whole, member, object, optional_object};
use crate::decision_log::Asker;
use crate::limits::MOST_ACTIONS;
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::http::HeaderMap;
use axum::response::Response;
use genome_json::text::{Quoted, excerpt};
use genome_json::{Member, Value, parse};

/// When the rest is no longer asked (AuthZEN section 7.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Semantic {
    #[default]
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn is_over(self, is_allowed: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !is_allowed,
            Self::PermitOnFirstPermit => is_allowed,
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "execute_all" => Some(Self::ExecuteAll),
            "deny_on_first_deny" => Some(Self::DenyOnFirstDeny),
            "permit_on_first_permit" => Some(Self::PermitOnFirstPermit),
            _ => None,
        }
    }
}

/// `POST /access/v1/evaluations`.
pub(crate) fn evaluate_all(site: &Site, headers: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let asker = site.authzen.asker(headers, EVALUATIONS);
    let value = parse(body)?;
    let members = object(&value, Place::Top, "")?;
    let semantic = named_semantic(members)?;
    let items = match member(members, "evaluations") {
        None => &[],
        Some(Value::Array(items)) => &items[..],
        Some(other) => return Err(Place::Top.unexpected("/evaluations", "an array", other).into()),
    };
    // AuthZEN section 7.1: without items it is a single evaluation, and answered as one.
    if items.is_empty() {
        return single(site, &asker, members);
    }
    let semantic = semantic.map_or(Ok(Semantic::default()), |name| Semantic::named(name).ok_or_else(|| unknown(name)))?;
    let defaults = Question::read(members, Place::Top)?;
    if items.len() > MOST_ACTIONS {
        let detail = format!("{} evaluations are asked for, and {MOST_ACTIONS} is the most", items.len());
        return Err(Problem::at("/evaluations".to_owned(), detail, "ask for fewer at once"));
    }
    Ok(reply::json_line(answers(site, &asker, items, defaults, semantic)))
}

/// The answers to the items, up to the one after which the rest is not asked.
fn answers(site: &Site, asker: &Asker<'_>, items: &[Value<'_>], defaults: Question<'_>, semantic: Semantic) -> String {
    let Site { point, authzen, .. } = site;
    // What all of them inherit is evaluated, and put into words, once: it may be large, and there may be many of them.
    let inherited = defaults.complete(Place::Top).ok().map(|Whole { action, resource, .. }| {
        let evaluated = authzen.evaluate(point, action, resource);
        let mut text = String::with_capacity(ROOM);
        evaluated.write(authzen, &mut text);
        (evaluated, text)
    });
    let mut out = String::with_capacity(items.len() * ROOM);
    out.push_str("{\"evaluations\":[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let is_allowed = match (own(item, index), &inherited) {
            (Ok(own), Some((evaluated, text))) if own.is_all_inherited() => {
                evaluated.record(point, &Asker { subject: own.or(defaults).subject(), ..*asker });
                out.push_str(text);
                evaluated.is_allowed()
            }
            (own, _) => {
                let whole = own.and_then(|own| own.or(defaults).complete(Place::Item(index)));
                let (evaluated, subject) = match whole {
                    Ok(Whole { subject, action, resource }) => (authzen.evaluate(point, action, resource), Some(subject)),
                    Err(fault) => (Evaluated::unreadable(fault), None),
                };
                evaluated.record(point, &Asker { subject, ..*asker });
                evaluated.write(authzen, &mut out);
                evaluated.is_allowed()
            }
        };
        if semantic.is_over(is_allowed) {
            break;
        }
    }
    out.push_str("]}");
    out
}

/// What an item says itself.
fn own<'v>(item: &'v Value<'v>, index: usize) -> Result<Question<'v>, Fault> {
    let place = Place::Item(index);
    Question::read(object(item, place, "")?, place)
}

/// The text of `options.evaluations_semantic`, if there is one.
fn named_semantic<'v>(members: &'v [Member<'v>]) -> Result<Option<&'v str>, Fault> {
    let options = optional_object(members, "options", Place::Top, "")?;
    match options.and_then(|options| member(options, "evaluations_semantic")) {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(name)),
        Some(other) => Err(Place::Top.unexpected(SEMANTIC, "a string", other)),
    }
}

const SEMANTIC: &str = "/options/evaluations_semantic";

fn unknown(name: &str) -> Problem {
    let detail = format!("{} is no semantic of evaluations", Quoted(&excerpt(name)));
    Problem::at(SEMANTIC.to_owned(), detail, "send `execute_all`, `deny_on_first_deny` or `permit_on_first_permit`")
}
