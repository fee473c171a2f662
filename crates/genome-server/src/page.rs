//! The page for people. It is prepared once, except for the state of the disk, the answer to a question, and recent denials. It works without
//! its script.

mod answer;
mod ceiling;
mod denials;
mod html;
mod icon;
mod identity;
mod invariants;
mod pins;
mod status;
mod template;

use crate::active::time_of;
use crate::denials::Denial;
use crate::disk::DiskStatus;
use crate::point::DecisionPoint;
use crate::problem::Problem;
use crate::reply::{self, Pieces};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use genome::Decision;
use html::{count, html};
use status::Status;
use std::fmt::Display;
use std::time::SystemTime;
use template::{Part, Slot, fill};

const TEMPLATE: &str = include_str!("page/page.html");

/// What the script asks for from time to time.
const LIVE: &str = include_str!("page/live.html");

static POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);
static NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// The constant parts of the page; the variable ones go between them.
#[derive(Debug)]
pub(crate) struct Page {
    status: Status,
    allowed: String,
    parts: Vec<Part<Bytes>>,
    live: Vec<Part<Bytes>>,
}

/// What is different each time, but for the question.
pub(crate) struct Now {
    pub(crate) denials: Vec<Denial>,
    pub(crate) disk: Option<DiskStatus>,
}

impl Page {
    pub(crate) fn of(point: &DecisionPoint) -> Self {
        let active = point.active();
        let genome = active.genome();
        let status = Status::of(active);
        let allowed = answer::allowed(status.but);
        let (capabilities, invariants) = (genome.capabilities.len(), genome.invariants.len());
        let capabilities_count =
            if capabilities == 1 { "1 capability".to_owned() } else { format!("{} capabilities", html::grouped(capabilities)) };
        let table = ceiling::Table::of(active);
        let pieces: [(&str, &dyn Display); _] = [
            ("verdict", &status.verdict),
            ("title", &identity::title(genome)),
            ("heading", &identity::heading(genome)),
            ("genome id", &genome.id()),
            ("ceiling", &ceiling::summary(active.ceiling())),
            ("suggestions", &ceiling::suggestions(active)),
            ("allowed", &allowed),
            ("denied", &answer::denied()),
            ("none", &answer::none()),
            ("identity", &identity::identity(point)),
            ("signers", &identity::signers(genome)),
            ("invariants count", &count(invariants, "invariant")),
            ("invariants", &invariants::invariants(genome)),
            ("capabilities count", &capabilities_count),
            ("unshown", &html::grouped(table.unshown)),
            ("capabilities", &table),
            ("pins", &pins::pins(genome)),
        ];
        let parts = |template| fill(template, &pieces).into_iter().map(Part::into_bytes).collect();
        Self { parts: parts(TEMPLATE), live: parts(LIVE), status, allowed }
    }

    /// The page, with the answer to what was asked, if anything was: an action, and what is decided about it.
    pub(crate) fn show(&self, question: Result<Option<(String, Decision<'_>)>, Problem>, now: &Now) -> Response {
        let (status, asked, answer) = match question {
            Ok(None) => (StatusCode::OK, String::new(), String::new()),
            Ok(Some((action, decision))) => (StatusCode::OK, html(&action).to_string(), answer::decided(&decision, &self.allowed)),
            Err(problem) => (problem.status, String::new(), answer::missing(&problem)),
        };
        self.fill(status, &self.parts, now, &asked.into(), &answer.into())
    }

    /// What changes while the page is looked at.
    pub(crate) fn live(&self, now: &Now) -> Response {
        self.fill(StatusCode::OK, &self.live, now, &Bytes::new(), &Bytes::new())
    }

    fn fill(&self, status: StatusCode, parts: &[Part<Bytes>], now: &Now, asked: &Bytes, answer: &Bytes) -> Response {
        let (strip, notes) = self.status.show(now.disk);
        let (strip, notes): (Bytes, Bytes) = (strip.into(), notes.into());
        let pieces = parts.iter().map(|part| match part {
            Part::Fixed(text) => text.clone(),
            Part::Slot(Slot::Strip) => strip.clone(),
            Part::Slot(Slot::Notes) => notes.clone(),
            Part::Slot(Slot::Now) => time_of(SystemTime::now()).map(|now| now.to_string()).unwrap_or_default().into(),
            Part::Slot(Slot::Asked) => asked.clone(),
            Part::Slot(Slot::Answer) => answer.clone(),
            Part::Slot(Slot::Denials) => denials::denials(&now.denials).to_string().into(),
        });
        let mut response = reply::fresh(status, &reply::HTML, Body::new(pieces.collect::<Pieces>()));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        response.headers_mut().insert(REFERRER_POLICY, NO_REFERRER.clone());
        response
    }
}

impl Part<String> {
    fn into_bytes(self) -> Part<Bytes> {
        match self {
            Self::Fixed(text) => Part::Fixed(text.into()),
            Self::Slot(slot) => Part::Slot(slot),
        }
    }
}
