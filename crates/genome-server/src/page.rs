//! The page for people. It is made ready once, but for what the disk says, what a person asks and what was denied of late, and works without
//! its script.

mod banner;

use crate::active::{Active, at};
use crate::decisions::asked_action;
use crate::denials::Denial;
use crate::point::DecisionPoint;
use crate::reply;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::Response;
use banner::Banner;
use genome::{Capability, Ceiling, Field, Genome, Printable, Verified};
use std::fmt::Write as _;

const TEMPLATE: &str = include_str!("page/page.html");

/// How many of its actions are shown of a list; a person who wants to know of another asks.
const MOST_SHOWN: usize = 200;

static POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);
static NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// The page, in the pieces between which stands what differs.
#[derive(Debug)]
pub(crate) struct Page {
    banner: Banner,
    before_banner: String,
    before_asked: String,
    before_answer: String,
    before_denials: String,
    end: String,
}

impl Page {
    pub(crate) fn of(active: &Active) -> Self {
        let genome = active.genome();
        let pieces = [
            ("title", html(&format!("{} {}", Field(&genome.name), genome.version))),
            ("genome id", genome.id().to_string()),
            ("ceiling", ceiling(active.ceiling())),
            ("identity", identity(active)),
            ("threshold", threshold(genome)),
            ("signers", signers(genome)),
            ("invariants", invariants(genome)),
            ("capabilities", capabilities(genome)),
        ];
        let page = fill(&pieces);
        // No text that was put in holds a marker, as each `<` of it is escaped.
        let cut = |text: &str, name: &str| {
            let (before, after) = text.split_once(&marker(name)).unwrap_or((text, ""));
            (before.to_owned(), after.to_owned())
        };
        let (before_banner, rest) = cut(&page, "banner");
        let (before_asked, rest) = cut(&rest, "asked");
        let (before_answer, rest) = cut(&rest, "answer");
        let (before_denials, end) = cut(&rest, "denials");
        Self { banner: Banner::of(active), before_banner, before_asked, before_answer, before_denials, end }
    }

    /// The page, with the answer to what its query asks.
    pub(crate) async fn show(&self, point: &DecisionPoint, uri: &Uri) -> Response {
        let (status, asked, answer) = match asked_action(uri) {
            Ok(None) => (StatusCode::OK, String::new(), String::new()),
            Ok(Some(action)) => {
                let (decision, _) = point.look_up(&action);
                let word = if decision.is_allowed() { "allow" } else { "deny" };
                let risk = decision.risk_class().map(|class| format!(" (risk class {class})")).unwrap_or_default();
                let answer = format!("<strong class=\"{word}\">{word}</strong> {}{risk}", html(&decision.to_string()));
                (StatusCode::OK, html(&action), answer)
            }
            Err(problem) => {
                let answer = format!("<strong class=\"none\">no answer:</strong> {}", html(problem.detail()));
                (problem.status, String::new(), answer)
            }
        };
        let denials = denials(&point.denials.list());
        let banner = self.banner.show(point.standing().await);
        let page = [
            &self.before_banner,
            &banner,
            &self.before_asked,
            &asked,
            &self.before_answer,
            &answer,
            &self.before_denials,
            &denials,
            &self.end,
        ];
        let mut response = reply::fresh(status, &reply::HTML, page.map(String::as_str).concat());
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        response.headers_mut().insert(REFERRER_POLICY, NO_REFERRER.clone());
        response
    }
}

/// The template with these pieces in place of their markers, in one pass, as they may be large. Other markers stay.
fn fill(pieces: &[(&str, String)]) -> String {
    let mut page = String::new();
    for (index, text) in TEMPLATE.split("<!-- ").enumerate() {
        let piece = text.split_once(" -->").and_then(|(name, after)| {
            let (_, piece) = pieces.iter().find(|(other, _)| *other == name)?;
            Some([piece.as_str(), after])
        });
        match piece {
            Some(texts) => page.extend(texts),
            None if index == 0 => page.push_str(text),
            None => page.extend(["<!-- ", text]),
        }
    }
    page
}

fn marker(name: &str) -> String {
    format!("<!-- {name} -->")
}

