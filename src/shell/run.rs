//! The loop: perform effects, draw, wait for one event, update.
//!
//! It is the only place that waits. It draws only when something happened, and wakes on its own only while something
//! on screen moves. Where keys come from and where frames go is given to it, so that a test can be both.

mod seams;

use std::any::Any;
use std::convert::Infallible;
use std::io;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;
use ratatui::Frame;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::alarm::Alarm;
use super::questions::{Ask, Questions};
use super::{log, report};
use crate::secret::Secret;
use crate::theme::Colours;
use crate::wizard::event::{Answer, Effect, Event, Exit, Request, RequestId};

pub use seams::{Core, Screen};

/// What reaches the loop from outside.
#[derive(Debug)]
pub enum Input {
    /// What was typed, as much as was read at once.
    Typed(Vec<Typed>),
    /// A line was typed, where lines are.
    Line(Secret),
    /// Ctrl-C was pressed, where that is no key.
    Interrupted,
    /// Nothing more can be typed.
    Ended,
    /// The screen has another size.
    Resized,
    /// The terminal has the focus now, or has it no more.
    Focus(bool),
    /// The terminal has said what is behind the text.
    Background(Colours),
    /// Someone outside wants the program to end.
    Leave,
    /// Someone outside wants the program to stop until it is continued.
    Stop,
    /// It was continued.
    Continued,
    /// A reply to the question of this number.
    Reply(RequestId, Answer),
    /// A question did not end as questions do. The panic is passed on.
    Panicked(Panic),
}

/// What a panic was started with.
pub type Panic = Box<dyn Any + Send>;

/// One thing that was typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// A key went down.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(Secret),
}

/// Runs the machine until it wants to leave. The first frame must have been drawn, by whoever calls this.
///
/// # Errors
///
/// Fails if the screen does and the machine, asked to leave, does not say how things came out.
pub async fn drive<C: Core, S: Screen, A: Ask>(
    core: &mut C,
    screen: &mut S,
    questions: Questions<A>,
    inbox: Receiver<Input>,
) -> io::Result<Exit> {
    let start = Instant::now();
    drive_by(&|| start.elapsed(), None, core, screen, questions, inbox).await
}

/// As [`drive`], on a thread that is woken by this alarm.
pub(super) async fn drive_woken<C: Core, S: Screen, A: Ask>(
    alarm: &Alarm,
    core: &mut C,
    screen: &mut S,
    questions: Questions<A>,
    inbox: Receiver<Input>,
) -> io::Result<Exit> {
    let start = Instant::now();
    let clock = || start.elapsed();
    drive_by(&clock, Some(alarm), core, screen, questions, inbox).await
}

async fn drive_by<C: Core, S: Screen, A: Ask>(
    clock: &dyn Fn() -> Duration,
    alarm: Option<&Alarm>,
    core: &mut C,
    screen: &mut S,
    questions: Questions<A>,
    mut inbox: Receiver<Input>,
) -> io::Result<Exit> {
    let mut turn = Loop {
        clock,
        alarm,
        told: 0,
        stage: "",
        core,
        screen,
        questions,
        changed: true,
        older: false,
    };
    let end = match turn.run(&mut inbox).await {
        ControlFlow::Break(end) => end,
        ControlFlow::Continue(never) => match never {},
    };
    // Nobody takes replies any more, and a full inbox must not hold up who wants to give one.
    drop(inbox);
    turn.questions.finish().await;
    end
}

/// At most this much is taken in before the next frame, so that a flood cannot keep the screen from being drawn.
pub const INBOX: usize = 256;

type Flow<T = ()> = ControlFlow<io::Result<Exit>, T>;

