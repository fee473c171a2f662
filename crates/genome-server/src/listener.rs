//! The listener, its limits, and its end. The limits are set here and on the connection, not as layers of a router (tower-http): each layer
//! would cost something with each request.

mod alarm;
mod connection;
mod limits;
mod socket;

use axum::Router;
use connection::handle_connection;
use hyper_util::service::TowerToHyperService;
pub use limits::Limits;
use limits::Phase;
pub use socket::{ListeningSocket, QUEUE, listen};
use socket::{Stream, concerns_one};
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{debug, warn};

/// How long a connection may lie idle at the end: a request may be on its way on it.
const LINGER: Duration = Duration::from_secs(1);

/// How long to wait when the machine cannot open another connection.
const EXHAUSTED: Duration = Duration::from_millis(500);

/// A socket that listens, and what answers on its connections.
#[derive(Debug)]
pub struct Door {
    /// Where connections come from.
    pub socket: ListeningSocket,
    /// What answers their requests.
    pub router: Router,
}

/// Serves until it is told to stop, and then finishes the requests from before. Told again, it stops at once. When it has stopped listening
/// it calls `leave`, after which each answer should end its connection.
pub async fn serve_until(doors: Vec<Door>, limits: Limits, mut stop: impl AsyncFnMut(), leave: impl FnOnce()) {
    let slots = Arc::new(Semaphore::new(limits.connections.into()));
    let (phase, seen) = watch::channel(Phase::Serving);
    let (sockets, routers): (Vec<_>, Vec<_>) = doors.into_iter().map(|door| (door.socket, door.router)).unzip();
    let services: Vec<_> = routers.into_iter().map(TowerToHyperService::new).collect();
    let open = |stream: Stream, door: usize, slot: OwnedSemaphorePermit| {
        if let Some(service) = services.get(door) {
            tokio::spawn(handle_connection(stream, service.clone(), limits, seen.clone(), slot));
        }
    };
    {
        let mut told = pin!(stop());
        let mut turn = 0;
        loop {
            turn += 1;
            let accepted = select! {
                accepted = accept(&sockets, turn, &slots) => accepted,
                () = &mut told => break,
            };
            match accepted {
                Ok((stream, door, slot)) => open(stream, door, slot),
                Err(error) if concerns_one(&error) => debug!(message = "a connection was gone at once", %error),
                Err(error) => {
                    warn!(message = "no connection can be opened, and new ones wait", %error);
                    select! {
                        () = sleep(EXHAUSTED) => {}
                        () = &mut told => break,
                    }
                }
            }
        }
    }

    let deadline = Instant::now() + limits.end;
    // What is in the queue was accepted by the kernel, and its clients have sent their requests. There is room for it, whatever lies
    // idle in the place of others.
    let waiting = sockets.into_iter().enumerate();
    let queued: Vec<_> =
        waiting.flat_map(|(door, socket)| socket.into_queued().into_iter().map(move |stream| (stream, door))).collect();
    // Not before: whose connection ends opens another, which should be refused, and not be lost in the moment when the queue ends.
    leave();
    let places = usize::from(limits.connections) + queued.len();
    slots.add_permits(queued.len());
    for (stream, door) in queued {
        if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
            open(stream, door, slot);
        }
    }
    let finish = async {
        let all = || slots.acquire_many(places.try_into().unwrap_or(u32::MAX));
        // Each answer ends its connection by now; those on which nothing is asked are ended a little later.
        if timeout(LINGER, all()).await.is_err() {
            phase.send_replace(Phase::Ending);
            let _ = all().await;
        }
    };
    let finished = select! {
        finished = timeout_at(deadline, finish) => finished.is_ok(),
        () = stop() => false,
    };
    if !finished {
        let connections = places.saturating_sub(slots.available_permits());
        warn!(connections = connections as u64, "connections are cut off that have not come to their end");
    }
}

/// Returns the next connection, once there is room for it, and the number of its socket. The sockets take turns, so that a busy one does not
/// keep another waiting.
async fn accept(
    sockets: &[ListeningSocket],
    turn: usize,
    slots: &Arc<Semaphore>,
) -> io::Result<(Stream, usize, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, door) = poll_fn(|context| {
        let all = sockets.len();
        for (number, socket) in sockets.iter().enumerate().cycle().skip(turn % all.max(1)).take(all) {
            if let Poll::Ready(accepted) = socket.poll_accept(context) {
                return Poll::Ready(accepted.map(|stream| (stream, number)));
            }
        }
        Poll::Pending
    })
    .await?;
    Ok((stream, door, slot))
}

