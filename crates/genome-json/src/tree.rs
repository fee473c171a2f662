//! The sink that makes a tree of values.

use crate::reader::read;
use crate::sink::{Name, Sink};
use crate::{JsonError, Member, Text, Value};

/// Reads one JSON document, strictly.
///
/// # Errors
/// The first fault, with its line and column.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
    let mut tree = read(bytes, Tree::default())?;
    // A document is one value.
    Ok(tree.values.pop().unwrap_or(Value::Null))
}

/// Makes a document into values. What belongs to arrays and objects that have not ended yet is kept on stacks, so that each gets
/// memory only once, when its size is known.
#[derive(Default)]
struct Tree<'a> {
    values: Vec<Value<'a>>,
    names: Vec<Text<'a>>,
}

impl<'a> Sink<'a> for Tree<'a> {
    #[inline]
    fn scalar(&mut self, value: Value<'a>) {
        self.values.push(value);
    }

    fn close_array(&mut self, length: usize) {
        let items = self.values.split_off(self.values.len() - length);
        self.values.push(Value::Array(items));
    }

    fn name(&mut self, name: &Text<'a>) {
        self.names.push(name.clone());
    }

    fn close_object(&mut self, names: &[Name<'a>]) {
        let values = self.values.drain(self.values.len() - names.len()..);
        let names = self.names.drain(self.names.len() - names.len()..);
        let members = names.zip(values).map(|(name, value)| Member { name, value }).collect();
        self.values.push(Value::Object(members));
    }

    fn open_array(&mut self) {}

    fn open_object(&mut self) {}

    fn comma(&mut self) {}
}
