//! The one line of a passphrase or a PIN, wherever it comes from.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest passphrase or PIN, in bytes.
pub const LONGEST_SECRET_LINE: usize = 1024;

/// A line of that length, its line end, and one byte more, which shows that something follows.
const MOST_READ: usize = LONGEST_SECRET_LINE + 3;

/// Why what was given is no passphrase and no PIN: what can be said after "the passphrase". It repeats nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecretLineError {
    /// There is nothing before the end of the first line.
    #[error("is empty")]
    Empty,
    /// More lines follow.
    #[error("has more than one line")]
    SeveralLines,
    /// The line is longer than [`LONGEST_SECRET_LINE`].
    #[error("is longer than {LONGEST_SECRET_LINE} bytes")]
    TooLong,
    /// The text is UTF-16, by its byte order mark or by the zero bytes in it.
    #[error("is UTF-16 text, not UTF-8")]
    Utf16,
    /// The text starts with a byte order mark, which nobody types.
    #[error("begins with a byte order mark")]
    ByteOrderMark,
    /// There is a zero byte in it.
    #[error("holds a NUL character")]
    Nul,
    /// The bytes are no UTF-8 text.
    #[error("is not UTF-8 text")]
    NotText,
    /// Reading failed.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl SecretLineError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "it is one line of text that is not empty",
            Self::SeveralLines | Self::TooLong => "check that it is the right file; it holds one line, and nothing else",
            Self::Utf16 | Self::ByteOrderMark | Self::Nul | Self::NotText => {
                "write it as UTF-8 text without a byte order mark, such as with `printf '%s\\n'`, or in PowerShell with `-Encoding utf8NoBOM`"
            }
            Self::Unreadable(_) => "check the path, and that this user may read it",
        }
    }
}

