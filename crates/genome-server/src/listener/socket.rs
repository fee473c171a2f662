//! What listens: a socket of TCP, or one in the file system.

use super::limits::Limits;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::either::Either;

/// How many connections wait in the queue of the kernel, if it allows that many.
pub const QUEUE: u32 = 4096;

/// A socket that listens.
#[derive(Debug)]
pub enum ListeningSocket {
    /// One of TCP.
    Tcp(TcpListener),
    /// One in the file system (`unix(7)`).
    Unix(UnixListener),
}

/// A connection that was accepted. On one of the file system the writing has a limit of time, which the kernel keeps for TCP.
pub(super) type Stream = Either<TcpStream, Pin<Box<TimeoutStream<UnixStream>>>>;

/// Listens at an address of TCP, so that connections queue from now on.
///
/// # Errors
/// The address is not available, or this process may not open more files.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that starts again need not wait for the connections of the one before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

impl ListeningSocket {
    /// Accepts the next connection, once there is one.
    pub(super) fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        Poll::Ready(match self {
            Self::Tcp(listener) => ready!(listener.poll_accept(context)).map(|(stream, _)| Either::Left(stream)),
            Self::Unix(listener) => ready!(listener.poll_accept(context)).map(|(stream, _)| of_unix(stream)),
        })
    }

    /// Stops listening. Returns the connections that have been waiting.
    pub(super) fn into_queued(self) -> Vec<Stream> {
        let queued = match self {
            Self::Tcp(listener) => listener.into_std().map(|listener| {
                drain(
                    || listener.accept(),
                    |(stream, _)| {
                        stream.set_nonblocking(true)?;
                        TcpStream::from_std(stream).map(Either::Left)
                    },
                )
            }),
            Self::Unix(listener) => listener.into_std().map(|listener| {
                drain(
                    || listener.accept(),
                    |(stream, _)| {
                        stream.set_nonblocking(true)?;
                        UnixStream::from_std(stream).map(of_unix)
                    },
                )
            }),
        };
        queued.unwrap_or_default()
    }
}

fn of_unix(stream: UnixStream) -> Stream {
    Either::Right(Box::pin(TimeoutStream::new(stream)))
}

/// Accepts until nothing is left. The listener does not block, as Tokio has it.
fn drain<A>(accept: impl Fn() -> io::Result<A>, open: impl Fn(A) -> io::Result<Stream>) -> Vec<Stream> {
    let mut queued = Vec::new();
    loop {
        match accept() {
            Ok(accepted) => queued.extend(open(accepted)),
            Err(error) if concerns_one(&error) => {}
            Err(_) => return queued,
        }
    }
}

/// Whether an error of accepting is about one connection, and the next may well be accepted (accept(2)).
pub(super) fn concerns_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted, NetworkUnreachable};
    let kinds = [ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted, NetworkUnreachable];
    kinds.contains(&error.kind())
}

/// Sets what the system knows of a connection: that it sends what is written at once, and how long its client may leave it unread.
pub(super) fn prepare(stream: &mut Stream, limits: &Limits) {
    match stream {
        Either::Left(stream) => {
            // An answer is sent as it is written, not when there is more.
            let _ = stream.set_nodelay(true);
            // Without it, a client that does not read would keep its answers in memory for as long as it likes.
            #[cfg(target_os = "linux")]
            let _ = rustix::net::sockopt::set_tcp_user_timeout(&*stream, limits.unread.as_millis().try_into().unwrap_or(u32::MAX));
        }
        Either::Right(stream) => stream.as_mut().set_write_timeout_pinned(Some(limits.unread)),
    }
}

/// Ends the writing, and reads on until the client ends too.
///
/// RFC 9112 section 9.6: who closes while a client still sends makes the kernel reset the connection, and the client lose the last answer.
pub(super) async fn discard(stream: Stream) -> io::Result<()> {
    let mut stream = pin!(stream);
    poll_fn(|context| stream.as_mut().poll_shutdown(context)).await?;
    poll_fn(|context| {
        // Here, and not across a wait, where each connection would hold it.
        let mut room = [0; 16 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut room);
            ready!(stream.as_mut().poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    })
    .await
}
