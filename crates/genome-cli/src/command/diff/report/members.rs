//! What differs in the definitions of a change, a line for each member. The text of a stranger is quoted, and shortened around what differs.

use crate::command::diff::texts::{DefinitionChange, file_of};
use genome::Digest;
use genome::definition::Difference;
use genome::mcp::ServerName;
use genome_json::text::{Bare, Quoted, excerpt};
use genome_json::{Value, parse_rounding};
use std::fmt::Display;

/// How many members are shown of one definition.
const MOST_MEMBERS: usize = 100;

/// How many characters are shown of one text, and how many of them on either side of what differs.
const MOST: usize = 400;
const AROUND: usize = 30;

/// What a person should read of a definition that is new or gone, in this order.
const READ_FIRST: [&str; 3] = ["title", "description", "annotations"];

/// The lines about the definitions of one action.
pub(crate) fn lines<'d>(changes: impl Iterator<Item = &'d DefinitionChange> + Clone) -> Vec<String> {
    let is_alone = changes.clone().count() == 1;
    changes.flat_map(|change| of_change(change, is_alone)).collect()
}

fn of_change(change: &DefinitionChange, is_alone: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if !is_alone {
        lines.push(match (change.was, change.is) {
            (Some(was), Some(is)) => format!("{is}, compared with {was}:"),
            (was, is) => format!("{}:", was.or(is).map(|digest| digest.to_string()).unwrap_or_default()),
        });
    }
    lines.extend(change.missing.iter().map(|digest| missing(&change.action, digest)));
    match change.differences.as_deref() {
        Some([whole]) if whole.pointer.is_empty() && (whole.was.is_none() || whole.is.is_none()) => lines.extend(of_whole(whole)),
        Some([]) => lines.push("the text is the same".to_owned()),
        Some(differences) => {
            lines.extend(differences.iter().take(MOST_MEMBERS).map(of_member));
            if differences.len() > MOST_MEMBERS {
                lines.push(format!("and {} members more", differences.len() - MOST_MEMBERS));
            }
        }
        None => {}
    }
    lines
}

/// Which file would hold a text.
fn missing(action: &str, digest: &Digest) -> String {
    let beside = ServerName::of_action(action).map(|server| format!("{} beside the genome, or ", file_of(&server)));
    format!(
        "no text at hand is that of {digest}: it would be in {}a file that is named with --definitions",
        beside.unwrap_or_default()
    )
}

/// What a member was and is.
fn of_member(difference: &Difference) -> String {
    let place: &dyn Display = if difference.pointer.is_empty() { &"the text" } else { &Bare(&difference.pointer) };
    match (&difference.was, &difference.is) {
        (Some(was), Some(is)) => {
            let [was, is] = [was, is].map(|canonical| Shown::of(canonical));
            let (start, end) = was.common(&is);
            format!("{place}  was {}, is {}", was.between(start, end), is.between(start, end))
        }
        (None, Some(is)) => format!("{place}  is new: {}", Shown::of(is).between(0, 0)),
        (Some(was), None) => format!("{place}  is gone: {}", Shown::of(was).between(0, 0)),
        (None, None) => place.to_string(),
    }
}

