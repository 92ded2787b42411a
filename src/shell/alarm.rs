//! Waits on this thread and on its own clock, so that a second on a screen that moves is one wake-up.
//!
//! A timer of the runtime is kept by its worker, which wakes for it twice, and once more to hear of the next. What is
//! waited for, and what a second means, is not known here.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// When this thread wakes even where nothing has happened.
#[derive(Debug, Default)]
pub(super) struct Alarm(Cell<Option<Instant>>);

/// Who is woken.
struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Alarm {
    /// Does this work to its end, asleep while there is nothing to do.
    pub(super) fn wakes<T>(&self, work: impl Future<Output = T>) -> T {
        let waker = Waker::from(Arc::new(Sleeper(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut work = pin!(work);
        loop {
            if let Poll::Ready(end) = work.as_mut().poll(&mut context) {
                return end;
            }
            match self.0.get() {
                Some(due) => thread::park_timeout(due.saturating_duration_since(Instant::now())),
                None => thread::park(),
            }
        }
    }

    /// What this comes to, or nothing where it takes longer. Only within [`wakes`](Self::wakes) is it ever nothing.
    pub(super) async fn within<T>(
        &self,
        long: Duration,
        what: impl Future<Output = T>,
    ) -> Option<T> {
        let due = Instant::now() + long;
        let mut what = pin!(what);
        let end = poll_fn(|context| match what.as_mut().poll(context) {
            Poll::Ready(it) => Poll::Ready(Some(it)),
            Poll::Pending if Instant::now() >= due => Poll::Ready(None),
            Poll::Pending => {
                self.0.set(Some(due));
                Poll::Pending
            }
        });
        let end = end.await;
        self.0.set(None);
        end
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::sync::mpsc::channel;

    use super::*;

    const SOON: Duration = Duration::from_millis(5);
    const NEVER: Duration = Duration::from_hours(1);

    #[test]
    fn what_does_not_come_is_waited_for_so_long_and_again() {
        let alarm = Alarm::default();
        let rung = alarm.wakes(async {
            let mut rung = 0;
            while rung < 3 {
                assert_eq!(alarm.within(SOON, pending::<()>()).await, None);
                rung += 1;
            }
            rung
        });
        assert_eq!(rung, 3);
    }

    #[test]
    fn what_comes_is_taken_at_once_and_nothing_rings_after_it() {
        let alarm = Alarm::default();
        assert_eq!(alarm.wakes(alarm.within(NEVER, ready(7))), Some(7));
        assert_eq!(alarm.0.get(), None);
    }

    #[test]
    fn who_sends_from_another_thread_wakes_the_sleeper() {
        let alarm = Alarm::default();
        let (to, mut inbox) = channel(1);
        let sender = thread::spawn(move || to.blocking_send(7).is_ok());
        let received = alarm.wakes(alarm.within(NEVER, inbox.recv()));
        assert_eq!(received, Some(Some(7)));
        assert!(sender.join().unwrap());
        // With no alarm set, too.
        let (to, mut inbox) = channel(1);
        let sender = thread::spawn(move || to.blocking_send(8).is_ok());
        assert_eq!(alarm.wakes(inbox.recv()), Some(8));
        assert!(sender.join().unwrap());
    }
}
