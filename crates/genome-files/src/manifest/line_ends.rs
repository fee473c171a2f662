//! The digests that a text would have with other line ends, as it comes piece by piece.

use genome::Digest;
use genome::manifest::OtherLineEnds;
use sha2::{Digest as _, Sha256};

/// What was hashed so far.
#[derive(Default)]
pub(super) struct LineEnds {
    lf: Sha256,
    crlf: Sha256,
    /// Whether the piece before ended in a carriage return, which is hashed only when the next byte is known.
    is_return_pending: bool,
}

impl LineEnds {
    pub(super) fn update(&mut self, piece: &[u8]) {
        for line in piece.split_inclusive(|byte| *byte == b'\n') {
            self.line(line);
        }
    }

    /// Hashes a line, or what a piece holds of it.
    fn line(&mut self, line: &[u8]) {
        let (line, is_whole) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
        // What was pending ends the line, or stands in it.
        if self.is_return_pending && !(is_whole && line.is_empty()) {
            self.both(b"\r");
        }
        let (line, is_return) = match line.strip_suffix(b"\r") {
            Some(line) => (line, true),
            None => (line, false),
        };
        self.both(line);
        self.is_return_pending = is_return && !is_whole;
        if is_whole {
            self.lf.update(b"\n");
            self.crlf.update(b"\r\n");
        }
    }

    fn both(&mut self, bytes: &[u8]) {
        self.lf.update(bytes);
        self.crlf.update(bytes);
    }

    pub(super) fn finish(mut self) -> OtherLineEnds {
        if self.is_return_pending {
            self.both(b"\r");
        }
        let digest = |hasher: Sha256| Digest::from_bytes(hasher.finalize().into());
        OtherLineEnds { lf: digest(self.lf), crlf: digest(self.crlf) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_matter_where_a_piece_ends() {
        for (text, lf, crlf) in [
            ("", "", ""),
            ("a\nb\n", "a\nb\n", "a\r\nb\r\n"),
            ("a\r\nb\r\n", "a\nb\n", "a\r\nb\r\n"),
            ("a\r\nb\n\r\n\n", "a\nb\n\n\n", "a\r\nb\r\n\r\n\r\n"),
            ("a\rb\r", "a\rb\r", "a\rb\r"),
            ("\r\r\n\r", "\r\n\r", "\r\r\n\r"),
            ("\n", "\n", "\r\n"),
        ] {
            let expected = OtherLineEnds { lf: Digest::of(lf.as_bytes()), crlf: Digest::of(crlf.as_bytes()) };
            for size in 1..=text.len().max(1) {
                let mut hasher = LineEnds::default();
                text.as_bytes().chunks(size).for_each(|piece| hasher.update(piece));
                assert_eq!(hasher.finish(), expected, "{text:?} in pieces of {size}");
            }
        }
    }
}
