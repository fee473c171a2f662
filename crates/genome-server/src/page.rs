//! The page for people. It is made ready once, but for what the disk says, what a person asks and what was denied of late, and works without
//! its script.

mod banner;

use crate::active::{Active, at};
use crate::decisions::asked_action;
use crate::denials::Denial;
use crate::point::DecisionPoint;
use crate::reply::{self, Pieces};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::Response;
use banner::Banner;
use genome::{Capability, Ceiling, Genome, Verified};
use genome_json::text::{Field, Printable};
use std::fmt::{self, Display, Formatter, Write as _};

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
    before_banner: Bytes,
    before_asked: Bytes,
    before_answer: Bytes,
    before_denials: Bytes,
    end: Bytes,
}

impl Page {
    pub(crate) fn of(active: &Active) -> Self {
        let genome = active.genome();
        let title = fmt::from_fn(|out| write!(out, "{} {}", Field(&genome.name), genome.version));
        let pieces: [(&str, &dyn Display); _] = [
            ("title", &escaped(title)),
            ("genome id", &genome.id()),
            ("ceiling", &ceiling(active.ceiling())),
            ("identity", &identity(active)),
            ("threshold", &threshold(genome)),
            ("signers", &signers(genome)),
            ("invariants", &invariants(genome)),
            ("capabilities", &capabilities(genome)),
        ];
        let cut = |text: &'static str, name: &str| text.split_once(&marker(name)).unwrap_or((text, ""));
        let (before_banner, rest) = cut(TEMPLATE, "banner");
        let (before_asked, rest) = cut(rest, "asked");
        let (before_answer, rest) = cut(rest, "answer");
        let (before_denials, end) = cut(rest, "denials");
        let [before_banner, before_asked, before_answer, before_denials, end] =
            [before_banner, before_asked, before_answer, before_denials, end].map(|template| fill(template, &pieces).into());
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
                (StatusCode::OK, html(&action).to_string(), answer)
            }
            Err(problem) => {
                let answer = format!("<strong class=\"none\">no answer:</strong> {}", html(problem.detail()));
                (problem.status, String::new(), answer)
            }
        };
        let denials = denials(&point.denials.list()).to_string();
        let banner = self.banner.show(point.standing().await);
        let page = [
            self.before_banner.clone(),
            banner.into(),
            self.before_asked.clone(),
            asked.into(),
            self.before_answer.clone(),
            answer.into(),
            self.before_denials.clone(),
            denials.into(),
            self.end.clone(),
        ];
        let mut response = reply::fresh(status, &reply::HTML, Body::new(Pieces::from(page)));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        response.headers_mut().insert(REFERRER_POLICY, NO_REFERRER.clone());
        response
    }
}

/// A part of the template with these pieces in place of their markers. They may be large, and are written nowhere else before.
fn fill(template: &str, pieces: &[(&str, &dyn Display)]) -> String {
    let mut page = String::new();
    for (index, text) in template.split("<!-- ").enumerate() {
        let piece = text.split_once(" -->").and_then(|(name, after)| {
            let (_, piece) = pieces.iter().find(|(other, _)| *other == name)?;
            Some((piece, after))
        });
        // Writing to a string does not fail.
        let _ = match piece {
            Some((piece, after)) => write!(page, "{piece}{after}"),
            None if index == 0 => page.write_str(text),
            None => write!(page, "<!-- {text}"),
        };
    }
    page
}

fn marker(name: &str) -> String {
    format!("<!-- {name} -->")
}

/// Text of ours, as text or in an attribute between double quotes.
fn html(text: &str) -> impl Display {
    escaped(Printable(text))
}

/// Text of anybody, which has an element or an attribute to itself. Where not all of it shows, it is quoted, and what does not show is
/// written out.
fn field(text: &str) -> impl Display {
    escaped(Field(text))
}

/// What shows, with what HTML takes for its own written as references.
fn escaped(shown: impl Display) -> impl Display {
    fmt::from_fn(move |out| write!(Html(out), "{shown}"))
}

struct Html<'o, 'f>(&'o mut Formatter<'f>);

impl fmt::Write for Html<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        // The compiler makes a few vector instructions of this, and a text may have millions of characters.
        if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
            return self.0.write_str(text);
        }
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            let reference = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                _ => continue,
            };
            self.0.write_str(text.get(written..at).unwrap_or_default())?;
            self.0.write_str(reference)?;
            written = at + 1;
        }
        self.0.write_str(text.get(written..).unwrap_or_default())
    }
}

/// Several pieces, one after the other.
fn each<'i, T>(items: &'i [T], piece: impl Fn(&'i T, &mut Formatter<'_>) -> fmt::Result) -> impl Display {
    fmt::from_fn(move |out| items.iter().try_for_each(|item| piece(item, out)))
}

fn ceiling(ceiling: &Ceiling) -> impl Display {
    let (allowed, denied) = (ceiling.allowed(), ceiling.denied());
    let are = if allowed == 1 { "action is" } else { "actions are" };
    fmt::from_fn(move |out| write!(out, "{allowed} {are} allowed, {denied} denied by name"))
}

