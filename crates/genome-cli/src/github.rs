use crate::{Finding, Level};
use genome::Printable;

/// A finding as workflow commands of GitHub Actions, which show it beside the file: one line for each fault.
#[must_use]
pub fn annotation(finding: &Finding) -> String {
    if finding.details.is_empty() {
        return line(finding, &finding.pointer, &finding.message, &finding.hint);
    }
    finding.details.iter().map(|detail| line(finding, &detail.pointer, &detail.message, &detail.hint)).collect()
}

fn line(finding: &Finding, pointer: &str, message: &str, hint: &str) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let mut properties = Vec::new();
    if let Some(file) = &finding.file {
        properties.push(format!("file={}", property(file)));
    }
    if let Some((line, column)) = finding.position {
        properties.push(format!("line={line},col={column}"));
    }
    if let Some(code) = finding.code {
        properties.push(format!("title={code}"));
    }
    let hint = if finding.level == Level::Notice { hint.to_owned() } else { format!("help: {hint}") };
    let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
    format!("::{command} {}::{}\n", properties.join(","), data(&format!("{place}{message} ({hint})")))
}

/// The runner reads these characters as its own; line feeds are escaped with all that does not show.
fn data(text: &str) -> String {
    Printable(text).to_string().replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_cannot_become_a_command() {
        let finding = Finding { pointer: "/na\n::error::x".to_owned(), ..Finding::error("100%", "none") }.at(&"a,b:c.json");
        assert_eq!(annotation(&finding), "::error file=a%2Cb%3Ac.json::/na\\u{a}::error::x: 100%25 (help: none)\n");
    }
}
