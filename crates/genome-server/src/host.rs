//! The host that a request names: once, in a form that has one meaning, and as one of the names of this machine. A page from elsewhere
//! can make a browser take our address for that of its own name (DNS rebinding), but the browser still sends that name.

mod allowed;

use crate::problem::Problem;
pub use allowed::{AllowedHost, AllowedHostError};
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderValue, StatusCode, Version};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Refuses a request whose `Host` is missing, repeated or malformed. RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request)
/// status code to any HTTP/1.1 request message that lacks a Host header field and to any request message that contains more than one Host
/// header field line or a Host header field with an invalid field value." Before HTTP/1.1 there was none, and after it the target has it.
pub(crate) fn require_host(request: &Request) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (detail, hint) = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_11 => (
            "the request has no `Host`, which HTTP/1.1 asks for",
            "send `Host`, with the host and port of the address that you ask",
        ),
        (None, _) => return Ok(()),
        (Some(host), None) if host.to_str().is_ok_and(is_host) => return Ok(()),
        (Some(_), None) => {
            ("`Host` is not a host, with a port or without", "send `Host: NAME`, `Host: ADDRESS` or the like with `:PORT`")
        }
        (Some(_), Some(_)) => ("the request has `Host` more than once", "send it once: nobody knows which of them is meant"),
    };
    Err(Problem::new(StatusCode::BAD_REQUEST, detail, hint).closing())
}

/// A host and its port, if one stands there.
pub(crate) struct HostAndPort<'h> {
    pub(crate) host: Host<'h>,
    /// The host as it is written, with its brackets.
    pub(crate) written: &'h str,
    pub(crate) port: Option<&'h str>,
}

/// A host, without its port.
pub(crate) enum Host<'h> {
    /// An address in brackets.
    Literal(&'h str),
    /// A name, or an address of IPv4, which is written like one.
    Name(&'h str),
}

impl<'h> HostAndPort<'h> {
    /// Reads `uri-host [ ":" port ]` (RFC 9110 section 7.2), with the host of RFC 3986 section 3.2.2, which may be empty, as may the port.
    pub(crate) fn read(text: &'h str) -> Option<Self> {
        let (host, behind) = if let Some(text) = text.strip_prefix('[') {
            let (literal, behind) = text.split_once(']')?;
            (is_address(literal).then_some(Host::Literal(literal))?, behind)
        } else {
            let (name, behind) = text.find(':').and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
            (is_registered_name(name.as_bytes()).then_some(Host::Name(name))?, behind)
        };
        let port = if behind.is_empty() { "" } else { behind.strip_prefix(':')? };
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        let written = text.strip_suffix(behind)?;
        is_port.then_some(Self { host, written, port: Some(port).filter(|port| !port.is_empty()) })
    }
}

impl Host<'_> {
    /// Whether it can only be this machine.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Literal(address) => address.parse().is_ok_and(|address: Ipv6Addr| address.to_canonical().is_loopback()),
            Self::Name(name) => {
                name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
            }
        }
    }
}

fn is_host(text: &str) -> bool {
    HostAndPort::read(text).is_some()
}

/// Whether it may stand in brackets: an address of IPv6, or of a future version.
fn is_address(text: &str) -> bool {
    let Some(future) = text.strip_prefix(['v', 'V']) else { return text.parse::<Ipv6Addr>().is_ok() };
    future.split_once('.').is_some_and(|(version, rest)| {
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_version && !rest.is_empty() && rest.bytes().all(|byte| is_plain(byte) || byte == b':')
    })
}

/// A name, or an address of IPv4, which is written like one.
fn is_registered_name(mut text: &[u8]) -> bool {
    loop {
        text = match text {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if is_plain(*byte) => rest,
            _ => return false,
        };
    }
}

/// `unreserved` and `sub-delims` of RFC 3986 section 2.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// What does not come from a browser, so that no name is asked of it: a socket that no page can reach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyHost;

/// Refuses a request for a name that is neither one of this machine nor allowed. A request without a host does not come from a browser.
pub(crate) fn require_known(request: &Request, allowed: &[AllowedHost]) -> Result<(), Problem> {
    if request.extensions().get::<AnyHost>().is_some() {
        return Ok(());
    }
    // RFC 9112 section 3.2.2: where the target itself names a host, it outweighs the header. No name of either may be a foreign one.
    let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let mut named = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes).chain(target);
    let is_known = |text: &str| is_loopback(text) || allowed.iter().any(|host| host.is_named_by(text));
    if named.all(|host| str::from_utf8(host).is_ok_and(is_known)) {
        return Ok(());
    }
    let detail = "the request names a host that this server does not answer for";
    let hint = "ask for localhost, 127.0.0.1 or [::1]. Where a proxy keeps the name that its clients ask for, start the server with --allow-host NAME, or let the proxy ask at a Unix socket";
    Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail, hint))
}

fn is_loopback(text: &str) -> bool {
    HostAndPort::read(text).is_some_and(|named| named.host.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_form() {
        for host in [
            "",
            ":",
            "localhost",
            "localhost:",
            "localhost:7070",
            "EXAMPLE.com",
            "my_service-1.local:80",
            "127.0.0.1:7070",
            "[::1]",
            "[::1]:7070",
            "[::ffff:127.0.0.1]:1",
            "[v1.x:y]",
            "[vF.~]:1",
            "a%20b",
            "a!$&'()*+,;=b",
            "0x7f.1",
            "localhost:99999999",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "a b",
            "localhost, example.com",
            "a/b",
            "http://localhost",
            "user@localhost",
            "localhost:x",
            "localhost:70:70",
            "::1",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "[]",
            "[127.0.0.1]",
            "[::1%25eth0]",
            "[v.x]",
            "[v1.]",
            "[vg.x]",
            "a%2",
            "a%zz",
            "a?b",
            "a#b",
            "é",
            "\\",
            "\"a\"",
            "a]",
            "[[::1]]",
            "\u{7f}",
        ] {
            // A list with a comma is a name, as RFC 3986 has it, but for the blank.
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn only_this_machine_goes_by_these_names() {
        for host in [
            "localhost",
            "LocalHost:7070",
            "127.0.0.1",
            "127.0.0.1:7070",
            "127.1.2.3:1",
            "[::1]",
            "[::1]:7070",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]:7070",
            "localhost:",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":7070",
            "example.com",
            "localhost.example.com",
            "example.com:127.0.0.1",
            "127.0.0.1.example.com:7070",
            "localhost@example.com",
            "example.com@localhost",
            "localhost:7070:7070",
            "localhost:x",
            "localhost ",
            "0.0.0.0:7070",
            "128.0.0.1",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "::1",
            "[::1",
            "[::2]",
            "[127.0.0.1]",
            "[::ffff:8.8.8.8]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