/// Reads a passphrase or a PIN from an open file, from where it stands, into memory that does not grow and is wiped.
///
/// A regular file is read to its end, and must hold one line. Whoever writes into a pipe may keep it open, so there the first line is taken as
/// soon as it is complete.
///
/// # Errors
/// It cannot be read, or is no passphrase and no PIN.
pub fn read_secret_line(mut file: &File) -> Result<Zeroizing<String>, SecretLineError> {
    let unreadable = |error: io::Error| SecretLineError::Unreadable(error.to_string());
    let is_whole = file.metadata().map_err(unreadable)?.is_file();
    let mut bytes = Zeroizing::new(vec![0; MOST_READ]);
    let mut length = 0;
    while let Some(room @ [_, ..]) = bytes.get_mut(length..) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => {
                let end = room.get(..read).unwrap_or_default().iter().position(|byte| *byte == b'\n');
                if let Some(end) = end.filter(|_| !is_whole) {
                    length += end + 1;
                    break;
                }
                length += read;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    secret_line(bytes.get(..length).unwrap_or_default())
}

/// The passphrase or PIN in these bytes: one line, ended by LF, by CR LF, or by the end of the bytes. Empty lines after it make no
/// difference. Nothing else is taken off, as a passphrase may end in a blank.
///
/// # Errors
/// It is no passphrase and no PIN.
pub fn secret_line(bytes: &[u8]) -> Result<Zeroizing<String>, SecretLineError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(SecretLineError::Utf16);
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err(SecretLineError::ByteOrderMark);
    }
    let (line, rest) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let (line, rest) = bytes.split_at(end);
            (line.strip_suffix(b"\r").unwrap_or(line), rest)
        }
        None => (bytes, &[][..]),
    };
    if line.contains(&0) {
        // As UTF-16 writes what ASCII has: each second byte is zero.
        let is_every_second = line.len() > 1 && line.chunks(2).all(|pair| pair.contains(&0));
        return Err(if is_every_second { SecretLineError::Utf16 } else { SecretLineError::Nul });
    }
    if line.len() > LONGEST_SECRET_LINE {
        return Err(SecretLineError::TooLong);
    }
    if rest.iter().any(|byte| !matches!(byte, b'\n' | b'\r')) {
        return Err(SecretLineError::SeveralLines);
    }
    if line.is_empty() {
        return Err(SecretLineError::Empty);
    }
    let text = std::str::from_utf8(line).map_err(|_| SecretLineError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek as _, Write as _};
    use std::os::fd::OwnedFd;

    /// What is read from these bytes, the same in a file and in memory.
    fn read(contents: &[u8]) -> Result<String, SecretLineError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(contents).unwrap();
        file.rewind().unwrap();
        let read = read_secret_line(&file);
        assert_eq!(read, secret_line(contents));
        read.map(|line| line.to_string())
    }

    #[test]
    fn a_line_ends_with_lf_or_cr_lf_or_the_file() {
        for end in ["", "\n", "\r\n", "\n\n", "\r\n\r\n"] {
            assert_eq!(read(format!("correct horse{end}").as_bytes()).as_deref(), Ok("correct horse"), "{end:?}");
        }
        // Nothing else is taken off.
        for text in [" \u{e9} ", "\ttab\t", "ends in two\r", "inner\rreturn", "\u{200b}", "\"quoted\""] {
            assert_eq!(read(format!("{text}\r\n").as_bytes()).as_deref(), Ok(text));
        }
        assert_eq!(read(b"no line feed\r").as_deref(), Ok("no line feed\r"));
    }

    #[test]
    fn what_is_no_such_line_has_a_word_of_its_own() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let long = [b'x'; LONGEST_SECRET_LINE + 1];
        for (bytes, error) in [
            (&b""[..], SecretLineError::Empty),
            (b"\n", SecretLineError::Empty),
            (b"\r\n", SecretLineError::Empty),
            (b"\n\n", SecretLineError::Empty),
            (b"\nsecond\n", SecretLineError::SeveralLines),
            (b"first\nsecond", SecretLineError::SeveralLines),
            (b"first\r\nsecond\r\n", SecretLineError::SeveralLines),
            (b"first\n \n", SecretLineError::SeveralLines),
            (b"-----BEGIN PRIVATE KEY-----\nMC4C\n", SecretLineError::SeveralLines),
            (b"\xef\xbb\xbfhorse\n", SecretLineError::ByteOrderMark),
            (b"\xff\xfeh\0o\0", SecretLineError::Utf16),
            (b"\xfe\xff\0h\0o", SecretLineError::Utf16),
            (&utf16("horse\r\n"), SecretLineError::Utf16),
            (b"ho\0rse\n", SecretLineError::Nul),
            (b"horse\n\0", SecretLineError::SeveralLines),
            (b"\xff\n", SecretLineError::NotText),
            (&long, SecretLineError::TooLong),
            (&[&long[..], b"\n"].concat(), SecretLineError::TooLong),
            (&[long; 3].concat(), SecretLineError::TooLong),
        ] {
            assert_eq!(read(bytes), Err(error), "{}", bytes.escape_ascii());
        }
        for end in ["", "\n", "\r\n", "\r\n\n"] {
            let longest = [&long[1..], end.as_bytes()].concat();
            assert_eq!(read(&longest).map(|line| line.len()), Ok(LONGEST_SECRET_LINE), "{end:?}");
        }
    }

    /// The writer waits for what the reader does with it, and has the pipe open all the while.
    #[test]
    fn a_line_of_a_pipe_is_taken_when_it_is_complete() {
        let (reader, mut writer) = io::pipe().unwrap();
        let file = File::from(OwnedFd::from(reader));
        writer.write_all(b"cor").unwrap();
        let reading = std::thread::spawn(move || read_secret_line(&file).unwrap());
        writer.write_all(b"rect horse\r\nand more").unwrap();
        assert_eq!(reading.join().unwrap().as_str(), "correct horse");
        drop(writer);
    }
}
