//! The body of a request. It is read within bounds: of its size, of the time that it takes, and of what all unfinished bodies hold together.
//!
//! `Limited` of `http-body-util` 0.1.5 and the layers of `tower-http` 0.7.1 bound each body by itself. None of them bounds all bodies
//! together.

use crate::limits::{BODY_SECONDS, MOST_HELD_BYTES};
use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use std::future::poll_fn;
use std::mem;
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;

/// The size of a piece of a body, in bytes.
const PIECE_BYTES: usize = 16 * 1024;

/// The budget for the bytes of unfinished bodies, over all connections. A body takes what has arrived, not what its client announces, so that
/// nobody reserves room without filling it.
#[derive(Debug)]
pub(crate) struct BodyBudget {
    held: AtomicUsize,
    most: usize,
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::of(MOST_HELD_BYTES)
    }
}

impl BodyBudget {
    /// A budget of this many bytes.
    fn of(most: usize) -> Self {
        Self { held: AtomicUsize::new(0), most }
    }
}

/// A part of the budget, which goes back however this ends: a future that nobody polls any more is dropped, too.
#[derive(Debug)]
struct BudgetShare<'b> {
    budget: &'b BodyBudget,
    bytes: usize,
}

impl<'b> BudgetShare<'b> {
    fn none_of(budget: &'b BodyBudget) -> Self {
        Self { budget, bytes: 0 }
    }

    /// Takes this many bytes more, if they are left.
    fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        let most = self.budget.most;
        let more = |held: usize| held.checked_add(bytes).filter(|held| *held <= most);
        // Nothing but the number itself passes between threads here.
        match self.budget.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => {
                self.bytes += bytes;
                Ok(())
            }
            Err(_) => Err(exhausted(most)),
        }
    }
}

impl Drop for BudgetShare<'_> {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A whole body, and its part of the budget.
#[derive(Debug)]
pub(crate) struct WholeBody<'b> {
    bytes: Bytes,
    /// Given back when the body goes.
    _share: BudgetShare<'b>,
}

impl Deref for WholeBody<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body of at most this many bytes to its end.
///
/// # Errors
/// It is too large, ends too early, does not come in time, or there is no room for it: then status 503.
pub(crate) async fn read(body: Body, most_bytes: usize, budget: &BodyBudget) -> Result<WholeBody<'_>, Problem> {
    if body.size_hint().lower() > most_bytes as u64 {
        return Err(too_large(most_bytes));
    }
    let mut whole = pin!(gather(body, most_bytes, budget));
    match second_look(whole.as_mut()).await {
        Some(gathered) => gathered,
        None => timeout(Duration::from_secs(BODY_SECONDS.into()), whole).await.unwrap_or_else(|_| Err(late())),
    }
}

async fn gather(mut body: Body, most_bytes: usize, budget: &BodyBudget) -> Result<WholeBody<'_>, Problem> {
    let mut share = BudgetShare::none_of(budget);
    let mut pieces = Pieces::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| incomplete())?.into_data() else { continue };
        if pieces.length + data.len() > most_bytes {
            return Err(too_large(most_bytes));
        }
        if pieces.length == 0 && body.is_end_stream() {
            // All of it came at once and is decided at once. It is not held, and is answered whatever others hold.
            return Ok(WholeBody { bytes: data, _share: share });
        }
        share.take(data.len())?;
        pieces.push(&data);
    }
    Ok(WholeBody { bytes: pieces.into_bytes(), _share: share })
}

/// The received part of a body, in pieces of one size. A growing vector leaves holes of every size behind, which the allocator keeps, and a
/// chunk of hyper keeps its whole receive buffer, which is many times as much for a single byte.
#[derive(Debug, Default)]
struct Pieces {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
    length: usize,
}

impl Pieces {
    fn push(&mut self, mut data: &[u8]) {
        self.length += data.len();
        while !data.is_empty() {
            if self.last.len() == PIECE_BYTES {
                self.full.push(mem::take(&mut self.last));
            }
            if self.last.is_empty() {
                self.last.reserve_exact(PIECE_BYTES);
            }
            let fits = data.len().min(PIECE_BYTES - self.last.len());
            let (now, later) = data.split_at(fits);
            self.last.extend_from_slice(now);
            data = later;
        }
    }

    fn into_bytes(self) -> Bytes {
        let mut whole = Vec::with_capacity(self.length);
        for piece in self.full.into_iter().chain([self.last]) {
            whole.extend_from_slice(&piece);
        }
        whole.into()
    }
}

fn too_large(most_bytes: usize) -> Problem {
    let detail = format!("the body is larger than {most_bytes} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail, "ask about fewer actions at once").closing()
}

fn incomplete() -> Problem {
    let detail = "the body ended before it was complete";
    Problem::new(StatusCode::BAD_REQUEST, detail, "send all of it").closing()
}

fn late() -> Problem {
    let detail = format!("the body did not come within {BODY_SECONDS} seconds");
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail, "send it faster").closing()
}

