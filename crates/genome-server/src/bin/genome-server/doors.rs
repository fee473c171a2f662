//! The sockets on which the server listens: those that it opens, and those that systemd passes to it.

use crate::address::{self, ListenAddress, ResolvedAddress};
use clap::Args;
use genome_cli::{Failure, Finding};
use genome_files::SocketFile;
use genome_server::AllowedHost;
use genome_server::listener::{self, ListeningSocket, QUEUE};
use listenfd::ListenFd;
use nix::unistd::Group;
use rustix::net::sockopt::socket_acceptconn;
use std::env;
use std::io;
use std::path::Path;
use tokio::net::{TcpListener, UnixListener};

/// Where systemd says how many sockets it passes (`sd_listen_fds(3)`).
const PASSED: &str = "LISTEN_FDS";

/// Where to listen, and what may be asked for there.
#[derive(Args)]
pub(crate) struct DoorArguments {
    /// Where to listen; may be given more than once. An address or the name of a host, and a port; a port alone is one of 127.0.0.1. Port 0 is
    /// any port that is free, and the log says which. `unix:PATH` is a socket in the file system, the best way beside a proxy: its mode and
    /// group say who may ask. `systemd` takes the sockets that systemd passes. Everybody who can reach it may read the genome and ask. On a
    /// loopback address it answers only requests for a loopback address, for localhost or for --allow-host
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070")]
    listen: Vec<ListenAddress>,
    /// The mode of the sockets of `--listen unix:PATH`
    #[arg(long, value_name = "OCTAL", default_value = "0660", value_parser = socket_mode)]
    socket_mode: u32,
    /// The group of the sockets of `--listen unix:PATH`: a name or a number, of which the user of the server is a member
    #[arg(long, value_name = "GROUP", value_parser = group)]
    socket_group: Option<u32>,
    /// A host that requests may name beside those of this machine, exactly as it is written: NAME for each port, or NAME:PORT. For a proxy that
    /// keeps the name that its clients ask for. Once given, no other host is answered at any address. May be given more than once
    #[arg(long, value_name = "NAME[:PORT]")]
    allow_host: Vec<AllowedHost>,
}

fn socket_mode(text: &str) -> Result<u32, &'static str> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777).ok_or("a mode has three or four octal digits, as in 0660")
}

fn group(text: &str) -> Result<u32, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    match Group::from_name(text) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        Ok(None) => Err("there is no such group".to_owned()),
        Err(error) => Err(format!("groups cannot be looked up: {error}")),
    }
}

/// A socket that is open, and who can reach it.
pub(crate) struct OpenDoor {
    pub(crate) socket: ListeningSocket,
    /// As the log says it.
    pub(crate) address: String,
    pub(crate) reach: Reach,
    /// Removed when it is dropped.
    pub(crate) file: Option<SocketFile>,
}

/// Who can reach a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine, and by way of a browser the pages that it shows.
    Loopback,
    /// Other machines.
    Network,
    /// Who may write the file of the socket: no browser.
    File,
}

impl DoorArguments {
    /// The hosts that may be asked for, and whether they are asked for at all: on the loopback, and wherever some are named.
    pub(crate) fn hosts(&self, doors: &[OpenDoor]) -> Option<Vec<AllowedHost>> {
        let is_asked = !self.allow_host.is_empty() || doors.iter().any(|door| door.reach == Reach::Loopback);
        is_asked.then(|| self.allow_host.clone())
    }

    /// Whether any host may be asked for at this door.
    pub(crate) fn takes_any_host(&self, door: &OpenDoor) -> bool {
        door.reach == Reach::File || (door.reach == Reach::Network && self.allow_host.is_empty())
    }

