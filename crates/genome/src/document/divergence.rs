//! Where two documents differ.

use crate::document::Document;
use crate::listing::joined;
use crate::schema::Place;
use genome_json::canonical;
use genome_json::text::Bare;
use genome_json::{Member, Value};
use std::collections::HashMap;
use std::fmt;

/// Where two documents differ in what is signed, as JSON Pointers (RFC 6901).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DivergingFields {
    first: Vec<String>,
    more: usize,
}

impl DivergingFields {
    /// The most that are named; others are only counted.
    const MOST: usize = 16;

    /// The pointers, in the order of the first document and then of the second; at most 16 of them. A value that only one of the two holds
    /// is named once, whatever is in it.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.first.iter()
    }

    /// How many places there are beyond those.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    /// Whether there is no difference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    fn note(&mut self, place: &Place<'_>) {
        if self.first.len() < Self::MOST {
            self.first.push(place.to_string());
        } else {
            self.more += 1;
        }
    }

    /// Compares two values. It goes as deep as they do, which the reader of JSON bounds.
    fn values(&mut self, place: &Place<'_>, ours: &Value<'_>, theirs: &Value<'_>) {
        match (ours, theirs) {
            (Value::Object(ours), Value::Object(theirs)) => self.objects(place, ours, theirs),
            (Value::Array(ours), Value::Array(theirs)) => {
                for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                    self.values(&place.index(index), ours, theirs);
                }
                let (shorter, longer) = (ours.len().min(theirs.len()), ours.len().max(theirs.len()));
                (shorter..longer).for_each(|index| self.note(&place.index(index)));
            }
            // A number has many literals, and one canonical form.
            _ if ours.kind() == theirs.kind() && canonical::scalar(ours) == canonical::scalar(theirs) => {}
            _ => self.note(place),
        }
    }

    fn objects(&mut self, place: &Place<'_>, ours: &[Member<'_>], theirs: &[Member<'_>]) {
        let mut unmatched: HashMap<&str, &Value<'_>> = theirs.iter().map(|member| (&*member.name, &member.value)).collect();
        for Member { name, value } in ours {
            let place = place.name(name);
            match unmatched.remove(&**name) {
                Some(other) => self.values(&place, value, other),
                None => self.note(&place),
            }
        }
        theirs
            .iter()
            .filter(|member| unmatched.contains_key(&*member.name))
            .for_each(|member| self.note(&place.name(&member.name)));
    }
}

impl<'d> IntoIterator for &'d DivergingFields {
    type Item = &'d String;
    type IntoIter = std::slice::Iter<'d, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for DivergingFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&joined(self.first.iter().map(|pointer| Bare(pointer)), ", "))?;
        if self.more > 0 { write!(formatter, " and {} more", self.more) } else { Ok(()) }
    }
}