fn exhausted(most: usize) -> Problem {
    let detail =
        format!("the bodies that are held for all clients together may have {most} bytes, and there is no room for this one");
    let hint = "ask again when the seconds of `Retry-After` have passed, or about fewer actions at once";
    // By then, what is held now is complete or was given up.
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail, hint).closing().retry_after(BODY_SECONDS)
}

/// What is there when it is asked for a second time, and at once: hyper hands over what came together with the head when it has been
/// asked for it. Nearly every body is there then, and needs no timer.
async fn second_look<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut has_looked = false;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if has_looked => Poll::Ready(None),
        Poll::Pending => {
            has_looked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MOST_BODY_BYTES;
    use axum::body::HttpBody;
    use hyper::body::Frame;
    use std::io;
    use std::sync::Arc;
    use std::task::Context;
    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
    use tokio::task::JoinHandle;
    use tokio::time::{Instant, sleep};

    /// A body that somebody sends, or breaks off.
    struct Sent(UnboundedReceiver<io::Result<Bytes>>);

    impl HttpBody for Sent {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            self.0.poll_recv(context).map(|sent| sent.map(|sent| sent.map(Frame::data)))
        }
    }

    /// A client that has sent the first bytes of a body, which is being read.
    struct Client {
        sender: UnboundedSender<io::Result<Bytes>>,
        reading: JoinHandle<Result<usize, Problem>>,
    }

    impl Client {
        async fn start(budget: &Arc<BodyBudget>, bytes: usize) -> Self {
            let (sender, receiver) = unbounded_channel();
            let budget = Arc::clone(budget);
            let reading =
                tokio::spawn(async move { read(Body::new(Sent(receiver)), MOST_BODY_BYTES, &budget).await.map(|body| body.len()) });
            let client = Self { sender, reading };
            client.send(bytes).await;
            client
        }

        async fn send(&self, bytes: usize) {
            // Who was refused takes nothing more.
            let _ = self.sender.send(Ok(vec![b' '; bytes].into()));
            settle().await;
        }

        /// The end of the body, and what became of it.
        async fn finish(self) -> Result<usize, Problem> {
            drop(self.sender);
            self.reading.await.unwrap()
        }
    }

    /// Lets everybody else do what can be done now.
    async fn settle() {
        sleep(Duration::from_millis(1)).await;
    }

    fn held(budget: &BodyBudget) -> usize {
        budget.held.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_takes_what_has_come_and_gives_it_back_when_it_is_whole() {
        let budget = Arc::new(BodyBudget::of(100));
        let (first, second) = (Client::start(&budget, 40).await, Client::start(&budget, 10).await);
        assert_eq!(held(&budget), 50);
        second.send(50).await;
        assert_eq!(held(&budget), 100);
        assert_eq!(first.finish().await.unwrap(), 40);
        assert_eq!(held(&budget), 60);
        assert_eq!(second.finish().await.unwrap(), 60);
        assert_eq!(held(&budget), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_body_that_would_exceed_it_is_refused_and_gives_all_of_its_part_back() {
        let budget = Arc::new(BodyBudget::of(100));
        let (first, second) = (Client::start(&budget, 60).await, Client::start(&budget, 30).await);
        second.send(11).await;
        assert_eq!(held(&budget), 60);
        let problem = second.finish().await.unwrap_err();
        assert_eq!(problem, exhausted(100));
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
        // To the byte.
        let third = Client::start(&budget, 40).await;
        assert_eq!(third.finish().await.unwrap(), 40);
        assert_eq!(first.finish().await.unwrap(), 60);
        assert_eq!(held(&budget), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn however_it_ends_its_part_goes_back() {
        let budget = Arc::new(BodyBudget::of(2 * MOST_BODY_BYTES));
        let broken = Client::start(&budget, 10).await;
        broken.sender.send(Err(io::ErrorKind::ConnectionReset.into())).unwrap();
        assert_eq!(broken.finish().await.unwrap_err(), incomplete());
        assert_eq!(held(&budget), 0);

        let large = Client::start(&budget, MOST_BODY_BYTES).await;
        assert_eq!(held(&budget), MOST_BODY_BYTES);
        large.send(1).await;
        assert_eq!(large.finish().await.unwrap_err(), too_large(MOST_BODY_BYTES));
        assert_eq!(held(&budget), 0);

        // The connection is gone, and with it the future that answers it.
        let gone = Client::start(&budget, 10).await;
        assert_eq!(held(&budget), 10);
        gone.reading.abort();
        settle().await;
        assert_eq!(held(&budget), 0);

        // Nothing more comes.
        let slow = Client::start(&budget, 10).await;
        let start = Instant::now();
        let Client { sender, reading } = slow;
        assert_eq!(reading.await.unwrap().unwrap_err(), late());
        assert!(start.elapsed() <= Duration::from_secs(BODY_SECONDS.into()));
        assert_eq!(held(&budget), 0);
        drop(sender);
    }

    #[tokio::test]
    async fn what_comes_at_once_is_read_whatever_others_hold() {
        let budget = BodyBudget::of(0);
        assert_eq!(read(Body::from("{}"), MOST_BODY_BYTES, &budget).await.unwrap().len(), 2);
        assert_eq!(read(Body::empty(), MOST_BODY_BYTES, &budget).await.unwrap().len(), 0);
    }
}
