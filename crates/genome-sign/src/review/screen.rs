//! How much a terminal shows at once.

use rustix::termios::tcgetwinsize;
use std::io;

/// The size of a screen, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    columns: usize,
    rows: usize,
}

impl Screen {
    /// That of the terminal on standard error; where it does not know its own, that of the smallest which are in use.
    pub(super) fn of_stderr() -> Self {
        let size = tcgetwinsize(io::stderr()).ok();
        let known = |number: Option<u16>, usual| number.filter(|&number| number > 0).map_or(usual, usize::from);
        Self { columns: known(size.map(|size| size.ws_col), 80), rows: known(size.map(|size| size.ws_row), 24) }
    }

    /// Whether a text without colour is seen as a whole on the screen, with a line to spare for what is typed below.
    pub(super) fn holds(self, text: &str) -> bool {
        text.lines().map(|line| self.rows_of(line)).sum::<usize>() < self.rows
    }

    /// How many rows a line takes, or more: what is not ASCII is taken to be wide, as some of it is, and no terminal shows it wider.
    fn rows_of(self, line: &str) -> usize {
        let columns = self.columns.max(2);
        let (rows, _) = line.chars().fold((1, 0), |(rows, column), character| {
            let width = if character.is_ascii() { 1 } else { 2 };
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
        assert!(screen.holds("1\n2\n3\n") && !screen.holds("1\n2\n3\n4\n") && !screen.holds("1\n2\n345678\n"));
        assert_eq!(Screen { columns: 1, rows: 4 }.rows_of("あい"), 2);
    }
}
