//! What is told to the supervisor that listens at `NOTIFY_SOCKET`: `sd_notify(3)`.
//!
//! `READY=1` when the server listens, `STOPPING=1` when it was told to end, with a `STATUS=`. There is no `MAINPID=`, as the server is the process
//! that was started, and no `RELOADING=1`, as it never loads another genome. The variable need not be unset: the server starts no other program.
//!
//! By hand on the standard library and `nix`, as `sd-notify` 0.5.0 knows only a path, and would look for a file `@name` or `vsock:2:1234`; it also
//! waits without end for a supervisor that does not read.

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, VsockAddr, connect, send, setsockopt, socket, sockopt::SendTimeout,
};
use nix::sys::time::TimeVal;
use std::env;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;
use tracing::warn;

const VARIABLE: &str = "NOTIFY_SOCKET";

/// How long to wait for a supervisor that does not read.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells the supervisor, where there is one. That it cannot be told is logged, and changes nothing else.
pub(crate) fn notify(lines: &[&str]) {
    // Empty is how a unit takes the variable away.
    let Some(address) = env::var_os(VARIABLE).filter(|address| !address.is_empty()) else { return };
    let sent = Address::read(&address).and_then(|address| address.send(format!("{}\n", lines.join("\n")).as_bytes()));
    if let Err(error) = sent {
        let hint = "see what the supervisor that starts the server sets it to, and that it listens there; it may end a server that does not say that it is ready";
        warn!(
            message = format!("the supervisor cannot be told at {VARIABLE}: {error}"),
            address = address.to_string_lossy().as_ref(),
            hint
        );
    }
}

/// Where a supervisor listens.
#[derive(Debug, PartialEq)]
enum Address {
    /// A socket in the file system, or one with an abstract name.
    Unix(Vec<u8>),
    /// A socket of the host of a virtual machine, of the first of these types that there is.
    Vsock { types: &'static [SockType], cid: u32, port: u32 },
}

impl Address {
    fn read(text: &OsStr) -> io::Result<Self> {
        let bad = |what: &str| io::Error::new(ErrorKind::InvalidInput, what);
        if let [b'/' | b'@', ..] = text.as_bytes() {
            return Ok(Self::Unix(text.as_bytes().to_owned()));
        }
        let (kind, numbers) = text.to_str().and_then(|text| text.split_once(':')).unwrap_or_default();
        let types: &[SockType] = match kind {
            // As systemd does it: some machines have no datagrams.
            "vsock" => &[SockType::Datagram, SockType::SeqPacket, SockType::Stream],
            "vsock-dgram" => &[SockType::Datagram],
            "vsock-seqpacket" => &[SockType::SeqPacket],
            "vsock-stream" => &[SockType::Stream],
            _ => return Err(bad("it is neither an absolute path, nor `@NAME`, nor `vsock:CID:PORT`")),
        };
        let numbers = numbers.split_once(':').and_then(|(cid, port)| Some((cid.parse().ok()?, port.parse().ok()?)));
        let (cid, port) = numbers.ok_or_else(|| bad("behind `vsock:` are two numbers, CID:PORT"))?;
        // VMADDR_CID_ANY names nobody.
        if cid == u32::MAX { Err(bad("its CID names no machine")) } else { Ok(Self::Vsock { types, cid, port }) }
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Unix(name) => {
                let address = match name.strip_prefix(b"@") {
                    Some(name) => SocketAddr::from_abstract_name(name),
                    None => SocketAddr::from_pathname(OsStr::from_bytes(name)),
                };
                let address = address.map_err(|_| {
                    io::Error::new(ErrorKind::InvalidInput, "it is longer than 107 bytes, which no socket's address is")
                })?;
                let socket = UnixDatagram::unbound()?;
                socket.set_write_timeout(Some(PATIENCE))?;
                whole(socket.send_to_addr(message, &address)?, message)
            }
            Self::Vsock { types, cid, port } => {
                let mut result = Err(Errno::ESOCKTNOSUPPORT);
                for kind in *types {
                    result = send_by_vsock(*kind, &VsockAddr::new(*cid, *port), message);
                    if !matches!(result, Err(Errno::ENODEV | Errno::EOPNOTSUPP | Errno::EPROTONOSUPPORT | Errno::ESOCKTNOSUPPORT)) {
                        break;
                    }
                }
                whole(result?, message)
            }
        }
    }
}

fn send_by_vsock(kind: SockType, address: &VsockAddr, message: &[u8]) -> nix::Result<usize> {
    let socket = socket(AddressFamily::Vsock, kind, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&socket, SendTimeout, &TimeVal::new(PATIENCE.as_secs().cast_signed(), 0))?;
    // It waits two seconds by itself (vsock(7), SO_VM_SOCKETS_CONNECT_TIMEOUT).
    connect(socket.as_raw_fd(), address)?;
    send(socket.as_raw_fd(), message, MsgFlags::MSG_NOSIGNAL)
}

fn whole(sent: usize, message: &[u8]) -> io::Result<()> {
    if sent == message.len() { Ok(()) } else { Err(io::Error::new(ErrorKind::WriteZero, "only a part of it was taken")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_an_address_is_known() {
        let read = |text: &str| Address::read(text.as_ref()).map_err(|error| error.to_string());
        for name in ["/run/systemd/notify", "@/org/freedesktop/x"] {
            assert_eq!(read(name), Ok(Address::Unix(name.into())));
        }
        for (kind, types) in [
            ("vsock", &[SockType::Datagram, SockType::SeqPacket, SockType::Stream][..]),
            ("vsock-dgram", &[SockType::Datagram]),
            ("vsock-seqpacket", &[SockType::SeqPacket]),
            ("vsock-stream", &[SockType::Stream]),
        ] {
            assert_eq!(read(&format!("{kind}:2:1234")), Ok(Address::Vsock { types, cid: 2, port: 1234 }));
        }
        for (text, said) in [
            ("notify", "neither an absolute path"),
            ("./notify", "neither an absolute path"),
            ("unix:/run/notify", "neither an absolute path"),
            ("vsock:2", "two numbers"),
            ("vsock::1234", "two numbers"),
            ("vsock:2:x", "two numbers"),
            ("vsock:4294967295:1", "names no machine"),
        ] {
            assert!(read(text).is_err_and(|error| error.contains(said)), "{text}");
        }
    }
}
