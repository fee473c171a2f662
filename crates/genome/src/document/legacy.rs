//! The form that the replaced scripts signed, to tell their signatures from forgeries. It protects nothing but the top-level
//! texts.

use genome_json::canonical::compare_names;
use genome_json::{Member, Value};

/// `JSON.stringify(genome, Object.keys(genome).sort(), 2)`: the sorted top-level names as an array replacer, which holds at every
/// depth, so that most of what is nested is left out (ECMA-262 section 25.5.2).
pub(crate) fn form(unsigned: &[Member<'_>]) -> String {
    let mut names: Vec<&str> = unsigned.iter().map(|member| &*member.name).collect();
    names.sort_unstable_by(|a, b| compare_names(a, b));
    Value::Object(unsigned.to_vec()).stringify(&names)
}
