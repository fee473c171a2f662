//! Recent denials, on the page.

use super::html::{cell, count, foreign, name_cell, sentence, table, time};
use crate::active::time_of;
use crate::denials::Denial;
use std::fmt::{self, Display};

/// How many are shown at once; the others can be opened.
const MOST_AT_ONCE: usize = 8;

/// Recent denials, the newest first.
pub(super) fn denials(denials: &[Denial]) -> impl Display {
    fmt::from_fn(move |out| {
        if denials.is_empty() {
            return out.write_str("<p>None since the genome was loaded.</p>");
        }
        let (newest, older) = denials.split_at_checked(MOST_AT_ONCE).unwrap_or((denials, &[]));
        rows("The newest first; the same action and reason are counted together", newest).fmt(out)?;
        if older.is_empty() {
            return Ok(());
        }
        let number = older.len();
        write!(out, "<details><summary>{number} older</summary>{}</details>", rows("Older denials", older))
    })
}

fn rows(caption: &str, denials: &[Denial]) -> impl Display {
    let rows = fmt::from_fn(move |out| {
        denials.iter().try_for_each(|denial| {
            let (action, why) = (foreign(&denial.action), sentence(&denial.reason));
            let last = time_of(denial.at);
            let times = count(denial.times, "time");
            writeln!(
                out,
                "<tr role=\"row\">{}{}{}{}</tr>",
                name_cell("Action", format_args!("<code>{action}</code>")),
                cell("Why", why),
                cell("How often", times),
                cell("Last", time(last.as_ref())),
            )
        })
    });
    table(caption, &["Action", "Why", "How often", "Last"], rows)
}
