//! Under which names this machine asks itself. A page from elsewhere can make a browser take our address for that of its own name (DNS
//! rebinding), but the browser still sends that name.

use crate::problem::Problem;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderValue, StatusCode};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Refuses a request that is meant for another name. One that names no host is from no browser.
pub(crate) fn require_loopback(request: &Request) -> Result<(), Problem> {
    // RFC 9112 section 3.2.2: where the target itself names a host, it outweighs the header. No name of either may be a foreign one.
    let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let mut named = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes).chain(target);
    if named.all(|host| str::from_utf8(host).is_ok_and(is_loopback)) {
        return Ok(());
    }
    let detail = "this server answers its own machine only, and the host of the request is not a name for that";
    let hint = "ask for localhost, 127.0.0.1 or [::1]; a proxy in between has to send one of these as Host";
    Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail, hint))
}

/// Whether a host, with a port or without (RFC 9110 section 7.2), can be nothing but this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let in_brackets = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || in_brackets.and_then(|name| name.parse().ok()).is_some_and(|address: Ipv6Addr| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

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
