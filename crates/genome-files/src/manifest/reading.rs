//! Reading an open file piece by piece.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::mpsc;
use std::thread::{self, Builder};

/// How much of a file is in memory at a time. It stays in the cache of the core, and what is read ahead in that of all.
pub(super) const PIECE: usize = 256 * 1024;
/// How many pieces are read ahead.
const PIECES: usize = 4;

/// Room for a piece. The processor is slow at copying to where a line of its cache does not start.
#[repr(align(64))]
pub(super) struct Buffer([u8; PIECE]);

impl Buffer {
    #[expect(clippy::large_stack_arrays, reason = "it goes to the heap, and a thread has room for many")]
    pub(super) fn new() -> Box<Self> {
        Box::new(Self([0; PIECE]))
    }
}

/// What is left to be read of an open file.
pub(super) struct Bytes<'f> {
    file: &'f File,
    /// How long it should be.
    size: u64,
    read: u64,
    ended: bool,
}

impl<'f> Bytes<'f> {
    /// All of a file that should be as long as this.
    pub(super) fn new(file: &'f File, size: u64) -> Self {
        Self { file, size, read: 0, ended: false }
    }

    /// How much there is to read. One byte more than there should be shows that the file has grown; no more is read, of one that grows
    /// faster than it is read.
    pub(super) fn left(&self) -> u64 {
        self.size.saturating_add(1).saturating_sub(self.read)
    }

    /// Whether there is no more to read.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether it was as long as it should be.
    pub(super) fn whole(&self) -> bool {
        self.ended && self.read == self.size
    }

    /// The next piece; nothing where the file ends before it should.
    pub(super) fn next<'b>(&mut self, Buffer(buffer): &'b mut Buffer) -> io::Result<&'b [u8]> {
        let wanted = usize::try_from(self.left()).unwrap_or(usize::MAX).min(buffer.len());
        let wanted = buffer.get_mut(..wanted).unwrap_or_default();
        let length = loop {
            match self.file.read(wanted) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.read = self.read.saturating_add(length as u64);
        // Less than was asked for, and as much as there should be: the system is not asked again whether that is all.
        self.ended = length == 0 || self.left() == 0 || (length < wanted.len() && self.read == self.size);
        Ok(wanted.get(..length).unwrap_or_default())
    }

    /// Uses all pieces that are left, while another thread reads those that follow; none where there is no other thread to be had.
    pub(super) fn read_ahead(&mut self, mut piece: impl FnMut(&[u8])) -> io::Result<()> {
        let (fill, to_fill) = mpsc::channel::<Box<Buffer>>();
        let (filled, to_use) = mpsc::channel();
        thread::scope(|scope| {
            let read = move || {
                for mut buffer in to_fill {
                    let length = self.next(&mut buffer).map(<[u8]>::len);
                    let is_last = length.is_err() || self.ended;
                    if filled.send(length.map(|length| (buffer, length))).is_err() || is_last {
                        break;
                    }
                }
            };
            if Builder::new().spawn_scoped(scope, read).is_ok() {
                for _ in 0..PIECES {
                    let _ = fill.send(Buffer::new());
                }
            }
            // Whoever is done first lets go of the channels, and the other is done too.
            for filled in to_use {
                let (buffer, length) = filled?;
                piece(buffer.0.get(..length).unwrap_or_default());
                let _ = fill.send(buffer);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::fd::OwnedFd;

    #[test]
    fn a_file_may_come_in_small_pieces() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (file, mut buffer) = (File::from(OwnedFd::from(reader)), Buffer::new());
        let mut bytes = Bytes::new(&file, 6);
        for (piece, left, ended) in [("abc", 4, false), ("de", 2, false), ("f", 1, true)] {
            writer.write_all(piece.as_bytes()).unwrap();
            assert_eq!(bytes.next(&mut buffer).unwrap(), piece.as_bytes());
            assert_eq!((bytes.left(), bytes.ended(), bytes.whole()), (left, ended, ended));
        }
        writer.write_all(b"too long").unwrap();
        let mut bytes = Bytes::new(&file, 6);
        assert_eq!(bytes.next(&mut buffer).unwrap(), b"too lon");
        assert_eq!((bytes.left(), bytes.ended(), bytes.whole()), (0, true, false));
    }
}
