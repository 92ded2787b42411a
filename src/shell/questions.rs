//! The questions under way: each a task of its own, known by its number.
//!
//! A question nobody waits for any more is given up, unless it may create something: that one is left to finish, so
//! that a request is never cut off halfway, and only its reply is dropped. What is asked is not known here.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;

use super::run::Input;
use crate::wizard::event::{Answer, Request, RequestId};

/// The longest that the end of the program waits for a disk. After a signal to end it is no more than the moment that
/// the signal leaves for last words.
const LONGEST_NOTE: Duration = Duration::from_secs(10);

/// Pieces of logs that wait in the inbox, at most. Each may have thousands of lines, and what comes after them, a key
/// above all, has to wait until they are read.
const PIECES: usize = 4;

/// Whoever can answer.
pub trait Ask: Send + Sync + 'static {
    /// Asks. One answer, or for a stream as many as it has.
    fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer>;
}

/// The questions that were asked and not yet answered.
#[derive(Debug)]
pub struct Questions<A> {
    asker: Arc<A>,
    to: Sender<Input>,
    open: HashMap<RequestId, Open>,
    /// What is being written down, whether or not somebody waits to hear of it.
    notes: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Open {
    task: AbortHandle,
    may_create: bool,
}

impl<A: Ask> Questions<A> {
    /// Questions whose replies go to this inbox.
    pub fn new(asker: Arc<A>, to: Sender<Input>) -> Self {
        Self {
            asker,
            to,
            open: HashMap::new(),
            notes: Vec::new(),
        }
    }

    /// Asks, beside everything else that is under way.
    pub(super) fn send(&mut self, id: RequestId, request: Request) {
        let may_create = request.must_finish();
        let is_note = matches!(request, Request::Note(_) | Request::Sign { .. });
        let asker = Arc::clone(&self.asker);
        let to = self.to.clone();
        let task = tokio::spawn(async move {
            let work = async {
                let mut answers = asker.ask(request);
                while let Some(answer) = answers.next().await {
                    // The inbox is bounded: a flood waits here, and so at its sender.
                    let room = match answer {
                        Answer::Logged(..) => to.max_capacity().saturating_sub(PIECES - 1).max(1),
                        _ => 1,
                    };
                    let Ok(mut places) = to.reserve_many(room).await else {
                        return;
                    };
                    if let Some(place) = places.next() {
                        place.send(Input::Reply(id, answer));
                    }
                }
            };
            if let Err(panic) = AssertUnwindSafe(work).catch_unwind().await {
                let _ = to.send(Input::Panicked(panic)).await;
            }
        });
        let open = Open {
            task: task.abort_handle(),
            may_create,
        };
        self.open.insert(id, open);
        if is_note {
            self.notes.push(task);
        }
    }

    /// Waits until everything that was to be written down is, as long as a disk may take. For the end: what a process
    /// leaves half done is lost with it.
    pub(super) async fn finish(&mut self) {
        for note in self.notes.drain(..) {
            // Whether it could be written down is nobody's news any more.
            let _ = timeout(LONGEST_NOTE, note).await;
        }
    }

    /// Waits for this reply no longer.
    pub(super) fn forget(&mut self, id: RequestId) {
        if let Some(open) = self.open.remove(&id)
            && !open.may_create
        {
            open.task.abort();
        }
    }

    /// Whether somebody waits for this reply. The last one to a question settles it.
    pub(super) fn is_awaited(&mut self, id: RequestId, answer: &Answer) -> bool {
        if answer.goes_on() {
            self.open.contains_key(&id)
        } else {
            self.open.remove(&id).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::sync::Notify;
    use tokio::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::api::types::{AppId, LogSource, Plan, State};
    use crate::journal::record::{Facts, Governed};
    use crate::wizard::event::Order;

    /// Answers when it is told to, and says whether it lived to do so.
    #[derive(Default)]
    struct Slow(Notify);

    impl Ask for Slow {
        fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer> {
            let answers = match request {
                Request::Stream(_) => vec![
                    Answer::Streamed(State::default()),
                    Answer::StreamEnded(None),
                ],
                _ => vec![Answer::Sandbox(Ok("done".into()))],
            };
            let wait = async move { self.0.notified().await };
            stream::once(wait)
                .flat_map(move |()| stream::iter(answers.clone()))
                .boxed()
        }
    }

    fn commit() -> Request {
        let plan = Plan {
            app: AppId::parse(&"ab".repeat(20)).unwrap(),
            name: "api".into(),
            node: None,
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: crate::api::types::Making::Instance,
        };
        let facts = Facts {
            api_base: "https://api.example".into(),
            profile: None,
            workspace: None,
            sandbox: false,
            governed: Governed::MayCreate,
            node: None,
            expected: None,
            also: Vec::new(),
            env_names: Vec::new(),
            files: Vec::new(),
            before: Vec::new(),
        };
        Request::Prepare(Box::new(Order {
            plan,
            facts,
            consent: None,
            seal: Vec::new(),
        }))
    }

    fn questions() -> (Questions<Slow>, Receiver<Input>) {
        let (to, inbox) = channel(8);
        (Questions::new(Arc::default(), to), inbox)
    }

    async fn reply(inbox: &mut Receiver<Input>) -> (RequestId, Answer) {
        match inbox.recv().await {
            Some(Input::Reply(id, answer)) => (id, answer),
            other => panic!("not a reply: {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_creating_request_is_never_cut_off_and_a_read_is() {
        let (mut questions, mut inbox) = questions();
        questions.send(RequestId(1), Request::Nodes);
        questions.send(RequestId(2), commit());
        tokio::task::yield_now().await;
        let read = questions.open[&RequestId(1)].task.clone();
        questions.forget(RequestId(1));
        questions.forget(RequestId(2));
        while !read.is_finished() {
            tokio::task::yield_now().await;
        }
        questions.asker.0.notify_one();
        let (id, answer) = reply(&mut inbox).await;
        assert_eq!(id, RequestId(2));
        assert!(!questions.is_awaited(id, &answer));
    }

    /// Writes lines without an end.
    struct Flood;

    impl Ask for Flood {
        fn ask(self: Arc<Self>, _: Request) -> BoxStream<'static, Answer> {
            stream::repeat(Answer::Logged(LogSource::Serial, Vec::new())).boxed()
        }
    }

    #[tokio::test]
    async fn a_flood_of_lines_leaves_room_in_the_inbox_for_everything_else() {
        let (to, mut inbox) = channel(32);
        let mut questions = Questions::new(Arc::new(Flood), to.clone());
        for id in 1..=3 {
            questions.send(RequestId(id), Request::Nodes);
        }
        for _ in 0..3 {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert_eq!(inbox.len(), PIECES);
            inbox.recv_many(&mut Vec::new(), 32).await;
        }
        to.send(Input::Leave).await.unwrap();
        let mut before = 0;
        while !matches!(inbox.recv().await, Some(Input::Leave)) {
            before += 1;
        }
        assert!(before <= 2 * PIECES, "{before}");
    }

    #[tokio::test]
    async fn a_stream_is_awaited_until_it_ends() {
        let (mut questions, mut inbox) = questions();
        let cvm = crate::api::types::CvmUuid::parse(&"12".repeat(16)).unwrap();
        questions.send(RequestId(1), Request::Stream(cvm));
        questions.asker.0.notify_one();
        for _ in 0..2 {
            let (id, answer) = reply(&mut inbox).await;
            assert!(questions.is_awaited(id, &answer));
        }
        assert!(!questions.is_awaited(RequestId(1), &Answer::StreamEnded(None)));
    }
}
