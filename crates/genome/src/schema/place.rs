use std::fmt;

/// Where a value stands in the document: a JSON Pointer (RFC 6901) that becomes text only where a fault is found.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    pub(crate) const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    pub(crate) fn name(&'p self, name: &'p str) -> Self {
        Place { parent: Some(self), step: Step::Name(name) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Place { parent: Some(self), step: Step::Index(index) }
    }

    /// The index of the innermost item of an array that this is, or is in.
    pub(crate) fn item(&self) -> Option<usize> {
        match self.step {
            Step::Index(index) => Some(index),
            _ => self.parent?.item(),
        }
    }

    /// The pointer of the same place in another item of that array.
    pub(crate) fn in_item(&self, index: usize) -> String {
        match (self.parent, self.step) {
            (None, _) => String::new(),
            (Some(parent), Step::Index(_)) => parent.index(index).to_string(),
            (Some(parent), step) => format!("{}{step}", parent.in_item(index)),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(formatter)?;
        }
        self.step.fmt(formatter)
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Root => Ok(()),
            // RFC 6901 section 3: `~` is `~0`, `/` is `~1`.
            Step::Name(name) => write!(formatter, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => write!(formatter, "/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_in_another_item() {
        let list = Place::ROOT.name("a/b");
        let outer = list.index(3);
        let inner = outer.name("list");
        let item = inner.index(5);
        let field = item.name("id");
        assert_eq!((field.to_string().as_str(), field.item()), ("/a~1b/3/list/5/id", Some(5)));
        assert_eq!(field.in_item(1), "/a~1b/3/list/1/id");
        assert_eq!(item.in_item(1), "/a~1b/3/list/1");
        assert_eq!(inner.in_item(1), "/a~1b/1/list");
        assert_eq!(list.item(), None);
    }
}
