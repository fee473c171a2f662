//! JSON laid out for people.

use crate::canonical;
use crate::{Member, Value};

/// JSON as ECMAScript's `JSON.stringify(value, replacer, 2)` lays it out (ECMA-262 section 25.5.2).
pub(crate) struct Layout<'k> {
    /// The array replacer: the only names that are written, at every depth, and their order. `None` writes all, in their order.
    pub(crate) names: Option<&'k [&'k str]>,
}

impl Layout<'_> {
    /// Every name, in the order of the document.
    pub(crate) const ALL: Layout<'static> = Layout { names: None };

    pub(crate) fn write(&self, out: &mut String, value: &Value<'_>) {
        self.value(out, value, 0);
    }

    fn value(&self, out: &mut String, value: &Value<'_>, depth: usize) {
        match value {
            Value::Array(items) => {
                block(out, ['[', ']'], items.iter(), depth, |out, item| self.value(out, item, depth + 1));
            }
            Value::Object(members) => {
                let member = |out: &mut String, Member { name, value }: &Member<'_>| {
                    name.write(out);
                    out.push_str(": ");
                    self.value(out, value, depth + 1);
                };
                match self.names {
                    None => block(out, ['{', '}'], members.iter(), depth, member),
                    Some(names) => {
                        let chosen = names.iter().filter_map(|name| members.iter().find(|member| *member.name == **name));
                        block(out, ['{', '}'], chosen, depth, member);
                    }
                }
            }
            scalar => canonical::write_scalar(out, scalar),
        }
    }
}

/// Writes JSON without white space, names in their order.
pub(crate) fn write_compact(out: &mut String, value: &Value<'_>) {
    let separate = |out: &mut String, index: usize| out.push_str(if index > 0 { "," } else { "" });
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_compact(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, Member { name, value }) in members.iter().enumerate() {
                separate(out, index);
                name.write(out);
                out.push(':');
                write_compact(out, value);
            }
            out.push('}');
        }
        scalar => canonical::write_scalar(out, scalar),
    }
}

/// Writes a bracketed list, each item on a line of its own, or just the brackets where there is none.
fn block<I>(out: &mut String, [open, close]: [char; 2], items: I, depth: usize, mut write: impl FnMut(&mut String, I::Item))
where
    I: Iterator,
{
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    out.push(open);
    let mut empty = true;
    for item in items {
        if !empty {
            out.push(',');
        }
        empty = false;
        line(out, depth + 1);
        write(out, item);
    }
    if !empty {
        line(out, depth);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn compact_json_has_no_white_space_and_keeps_its_order() {
        let spread = "{ \"b\" : [ 1 , \"a b\\n\", { } , -0.5 ],\n \"a\": [ ], \"c\": { \"x\": null, \"w\": true } }";
        let compact = r#"{"b":[1,"a b\n",{},-0.5],"a":[],"c":{"x":null,"w":true}}"#;
        assert_eq!(parse(spread.as_bytes()).unwrap().to_compact(), compact);
        assert_eq!(parse(compact.as_bytes()).unwrap().to_compact(), compact);
    }
}