struct Loop<'a, C, S, A> {
    /// Time since the start.
    clock: &'a dyn Fn() -> Duration,
    /// What wakes this thread when a second is over, where that is no timer of the runtime.
    alarm: Option<&'a Alarm>,
    /// The second the machine was last told of.
    told: u64,
    /// The stage that was last told of.
    stage: &'static str,
    core: &'a mut C,
    screen: &'a mut S,
    questions: Questions<A>,
    /// Whether the screen may look different by now.
    changed: bool,
    /// Whether it may because time has passed.
    older: bool,
}

impl<C: Core, S: Screen, A: Ask> Loop<'_, C, S, A> {
    async fn run(&mut self, inbox: &mut Receiver<Input>) -> Flow<Infallible> {
        let effects = self.core.begin();
        self.perform(effects)?;
        loop {
            self.draw()?;
            let inputs = self.wait(inbox).await?;
            if inputs.is_empty() {
                self.tick()?;
            }
            for input in inputs {
                self.take(input)?;
            }
        }
    }

    fn draw(&mut self) -> Flow {
        let changed = std::mem::take(&mut self.changed);
        let older = std::mem::take(&mut self.older);
        if (changed || older)
            && let Some(speech) = self.core.speak()
        {
            self.check(|screen| screen.say(&speech))?;
        }
        let core = &*self.core;
        let mut paint = |frame: &mut Frame| core.draw_linked(frame);
        let drawn = match (changed, older) {
            (true, _) => self.screen.draw(&mut paint),
            (false, true) => self.screen.draw_older(&mut paint),
            (false, false) => return Flow::Continue(()),
        };
        match drawn {
            Ok(()) => {
                self.screen.title(&self.core.title());
                Flow::Continue(())
            }
            Err(error) => self.last_words(error),
        }
    }

    /// Sleeps until something happens: what did, or nothing if only a second has passed on a screen that moves.
    async fn wait(&mut self, inbox: &mut Receiver<Input>) -> Flow<Vec<Input>> {
        let mut inputs = Vec::new();
        let received = inbox.recv_many(&mut inputs, INBOX);
        let left = || until_next_second((self.clock)());
        let received = match self.alarm {
            _ if !self.core.moves() => Some(received.await),
            Some(alarm) => alarm.within(left(), received).await,
            None => timeout(left(), received).await.ok(),
        };
        match received {
            Some(0) => self
                .last_words(io::ErrorKind::BrokenPipe.into())
                .map_continue(|()| Vec::new()),
            _ => Flow::Continue(inputs),
        }
    }

    fn take(&mut self, input: Input) -> Flow {
        match input {
            Input::Typed(typed) => {
                for typed in typed {
                    self.tell(match typed {
                        Typed::Key(key) => Event::Key(key),
                        Typed::Paste(text) => Event::Paste(text),
                    })?;
                }
            }
            Input::Line(line) => self.act(|core| core.answer(line))?,
            Input::Interrupted => self.act(C::interrupted)?,
            Input::Ended => self.act(C::ended)?,
            Input::Resized => self.changed = true,
            Input::Focus(has_focus) => self.screen.focus(has_focus),
            Input::Background(colours) => {
                self.core.recolour(colours);
                self.changed = true;
            }
            Input::Leave => {
                log::outside("leave");
                self.tell(Event::Leave)?;
            }
            Input::Stop => {
                log::outside("stop");
                self.screen.suspend();
            }
            Input::Continued => {
                log::outside("continued");
                self.changed = true;
                self.check(S::resume)?;
            }
            Input::Reply(id, answer) => {
                if self.questions.is_awaited(id, &answer) {
                    self.tell(Event::Reply(id, answer))?;
                }
            }
            Input::Panicked(panic) => {
                log::outside("panic");
                resume_unwind(panic)
            }
        }
        Flow::Continue(())
    }

    /// Tells the machine of an event, of a new second before that, and does what it wants done.
    fn tell(&mut self, event: Event) -> Flow {
        self.tick()?;
        self.update(event)
    }

    fn tick(&mut self) -> Flow {
        let now = (self.clock)().as_secs();
        if now == self.told {
            return Flow::Continue(());
        }
        self.told = now;
        self.older = true;
        let effects = self.core.update(Event::Tick(now));
        self.perform(effects)
    }

    fn update(&mut self, event: Event) -> Flow {
        self.changed = true;
        let effects = self.core.update(event);
        self.perform(effects)
    }

    /// As [`tell`](Self::tell), for what is no event. Said at once: what is typed next may be an answer to it.
    fn act(&mut self, act: impl FnOnce(&mut C) -> Vec<Effect>) -> Flow {
        self.tick()?;
        self.changed = true;
        let effects = act(self.core);
        self.perform(effects)?;
        self.draw()
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Flow {
        self.tell_stage();
        for effect in effects {
            log::effect(&effect);
            match effect {
                // Only one of us can use the terminal, so this one is not asked beside the loop.
                Effect::Send(id, Request::Edit { text, ending }) => {
                    let edited = self.screen.edit(&text, ending);
                    self.tell(Event::Reply(id, Answer::Edited(edited)))?;
                }
                Effect::Send(id, Request::ShowPaged(text)) => {
                    let paged = self.screen.page(text.expose());
                    self.tell(Event::Reply(id, Answer::Paged(paged)))?;
                }
                Effect::Send(id, request) => self.questions.send(id, request),
                Effect::Forget(id) => self.questions.forget(id),
                Effect::Copy(text) => self.screen.copy(text.expose()),
                Effect::Open(address) => self.screen.open(&address),
                Effect::Alert(what) => self.screen.alert(what),
                Effect::Suspend => self.screen.suspend(),
                Effect::Redraw => {
                    self.changed = true;
                    self.check(S::forget)?;
                }
                Effect::Quit(exit) => return Flow::Break(Ok(exit)),
            }
        }
        Flow::Continue(())
    }

    /// Tells of another stage: the log, and what a bug would leave behind.
    fn tell_stage(&mut self) {
        let stage = self.core.stage();
        if stage != self.stage {
            self.stage = stage;
            report::at(stage);
            log::stage(stage);
        }
    }

    fn check(&mut self, act: impl FnOnce(&mut S) -> io::Result<()>) -> Flow {
        match act(self.screen) {
            Ok(()) => Flow::Continue(()),
            Err(error) => self.last_words(error),
        }
    }

    /// Nothing can be shown any more; but how things came out is still worth an exit code.
    fn last_words(&mut self, error: io::Error) -> Flow {
        let exit = self
            .core
            .update(Event::Leave)
            .into_iter()
            .find_map(|effect| match effect {
                Effect::Quit(exit) => Some(exit),
                _ => None,
            });
        Flow::Break(exit.ok_or(error))
    }
}

