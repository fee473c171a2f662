//! Where the server listens, as the command line says it: an address or the name of a host, and a port.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::str::FromStr;

/// An address, or the name of a host that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    Address(SocketAddr),
    Host(String, u16),
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let Some((host, port)) = text.rsplit_once(':') else {
            // This machine alone: who else may ask is never decided by leaving something out.
            let port = text.parse().map_err(|_| "an address and a port belong here, such as 127.0.0.1:7070, or a port alone")?;
            return Ok(Self::Address((Ipv4Addr::LOCALHOST, port).into()));
        };
        let port = port.parse().map_err(|_| "the port, after the last `:`, is a number up to 65535".to_owned())?;
        if host.is_empty() {
            return Err(format!("no address stands before the port: write 127.0.0.1:{port}, or 0.0.0.0:{port} for all of them"));
        }
        if host.contains(':') {
            return Err(format!("an IPv6 address stands in brackets, as in [::1]:{port}"));
        }
        // RFC 1123 section 2.1. What is left of digits and dots is an address with a mistake in it.
        let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        if !is_name || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err("what stands before the port is neither an address nor the name of a host".to_owned());
        }
        Ok(Self::Host(host.to_owned(), port))
    }
}

impl ListenAddress {
    /// The one address of it on which to listen: of several the first of IPv4, as Go's `net.Listen` has it.
    ///
    /// # Errors
    /// The name of the host has no address.
    pub(crate) fn resolve(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Address(address) => Ok(*address),
            Self::Host(host, port) => {
                let addresses: Vec<SocketAddr> = (host.as_str(), *port).to_socket_addrs()?.collect();
                let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
                first.copied().ok_or_else(|| io::Error::other("the name has no address"))
            }
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Host(host, port) => write!(formatter, "{host}:{port}"),
        }
    }
}

/// What to do where nothing can listen.
pub(crate) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "see who listens there, or name another address with --listen",
        io::ErrorKind::AddrNotAvailable => "name an address of this machine with --listen: `ip address` shows them",
        io::ErrorKind::PermissionDenied => "name a port of 1024 or above with --listen, or give the server CAP_NET_BIND_SERVICE",
        _ => "name another address with --listen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_name_or_an_address() {
        let resolved = |text: &str| text.parse::<ListenAddress>().unwrap().resolve().unwrap();
        assert_eq!(resolved("127.0.0.1:0"), SocketAddr::from(([127, 0, 0, 1], 0)));
        assert!(resolved("localhost:7070").ip().is_loopback());
        assert_eq!(resolved("7070"), SocketAddr::from(([127, 0, 0, 1], 7070)));
        assert_eq!("[::1]:1".parse::<ListenAddress>().unwrap().to_string(), "[::1]:1");
        for (text, said) in [
            ("localhost", "a port alone"),
            ("70700", "a port alone"),
            ("", "a port alone"),
            (":7070", "0.0.0.0:7070"),
            ("::1:7070", "[::1]:7070"),
            ("localhost:http", "number"),
            ("localhost:70700", "65535"),
            ("127.0.0.256:7070", "neither"),
            ("http//x:7070", "neither"),
            ("\u{1b}[1m:7070", "neither"),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
