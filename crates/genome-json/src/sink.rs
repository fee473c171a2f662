//! The sink of the reader: what is made of a document while it is read.

use crate::{Text, Value};

/// Makes something of a document: the reader passes each token as soon as it has read it.
pub(crate) trait Sink<'a> {
    /// Anything but an array or an object.
    fn scalar(&mut self, value: Value<'a>);

    /// The start of an array.
    fn open_array(&mut self);

    /// The end of an array of this many items.
    fn close_array(&mut self, length: usize);

    /// The start of an object.
    fn open_object(&mut self);

    /// A name in an object, and the colon.
    fn name(&mut self, name: &Text<'a>);

    /// The end of an object with these names, which all differ.
    fn close_object(&mut self, names: &[Name<'a>]);

    /// The comma between two items or members.
    fn comma(&mut self);
}

/// A name in an object. The sink is given them in the order of the canonical form.
pub(crate) struct Name<'a> {
    pub(crate) text: Text<'a>,
    /// The offset at which it stands in the document, in bytes.
    pub(crate) at: usize,
    /// How many members stand before it in the document.
    pub(crate) index: usize,
}
