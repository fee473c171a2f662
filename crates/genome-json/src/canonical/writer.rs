//! The sink that writes the canonical form.

use super::scalar;
use crate::sink::{Name, Sink};
use crate::{Text, Value};
use std::cmp::Ordering;
use std::ops::Range;

/// Writes the canonical form of a document while it is read. Members are written as they come, and sorted when their object ends.
pub(super) struct Writer {
    /// The output: text, as bytes, because members are moved within it.
    out: Vec<u8>,
    /// Where the members of the objects that have not ended yet start in `out`.
    starts: Vec<usize>,
    /// The members of an object that are put aside while the largest is moved.
    aside: Vec<u8>,
}

impl Writer {
    /// A writer with room for a canonical form of this many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes), starts: Vec::new(), aside: Vec::new() }
    }

    /// What has been written.
    pub(super) fn finish(self) -> String {
        String::from_utf8(self.out).unwrap_or_else(|_| unreachable!("whole texts in a row are text"))
    }

    /// Brings the members of an object, which start here, into the order of these names. The largest, which may be nearly all of
    /// the document, is moved within `out`, so that no memory of its size is needed.
    fn sort(&mut self, first: usize, names: &[Name<'_>]) {
        let Self { out, starts, aside } = self;
        let starts = starts.get(first..).unwrap_or_default();
        let end = out.len();
        let range = |name: &Name<'_>| -> Range<usize> {
            let start = starts.get(name.index).copied().unwrap_or(end);
            // A comma stands between two members.
            start..starts.get(name.index + 1).map_or(end, |next| next - 1)
        };
        let ranges = names.iter().map(range).enumerate();
        let (Some(&start), Some((pivot, largest))) = (starts.first(), ranges.clone().max_by_key(|(_, range)| range.len())) else {
            return;
        };
        aside.clear();
        let mut before = 0;
        for (place, range) in ranges {
            let member = out.get(range).unwrap_or_default();
            match place.cmp(&pivot) {
                Ordering::Less => {
                    aside.extend_from_slice(member);
                    aside.push(b',');
                    before = aside.len();
                }
                Ordering::Equal => {}
                Ordering::Greater => {
                    aside.push(b',');
                    aside.extend_from_slice(member);
                }
            }
        }
        let (before, after) = aside.split_at(before);
        out.copy_within(largest, start + before.len());
        if let Some(room) = out.get_mut(start..start + before.len()) {
            room.copy_from_slice(before);
        }
        out.truncate(end - after.len());
        out.extend_from_slice(after);
    }
}

impl<'a> Sink<'a> for Writer {
    #[inline]
    fn scalar(&mut self, value: Value<'a>) {
        self.out.extend_from_slice(scalar(&value).as_bytes());
    }

    fn open_array(&mut self) {
        self.out.push(b'[');
    }

    fn close_array(&mut self, _: usize) {
        self.out.push(b']');
    }

    fn open_object(&mut self) {
        self.out.push(b'{');
    }

    fn name(&mut self, name: &Text<'a>) {
        self.starts.push(self.out.len());
        self.out.extend_from_slice(name.quoted().as_bytes());
        self.out.push(b':');
    }

    fn close_object(&mut self, names: &[Name<'a>]) {
        let first = self.starts.len() - names.len();
        if !names.is_sorted_by_key(|name| name.index) {
            self.sort(first, names);
        }
        self.starts.truncate(first);
        self.out.push(b'}');
    }

    fn comma(&mut self) {
        self.out.push(b',');
    }
}
