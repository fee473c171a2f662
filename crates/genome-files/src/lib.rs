//! All access to the disk: every program and the server open their inputs here.
//!
//! | to | use |
//! |---|---|
//! | open a file that the user named, and read it | [`OpenFile::open`], then [`OpenFile::read`] |
//! | open a file that a search has found | [`OpenFile::open_regular`] |
//! | open a file that holds a secret | [`open_private`]; write it, [`NewSecretFile`] |
//! | read a passphrase or a PIN | [`read_secret_line`] |
//! | read an audit log whole | [`AuditFile::read`]; from anywhere, [`read_audit_log`] |
//! | append to an audit log | [`AuditAppender`]; to a log that is rotated, [`LogFile`] |
//! | know who else can change a file that was read | [`see_file`], [`see_missing`] |
//! | know whether the program was started with a standard stream | [`Stream`] |
//! | read a log line by line while others append to it | [`Prefix`] |
//! | take a path from the environment | [`path_in_variable`] |
//! | find the ancestors of a genome | [`LineageDirectory`] |
//! | compare files with a manifest | [`ManifestRoot`], and [`Progress`] for its progress |
//! | open the directory in which something is to be | [`open_directory`] |
//! | remember what was accepted | [`StateFile`] |
//! | write metrics for a collector | [`Textfile`] |
//! | listen at a socket in the file system | [`SocketFile::listen`] |
//! | replace a file as a whole, or make one | [`Destination`]; a directory with files, [`NewFolder`] |
//! | make files in a directory, and take them back | [`FoundFolder`], then [`HeldFolder`] |
//!
//! # What it does not do
//!
//! - It prints nothing, and knows no command line. An [`OpenError`] says what is wrong; whoever shows it adds where.
//! - It opens no terminal, no connection but to see whether a socket answers, and no agent's socket.

mod appending;
mod audit;
mod destination;
mod directory;
mod exposure;
mod folder;
mod held;
mod identity;
mod lineage;
mod lock;
mod log_file;
mod manifest;
mod open;
mod prefix;
mod private;
mod replacement;
mod secret;
mod secret_line;
mod socket;
mod state;
mod stream;
#[cfg(test)]
mod testing;
mod textfile;
mod variable;
mod walk;

pub use appending::{check_appending, open_appending};
pub use audit::{AuditAppendError, AuditAppender, AuditFile, AuditReadError, HeldAuditLog, read_audit_log};
pub use destination::{Destination, FoundDestination, ReplaceError};
pub use directory::{directory_of, open_directory, open_directory_of};
pub use exposure::{ExposureFault, see_file, see_missing};
pub use folder::NewFolder;
pub use held::{FoundFolder, HeldFolder, Undone};
pub use lineage::LineageDirectory;
pub use lock::{has_no_locks, take_lock};
pub use log_file::LogFile;
pub use manifest::{ManifestRoot, Progress, WatchedRoot};
pub use open::{OpenError, OpenFile, ReadFile};
pub use prefix::Prefix;
pub use private::{Exposed, PrivateError, open_private};
pub use replacement::place_hint;
pub use secret::{NewSecretFile, make_private};
pub use secret_line::{LONGEST_SECRET_LINE, SecretLineError, read_secret_line, secret_line};
pub use socket::SocketFile;
pub use state::{StateFile, StateRecordError, StateTakeError};
pub use stream::{Stream, StreamFault};
pub use textfile::{MetricsOf, Textfile};
pub use variable::{VariableError, path_in_variable, plain_path, shown_value};
