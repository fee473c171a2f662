//! The icons of the page. The words beside them say the same, so a screen reader passes over them.

use std::fmt::{self, Display, Formatter};

/// An icon, drawn in the colour of the text beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// A cross in an octagon.
    Stop,
    /// An exclamation mark in a triangle.
    Attention,
    /// A tick in a circle.
    Good,
    /// An `i` in a circle.
    Information,
    /// A question mark in a circle.
    Unknown,
}

impl Display for Icon {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let path = match self {
            Self::Stop => "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8.5 8.5l7 7m0-7l-7 7",
            Self::Attention => "M12 3L1.5 21h21zM12 10v5m0 3v.01",
            Self::Good => "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M7.5 12.5l3 3l6-6.5",
            Self::Information => "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M12 11v6m0-10v.01",
            Self::Unknown => "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M9 9.5a3 3 0 1 1 4.5 2.6q-1.5 .8-1.5 2.4m0 3v.01",
        };
        write!(formatter, "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{path}\"/></svg>")
    }
}