/// What a definition says that is new, or gone.
fn of_whole(difference: &Difference) -> Vec<String> {
    let canonical = difference.is.as_ref().or(difference.was.as_ref()).map(String::as_str).unwrap_or_default();
    let verb = if difference.is.is_some() { "is" } else { "was" };
    let Ok(value @ Value::Object(_)) = parse_rounding(canonical.as_bytes()) else {
        return vec![format!("the text  {verb} {}", Shown::of(canonical).between(0, 0))];
    };
    let Value::Object(members) = &value else { return Vec::new() };
    let shown = READ_FIRST.iter().filter_map(|name| Some((name, value.member(name)?)));
    let mut lines: Vec<String> =
        shown.map(|(name, value)| format!("/{name}  {verb} {}", Shown::of_value(value).between(0, 0))).collect();
    let others = members.iter().map(|member| &*member.name).filter(|name| *name != "name" && !READ_FIRST.contains(name));
    let others: Vec<String> = others.map(|name| Quoted(&excerpt(name)).to_string()).collect();
    if !others.is_empty() {
        let more = others.len().saturating_sub(MOST_MEMBERS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("and more members: {}{more}", others.iter().take(MOST_MEMBERS).cloned().collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// A value as it is shown: a text as it is, a list or an object as JSON, and anything else bare.
struct Shown {
    kind: &'static str,
    characters: Vec<char>,
}

impl Shown {
    fn of(canonical: &str) -> Self {
        parse_rounding(canonical.as_bytes()).map_or_else(|_| Self::new("the JSON ", canonical), |value| Self::of_value(&value))
    }

    fn of_value(value: &Value<'_>) -> Self {
        let canonical = || {
            let mut canonical = String::new();
            genome_json::canonical::write(&mut canonical, value);
            canonical
        };
        match value {
            Value::String(text) => Self::new("", text),
            Value::Array(_) => Self::new("the list ", &canonical()),
            Value::Object(_) => Self::new("the object ", &canonical()),
            Value::Number(_) => Self::new("the number ", &canonical()),
            Value::Bool(_) | Value::Null => Self::new("the JSON ", &canonical()),
        }
    }

    fn new(kind: &'static str, text: &str) -> Self {
        Self { kind, characters: text.chars().collect() }
    }

    /// How many characters both have at their start, and after those at their end; none where they are of two kinds.
    fn common(&self, other: &Self) -> (usize, usize) {
        let (one, other) = if self.kind == other.kind { (&*self.characters, &*other.characters) } else { (&[][..], &[][..]) };
        let start = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let rest = |characters: &[char]| characters.len() - start;
        let most = rest(one).min(rest(other));
        let end = one.iter().rev().zip(other.iter().rev()).take(most).take_while(|(one, other)| one == other).count();
        (start, end)
    }

    /// The part without these common characters, but for some of them, so that what differs is seen.
    fn between(&self, start: usize, end: usize) -> String {
        let all = self.characters.len();
        let cut = |common: usize| if common > AROUND * 2 { common - AROUND } else { 0 };
        let (from, to) = (cut(start), all - cut(end));
        let kept = to.min(from + MOST);
        let text: String = self.characters.get(from..kept).unwrap_or_default().iter().collect();
        let before = if from > 0 { "… " } else { "" };
        let after = match (kept < to, kept < all) {
            (true, _) => format!(" … and {} characters more", all - kept),
            (false, true) => " …".to_owned(),
            (false, false) => String::new(),
        };
        format!("{}{before}{}{after}", self.kind, Quoted(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(was: &str, is: &str) -> String {
        let [was, is] = [was, is].map(|text| parse_rounding(text.as_bytes()).unwrap());
        let found = genome::definition::differences(&was, &is);
        found.iter().map(of_member).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_differs_is_seen_however_long_the_text_is() {
        let long = "x".repeat(5000);
        assert_eq!(member(r#"{"a":"b"}"#, r#"{"a":"b\u202e`c\n"}"#), r"/a  was `b`, is `b\u{202e}\u{60}c\u{a}`");
        let shown = member(&format!(r#""{long}A{long}""#), &format!(r#""{long}B{long}""#));
        let x = "x".repeat(AROUND);
        assert_eq!(shown, format!("the text  was … `{x}A{x}` …, is … `{x}B{x}` …"));
        let shown = member(r#""""#, &format!(r#""{long}""#));
        assert_eq!(shown, format!("the text  was ``, is `{}` … and 4600 characters more", "x".repeat(MOST)));
        assert_eq!(member(r#"{"a":"5"}"#, r#"{"a":5}"#), "/a  was `5`, is the number `5`");
        assert_eq!(
            member(r#"{"a":true,"é`":[1]}"#, r#"{"a":false}"#),
            "/a  was the JSON `true`, is the JSON `false`\n`/é\\u{60}`  is gone: the list `[1]`"
        );
        assert_eq!(member(r#"{"a":"aa"}"#, r#"{"a":"aaa"}"#), "/a  was `aa`, is `aaa`");
    }
}
