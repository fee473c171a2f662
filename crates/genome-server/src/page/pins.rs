//! The pinned definitions of tools, on the page.

use super::html::{cell, count, each, foreign, grouped, name_cell, table};
use genome::Genome;
use genome::model::ToolPin;
use std::fmt::{self, Display, Formatter};

/// How many are shown; `GET /genome` has all of them.
const MOST_SHOWN: usize = 1000;

/// Which definitions are good; nothing where the genome pins none.
pub(super) fn pins(genome: &Genome) -> impl Display {
    fmt::from_fn(|out| {
        let pins = genome.tools.as_slice();
        if pins.is_empty() {
            return Ok(());
        }
        out.write_str("<section aria-labelledby=\"pins-title\">\n<h2 id=\"pins-title\">Pinned definitions of tools</h2>\n")?;
        let shown = pins.get(..MOST_SHOWN).unwrap_or(pins);
        let caption = format_args!("{}: no other definition of these was signed", count(pins.len(), "pin"));
        table(caption, &["Pinned", "SHA-256 of the definition"], each(shown, row)).fmt(out)?;
        if shown.len() < pins.len() {
            let more = grouped(pins.len() - shown.len());
            write!(out, "<p>{more} more are in <a href=\"genome\">the genome as JSON</a>.</p>")?;
        }
        out.write_str("</section>")
    })
}

fn row(pin: &ToolPin, out: &mut Formatter<'_>) -> fmt::Result {
    let ToolPin { action, sha256, .. } = pin;
    let digest = format_args!("<code>{sha256}</code>");
    writeln!(out, "<tr role=\"row\">{}{}</tr>", name_cell("Pinned", foreign(action)), cell("SHA-256 of the definition", digest))
}