fn until_next_second(now: Duration) -> Duration {
    Duration::from_secs(1).saturating_sub(Duration::from_nanos(now.subsec_nanos().into()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crossterm::event::{KeyCode, KeyModifiers};
    use futures_util::stream::{self, BoxStream, StreamExt};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use tokio::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::shown::Shown;
    use crate::theme::address::Links;
    use crate::wizard::event::{Noted, Outcome};

    /// Writes down what it is told, quits on `q`, and does what the test says.
    struct Diary {
        begin: Vec<Effect>,
        told: Vec<Event>,
        on: Vec<(Event, Vec<Effect>)>,
        moves: bool,
        drawn: Cell<usize>,
        title: &'static str,
        colours: Option<Colours>,
    }

    impl Diary {
        fn new() -> Self {
            let on = vec![(key('q'), vec![quit()])];
            Self {
                begin: Vec::new(),
                told: Vec::new(),
                on,
                moves: false,
                drawn: Cell::new(0),
                title: "",
                colours: None,
            }
        }

        fn on(mut self, event: Event, effects: Vec<Effect>) -> Self {
            self.on.push((event, effects));
            self
        }
    }

    impl Core for Diary {
        fn begin(&mut self) -> Vec<Effect> {
            self.begin.clone()
        }

        fn update(&mut self, event: Event) -> Vec<Effect> {
            let wanted = self.on.iter().position(|(on, _)| *on == event);
            self.told.push(event);
            wanted.map_or_else(Vec::new, |at| self.on[at].1.clone())
        }

        fn moves(&self) -> bool {
            self.moves
        }

        fn recolour(&mut self, colours: Colours) {
            self.colours = Some(colours);
        }

        fn draw(&self, _frame: &mut Frame) {
            self.drawn.set(self.drawn.get() + 1);
        }

        fn title(&self) -> String {
            self.title.to_owned()
        }
    }

    /// A screen that can fail, and that writes down what was asked of it.
    struct Paper {
        terminal: Terminal<TestBackend>,
        asked: Vec<String>,
        gone: bool,
    }

    impl Paper {
        fn new() -> Self {
            let terminal = Terminal::new(TestBackend::new(20, 5)).unwrap();
            Self {
                terminal,
                asked: Vec::new(),
                gone: false,
            }
        }
    }

    impl Screen for Paper {
        fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
            if self.gone {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.terminal
                .draw(|frame| {
                    paint(frame);
                })
                .unwrap();
            Ok(())
        }

        fn draw_older(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
            self.asked.push("older".into());
            self.draw(paint)
        }

        fn title(&mut self, title: &str) {
            if !title.is_empty() {
                self.asked.push(format!("call it {title}"));
            }
        }

        fn focus(&mut self, has_focus: bool) {
            self.asked.push(format!("focus {has_focus}"));
        }

        fn alert(&mut self, _what: &str) {
            self.asked.push("ring".into());
        }

        fn copy(&mut self, text: &str) {
            self.asked.push(format!("copy {text}"));
        }

        fn suspend(&mut self) {
            self.asked.push("suspend".into());
        }

        fn resume(&mut self) -> io::Result<()> {
            self.asked.push("resume".into());
            Ok(())
        }

        fn edit(&mut self, text: &str, _ending: &str) -> Result<String, Shown> {
            Ok(format!("{text}, edited"))
        }
    }

    /// Answers a reading of a folder never, a note when others had their turn, and everything else at once.
    #[derive(Default)]
    struct Echo {
        written: Arc<AtomicBool>,
    }

    impl Ask for Echo {
        fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer> {
            let answer = Answer::Sandbox(Err(request.purpose().into()));
            match request {
                Request::ListFolder(_) => stream::pending().boxed(),
                Request::Nodes => panic!("a bug in a task"),
                Request::Note(_) => stream::once(async move {
                    for _ in 0..100 {
                        tokio::task::yield_now().await;
                    }
                    self.written.store(true, Ordering::Relaxed);
                    answer
                })
                .boxed(),
                _ => stream::iter([answer]).boxed(),
            }
        }
    }

    fn key(letter: char) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE))
    }

    fn typed(letters: &str) -> Input {
        let keys = letters
            .chars()
            .map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
        Input::Typed(keys.map(Typed::Key).collect())
    }

    fn exit() -> Exit {
        Exit {
            outcome: Outcome::Nothing,
            receipt: vec!["left".into()],
        }
    }

    fn quit() -> Effect {
        Effect::Quit(exit())
    }

    fn echoed(id: u64, request: &Request) -> Event {
        let answer = Answer::Sandbox(Err(request.purpose().into()));
        Event::Reply(RequestId(id), answer)
    }

    /// Runs with these inputs, on a clock of whole seconds that moves when it is told to.
    fn run(core: &mut Diary, screen: &mut Paper, inputs: Vec<Input>) -> io::Result<Exit> {
        run_at(&|| Duration::ZERO, core, screen, inputs, false)
    }

    fn run_at(
        clock: &dyn Fn() -> Duration,
        core: &mut Diary,
        screen: &mut Paper,
        inputs: Vec<Input>,
        hang_up: bool,
    ) -> io::Result<Exit> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let (to, inbox) = channel(INBOX);
        for input in inputs {
            to.try_send(input).unwrap();
        }
        let kept: Option<Sender<Input>> = (!hang_up).then(|| to.clone());
        let questions = Questions::new(Arc::new(Echo::default()), to);
        let end = runtime.block_on(drive_by(clock, None, core, screen, questions, inbox));
        drop(kept);
        end
    }

    #[tokio::test]
    async fn what_is_to_be_written_down_is_written_before_the_end() {
        let note = Request::Note(Noted::Runs {
            uuid: None,
            instance_id: None,
        });
        let mut core = Diary::new();
        core.begin = vec![Effect::Send(RequestId(1), note), quit()];
        let echo = Echo::default();
        let written = Arc::clone(&echo.written);
        let (to, inbox) = channel(INBOX);
        let questions = Questions::new(Arc::new(echo), to);
        let clock = || Duration::ZERO;
        drive_by(&clock, None, &mut core, &mut Paper::new(), questions, inbox)
            .await
            .unwrap();
        assert!(written.load(Ordering::Relaxed));
    }

    /// Quits as soon as the inbox was empty once: on the reply to a question it asks at the beginning.
    fn until_idle() -> Diary {
        let question = Request::Quotas("acme".into());
        let mut core = Diary::new().on(echoed(1, &question), vec![quit()]);
        core.begin = vec![Effect::Send(RequestId(1), question)];
        core
    }

    #[test]
    fn everything_that_is_waiting_costs_one_frame() {
        let mut core = until_idle();
        let storm = (0..200).map(|_| Input::Resized).chain([typed("abc")]);
        run(&mut core, &mut Paper::new(), storm.collect()).unwrap();
        assert_eq!(core.told[..3], [key('a'), key('b'), key('c')]);
        assert_eq!(core.drawn.get(), 2);
    }

    #[test]
    fn a_reply_nobody_waits_for_is_not_told_and_draws_nothing() {
        let mut core = until_idle();
        let stray = Input::Reply(RequestId(9), Answer::Sandbox(Ok("".into())));
        run(&mut core, &mut Paper::new(), vec![stray]).unwrap();
        assert_eq!(core.told.len(), 1);
        assert_eq!(core.drawn.get(), 1);
    }

    #[test]
    fn a_question_is_answered_under_its_number_and_a_forgotten_one_is_not() {
        let endless = Request::ListFolder("/".into());
        let quick = Request::Quotas("acme".into());
        let mut core = Diary::new()
            .on(
                key('a'),
                vec![
                    Effect::Send(RequestId(1), endless),
                    Effect::Send(RequestId(2), quick.clone()),
                    Effect::Send(RequestId(3), quick.clone()),
                    Effect::Forget(RequestId(1)),
                    Effect::Forget(RequestId(2)),
                ],
            )
            .on(echoed(3, &quick), vec![quit()]);
        run(&mut core, &mut Paper::new(), vec![typed("a")]).unwrap();
        assert_eq!(core.told, [key('a'), echoed(3, &quick)]);
    }

    #[test]
    fn a_new_second_is_told_before_the_event_that_found_it() {
        let seconds = Cell::new(0);
        let clock = || {
            seconds.set(seconds.get() + 5);
            Duration::from_secs(seconds.get())
        };
        let mut core = Diary::new();
        let inputs = vec![typed("aq")];
        run_at(&clock, &mut core, &mut Paper::new(), inputs, false).unwrap();
        let told = [Event::Tick(5), key('a'), Event::Tick(10), key('q')];
        assert_eq!(core.told, told);
    }

    #[test]
    fn a_screen_that_moves_is_told_the_time_without_any_event() {
        let start = Instant::now();
        let clock = || start.elapsed() + Duration::from_millis(990);
        let mut core = Diary::new().on(Event::Tick(1), vec![quit()]);
        core.moves = true;
        run_at(&clock, &mut core, &mut Paper::new(), Vec::new(), false).unwrap();
        assert_eq!(core.told, [Event::Tick(1)]);
    }

    #[test]
    fn a_frame_that_only_time_has_changed_is_drawn_as_one() {
        let start = Instant::now();
        let clock = || start.elapsed() + Duration::from_millis(990);
        let mut core = Diary::new().on(Event::Tick(2), vec![quit()]);
        core.moves = true;
        let mut screen = Paper::new();
        run_at(&clock, &mut core, &mut screen, Vec::new(), false).unwrap();
        assert_eq!(screen.asked, ["older"]);
        assert_eq!(core.drawn.get(), 2);
    }

    #[test]
    fn another_background_recolours_what_is_drawn_and_is_no_event() {
        let mut core = Diary::new();
        let inputs = vec![Input::Background(Colours::Light), typed("q")];
        run(&mut core, &mut Paper::new(), inputs).unwrap();
        assert_eq!(core.colours, Some(Colours::Light));
        assert_eq!(core.told, [key('q')]);
    }

    #[test]
    fn the_next_second_is_never_zero_away() {
        let second = Duration::from_secs(1);
        assert_eq!(until_next_second(Duration::ZERO), second);
        assert_eq!(until_next_second(second), second);
        let almost = Duration::from_millis(1999);
        assert_eq!(until_next_second(almost), Duration::from_millis(1));
    }

    #[test]
    fn an_edited_text_comes_back_as_the_reply() {
        let edit = Request::Edit {
            text: "services:".into(),
            ending: "yaml",
        };
        let edited = Answer::Edited(Ok("services:, edited".into()));
        let edited = Event::Reply(RequestId(4), edited);
        let mut core = Diary::new()
            .on(key('e'), vec![Effect::Send(RequestId(4), edit)])
            .on(edited.clone(), vec![quit()]);
        run(&mut core, &mut Paper::new(), vec![typed("e")]).unwrap();
        assert_eq!(core.told, [key('e'), edited]);
    }

    #[test]
    fn the_focus_is_for_the_screen_and_the_title_comes_with_each_frame() {
        let mut core = Diary::new();
        core.title = "probe";
        let mut screen = Paper::new();
        run(&mut core, &mut screen, vec![Input::Focus(true), typed("q")]).unwrap();
        assert_eq!(screen.asked, ["call it probe", "focus true"]);
        assert_eq!(core.told, [key('q')]);
        assert_eq!(core.drawn.get(), 1);
    }

    #[test]
    fn a_stop_from_outside_and_one_from_inside_are_the_same() {
        let mut core = Diary::new().on(key('z'), vec![Effect::Suspend, Effect::Alert("over")]);
        let mut screen = Paper::new();
        let inputs = vec![typed("z"), Input::Continued, Input::Stop, typed("q")];
        run(&mut core, &mut screen, inputs).unwrap();
        assert_eq!(screen.asked, ["suspend", "ring", "resume", "suspend"]);
    }

    #[test]
    fn a_screen_that_is_gone_asks_the_machine_how_it_came_out() {
        let mut screen = Paper::new();
        screen.gone = true;
        let mut core = Diary::new().on(Event::Leave, vec![Effect::Alert("over"), quit()]);
        assert_eq!(run(&mut core, &mut screen, Vec::new()).unwrap(), exit());
        let error = run(&mut Diary::new(), &mut screen, Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_request_to_leave_reaches_the_machine() {
        let mut core = Diary::new().on(Event::Leave, vec![quit()]);
        let end = run(&mut core, &mut Paper::new(), vec![Input::Leave]).unwrap();
        assert_eq!(end, exit());
    }

    #[test]
    #[should_panic(expected = "a bug in a task")]
    fn a_panic_beside_the_loop_ends_it() {
        let mut core = Diary::new().on(key('n'), vec![Effect::Send(RequestId(1), Request::Nodes)]);
        let _ = run(&mut core, &mut Paper::new(), vec![typed("n")]);
    }
}
