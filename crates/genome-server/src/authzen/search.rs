//! `POST /access/v1/search/action`: the names of actions for which an evaluation with the same subject and resource is `true`. It is not counted.

use super::PreparedAuthzen;
use super::page_token::PageToken;
use super::request::{Action, Fault, Place, Resource, member, object, optional_object, searched};
use crate::active::Active;
use crate::answer::evaluation::{ActionAnswer, ActionSearchAnswer, PageAnswer, SCOPE, SearchContextAnswer};
use crate::json;
use crate::limits::MOST_ACTIONS;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply;
use crate::site::Site;
use axum::http::HeaderMap;
use axum::response::Response;
use genome_json::text::visible_json;
use genome_json::{Member, Value, parse};
use std::cell::LazyCell;

/// Where an action stands in the genome: among the allowed actions of which capability. Half as large as a reference to its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct AllowedPlace {
    capability: u32,
    action: u32,
}

impl AllowedPlace {
    /// Those of all allowed actions, each once, sorted by their bytes.
    pub(super) fn all(active: &Active) -> Vec<Self> {
        let capabilities = (0..).zip(&active.genome().capabilities);
        let places = capabilities.flat_map(|(capability, contents)| {
            let actions = (0..).zip(&contents.allow_actions);
            let allowed = actions.filter(|(_, action)| active.ceiling().decide(action).is_allowed());
            allowed.map(move |(action, _)| Self { capability, action })
        });
        let mut places: Vec<Self> = places.collect();
        places.sort_unstable_by_key(|place| place.name(active));
        places.dedup_by_key(|place| place.name(active));
        places
    }

    fn name(self, active: &Active) -> &str {
        let capability = active.genome().capabilities.get(self.capability as usize);
        capability.and_then(|capability| capability.allow_actions.get(self.action as usize)).map_or("", String::as_str)
    }
}

/// `POST /access/v1/search/action`.
pub(crate) fn search_actions(site: &Site, _: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let Site { point, authzen, .. } = site;
    let value = parse(body)?;
    let members = object(&value, Place::Top, "")?;
    let resource = searched(members)?;
    let page = optional_object(members, "page", Place::Top, "")?;
    let (token, limit) = page.map_or(Ok((None, None)), |page| -> Result<_, Fault> {
        optional_object(page, "properties", Place::Top, "/page")?;
        Ok((token(page)?, limit(page)?))
    })?;
    let digest = LazyCell::new(|| PageToken::digest(authzen, members, page));
    let (start, most) = match token {
        None => (0, limit.unwrap_or(MOST_ACTIONS)),
        Some(text) => {
            let token = PageToken::read(text, &digest).filter(|token| limit.is_none_or(|limit| limit == token.limit()));
            let token = token.ok_or_else(foreign_token)?;
            (token.offset(), token.limit())
        }
    };
    let found = Found::of(authzen, point, resource);
    let total = found.len();
    let names = found.names(point.active(), start, most);
    let end = start.saturating_add(names.len());
    let is_cut = end < total;
    let page = (page.is_some() || is_cut).then(|| {
        let next_token = if is_cut { PageToken::of(end, most).to_text(&digest) } else { String::new() };
        PageAnswer { next_token, count: names.len(), total }
    });
    let context =
        SearchContextAnswer { scope: SCOPE, projection: authzen.settings.projection, genome_id: point.active().genome().id() };
    let results = names.into_iter().map(|name| ActionAnswer { name }).collect();
    Ok(reply::json_line(visible_json(json::compact(&ActionSearchAnswer { page, context, results }))))
}

/// The whole set of names.
enum Found<'f> {
    /// The allowed actions, by their own names.
    Allowed(&'f [AllowedPlace]),
    Listed(Vec<&'static str>),
}

impl<'f> Found<'f> {
    fn of(authzen: &'f PreparedAuthzen, point: &DecisionPoint, resource: Resource<'_>) -> Self {
        let Some(names) = authzen.settings.projection.searched() else { return Self::Allowed(&authzen.allowed) };
        let is_allowed = |name: &&str| authzen.evaluate(point, Action::named(name), resource).is_allowed();
        Self::Listed(names.into_iter().filter(is_allowed).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Allowed(places) => places.len(),
            Self::Listed(names) => names.len(),
        }
    }

    fn names<'a>(&self, active: &'a Active, start: usize, most: usize) -> Vec<&'a str> {
        match self {
            Self::Allowed(places) => places.iter().skip(start).take(most).map(|place| place.name(active)).collect(),
            Self::Listed(names) => names.iter().skip(start).take(most).copied().collect(),
        }
    }
}

fn token<'v>(page: &'v [Member<'v>]) -> Result<Option<&'v str>, Fault> {
    match member(page, "token") {
        None => Ok(None),
        Some(Value::String(token)) => Ok(Some(token)),
        Some(other) => Err(Place::Top.unexpected("/page/token", "a string", other)),
    }
}

/// How many names a page may have; more than can be had is as many as can be had.
fn limit(page: &[Member<'_>]) -> Result<Option<usize>, Fault> {
    const EXPECTED: &str = "an integer that is not negative";
    let Some(value) = member(page, "limit") else { return Ok(None) };
    let unexpected = || Place::Top.unexpected("/page/limit", EXPECTED, value);
    let Value::Number(number) = value else { return Err(unexpected()) };
    // `2.0` and `2e0` are integers of JSON as well.
    let number = number.as_f64();
    if number < 0.0 || number.fract() != 0.0 {
        return Err(unexpected());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and not negative, and too large a one becomes the largest"
    )]
    let limit = number as usize;
    Ok(Some(limit.min(MOST_ACTIONS)))
}

fn foreign_token() -> Problem {
    let detail = "the token is not one of this search: begin again without it";
    let hint = "a token goes with the subject, resource, context, limit and properties of its search, and with the genome that answered it";
    Problem::at("/page/token".to_owned(), detail, hint)
}