fn identity(active: &Active) -> impl Display {
    fmt::from_fn(|out| {
        let genome = active.genome();
        let row = |out: &mut Formatter<'_>, name: &str, value: &dyn Display| writeln!(out, "<dt>{name}</dt><dd>{value}</dd>");
        let digest = |out: &mut Formatter<'_>, name: &str, id| writeln!(out, "<dt>{name}</dt><dd><code>{id}</code></dd>");
        let trust = genome.trust();
        row(out, "Trust", &format_args!("<strong>{}</strong>: {}", trust.as_str(), html(trust.meaning())))?;
        digest(out, "Genome id", genome.id())?;
        row(out, "Name", &field(&genome.name))?;
        row(out, "Version", &html(&genome.version.to_string()))?;
        if genome.parents.is_empty() {
            row(out, "Parents", &"none: it is a root")?;
        }
        genome.parents.iter().try_for_each(|parent| digest(out, "Parent", *parent))?;
        row(out, "Created at", &html(genome.created_at.as_str()))?;
        row(out, "Loaded at", &at(active.loaded_at()).as_ref().map_or("", |time| time.as_str()))
    })
}

fn threshold(genome: &Verified<Genome>) -> impl Display {
    let tally = genome.tally();
    fmt::from_fn(move |out| write!(out, "{} have signed, {} must", tally.counted(), tally.threshold))
}

fn signers(genome: &Verified<Genome>) -> impl Display {
    each(&genome.authority.signers, |signer, out| {
        let signed = if genome.tally().signed.contains(signer) { "yes" } else { "no" };
        let (key_id, print) = (signer.key_id.to_string(), signer.public_key.fingerprint());
        let key_id = html(&key_id);
        writeln!(out, "<tr><th scope=\"row\">{key_id}</th><td><code>{print}</code></td><td>{signed}</td></tr>")
    })
}

fn invariants(genome: &Genome) -> impl Display {
    fmt::from_fn(|out| {
        if genome.invariants.is_empty() {
            return out.write_str("<p>It names none.</p>");
        }
        let rows = each(&genome.invariants, |invariant, out| {
            let [id, claim, hook] = [&invariant.id, &invariant.testable_claim, &invariant.enforcement_hook].map(|text| field(text));
            let severity = invariant.severity;
            writeln!(out, "<tr><th scope=\"row\">{id}</th><td>{severity}</td><td>{claim}</td><td><code>{hook}</code></td></tr>")
        });
        write!(out, "{}", table("Invariants", &["Id", "Severity", "What must hold", "Enforced by"], rows))
    })
}

fn capabilities(genome: &Genome) -> impl Display {
    fmt::from_fn(|out| {
        if genome.capabilities.is_empty() {
            return out.write_str("<p>It names none: every action is denied.</p>");
        }
        let capability = |Capability { cap_id, risk_class, allow_actions, deny_actions, .. }: &Capability,
                          out: &mut Formatter<'_>| {
            let (allows, denies) = (allow_actions.len(), deny_actions.len());
            let cap_id = field(cap_id);
            writeln!(
                out,
                "<details><summary><strong>{cap_id}</strong> risk class {risk_class}, allows {allows}, denies {denies}</summary>"
            )?;
            writeln!(out, "{}{}</details>", actions("Allows", allow_actions), actions("Denies", deny_actions))
        };
        write!(out, "{}", each(&genome.capabilities, capability))
    })
}

fn actions(verb: &str, actions: &[String]) -> impl Display {
    fmt::from_fn(move |out| {
        if actions.is_empty() {
            return Ok(());
        }
        let shown = actions.get(..MOST_SHOWN).unwrap_or(actions);
        let items = each(shown, |action, out| writeln!(out, "<li><code>{}</code></li>", field(action)));
        write!(out, "<p>{verb}:</p><ul>\n{items}")?;
        if shown.len() < actions.len() {
            writeln!(out, "<li>and {} more, which can be asked for above</li>", actions.len() - shown.len())?;
        }
        out.write_str("</ul>\n")
    })
}

fn denials(denials: &[Denial]) -> impl Display {
    fmt::from_fn(|out| {
        if denials.is_empty() {
            return out.write_str("<p>None since the genome was loaded.</p>");
        }
        let rows = each(denials, |denial, out| {
            let time = at(denial.at);
            let time = time.as_ref().map_or("", |time| time.as_str());
            let (action, reason) = (field(&denial.action), html(&denial.reason));
            writeln!(
                out,
                "<tr><td><time datetime=\"{time}\">{time}</time></td><td><code>{action}</code></td><td>{reason}</td></tr>"
            )
        });
        write!(out, "{}", table("Denied of late", &["When", "Action", "Why"], rows))
    })
}

fn table(label: &str, heads: &[&str], rows: impl Display) -> impl Display {
    fmt::from_fn(move |out| {
        let heads = each(heads, |head, out| write!(out, "<th scope=\"col\">{head}</th>"));
        write!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\n<thead><tr>{heads}</tr></thead>\n\
             <tbody>\n{rows}</tbody>\n</table></div>"
        )
    })
}
