//! The page for people. It is prepared once, except for the state of the disk, the answer to a question, and recent denials. It works without
//! its script.

mod banner;
mod html;
mod sections;
mod template;

use crate::active::Active;
use crate::answer::decision::Effect;
use crate::denials::Denial;
use crate::disk::DiskStatus;
use crate::problem::Problem;
use crate::reply::{self, Pieces};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use banner::Banner;
use genome::Decision;
use html::html;
use std::fmt::Display;
use template::{Part, Slot, fill};

const TEMPLATE: &str = include_str!("page/page.html");

static POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);
static NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// The constant parts of the page; the variable ones go between them.
#[derive(Debug)]
pub(crate) struct Page {
    banner: Banner,
    parts: Vec<Part<Bytes>>,
}

impl Page {
    pub(crate) fn of(active: &Active) -> Self {
        let genome = active.genome();
        let pieces: [(&str, &dyn Display); _] = [
            ("title", &sections::title(genome)),
            ("genome id", &genome.id()),
            ("ceiling", &sections::ceiling(active.ceiling())),
            ("identity", &sections::identity(active)),
            ("threshold", &sections::threshold(genome)),
            ("signers", &sections::signers(genome)),
            ("invariants", &sections::invariants(genome)),
            ("capabilities", &sections::capabilities(genome)),
        ];
        let parts = fill(TEMPLATE, &pieces).into_iter().map(|part| match part {
            Part::Fixed(text) => Part::Fixed(text.into()),
            Part::Slot(slot) => Part::Slot(slot),
        });
        Self { banner: Banner::of(active), parts: parts.collect() }
    }

    /// The page, with the answer to what was asked, if anything was: an action, and what is decided about it.
    pub(crate) fn show(
        &self,
        question: Result<Option<(String, Decision<'_>)>, Problem>,
        denials: &[Denial],
        disk: Option<DiskStatus>,
    ) -> Response {
        let (status, asked, answer) = match question {
            Ok(None) => (StatusCode::OK, String::new(), String::new()),
            Ok(Some((action, decision))) => {
                let word = Effect::from(&decision).as_str();
                let risk = decision.risk_class().map(|class| format!(" (risk class {class})")).unwrap_or_default();
                let answer = format!("<strong class=\"{word}\">{word}</strong> {}{risk}", html(&decision.to_string()));
                (StatusCode::OK, html(&action).to_string(), answer)
            }
            Err(problem) => {
                let answer = format!("<strong class=\"none\">no answer:</strong> {}", html(problem.detail()));
                (problem.status, String::new(), answer)
            }
        };
        let (asked, answer): (Bytes, Bytes) = (asked.into(), answer.into());
        let pieces = self.parts.iter().map(|part| match part {
            Part::Fixed(text) => text.clone(),
            Part::Slot(Slot::Banner) => self.banner.show(disk).into(),
            Part::Slot(Slot::Asked) => asked.clone(),
            Part::Slot(Slot::Answer) => answer.clone(),
            Part::Slot(Slot::Denials) => sections::denials(denials).to_string().into(),
        });
        let mut response = reply::fresh(status, &reply::HTML, Body::new(pieces.collect::<Pieces>()));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        response.headers_mut().insert(REFERRER_POLICY, NO_REFERRER.clone());
        response
    }
}
