//! The form that the replaced scripts signed, to tell their signatures from forgeries. It protects nothing but the top-level
//! texts.

use crate::canonical::compare_names;
use crate::json::{Layout, Member, Value};

/// `JSON.stringify(genome, Object.keys(genome).sort(), 2)`: the sorted top-level names as an array replacer, which holds at every
/// depth, so that most of what is nested is left out (ECMA-262 section 25.5.2).
pub(crate) fn form(unsigned: &[Member<'_>]) -> String {
    let mut names: Vec<&str> = unsigned.iter().map(|member| &*member.name).collect();
    names.sort_unstable_by(|a, b| compare_names(a, b));
    let mut out = String::new();
    Layout { names: Some(&names) }.write(&mut out, &Value::Object(unsigned.to_vec()));
    out
}