    /// Looks up the names of hosts, which may take long.
    pub(crate) fn resolve(&self) -> Vec<io::Result<ResolvedAddress<'_>>> {
        self.listen.iter().map(ListenAddress::resolve).collect()
    }

    /// Opens each socket. Needs the runtime.
    ///
    /// # Errors
    /// One of them cannot be opened.
    pub(crate) fn open(&self, resolved: Vec<io::Result<ResolvedAddress<'_>>>) -> Result<Vec<OpenDoor>, Failure> {
        let has_file = self.listen.iter().any(|listen| matches!(listen, ListenAddress::Unix(_)));
        if self.socket_group.is_some() && !has_file {
            let hint = "leave it out, or listen at a socket in the file system: --listen unix:PATH";
            return Err(Failure::undecided(Finding::error("--socket-group gives no socket to a group", hint)));
        }
        let mut doors = Vec::new();
        for (listen, resolved) in self.listen.iter().zip(resolved) {
            let opened = resolved.and_then(|resolved| match resolved {
                ResolvedAddress::Tcp(address) => Ok(vec![of_tcp(listener::listen(address)?)?]),
                ResolvedAddress::Unix(path) => Ok(vec![self.at_path(path)?]),
                ResolvedAddress::Systemd => passed(),
            });
            doors.extend(opened.map_err(|error| {
                let message = format!("cannot listen on {listen}: {}", address::reason(&error));
                Failure::undecided(Finding::error(message, address::hint(listen, &error)))
            })?);
        }
        let takes = self.listen.contains(&ListenAddress::Systemd);
        if !takes && env::var("LISTEN_PID").is_ok_and(|pid| pid == std::process::id().to_string()) {
            let message = format!("systemd passes sockets ({PASSED}), and nothing says that they are meant");
            return Err(Failure::undecided(Finding::error(message, "give --listen systemd, or take the socket unit away")));
        }
        Ok(doors)
    }

    fn at_path(&self, path: &Path) -> io::Result<OpenDoor> {
        let queue = QUEUE.try_into().unwrap_or(i32::MAX);
        let (listener, file) = SocketFile::listen(path, self.socket_mode, self.socket_group, queue)?;
        Ok(OpenDoor { file: Some(file), ..of_unix(listener)? })
    }
}

fn of_tcp(listener: TcpListener) -> io::Result<OpenDoor> {
    let address = listener.local_addr()?;
    // 127.0.0.1 may be written as an address of IPv6.
    let reach = if address.ip().to_canonical().is_loopback() { Reach::Loopback } else { Reach::Network };
    let socket = ListeningSocket::Tcp(listener);
    Ok(OpenDoor { socket, address: address.to_string(), reach, file: None })
}

fn of_unix(listener: std::os::unix::net::UnixListener) -> io::Result<OpenDoor> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let address = address.as_pathname().map_or_else(|| "unix:".to_owned(), |path| ListenAddress::Unix(path.to_owned()).to_string());
    let socket = ListeningSocket::Unix(UnixListener::from_std(listener)?);
    Ok(OpenDoor { socket, address, reach: Reach::File, file: None })
}

/// The sockets that systemd passes, as a unit `.socket` lists them.
fn passed() -> io::Result<Vec<OpenDoor>> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let mut passed = ListenFd::from_env();
    if passed.len() == 0 {
        return Err(invalid(format!("no socket was passed: {PASSED} and LISTEN_PID do not say so")));
    }
    let mut doors = Vec::new();
    for index in 0..passed.len() {
        let door = match passed.take_tcp_listener(index) {
            Ok(Some(listener)) => {
                listener.set_nonblocking(true)?;
                of_tcp(TcpListener::from_std(listening(listener)?)?)?
            }
            _ => match passed.take_unix_listener(index) {
                Ok(Some(listener)) => of_unix(listening(listener)?)?,
                _ => {
                    return Err(invalid(format!(
                        "what was passed as number {index} is no stream socket of TCP or of the file system"
                    )));
                }
            },
        };
        doors.push(door);
    }
    Ok(doors)
}

/// Refuses a connection where a listener is meant.
fn listening<L: std::os::fd::AsFd>(socket: L) -> io::Result<L> {
    if socket_acceptconn(&socket)? {
        return Ok(socket);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "a socket was passed that does not listen: the unit needs Accept=no"))
}
