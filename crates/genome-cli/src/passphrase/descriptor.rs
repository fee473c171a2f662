use crate::unbuffered;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::sync::Arc;

/// A file descriptor that the caller has opened for us. It is taken while the command line is read, when the program has opened nothing
/// itself, and goes to no child.
#[derive(Debug, Clone)]
pub(super) struct Descriptor {
    number: i32,
    file: Arc<File>,
}

impl Descriptor {
    pub(super) fn is_stdin(&self) -> bool {
        self.number == 0
    }

    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

impl FromStr for Descriptor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: i32 = text.parse().map_err(|_| "not the number of a file descriptor")?;
        let file = match number {
            0 => unbuffered(&io::stdin()),
            3.. => take(number),
            _ => return Err("nothing can be read from there: it is 0, or 3 and above".to_owned()),
        };
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => "it is not open; `--passphrase-fd 3 3< FILE` opens it".to_owned(),
            _ => format!("it cannot be read: {error}"),
        })?;
        Ok(Self { number, file: Arc::new(file) })
    }
}

/// Opens what is open under this number once more, for us alone, and closes the number itself, which a child would inherit.
fn take(number: i32) -> io::Result<File> {
    let file = File::open(format!("/dev/fd/{number}"))?;
    nix::unistd::close(number)?;
    Ok(file)
}
