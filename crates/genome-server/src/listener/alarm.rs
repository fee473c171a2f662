//! The one timer of a connection, which stands for all timers that hyper asks for.

use hyper::rt::{Sleep, Timer};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};
use tokio::time::Instant;

/// When a connection must be polled again without input.
///
/// Hyper asks for a sleep before each request and drops it when the request is there, which for the timers of the runtime (`TokioTimer` of
/// hyper-util 0.1.21) is work, and may wake a thread. So it is given none: who holds the connection holds one sleep of the runtime, polls
/// the connection when that rings, and moves it on to [`next`](Self::next).
#[derive(Debug, Clone, Default)]
pub(super) struct Alarm(Arc<Mutex<Option<Instant>>>);

impl Alarm {
    /// When to look next: at what hyper asked for last, or if that is over, when the soonest is over that it can ask for from now on.
    pub(super) fn next(&self, patience: Duration) -> Instant {
        let now = Instant::now();
        let asked = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.filter(|asked| *asked > now).unwrap_or(now + patience)
    }
}

impl Timer for Alarm {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn Sleep>> {
        let deadline = deadline.into();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
        Box::pin(Moment(deadline))
    }

    /// The time of the runtime, which a test can move on.
    fn now(&self) -> StdInstant {
        Instant::now().into()
    }
}

/// A sleep that is over from this moment on. It wakes no task.
struct Moment(Instant);

impl Future for Moment {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if Instant::now() < self.0 { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Sleep for Moment {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;
    use tokio::time::advance;

    const PATIENCE: Duration = Duration::from_mins(1);

    fn is_over(sleep: &mut Pin<Box<dyn Sleep>>) -> bool {
        sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_when_what_was_asked_for_last_is_over() {
        let alarm = Alarm::default();
        let start = Instant::now();
        assert_eq!(alarm.next(PATIENCE), start + PATIENCE);
        let first = alarm.clone().sleep_until((start + PATIENCE / 3).into());
        assert_eq!(alarm.next(PATIENCE), start + PATIENCE / 3);
        // The request was there in time, and another one is waited for.
        drop(first);
        let second = alarm.clone().sleep(PATIENCE / 2);
        assert_eq!(alarm.next(PATIENCE), start + PATIENCE / 2);
        drop(second);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_does_not_ring_again() {
        const MOMENT: Duration = Duration::from_nanos(1);
        let alarm = Alarm::default();
        let mut sleep = alarm.sleep(PATIENCE + MOMENT);
        advance(PATIENCE).await;
        assert!(!is_over(&mut sleep));
        assert_eq!(alarm.next(PATIENCE), Instant::now() + MOMENT);
        advance(MOMENT).await;
        assert!(is_over(&mut sleep));
        // It would ring without end.
        assert_eq!(alarm.next(PATIENCE), Instant::now() + PATIENCE);
    }
}
