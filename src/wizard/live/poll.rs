//! A question that is asked again and again, on its own: what becomes of it stops no other.

/// Longest pause after failures, in seconds.
const LONGEST: u64 = 60;

/// When a question was asked, and when it is due again. It holds no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Poll {
    waiting: bool,
    /// When it was asked or answered last.
    last: Option<u64>,
    failures: u32,
}

impl Poll {
    /// Whether it should be asked now, at a pause of so many seconds; after each failure the pause doubles. While an
    /// answer is waited for it never is: asking again would give that up, and a slow service would never be heard.
    pub fn is_due(&self, every: u64, now: u64) -> bool {
        let pause = every.saturating_mul(1 << self.failures.min(6));
        let pause = if self.failures == 0 {
            pause
        } else {
            pause.min(LONGEST.max(every))
        };
        !self.waiting
            && self
                .last
                .is_none_or(|last| now >= last.saturating_add(pause))
    }

    /// Asks now, unless it is under way. Says whether it does.
    pub fn begin(&mut self, now: u64) -> bool {
        let begins = !self.waiting;
        if begins {
            self.asked(now);
        }
        begins
    }

    /// The one under way is not waited for any more: somebody asks anew.
    pub fn give_up(&mut self) {
        self.waiting = false;
    }

    /// Nothing is under way, and it is due.
    pub fn wake(&mut self) {
        self.give_up();
        self.hurry();
    }

    /// It is asked now.
    pub fn asked(&mut self, now: u64) {
        self.waiting = true;
        self.last = Some(now);
    }

    /// It was answered, well or not.
    pub fn answered(&mut self, well: bool, now: u64) {
        self.waiting = false;
        self.last = Some(now);
        self.failures = if well { 0 } else { self.failures + 1 };
    }

    /// It is due again, whatever came before: somebody asks for it.
    pub fn hurry(&mut self) {
        self.last = None;
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_shrink_with_an_answer() {
        let mut poll = Poll::default();
        assert!(poll.is_due(5, 0));
        poll.asked(0);
        assert!(!poll.is_due(5, 1000), "it is under way");
        let mut now = 0;
        for pause in [10, 20, 40, 60, 60] {
            poll.answered(false, now);
            assert!(!poll.is_due(5, now + pause - 1), "{pause}");
            assert!(poll.is_due(5, now + pause), "{pause}");
            now += pause;
            poll.asked(now);
        }
        poll.answered(true, now);
        assert!(poll.is_due(5, now + 5) && !poll.is_due(5, now + 4));
        poll.hurry();
        assert!(poll.is_due(5, now));
    }
}