/// Text of ours, as text or in an attribute between double quotes.
fn html(text: &str) -> String {
    let shown = Printable(text).to_string();
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown.as_str();
    // Looking at bytes is many times faster than looking at characters, and a text may have millions.
    while let Some((at, special)) = rest.bytes().enumerate().find(|(_, byte)| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push_str(match special {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Text of anybody, which has an element or an attribute to itself. Where not all of it shows, it is quoted, and what does not show is
/// written out.
fn field(text: &str) -> String {
    html(&Field(text).to_string())
}

/// Several pieces, one after the other.
fn each<T>(items: &[T], piece: impl Fn(&T) -> String) -> String {
    items.iter().map(piece).collect()
}

fn ceiling(ceiling: &Ceiling) -> String {
    let (allowed, denied) = (ceiling.allowed(), ceiling.denied());
    format!("{allowed} {} allowed, {denied} denied by name", if allowed == 1 { "action is" } else { "actions are" })
}

fn identity(active: &Active) -> String {
    let genome = active.genome();
    let row = |name: &str, value: &str| format!("<dt>{name}</dt><dd>{value}</dd>\n");
    let digest = |digest: &dyn std::fmt::Display| format!("<code>{digest}</code>");
    let trust = genome.trust();
    let mut out = row("Trust", &format!("<strong>{}</strong>: {}", trust.as_str(), html(trust.meaning())));
    out += &row("Genome id", &digest(&genome.id()));
    out += &row("Name", &field(&genome.name));
    out += &row("Version", &html(&genome.version.to_string()));
    if genome.parents.is_empty() {
        out += &row("Parents", "none: it is a root");
    }
    out += &each(&genome.parents, |parent| row("Parent", &digest(parent)));
    out += &row("Created at", &html(genome.created_at.as_str()));
    out + &row("Loaded at", at(active.loaded_at()).as_ref().map_or("", |time| time.as_str()))
}

fn threshold(genome: &Verified<Genome>) -> String {
    let tally = genome.tally();
    format!("{} have signed, {} must", tally.counted(), tally.threshold)
}

fn signers(genome: &Verified<Genome>) -> String {
    each(&genome.authority.signers, |signer| {
        let signed = if genome.tally().signed.contains(signer) { "yes" } else { "no" };
        let (key_id, print) = (html(&signer.key_id.to_string()), signer.public_key.fingerprint());
        format!("<tr><th scope=\"row\">{key_id}</th><td><code>{print}</code></td><td>{signed}</td></tr>\n")
    })
}

fn invariants(genome: &Genome) -> String {
    if genome.invariants.is_empty() {
        return "<p>It names none.</p>".to_owned();
    }
    let rows = each(&genome.invariants, |invariant| {
        let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| field(text));
        let severity = invariant.severity;
        format!("<tr><th scope=\"row\">{id}</th><td>{severity}</td><td>{claim}</td><td><code>{hook}</code></td></tr>\n")
    });
    table("Invariants", &["Id", "Severity", "What must hold", "Enforced by"], &rows)
}

fn capabilities(genome: &Genome) -> String {
    if genome.capabilities.is_empty() {
        return "<p>It names none: every action is denied.</p>".to_owned();
    }
    each(&genome.capabilities, |capability: &Capability| {
        let Capability { cap_id, risk_class, allow_actions, deny_actions, .. } = capability;
        let (allows, denies) = (allow_actions.len(), deny_actions.len());
        let mut out = format!(
            "<details><summary><strong>{}</strong> risk class {risk_class}, allows {allows}, denies {denies}</summary>\n",
            field(cap_id)
        );
        out += &actions("Allows", allow_actions);
        out += &actions("Denies", deny_actions);
        out + "</details>\n"
    })
}

fn actions(verb: &str, actions: &[String]) -> String {
    if actions.is_empty() {
        return String::new();
    }
    let shown = actions.get(..MOST_SHOWN).unwrap_or(actions);
    let mut out = format!("<p>{verb}:</p><ul>\n");
    out += &each(shown, |action| format!("<li><code>{}</code></li>\n", field(action)));
    if shown.len() < actions.len() {
        // Writing to a string does not fail.
        let _ = writeln!(out, "<li>and {} more, which can be asked for above</li>", actions.len() - shown.len());
    }
    out + "</ul>\n"
}

fn denials(denials: &[Denial]) -> String {
    if denials.is_empty() {
        return "<p>None since the genome was loaded.</p>".to_owned();
    }
    let rows = each(denials, |denial| {
        let time = at(denial.at);
        let time = time.as_ref().map_or("", |time| time.as_str());
        let (action, reason) = (field(&denial.action), html(&denial.reason));
        format!("<tr><td><time datetime=\"{time}\">{time}</time></td><td><code>{action}</code></td><td>{reason}</td></tr>\n")
    });
    table("Denied of late", &["When", "Action", "Why"], &rows)
}

fn table(label: &str, heads: &[&str], rows: &str) -> String {
    let heads = each(heads, |head| format!("<th scope=\"col\">{head}</th>"));
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\n<thead><tr>{heads}</tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>"
    )
}
