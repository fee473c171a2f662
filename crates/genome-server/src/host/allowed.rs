//! A name for which requests may ask beside those of this machine.

use super::HostAndPort;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A name that a request may ask for beside those of this machine, with a port or for each: `app.example`, `app.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

/// The text names no host that can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AllowedHostError {
    /// It is no host, with a port or without.
    #[error("write a host as a client asks for it, NAME or NAME:PORT, without `https://` and without a path")]
    NotHost,
    /// It has no name.
    #[error("write a name, as NAME or NAME:PORT")]
    NoName,
    /// It has a `*`, or begins with a dot.
    #[error("there are no wildcards: give --allow-host once for each name, as it is written")]
    Wildcard,
    /// Its port is missing behind the `:`, or too large.
    #[error("the port, after the last `:`, is a number up to 65535")]
    Port,
}

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, AllowedHostError> {
        let HostAndPort { written, port, .. } = HostAndPort::read(text).ok_or(AllowedHostError::NotHost)?;
        if port.is_none() && written != text && !written.is_empty() {
            return Err(AllowedHostError::Port);
        }
        if written.is_empty() {
            return Err(AllowedHostError::NoName);
        }
        if written.contains('*') || written.starts_with('.') {
            return Err(AllowedHostError::Wildcard);
        }
        let port = port.map(str::parse).transpose().map_err(|_| AllowedHostError::Port)?;
        Ok(Self { host: written.to_owned(), port })
    }
}

impl AllowedHost {
    /// Whether a request asks for it. Names are compared without case (RFC 9110 section 4.2.3).
    pub(crate) fn is_named_by(&self, text: &str) -> bool {
        let Some(HostAndPort { written, port, .. }) = HostAndPort::read(text) else { return false };
        let is_port = |allowed: u16| port.is_some_and(|port| port.parse() == Ok(allowed));
        written.eq_ignore_ascii_case(&self.host) && self.port.is_none_or(is_port)
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_host_is_meant_exactly() {
        let allowed = |text: &str| text.parse::<AllowedHost>().unwrap();
        for (host, asked) in [
            ("app.example", "app.example"),
            ("app.example", "App.Example:8443"),
            ("App.example:8443", "app.example:8443"),
            ("[2001:db8::1]", "[2001:DB8::1]:80"),
        ] {
            assert!(allowed(host).is_named_by(asked), "{host} {asked}");
            assert_eq!(allowed(host).to_string(), host);
        }
        for (host, asked) in [
            ("app.example", "app.example."),
            ("app.example", "x.app.example"),
            ("app.example", "app.example.evil.test"),
            ("app.example", ""),
            ("app.example:8443", "app.example"),
            ("app.example:8443", "app.example:"),
            ("app.example:8443", "app.example:844"),
            ("[v1.x]", "v1.x"),
            ("app.example", "user@app.example"),
        ] {
            assert!(!allowed(host).is_named_by(asked), "{host} {asked}");
        }
        for (text, error) in [
            ("", AllowedHostError::NoName),
            (":80", AllowedHostError::NoName),
            ("*", AllowedHostError::Wildcard),
            ("*.example", AllowedHostError::Wildcard),
            ("https://app.example", AllowedHostError::NotHost),
            ("app.example/", AllowedHostError::NotHost),
            ("app.example:x", AllowedHostError::NotHost),
            ("app.example:99999", AllowedHostError::Port),
            ("a b", AllowedHostError::NotHost),
        ] {
            assert_eq!(text.parse::<AllowedHost>(), Err(error), "{text}");
        }
    }
}
