//! A connection that is kept, on which one answer follows the other.

use crate::server::{PATIENCE, Reply};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// A connection that is kept.
pub struct Conversation(BufReader<TcpStream>);

impl Conversation {
    /// Talks on this connection.
    ///
    /// # Panics
    /// It cannot be had.
    #[must_use]
    pub fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap_or_else(|error| panic!("{error}"));
        Self(BufReader::new(stream))
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// The other side does not take them.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// The next answer; `None` where the connection ends in good order.
    ///
    /// # Panics
    /// None comes, or half of one.
    pub fn answer(&mut self) -> Option<Reply> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.0.read_line(&mut head).unwrap_or_else(|error| panic!("{error} after `{head}`"));
            if read == 0 {
                assert_eq!(head, "", "the connection ended within an answer");
                return None;
            }
        }
        let reply = Reply::of(&head, String::new());
        let mut body = vec![0; reply.length()];
        self.0.read_exact(&mut body).unwrap_or_else(|error| panic!("{error} after `{head}`"));
        Some(Reply { body: String::from_utf8(body).unwrap_or_else(|error| panic!("{error}")), ..reply })
    }
}