impl Document<'_> {
    /// The places where another document differs in what is signed: none if, and only if, it is the same genome. White space, the order of
    /// members, escapes and the literals of a number make no difference; neither do signatures. An array is compared item by item.
    #[must_use]
    pub fn divergence(&self, other: &Document<'_>) -> DivergingFields {
        let mut differences = DivergingFields::default();
        differences.objects(&Place::ROOT, &self.unsigned, &other.unsigned);
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome_json::{MAX_DEPTH, parse};
    use std::time::{Duration, Instant};

    fn between(ours: &str, theirs: &str) -> DivergingFields {
        let mut differences = DivergingFields::default();
        differences.values(&Place::ROOT, &parse(ours.as_bytes()).unwrap(), &parse(theirs.as_bytes()).unwrap());
        differences
    }

    /// The same places must be found whichever of the two is first.
    fn pointers(ours: &str, theirs: &str) -> Vec<String> {
        let (found, reverse) = (between(ours, theirs), between(theirs, ours));
        let sorted = |differences: &DivergingFields| {
            let mut pointers = differences.first.clone();
            pointers.sort();
            pointers
        };
        assert_eq!((sorted(&found), found.more()), (sorted(&reverse), reverse.more()), "{ours} {theirs}");
        found.first
    }

    #[test]
    fn what_has_one_canonical_form_is_no_difference() {
        for (ours, theirs) in [
            ("[1, 0, 100, -0]", "[1.0, -0.0, 1e2, 0]"),
            (r#"{"a": "b/", "c": [{}, []]}"#, r#"{ "c": [{ }, [ ]], "\u0061": "\u0062\/" }"#),
            (r#"{"a": 1, "b": 2, "c": {"d": null, "e": true}}"#, r#"{"c": {"e": true, "d": null}, "b": 2, "a": 1}"#),
        ] {
            assert_eq!(pointers(ours, theirs), [""; 0], "{ours} {theirs}");
            assert!(between(ours, theirs).is_empty());
        }
    }

    #[test]
    fn each_place_is_named() {
        for (ours, theirs, expected) in [
            ("1", "2", &[""][..]),
            ("1", r#""1""#, &[""]),
            ("null", "[]", &[""]),
            ("{}", "[]", &[""]),
            ("false", r#""false""#, &[""]),
            ("[1, 2, 3]", "[1, 3]", &["/1", "/2"]),
            ("[]", "[[1, 2, 3]]", &["/0"]),
            (r#"{"a": 1, "b": {"c": 2}}"#, r#"{"b": {"d": 2}, "e": {"f": [1, 2]}}"#, &["/a", "/b/c", "/b/d", "/e"]),
            (r#"{"a/b": {"~": 1}, "": 2, "\n": 3}"#, r#"{"a/b": {"~": 2}, "": 3, "\n": 4}"#, &["/a~1b/~0", "/", "/\n"]),
            (r#"{"a": "é"}"#, r#"{"a": "e\u0301"}"#, &["/a"]),
            (r#"{"a": 1, "A": 2}"#, r#"{"a": 2, "A": 1}"#, &["/a", "/A"]),
        ] {
            assert_eq!(pointers(ours, theirs), expected, "{ours} {theirs}");
        }
    }

    #[test]
    fn deep_nesting() {
        // Arrays and objects by turns, as deep as can be read.
        let nested = |leaf: &str| format!("{}{leaf}{}", r#"[{"a":"#.repeat(MAX_DEPTH / 2), "}]".repeat(MAX_DEPTH / 2));
        assert_eq!(pointers(&nested("1"), &nested("1.0")), [""; 0]);
        assert_eq!(pointers(&nested("1"), &nested("2")), ["/0/a".repeat(MAX_DEPTH / 2)]);
        assert_eq!(pointers(&nested("1"), "[[]]"), ["/0"]);
    }

    #[test]
    fn many_differences_are_counted_in_linear_time() {
        const MANY: usize = 100_000;
        let object = |value: &str, numbers: &mut dyn Iterator<Item = usize>| {
            let members: Vec<String> = numbers.map(|number| format!("\"{number}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let start = Instant::now();
        let found = between(&object("1", &mut (0..MANY)), &object("2", &mut (0..MANY).rev()));
        assert_eq!((found.iter().len(), found.more()), (DivergingFields::MOST, MANY - DivergingFields::MOST));
        assert!(found.to_string().ends_with(&format!("/14, /15 and {} more", MANY - DivergingFields::MOST)), "{found}");
        let found = between("{}", &object("2", &mut (0..MANY)));
        assert_eq!((found.iter().len(), found.more()), (DivergingFields::MOST, MANY - DivergingFields::MOST));
        let found = between(&format!("[{}0]", "0,".repeat(MANY)), "[0]");
        assert_eq!((found.iter().len(), found.more()), (DivergingFields::MOST, MANY - DivergingFields::MOST));
        // Comparing each name with each other one would take hours.
        assert!(start.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn documents_differ_where_their_genome_ids_do() {
        const DRAFT: &str = include_str!("../../../../genomes/TOTK_ROOT_v1.0.0/genome-unsigned.json");
        const SIGNED: &str = include_str!("../../../../genomes/TOTK_ROOT_v1.0.0/genome.json");
        let differences = |ours: &str, theirs: &str| {
            let (ours, theirs) = (Document::read(ours.as_bytes()).unwrap(), Document::read(theirs.as_bytes()).unwrap());
            let differences = ours.divergence(&theirs);
            assert_eq!(differences.is_empty(), ours.id() == theirs.id());
            differences.to_string()
        };
        assert_eq!(differences(DRAFT, SIGNED), "", "signatures are no difference");
        let other = DRAFT.replace("\"1.0.0\"", "\"1.0.1\"").replacen("\"CRITICAL\"", "\"HIGH\"", 1);
        assert_eq!(differences(DRAFT, &other), "/version, /invariants/0/severity");
    }
}
