//! Where the server listens, as the command line says it: an address or the name of a host, and a port; the path of a socket; what systemd passes.

use genome_files::plain_path;
use genome_json::text::EscapedPath;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// An address, the name of a host that has one, the path of a socket, or the sockets that systemd passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    Address(SocketAddr),
    Host(String, u16),
    Unix(PathBuf),
    Systemd,
}

/// The same, after the name of a host was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResolvedAddress<'a> {
    Tcp(SocketAddr),
    Unix(&'a Path),
    Systemd,
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            if path.is_empty() {
                return Err("no path stands behind `unix:`, as in unix:/run/genome/server.sock".to_owned());
            }
            return plain_path("--listen", "unix:", path.into()).map(Self::Unix).map_err(|error| error.to_string());
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let Some((host, port)) = text.rsplit_once(':') else {
            // This machine alone: who else may ask is never decided by leaving something out.
            let port = text
                .parse()
                .map_err(|_| "an address and a port belong here, such as 127.0.0.1:7070, a port alone, or unix:PATH")?;
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
    /// The one place of it at which to listen: of several addresses of a host the first of IPv4, as Go's `net.Listen` has it.
    ///
    /// # Errors
    /// The name of the host has no address.
    pub(crate) fn resolve(&self) -> io::Result<ResolvedAddress<'_>> {
        match self {
            Self::Address(address) => Ok(ResolvedAddress::Tcp(*address)),
            Self::Host(host, port) => {
                let addresses: Vec<SocketAddr> = (host.as_str(), *port).to_socket_addrs()?.collect();
                let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
                first.copied().map(ResolvedAddress::Tcp).ok_or_else(|| io::Error::other("the name has no address"))
            }
            Self::Unix(path) => Ok(ResolvedAddress::Unix(path)),
            Self::Systemd => Ok(ResolvedAddress::Systemd),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Host(host, port) => write!(formatter, "{host}:{port}"),
            Self::Unix(path) => write!(formatter, "unix:{}", EscapedPath(path)),
            Self::Systemd => formatter.write_str("what systemd passes"),
        }
    }
}

/// Why nothing can listen, in words that are true of sockets in the file system too.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "something else than a stream socket is there".to_owned(),
        io::ErrorKind::InvalidFilename => "the path is longer than 107 bytes, which no address of a socket is".to_owned(),
        _ => error.to_string(),
    }
}

/// What to do where nothing can listen.
pub(crate) fn hint(listen: &ListenAddress, error: &io::Error) -> &'static str {
    match (listen, error.kind()) {
        (ListenAddress::Systemd, _) => "start the server by a socket unit of systemd (Accept=no), or name an address with --listen",
        (ListenAddress::Unix(_), io::ErrorKind::AddrInUse) => "another server answers there: end it, or name another path",
        (ListenAddress::Unix(_), io::ErrorKind::PermissionDenied) => {
            "the user of the server needs to write the directory, and to be a member of the group of --socket-group"
        }
        (ListenAddress::Unix(_), io::ErrorKind::NotFound) => {
            "make its directory first, of mode 0711: in a unit of systemd RuntimeDirectory= and RuntimeDirectoryMode=0711 do it"
        }
        (ListenAddress::Unix(_), io::ErrorKind::InvalidInput) => {
            "the group of --socket-group cannot be given here, as in a unit with PrivateUsers=yes: use a socket unit and --listen systemd"
        }
        (ListenAddress::Unix(_), _) => "name another path with --listen unix:PATH",
        (_, io::ErrorKind::AddrInUse) => "see who listens there, or name another address with --listen",
        (_, io::ErrorKind::AddrNotAvailable) => "name an address of this machine with --listen: `ip address` shows them",
        (_, io::ErrorKind::PermissionDenied) => {
            "name a port of 1024 or above with --listen, or give the server CAP_NET_BIND_SERVICE"
        }
        _ => "name another address with --listen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_name_or_an_address() {
        let resolved = |text: &str| match text.parse::<ListenAddress>().unwrap().resolve().unwrap() {
            ResolvedAddress::Tcp(address) => address,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(resolved("127.0.0.1:0"), SocketAddr::from(([127, 0, 0, 1], 0)));
        assert!(resolved("localhost:7070").ip().is_loopback());
        assert_eq!(resolved("7070"), SocketAddr::from(([127, 0, 0, 1], 7070)));
        assert_eq!("[::1]:1".parse::<ListenAddress>().unwrap().to_string(), "[::1]:1");
        assert_eq!("unix:/run/x.sock".parse(), Ok(ListenAddress::Unix("/run/x.sock".into())));
        assert_eq!("systemd".parse(), Ok(ListenAddress::Systemd));
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
            ("unix:", "no path"),
            ("unix:/run/x.sock ", "ends in white space"),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
