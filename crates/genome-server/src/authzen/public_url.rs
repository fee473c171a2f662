//! The address under which clients reach the server.

use crate::host::{AllowedHost, Host, HostAndPort};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

const SCHEME: &str = "https://";

/// The address of what ends TLS in front of the server, as clients write it: `https://HOST`, with a port or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    host: AllowedHost,
}

impl PublicUrl {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The host, with its port if it has one.
    pub(crate) fn host(&self) -> &AllowedHost {
        &self.host
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url)
    }
}

/// The text is no public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// It begins in another way.
    #[error("it must begin with `https://`: write the address of the proxy that ends TLS")]
    Scheme,
    /// There is more in it than a host and a port.
    #[error("nothing but a host and a port stands after `https://`: no path, no `/` at the end, no user, no query, no fragment")]
    MoreThanHost,
    /// It has a capital letter.
    #[error("the host is in lower case, as clients compare it")]
    UpperCase,
    /// It has no host that others could ask for.
    #[error("after `https://` stands the name of a host, or an address")]
    NoHost,
    /// It has an address of IPv6 that can be written shorter.
    #[error("an IPv6 address is written in its one short form, as in [::1] or [2001:db8::1]")]
    Ipv6Form,
    /// Its port is none.
    #[error("the port, after `:`, is a number from 1 to 65535, without zeros in front")]
    Port,
    /// Its port is said although it need not be.
    #[error("443 is the port of `https://` where none is written: leave it out")]
    DefaultPort,
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    /// Clients compare it byte by byte (AuthZEN section 9.2.3), so that it has one form.
    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let authority = text.strip_prefix(SCHEME).ok_or(PublicUrlError::Scheme)?;
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(PublicUrlError::MoreThanHost);
        }
        if authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(PublicUrlError::UpperCase);
        }
        let HostAndPort { host, port, .. } = HostAndPort::read(authority).ok_or(PublicUrlError::NoHost)?;
        match host {
            Host::Literal(address) => require_short(address)?,
            Host::Name(name) if is_name(name) => {}
            Host::Name(_) => return Err(PublicUrlError::NoHost),
        }
        let port = if authority.ends_with(':') { Some("") } else { port };
        if port == Some("443") {
            return Err(PublicUrlError::DefaultPort);
        }
        if port.is_some_and(|port| port.starts_with('0') || port.parse::<u16>().is_err()) {
            return Err(PublicUrlError::Port);
        }
        let host = authority.parse().map_err(|_| PublicUrlError::NoHost)?;
        Ok(Self { url: text.to_owned(), host })
    }
}

/// Refuses an address in brackets that is not of IPv6, or not in the form of RFC 5952.
fn require_short(address: &str) -> Result<(), PublicUrlError> {
    let read: Ipv6Addr = address.parse().map_err(|_| PublicUrlError::NoHost)?;
    if read.to_string() == address { Ok(()) } else { Err(PublicUrlError::Ipv6Form) }
}

/// Whether it is a name, or an address of IPv4: what ends in a number is one (WHATWG URL, section 3.5).
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_dotted = name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_plain));
    is_dotted && (!name.rsplit('.').next().is_some_and(is_number) || name.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r46_a_public_address_has_one_form() {
        for url in [
            "https://pdp.example",
            "https://pdp.example:8443",
            "https://127.0.0.1",
            "https://[::1]",
            "https://[2001:db8::1]:8443",
            "https://1.example",
            "https://a_b-1",
        ] {
            let read: PublicUrl = url.parse().unwrap();
            assert_eq!((read.as_str(), read.host().to_string().as_str()), (url, &url[8..]));
        }
        for (other, error) in [
            ("", PublicUrlError::Scheme),
            ("pdp.example", PublicUrlError::Scheme),
            ("http://pdp.example", PublicUrlError::Scheme),
            ("HTTPS://pdp.example", PublicUrlError::Scheme),
            ("https://", PublicUrlError::NoHost),
            ("https://:8443", PublicUrlError::NoHost),
            ("https://pdp.example/", PublicUrlError::MoreThanHost),
            ("https://pdp.example/path", PublicUrlError::MoreThanHost),
            ("https://pdp.example?q", PublicUrlError::MoreThanHost),
            ("https://pdp.example#f", PublicUrlError::MoreThanHost),
            ("https://user@pdp.example", PublicUrlError::MoreThanHost),
            ("https://user:password@pdp.example", PublicUrlError::MoreThanHost),
            ("https://Pdp.example", PublicUrlError::UpperCase),
            ("https://[2001:DB8::1]", PublicUrlError::UpperCase),
            ("https://pdp.example:", PublicUrlError::Port),
            ("https://pdp.example:0", PublicUrlError::Port),
            ("https://pdp.example:08443", PublicUrlError::Port),
            ("https://pdp.example:65536", PublicUrlError::Port),
            ("https://pdp.example:443", PublicUrlError::DefaultPort),
            ("https://[::1]:443", PublicUrlError::DefaultPort),
            ("https://pdp.example:+1", PublicUrlError::NoHost),
            ("https://pdp.example:x", PublicUrlError::NoHost),
            ("https://pdp.example:1:2", PublicUrlError::NoHost),
            ("https://pdp example", PublicUrlError::NoHost),
            ("https://pdp.example ", PublicUrlError::NoHost),
            ("https://pdp.example\n", PublicUrlError::NoHost),
            ("https://é.example", PublicUrlError::NoHost),
            ("https://pdp%2eexample", PublicUrlError::NoHost),
            ("https://pdp*.example", PublicUrlError::NoHost),
            ("https://pdp.example.", PublicUrlError::NoHost),
            ("https://pdp..example", PublicUrlError::NoHost),
            // Others write 127.0.0.1 for these.
            ("https://127.1", PublicUrlError::NoHost),
            ("https://127.0.0.01", PublicUrlError::NoHost),
            ("https://2130706433", PublicUrlError::NoHost),
            ("https://[::1", PublicUrlError::NoHost),
            ("https://[::1]x", PublicUrlError::NoHost),
            ("https://[x]", PublicUrlError::NoHost),
            ("https://[v1.x]", PublicUrlError::NoHost),
            ("https://[0::1]", PublicUrlError::Ipv6Form),
            ("https://[2001:db8:0:0:0:0:0:1]", PublicUrlError::Ipv6Form),
        ] {
            assert_eq!(other.parse::<PublicUrl>(), Err(error), "{other}");
        }
    }
}
