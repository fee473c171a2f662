//! How a person wants text to be shown: the options that every program has, settled once before anything is printed.

use clap::ColorChoice;
use std::env;
use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether genome ids are in full on a terminal, too.
static VERBOSE: AtomicBool = AtomicBool::new(false);

/// How text for a person is shown. Every program has these options.
#[derive(Debug, Clone, Copy, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the help shows these lines as they are")]
#[command(next_help_heading = None::<&str>)]
pub struct DisplayArguments {
    /// Colour text for a person: auto (as NO_COLOR, FORCE_COLOR and the terminal say), always or never
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, global = true)]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    color: ColorChoice,
    /// Show all genome ids in full on a terminal, those in lists too
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl DisplayArguments {
    /// Settles it for all that is printed from now on.
    pub(crate) fn settle(self) {
        settle_color(self.color);
        VERBOSE.store(self.verbose, Ordering::Relaxed);
    }
}

/// Settles the colour of what is wrong with a command line, and of help, before the command line is parsed.
pub(crate) fn settle_for(arguments: &[OsString]) {
    settle_color(asked_color(arguments).unwrap_or_default());
}

/// Whether genome ids are to be in full.
pub(super) fn is_verbose() -> bool {
    VERBOSE.load(Ordering::Relaxed)
}

/// The option outweighs the variables. `anstream` 1.0.0 knows all of them but `FORCE_COLOR` (force-color.org), which counts with any value.
fn settle_color(asked: ColorChoice) {
    let is_set = |name| env::var_os(name).is_some_and(|value: OsString| !value.is_empty());
    let choice = match asked {
        ColorChoice::Auto if is_set("FORCE_COLOR") && !is_set("NO_COLOR") => anstream::ColorChoice::Always,
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// What the command line says of colour, as far as that can be told of one that may be wrong.
fn asked_color(arguments: &[OsString]) -> Option<ColorChoice> {
    const OPTION: &str = "--color";
    let mut words = arguments.iter().map(OsString::as_os_str).take_while(|&word| word != "--");
    let mut asked = None;
    while let Some(word) = words.next() {
        let value = if word == OPTION { words.next() } else { value_of(word, OPTION) };
        asked = value.and_then(choice).or(asked);
    }
    asked
}

fn value_of<'w>(word: &'w OsStr, option: &str) -> Option<&'w OsStr> {
    word.to_str()?.strip_prefix(option)?.strip_prefix('=').map(OsStr::new)
}

fn choice(value: &OsStr) -> Option<ColorChoice> {
    match value.to_str()? {
        "auto" => Some(ColorChoice::Auto),
        "always" => Some(ColorChoice::Always),
        "never" => Some(ColorChoice::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_is_a_choice_counts() {
        for (words, asked) in [
            (&["p"][..], None),
            (&["p", "--color", "never", "x"], Some(ColorChoice::Never)),
            (&["p", "verify", "--color=always"], Some(ColorChoice::Always)),
            (&["p", "--color=always", "--color", "auto"], Some(ColorChoice::Auto)),
            (&["p", "--color=never", "--color=blue"], Some(ColorChoice::Never)),
            (&["p", "--", "--color=never"], None),
            (&["p", "--colors=never", "--color"], None),
        ] {
            let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(asked_color(&arguments), asked, "{words:?}");
        }
    }
}
