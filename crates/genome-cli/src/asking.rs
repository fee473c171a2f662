//! The question whether to do what was shown, such as to sign it: where that is more than the screen shows, no `y` agrees to it out of habit.

mod pager;
mod screen;

use crate::{Consent, Paint, Unanswered, ask, note};
use screen::Screen;
use std::io;

/// What a person is asked to agree to.
pub(crate) struct Asking<'t> {
    /// What it says, as it is shown on any terminal.
    pub(crate) text: &'t str,
    /// The question without its mark, as it is repeated below the text: that may have pushed all of its beginning off the screen.
    pub(crate) question: &'t str,
    /// What is done to it, such as `sign`.
    pub(crate) verb: &'static str,
    /// How much of it gives more away.
    pub(crate) grave: usize,
    /// What that number counts.
    pub(crate) counted: &'static str,
}

impl Asking<'_> {
    /// Shows it, and asks. Returns whether somebody agreed, and the answer that agrees, as hints name it.
    pub(crate) fn ask(&self) -> (Result<bool, Unanswered>, String) {
        let &Self { text, question, verb, grave, counted } = self;
        let paint = Paint::on(&io::stderr());
        let text = paint.wrap(text);
        let fits = Screen::of_stderr().holds([&text, &paint.wrap(&format!("{question}? [y/n] "))]);
        let show = || {
            // What fits is not put behind a key that has to be pressed.
            if fits || !pager::page(&text) {
                note(&text);
            }
        };
        if fits || grave == 0 {
            return (ask(&format!("{question}?"), Consent::Yes, show), "`y`".to_owned());
        }
        let more =
            format!("This is more than the screen shows at once. To {verb} it, type {grave}, the number of {counted} together.");
        (ask(&format!("{question}?\n{more}"), Consent::Number(grave), show), format!("`{grave}`"))
    }
}
