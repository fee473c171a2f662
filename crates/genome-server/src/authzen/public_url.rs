//! The address under which clients reach the server.

use crate::host::AllowedHost;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

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

impl FromStr for PublicUrl {
    type Err = &'static str;

    /// Clients compare it byte by byte (AuthZEN section 9.2.3), so that it has one form.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let authority =
            text.strip_prefix(SCHEME).ok_or("it begins with `https://`: what ends TLS in front of the server has that address")?;
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(
                "nothing but a host and a port stands after `https://`: no path, no `/` at the end, no user, no query, no fragment",
            );
        }
        if authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("the host is in lower case, as clients compare it");
        }
        let (is_host, port) = if let Some(literal) = authority.strip_prefix('[') {
            let (address, port) = literal.split_once(']').ok_or("an IPv6 address ends with `]`")?;
            (address.parse::<Ipv6Addr>().is_ok(), port)
        } else {
            let (name, port) = authority.find(':').and_then(|at| authority.split_at_checked(at)).unwrap_or((authority, ""));
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
            (!name.is_empty() && name.bytes().all(is_plain), port)
        };
        let is_number =
            |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
        if !is_host {
            return Err("after `https://` stands the name of a host, or an address");
        }
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_number) {
            return Err("the port, after `:`, is a number from 1 to 65535");
        }
        Ok(Self { url: text.to_owned(), host: authority.parse()? })
    }
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
            "https://[2001:db8::1]:443",
            "https://a_b-1",
        ] {
            let read: PublicUrl = url.parse().unwrap();
            assert_eq!((read.as_str(), read.host().to_string().as_str()), (url, &url[8..]));
        }
        for other in [
            "",
            "pdp.example",
            "http://pdp.example",
            "HTTPS://pdp.example",
            "https://",
            "https://:443",
            "https://pdp.example/",
            "https://pdp.example/path",
            "https://pdp.example?q",
            "https://pdp.example#f",
            "https://user@pdp.example",
            "https://user:password@pdp.example",
            "https://Pdp.example",
            "https://pdp.example:",
            "https://pdp.example:0",
            "https://pdp.example:+1",
            "https://pdp.example:65536",
            "https://pdp.example:x",
            "https://pdp.example:1:2",
            "https://pdp example",
            "https://pdp.example ",
            "https://pdp.example\n",
            "https://é.example",
            "https://pdp%2eexample",
            "https://[::1",
            "https://[::1]x",
            "https://[x]",
            "https://[2001:DB8::1]",
        ] {
            assert!(other.parse::<PublicUrl>().is_err(), "{other}");
        }
    }
}