#[cfg(test)]
mod tests {
    use super::connection::{MOST_FIELDS, MOST_HEAD_BYTES};
    use super::*;
    use axum::routing::get;
    use std::future::pending;
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, SocketAddr, TcpStream as Client};
    use std::sync::mpsc;
    use std::thread::spawn;
    use tokio::runtime::Runtime;
    use tokio::sync::Notify;

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_mins(1);
    /// Less than what hyper does by itself.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server on any port, until it is told to stop.
    struct Server {
        address: SocketAddr,
        stop: Arc<Notify>,
        ended: mpsc::Receiver<()>,
    }

    impl Server {
        /// It answers `/` at once, `/large` with much, and `/never` never.
        fn start(limits: Limits) -> Self {
            let router = Router::new()
                .route("/", get(|| async { "answer" }))
                .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
                .route("/never", get(pending::<()>));
            let stop = Arc::new(Notify::new());
            let (bound, address) = mpsc::channel();
            let (end, ended) = mpsc::channel();
            let told = Arc::clone(&stop);
            spawn(move || {
                Runtime::new().unwrap().block_on(async {
                    let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
                    bound.send(listener.local_addr().unwrap()).unwrap();
                    let doors = vec![Door { socket: ListeningSocket::Tcp(listener), router }];
                    serve_until(doors, limits, async || told.notified().await, || {}).await;
                });
                let _ = end.send(());
            });
            Self { address: address.recv().unwrap(), stop, ended }
        }

        fn client(&self, request: &str) -> Client {
            let mut client = Client::connect(self.address).unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            client.write_all(request.as_bytes()).unwrap();
            client
        }
    }

    fn limits() -> Limits {
        Limits { connections: 16, head: LONG, unread: LONG, end: LONG }
    }

    /// Everything up to the end of the connection.
    fn rest(mut client: Client) -> String {
        let mut text = Vec::new();
        if let Err(error) = client.read_to_end(&mut text) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "it does not end");
        }
        String::from_utf8(text).unwrap()
    }

    const ASKED: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const ASKED_ONCE: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    #[test]
    fn who_sends_no_request_is_not_waited_for() {
        let server = Server::start(Limits { head: SHORT, ..limits() });
        for request in ["", "GET / HTTP/1.1\r\nHost:"] {
            assert_eq!(rest(server.client(request)), "", "{request}");
        }
        // Nor is the next one, after an answer.
        assert!(rest(server.client(ASKED)).ends_with("answer"));
    }

    #[test]
    fn who_reads_no_answer_is_not_waited_for() {
        let server = Server::start(Limits { connections: 1, unread: SHORT, ..limits() });
        let unread = server.client("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        // There is room for one connection only.
        assert!(rest(server.client(ASKED_ONCE)).ends_with("answer"));
        drop(unread);
    }

    #[test]
    fn l5_heads_have_a_largest_size() {
        let server = Server::start(limits());
        let fitting =
            format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: {}\r\n\r\n", "x".repeat(MOST_HEAD_BYTES - 1024));
        assert!(rest(server.client(&fitting)).ends_with("answer"));
        let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(2 * MOST_HEAD_BYTES));
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: x\r\n".repeat(MOST_FIELDS));
        for request in [large, many] {
            let answer = rest(server.client(&request));
            assert!(answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(), "{answer}");
        }
        assert!(rest(server.client(ASKED_ONCE)).ends_with("answer"));
    }

    #[test]
    fn more_connections_wait() {
        let server = Server::start(Limits { connections: 2, ..limits() });
        let mut open: Vec<Client> = (0..2).map(|_| server.client(ASKED)).collect();
        for client in &mut open {
            client.read_exact(&mut [0; 8]).unwrap();
        }
        let waiting = server.client(ASKED_ONCE);
        waiting.set_read_timeout(Some(SHORT)).unwrap();
        assert!((&waiting).read(&mut [0; 8]).is_err(), "there is no room for it");
        waiting.set_read_timeout(Some(PATIENCE)).unwrap();
        drop(open);
        assert!(rest(waiting).ends_with("answer"));
    }

    #[test]
    fn what_was_sent_before_the_end_is_answered() {
        let server = Server::start(Limits { connections: 2, ..limits() });
        let idle = server.client(ASKED);
        let mut begun = server.client("GET / HTTP/1.1\r\nHost: x\r\n");
        (&idle).read_exact(&mut [0; 8]).unwrap();
        // These are in the queue of the kernel.
        let queued: Vec<Client> = (0..8).map(|_| server.client(ASKED_ONCE)).collect();
        server.stop.notify_one();
        std::thread::sleep(SHORT);
        assert!(Client::connect(server.address).is_err(), "it still listens");
        begun.write_all(b"\r\n").unwrap();
        assert!(rest(begun).ends_with("answer"));
        for client in queued {
            assert!(rest(client).ends_with("answer"));
        }
        assert!(rest(idle).ends_with("answer"));
        server.ended.recv_timeout(LONG).unwrap();
    }

    #[test]
    fn the_end_comes_in_time() {
        let server = Server::start(Limits { end: SHORT, ..limits() });
        let never = server.client("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
        std::thread::sleep(SHORT);
        server.stop.notify_one();
        assert_eq!(rest(never), "");
        server.ended.recv_timeout(LONG).unwrap();
    }

    #[test]
    fn who_says_it_twice_does_not_wait() {
        let server = Server::start(limits());
        let never = server.client("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
        std::thread::sleep(SHORT);
        server.stop.notify_one();
        std::thread::sleep(SHORT);
        server.stop.notify_one();
        server.ended.recv_timeout(LONG).unwrap();
        drop(never);
    }
}
