//! How much a terminal shows at once.

use crate::report::width::{visible, widest};
use rustix::termios::tcgetwinsize;
use std::io;

/// The size of a screen, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    columns: usize,
    rows: usize,
}

impl Screen {
    /// The size of the terminal on standard error; where it is unknown, that of the smallest in use.
    pub(super) fn of_stderr() -> Self {
        let size = tcgetwinsize(io::stderr()).ok();
        let known = |number: Option<u16>, usual| number.filter(|&number| number > 0).map_or(usual, usize::from);
        Self { columns: known(size.map(|size| size.ws_col), 80), rows: known(size.map(|size| size.ws_row), 24) }
    }

    /// Whether texts, each of which begins a line, fit on the screen, with a line to spare for the answer below. Colour takes no room.
    pub(super) fn holds(self, texts: [&str; 2]) -> bool {
        let lines = texts.into_iter().flat_map(str::lines);
        // No more of them is looked at than may fit, as there may be millions of characters.
        lines.take(self.rows).map(|line| self.rows_of(line)).sum::<usize>() < self.rows
    }

    /// How many rows a line takes, or more. Of a line that is longer than the screen, no more is looked at than tells that.
    fn rows_of(self, line: &str) -> usize {
        let columns = self.columns.max(2);
        let (rows, _) = visible(line).take(columns * self.rows + 1).fold((1, 0), |(rows, column), (_, character)| {
            let width = widest(character);
            if column + width > columns { (rows + 1, width) } else { (rows, column + width) }
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_a_terminal_wraps_them() {
        let screen = Screen { columns: 5, rows: 4 };
        for (line, rows) in [("", 1), ("12345", 1), ("123456", 2), ("あい", 1), ("あいう", 2), ("1234あ", 2), ("あいあいあ", 3)]
        {
            assert_eq!(screen.rows_of(line), rows, "{line}");
        }
        assert!(screen.holds(["1\n2\n3\n", ""]) && !screen.holds(["1\n2\n3\n", "4"]) && !screen.holds(["1\n2\n345678\n", ""]));
        assert_eq!(Screen { columns: 1, rows: 4 }.rows_of("あい"), 2);
        assert!(
            screen.holds(["123451234512345", ""])
                && !screen.holds(["1234512345123456", ""])
                && !screen.holds(["", &"1".repeat(99)])
        );
    }

    #[test]
    fn colour_takes_no_room() {
        let screen = Screen { columns: 5, rows: 3 };
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let line = format!("{style}123{style:#}45");
        assert_eq!(screen.rows_of(&line), 1);
        assert!(screen.holds([&line, &line]) && !screen.holds([&line, &format!("{line}6")]));
    }
}
