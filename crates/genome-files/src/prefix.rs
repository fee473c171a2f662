//! The first bytes of a file to which others may append.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;

/// The first bytes of an open file, to which others may append meanwhile. It has a place of its own from which it is read, so that the
/// file can be read elsewhere too.
#[derive(Debug)]
pub struct Prefix<'f> {
    file: &'f File,
    length: u64,
    place: u64,
}

impl<'f> Prefix<'f> {
    /// This many bytes of a file, from its start.
    #[must_use]
    pub fn of(file: &'f File, length: u64) -> Self {
        Self { file, length, place: 0 }
    }
}

impl Read for Prefix<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.length.saturating_sub(self.place);
        let most = usize::try_from(rest).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(buffer.get_mut(..most).unwrap_or_default(), self.place)?;
        if read == 0 && most > 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        self.place += read as u64;
        Ok(read)
    }
}

impl Seek for Prefix<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_is_appended_is_not_read() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut text = String::new();
        let mut prefix = Prefix::of(&file, 4);
        for _ in 0..2 {
            prefix.rewind().unwrap();
            prefix.read_to_string(&mut text).unwrap();
        }
        assert_eq!(text, "01230123");
        assert_eq!(prefix.seek(SeekFrom::End(-1)).unwrap(), 3);
        assert!(prefix.seek(SeekFrom::Current(-4)).is_err());
        prefix.read_to_string(&mut text).unwrap();
        assert_eq!(text, "012301233");
        assert_eq!(Prefix::of(&file, 11).read_to_string(&mut text).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
