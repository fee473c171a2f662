//! A connection, from its first request to its end.
//!
//! On hyper, as `axum::serve` 0.8.9 lets none of hyper's limits be set, and `axum-server` 0.9.2 does not limit how many are open at once.

use super::alarm::Alarm;
use super::limits::{Limits, Phase};
use super::socket::{Stream, discard, prepare};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep_until, timeout};
use tracing::debug;

/// How large the head of a request may be, in bytes.
pub(super) const MOST_HEAD_BYTES: usize = 32 * 1024;

/// How many fields it may have.
pub(super) const MOST_FIELDS: usize = 64;

/// How long to read on after the last answer, at most.
const DISCARD: Duration = Duration::from_secs(1);

/// Serves a connection, and holds its place among those that are open.
pub(super) async fn handle_connection(
    mut stream: Stream,
    service: TowerToHyperService<Router>,
    limits: Limits,
    phase: watch::Receiver<Phase>,
    slot: OwnedSemaphorePermit,
) {
    prepare(&mut stream, &limits);
    if let Err(error) = answer(&mut stream, service, limits, phase).await {
        debug!(message = "a connection ended badly", %error);
    }
    let _ = timeout(DISCARD, discard(stream)).await;
    drop(slot);
}

/// Answers the requests that come on a stream, until there are no more or one does not come in time.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    service: TowerToHyperService<Router>,
    limits: Limits,
    mut phase: watch::Receiver<Phase>,
) -> hyper::Result<()> {
    let alarm = Alarm::default();
    let connection = http1::Builder::new()
        .timer(alarm.clone())
        // A client that has sent everything may still read.
        .half_close(true)
        .header_read_timeout(limits.head)
        .max_buf_size(MOST_HEAD_BYTES)
        .max_headers(MOST_FIELDS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut rings = pin!(sleep_until(alarm.next(limits.head)));
    let mut told = pin!(phase.wait_for(|phase| *phase == Phase::Ending));
    let mut is_told = false;
    loop {
        select! {
            ended = connection.as_mut() => return ended,
            // Polled again, the connection sees for itself what is over.
            () = rings.as_mut() => rings.as_mut().reset(alarm.next(limits.head)),
            _ = told.as_mut(), if !is_told => {
                is_told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_mins(1);
    const ASKED: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    /// The timers of the runtime count in milliseconds.
    const TICK: Duration = Duration::from_millis(1);

    /// A connection in the time of the test, which passes when nobody has anything to do.
    fn connect() -> (DuplexStream, watch::Sender<Phase>) {
        let (client, stream) = duplex(1024);
        let (phase, seen) = watch::channel(Phase::Serving);
        let later = || async {
            sleep(SHORT).await;
            "answer"
        };
        let router = Router::new().route("/", get(|| async { "answer" })).route("/later", get(later));
        let limits = Limits { connections: 1, head: LONG, unread: LONG, end: LONG };
        tokio::spawn(answer(stream, TowerToHyperService::new(router), limits, seen));
        (client, phase)
    }

    async fn ask(client: &mut DuplexStream) {
        client.write_all(ASKED.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"answer") {
            assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0, "it is not answered");
        }
    }

    /// How long it takes until the connection ends.
    async fn idle(mut client: DuplexStream) -> Duration {
        let start = Instant::now();
        let ended = timeout(10 * LONG, client.read_to_end(&mut Vec::new())).await;
        assert_eq!(ended.expect("it does not end").unwrap(), 0);
        start.elapsed()
    }

    /// What comes until the connection ends, which is soon.
    async fn last_words(client: &mut DuplexStream) -> String {
        let mut text = String::new();
        timeout(LONG / 2, client.read_to_string(&mut text)).await.expect("it does not end").unwrap();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_asking_is_waited_for() {
        let (mut client, _phase) = connect();
        // Longer in all than any head may take, and never so long at once.
        for _ in 0..7 {
            sleep(LONG * 3 / 4).await;
            ask(&mut client).await;
        }
        // From the last answer on, whatever rang in between.
        let idle = idle(client).await;
        assert!(LONG <= idle && idle <= LONG + TICK, "{idle:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_byte_by_byte_takes_no_longer_than_another() {
        let (mut client, _phase) = connect();
        sleep(LONG / 4).await;
        ask(&mut client).await;
        let start = Instant::now();
        while client.write_all(b"G").await.is_ok() {
            sleep(LONG / 16).await;
            assert!(start.elapsed() < 10 * LONG, "it does not end");
        }
        // The next byte after the end is the one that is not taken.
        let took = start.elapsed();
        assert!(LONG <= took && took <= LONG + LONG / 16 + TICK, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_said_all_that_he_wants_to_say_may_still_listen() {
        let (mut client, _phase) = connect();
        client.write_all(b"GET /later HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        client.shutdown().await.unwrap();
        assert!(last_words(&mut client).await.ends_with("answer"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_idle_at_the_end_is_not_waited_for() {
        let (mut client, phase) = connect();
        ask(&mut client).await;
        sleep(LONG / 2).await;
        phase.send_replace(Phase::Ending);
        assert_eq!(idle(client).await, Duration::ZERO);
    }

    /// A client that has begun to ask has the whole time for it, also when the end is near.
    #[tokio::test(start_paused = true)]
    async fn who_has_begun_to_ask_at_the_end_is_waited_for() {
        let (mut client, phase) = connect();
        let (start, rest) = ASKED.split_at(ASKED.len() / 2);
        client.write_all(start.as_bytes()).await.unwrap();
        sleep(LONG / 2).await;
        phase.send_replace(Phase::Ending);
        sleep(LONG / 4).await;
        client.write_all(rest.as_bytes()).await.unwrap();
        assert!(last_words(&mut client).await.ends_with("answer"));
    }
}
