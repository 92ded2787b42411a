//! The program, its disk, the service and the post between them, at one moment; and everything that can happen next.

use std::collections::HashMap;
use std::rc::Rc;

use phala_wizard::api::error::{Error, Unreachable};
use phala_wizard::api::types::{CvmUuid, Permission, Prepared, State as Running};
use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::state::{NextStep, State};
use phala_wizard::wizard::event::{Answer, Noted, Request};
use phala_wizard::wizard::keymap::Command;
use phala_wizard::wizard::launch::{Course, Launch};
use phala_wizard::wizard::screen::Wish;

use super::book::{Book, Call, Disk, Done, Shelf, without_prepare};
use super::service::{
    How, Letter, Service, Tokens, bad_gateway, mark, number_of, refused, token_of,
};
use super::stage::{Key, Says, Stage, plan_of, read_again, review, session, stage_name};
use super::{Config, Slip, digest_of};
use crate::shell::desk::{Reply, unreachable};

/// What can still go wrong, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    pub crashes: u8,
    pub doubles: u8,
    pub expiries: u8,
    pub others: u8,
    /// Answers that are not the good one.
    pub bad: u8,
    /// Connections that are refused.
    pub never: u8,
    /// Preparations.
    pub prepares: u8,
    /// Requests that create.
    pub sends: u8,
    /// New deployments after the first.
    pub anew: u8,
    /// Changes of the answers.
    pub changes: u8,
    /// Times that the same token is sent again, where that is not safe.
    pub again: u8,
}

/// What the person did and was told.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Person {
    pub confirmed: u8,
    pub sent: u8,
    /// Times that a second instance was risked, on facts that were so.
    pub consents: u8,
    /// The same although the last look had found one.
    pub in_spite: u8,
    /// The last of either, while no request came of it.
    pub pending: Consent,
    /// Times that the same token was sent again.
    pub again: u8,
    /// A request that creates left while one of another journal was unanswered.
    pub is_across: bool,
    /// An answer came when another journal was open.
    pub is_crossed: bool,
    /// Took over what was somebody else's.
    pub is_mistaken: bool,
    /// Was told that it is created.
    pub was_told: bool,
    /// The token that was told last and can still be used.
    pub token: Option<usize>,
}

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct World {
    at: At,
    /// What is read meanwhile.
    asked: Vec<Request>,
    /// What the wizard knows besides: a request before has no clear answer.
    unanswered: bool,
    /// The creating request that the stage waits for.
    waits: Option<u32>,
    book: Rc<Book>,
    /// The journals that this run of the program wrote.
    mine: Vec<IntentId>,
    pub service: Service,
    mail: Vec<Letter>,
    left: Left,
    pub person: Person,
    plan: u8,
    before: Vec<CvmUuid>,
    /// The last look was at a list that had ours, and whether it was told so.
    saw_ours: bool,
    was_shown: bool,
    is_over: bool,
    /// An answer that is not written down yet. Only a slip leaves one.
    late: Option<(u32, Reply)>,
    /// What went wrong on the way here.
    pub wrong: Vec<Wrong>,
}

#[derive(Clone)]
enum At {
    /// No program runs.
    Nowhere,
    /// The form is being answered.
    Form,
    Launch(Rc<Stage>),
}

/// Everything that can happen.
#[derive(Debug, Clone)]
pub enum Move {
    Start,
    Key(Key),
    Tick,
    /// The list is read.
    List,
    /// The compose file is read again: it is the one of this plan.
    Files(u8),
    /// The contract allows everything.
    Allowed,
    /// The instance is seen to run.
    Runs,
    /// A copy of this letter arrives. `told`: its answer comes through.
    Arrive {
        letter: usize,
        how: How,
        told: bool,
    },
    /// The program stops waiting.
    GiveUp(u32),
    /// The connection was refused: it never left.
    Never(usize),
    Double(usize),
    Expire(usize),
    Appear(usize),
    SomebodyElse,
    Crash,
    CrashInside,
    Resume(IntentId),
    Anew,
    Answers(u8),
}

/// What must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// More instances than were asked for.
    Dup,
    /// A statement that is not so.
    False,
    /// A token, or an instance, that was told and is not known any more.
    Lost,
    /// A creating request without a confirmation.
    Posts,
    /// Nothing can be done, and nothing will happen.
    Stuck,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    pub kind: Kind,
    pub what: String,
}

/// What is looked up again and again.
pub struct Ctx {
    pub config: Config,
    pub shelf: Shelf,
    says: HashMap<u64, Rc<Says>>,
}

/// A world with those that a crash on the way would have left.
struct Step {
    world: World,
    inside: Vec<World>,
}

/// What a consent was given on.
#[derive(Debug, Clone, Copy, Default)]
pub enum Consent {
    #[default]
    No,
    Informed,
    InSpite,
}

impl Person {
    /// What was confirmed or consented to, and has not left, counts no more.
    fn takes_back(&mut self) {
        self.confirmed = self.confirmed.min(self.sent);
        match std::mem::take(&mut self.pending) {
            Consent::No => (),
            Consent::Informed => self.consents -= 1,
            Consent::InSpite => self.in_spite -= 1,
        }
    }

    /// What of it makes a difference.
    fn in_short(&self) -> impl std::fmt::Debug {
        (
            self.confirmed - self.sent.min(self.confirmed),
            self.consents,
            (self.in_spite, self.pending),
            self.again,
            (self.is_across, self.is_crossed),
            self.is_mistaken,
            self.was_told,
            self.token,
        )
    }
}

impl Ctx {
    pub fn new(config: Config) -> Self {
        Self {
            config,
            shelf: Shelf::default(),
            says: HashMap::new(),
        }
    }

    fn says(&mut self, stage: &Stage) -> Rc<Says> {
        let says = self.says.entry(stage.digest);
        Rc::clone(says.or_insert_with(|| Rc::new(stage.says())))
    }

    fn slips(&self, slip: Slip) -> bool {
        self.config.slip == Some(slip)
    }

    fn is_on_chain(&self) -> bool {
        self.config.tokens != Tokens::AtOnce
    }
}

impl World {
    /// The form is answered for the first time.
    pub fn begin(ctx: &mut Ctx) -> Self {
        let mut world = Self {
            at: At::Form,
            asked: Vec::new(),
            unanswered: false,
            waits: None,
            book: Book::fresh(Disk::of(crate::faults::sim::Files::new())),
            mine: Vec::new(),
            service: Service::new(ctx.config.tokens, ctx.config.is_registered),
            mail: Vec::new(),
            left: ctx.config.left,
            person: Person::default(),
            plan: 0,
            before: Vec::new(),
            saw_ours: false,
            was_shown: false,
            is_over: false,
            late: None,
            wrong: Vec::new(),
        };
        world.review(ctx);
        world
    }

    pub fn digest(&self) -> u64 {
        let at = match &self.at {
            At::Nowhere => 0,
            At::Form => 1,
            At::Launch(stage) => stage.digest,
        };
        let asked: Vec<&str> = self.asked.iter().map(Request::purpose).collect();
        digest_of(&format!(
            "{at} {asked:?} {} {:?} {} {:?} {:?} {:?} {:?} {:?} {} {:?} {} {} {} {:?}",
            self.unanswered,
            self.waits,
            self.book.digest,
            self.mine,
            self.service,
            self.mail,
            self.left,
            self.person.in_short(),
            self.plan,
            self.before,
            self.saw_ours,
            self.was_shown,
            self.is_over,
            self.late,
        ))
    }

    /// Everything that can happen now.
    pub fn moves(&self, ctx: &mut Ctx) -> Vec<Move> {
        let mut moves = self.post_moves(ctx);
        if self.is_over {
            return moves;
        }
        match &self.at {
            At::Nowhere => {
                let folder = ctx.shelf.folder(&self.book.disk);
                let unfinished = folder.unfinished.iter();
                moves.extend(unfinished.map(|state| Move::Resume(state.id())));
                if self.left.anew > 0 && !self.person.was_told {
                    moves.push(Move::Anew);
                }
                return moves;
            }
            At::Form => {
                moves.push(Move::Answers(self.plan));
                if self.left.changes > 0 {
                    moves.push(Move::Answers(1 - self.plan));
                }
            }
            At::Launch(stage) => {
                let says = ctx.says(stage);
                moves.extend(says.keys.iter().map(|key| Move::Key(*key)));
                if says.moves && self.asked.is_empty() && !says.is_live {
                    moves.push(Move::Tick);
                }
                if self.asked.iter().any(is_reading) {
                    moves.push(Move::Files(self.plan));
                    if self.left.changes > 0 {
                        moves.push(Move::Files(1 - self.plan));
                    }
                }
                moves.extend(self.asked.iter().filter_map(|request| match request {
                    Request::Instances(_) => Some(Move::List),
                    Request::IsAllowed { .. } => Some(Move::Allowed),
                    Request::Stream(_) => Some(Move::Runs),
                    _ => None,
                }));
            }
        }
        let late = self.late.as_ref().map(|(number, _)| *number);
        moves.extend(
            self.book
                .under_way
                .iter()
                .filter(|number| late != Some(**number))
                .map(|number| Move::GiveUp(*number)),
        );
        if self.left.crashes > 0 {
            moves.push(Move::Crash);
        }
        moves
    }

    fn post_moves(&self, ctx: &Ctx) -> Vec<Move> {
        let mut moves = Vec::new();
        for (letter, it) in self.mail.iter().enumerate() {
            let mut hows = vec![How::Well];
            if self.left.bad > 0 {
                let kind = it.token.is_some();
                let bad = ctx.config.bad.iter();
                hows.extend(bad.filter(|how| match how {
                    How::NotRegistered | How::Offered => kind,
                    How::Stray => !kind,
                    How::Refused | How::Well => true,
                }));
            }
            let is_heard = self.is_heard(it.number);
            for how in hows {
                let arrive = |told| Move::Arrive { letter, how, told };
                moves.extend(is_heard.then_some(arrive(true)));
                moves.push(arrive(false));
            }
            if self.left.never > 0 && is_heard && !it.has_arrived && it.copies == 1 {
                moves.push(Move::Never(letter));
            }
            if self.left.doubles > 0 {
                moves.push(Move::Double(letter));
            }
        }
        if self.left.expiries > 0 {
            let tokens = self.service.tokens.iter().enumerate();
            let good = tokens.filter(|(_, token)| !token.is_expired && !token.is_used);
            moves.extend(good.map(|(number, _)| Move::Expire(number)));
        }
        let made = self.service.made.iter().enumerate();
        let hidden = made.filter(|(_, made)| !made.is_listed);
        moves.extend(hidden.map(|(number, _)| Move::Appear(number)));
        if self.left.others > 0 && !self.is_over {
            moves.push(Move::SomebodyElse);
        }
        moves
    }

    /// Whether the program is still there for this answer.
    fn is_heard(&self, number: u32) -> bool {
        number > 0 && self.book.under_way.contains(&number)
    }

    /// What comes of a move, first; and behind it what a crash on the way leaves. Empty where a bound is reached.
    pub fn step(&self, ctx: &mut Ctx, next: &Move) -> Vec<Self> {
        let mut world = self.clone();
        world.wrong.clear();
        let mut step = Step {
            world,
            inside: Vec::new(),
        };
        if step.go(ctx, next).is_none() {
            return Vec::new();
        }
        let Step { world, inside } = step;
        std::iter::once(world).chain(inside).collect()
    }

    /// What is wrong with how it stands.
    pub fn check(&self, ctx: &mut Ctx) -> Vec<Wrong> {
        let mut wrong = self.wrong.clone();
        let mut add = |kind, what: String| wrong.push(Wrong { kind, what });
        let most = 1 + usize::from(self.person.consents);
        if self.service.ours() > most {
            let what = match self.person {
                Person { in_spite: 1.., .. } => "two: created again although a look had found it",
                Person { again: 1.., .. } => "two: the same token was sent again",
                Person {
                    is_across: true, ..
                } => "two: sent while another journal was unanswered",
                _ => "two",
            };
            add(Kind::Dup, what.to_owned());
        }
        let folder = ctx.shelf.folder(&self.book.disk);
        for id in &folder.nothing_made {
            if self.comes_of(&[*id]) {
                add(Kind::False, "journal: closed as nothing made".to_owned());
            }
        }
        match &self.at {
            At::Nowhere => {
                for state in &folder.unfinished {
                    let says = state.standing();
                    let none = ["nothing was", "not created"];
                    if none.iter().any(|words| says.contains(words)) && self.comes_of(&[state.id()])
                    {
                        add(Kind::False, format!("list: {says:?}"));
                    }
                }
            }
            At::Form => (),
            At::Launch(stage) => {
                let says = ctx.says(stage);
                if self.comes_of(&self.mine) {
                    let said = says.nothing.iter();
                    for (what, _) in said.filter(|(_, replaced)| !(*replaced && self.unanswered)) {
                        add(Kind::False, what.clone());
                    }
                }
                if let Some(uuid) = stage.watches() {
                    let made = self.service.made.get(number_of(&uuid));
                    let is_ours = made.is_some_and(|made| made.ours.is_some());
                    if !is_ours && !self.person.is_mistaken {
                        add(Kind::False, "live: watches what is not ours".to_owned());
                    }
                }
                let waits = self.waits.is_some() || !self.asked.is_empty() || says.moves;
                if !says.asks && !waits && !says.is_live {
                    add(Kind::Stuck, stage_name(&stage.launch).to_owned());
                }
            }
        }
        wrong
    }

    /// Whether anything exists, or may still come, of these journals.
    fn comes_of(&self, intents: &[IntentId]) -> bool {
        let of = |intent: &Option<IntentId>| intent.is_none_or(|id| intents.contains(&id));
        let mut made = self.service.made.iter();
        let mut mail = self.mail.iter();
        made.any(|made| made.ours.as_ref().is_some_and(of))
            || mail.any(|letter| of(&letter.intent) && self.service.would_create(letter))
    }

    /// Whether anything may still come of another journal than this one.
    fn comes_of_others(&self, open: Option<IntentId>) -> bool {
        let mut mail = self.mail.iter();
        let mut made = self.service.made.iter();
        mail.any(|letter| letter.intent != open && self.service.would_create(letter))
            || made.any(|made| made.ours.is_some_and(|of| of != open))
    }

    fn review(&mut self, ctx: &Ctx) {
        self.before = uuids(&self.service);
        let course = review(
            self.plan,
            ctx.is_on_chain(),
            self.before.clone(),
            ctx.config.has_file,
        );
        let Course::At(launch, ..) = course else {
            panic!("a review without anything to encrypt asks nothing");
        };
        self.at = At::Launch(Stage::new(*launch));
    }

    /// The program is gone; this is left on the disk.
    fn crash(&mut self, ctx: &mut Ctx, disk: Rc<Disk>, when: &str) {
        let disk = if ctx.slips(Slip::PrepareUnrecorded) {
            Disk::of(without_prepare(&disk.files))
        } else {
            disk
        };
        self.left.crashes = self.left.crashes.saturating_sub(1);
        self.person.takes_back();
        self.at = At::Nowhere;
        self.asked.clear();
        self.unanswered = false;
        self.waits = None;
        self.mine.clear();
        self.late = None;
        self.saw_ours = false;
        self.was_shown = false;
        for letter in &mut self.mail {
            letter.number = 0;
        }
        let folder = ctx.shelf.folder(&disk);
        if let Some(token) = self.person.token {
            let has = |ticket: Option<u64>| ticket == Some(mark(token));
            let offers = |state: &State| {
                has(state.ticket().and_then(|ticket| ticket.chain_id))
                    || has(state.offered().and_then(|offered| offered.chain_id))
            };
            let mut all = folder.unfinished.iter();
            let when = if self.person.is_crossed {
                "after an answer to another order"
            } else {
                when
            };
            if !all.any(|state| offers(state) && state.next_step() != NextStep::StartOver) {
                self.lost(&format!("{when}: a token that was shown is not offered"));
            }
        }
        if self.person.was_told && !self.person.is_mistaken && !folder.known {
            self.lost(&format!("{when}: an instance that was shown is not known"));
        }
        self.book = Book::fresh(disk);
    }

    fn lost(&mut self, what: &str) {
        self.wrong.push(Wrong {
            kind: Kind::Lost,
            what: what.to_owned(),
        });
    }

    /// The first number that nobody uses.
    fn number(&self) -> u32 {
        let taken = |number: &u32| {
            self.waits == Some(*number)
                || self.book.under_way.contains(number)
                || self.mail.iter().any(|letter| letter.number == *number)
        };
        (1..=u32::MAX).find(|number| !taken(number)).unwrap()
    }

    fn stage(&self) -> Option<&Rc<Stage>> {
        match &self.at {
            At::Launch(stage) => Some(stage),
            _ => None,
        }
    }
}

impl Step {
    #[expect(clippy::too_many_lines, reason = "one arm per thing that can happen")]
    fn go(&mut self, ctx: &mut Ctx, next: &Move) -> Option<()> {
        let it = &mut self.world;
        match next {
            Move::Start | Move::CrashInside => return None,
            Move::Key(key) => {
                let stage = Rc::clone(it.stage()?);
                self.press(ctx, &stage, *key)?;
            }
            Move::Tick => {
                let course = it.stage()?.tick();
                self.follow(ctx, course)?;
            }
            Move::List => {
                it.asked
                    .retain(|asked| !matches!(asked, Request::Instances(_)));
                let looks = stage_name(&it.stage()?.launch) == "look";
                let mut listed = it.service.listed();
                if looks {
                    it.saw_ours = it.service.shows_ours();
                    if ctx.slips(Slip::NoListing) {
                        listed.retain(|one| {
                            one.uuid.as_ref().is_some_and(|id| it.before.contains(id))
                        });
                    }
                    it.was_shown = it.saw_ours && !ctx.slips(Slip::NoListing);
                }
                let course = it.stage()?.answer(Answer::Instances(Ok(listed)));
                self.follow(ctx, course)?;
            }
            Move::Files(plan) => {
                it.asked.retain(|asked| !is_reading(asked));
                if *plan != it.plan {
                    it.left.changes -= 1;
                    it.plan = *plan;
                }
                let course = it.stage()?.answer(read_again(*plan));
                self.follow(ctx, course)?;
            }
            Move::Allowed => {
                it.asked
                    .retain(|asked| !matches!(asked, Request::IsAllowed { .. }));
                let permission = Permission {
                    hash: true,
                    device: Some(true),
                    all: true,
                    error: None,
                };
                let course = it.stage()?.answer(Answer::IsAllowed(Ok(permission)));
                self.follow(ctx, course)?;
            }
            Move::Runs => {
                it.asked.clear();
                let running = Running {
                    status: "running".into(),
                    boot_progress: Some("done".into()),
                    boot_error: None,
                    instance_id: Some("ab".repeat(20).as_str().into()),
                    uptime: Some("1m".into()),
                };
                it.is_over = true;
                let course = it.stage()?.answer(Answer::Streamed(running));
                self.follow(ctx, course)?;
            }
            Move::Arrive { letter, how, told } => {
                let letter = it.mail[*letter].clone();
                if *how != How::Well {
                    it.left.bad -= 1;
                }
                let reply = it.service.take(&letter, *how);
                let kept = it.mail.iter_mut().find(|other| {
                    other.number == letter.number
                        && other.token == letter.token
                        && other.intent == letter.intent
                        && other.copies == letter.copies
                        && other.plan == letter.plan
                });
                if let Some(kept) = kept {
                    kept.copies -= 1;
                    kept.has_arrived = true;
                }
                it.mail.retain(|letter| letter.copies > 0);
                if *told {
                    self.hear(ctx, letter.number, reply)?;
                }
            }
            Move::GiveUp(number) => {
                let letter = it.mail.iter().find(|letter| letter.number == *number);
                if ctx.slips(Slip::PrepareOnTimeOut)
                    && letter.is_some_and(|letter| letter.token.is_some())
                {
                    // Nobody is asked: a new token, and off it goes.
                    let letter = letter?.clone();
                    it.left.prepares = it.left.prepares.checked_sub(1)?;
                    let token = it.service.new_token();
                    it.person.sent += 1;
                    it.mail.push(Letter {
                        token: Some(token),
                        copies: 1,
                        has_arrived: false,
                        ..letter
                    });
                    self.count();
                } else {
                    let error = Self::no_answer(ctx);
                    self.hear(ctx, *number, Err(error))?;
                }
            }
            Move::Never(letter) => {
                it.left.never -= 1;
                let letter = it.mail.remove(*letter);
                let refused = unreachable(Unreachable::Connect);
                self.hear(ctx, letter.number, Err(refused))?;
            }
            Move::Double(letter) => {
                it.left.doubles -= 1;
                it.mail[*letter].copies += 1;
            }
            Move::Expire(token) => {
                it.left.expiries -= 1;
                it.service.tokens[*token].is_expired = true;
            }
            Move::Appear(made) => it.service.made[*made].is_listed = true,
            Move::SomebodyElse => {
                it.left.others -= 1;
                it.service.somebody_else();
            }
            Move::Crash => {
                let disk = Rc::clone(&it.book.disk);
                it.crash(ctx, disk, "between two steps");
            }
            Move::Resume(id) => self.resume(ctx, *id)?,
            Move::Anew => {
                it.left.anew -= 1;
                it.review(ctx);
            }
            Move::Answers(plan) => {
                if *plan != it.plan {
                    it.left.changes -= 1;
                    it.plan = *plan;
                }
                it.review(ctx);
            }
        }
        Some(())
    }

    fn no_answer(ctx: &Ctx) -> Error {
        match (ctx.slips(Slip::TimeOutAsFailure), ctx.config.is_cut) {
            (true, _) => refused(402, "ERR-04-001"),
            (false, true) => bad_gateway(),
            (false, false) => unreachable(Unreachable::TimedOut),
        }
    }

    fn press(&mut self, ctx: &mut Ctx, stage: &Rc<Stage>, key: Key) -> Option<()> {
        let it = &mut self.world;
        let looks = stage_name(&stage.launch) == "look";
        match key {
            Key::Confirm => {
                it.person.confirmed += 1;
                // Another journal says that its instance exists: this is a second wish.
                if ctx.shelf.folder(&it.book.disk).known {
                    it.person.consents += 1;
                    it.person.pending = Consent::Informed;
                }
            }
            // Whoever consents has seen the list; where that was wrong, it counts for nothing.
            Key::Type if !it.saw_ours => {
                it.person.consents += 1;
                it.person.pending = Consent::Informed;
            }
            Key::Type if it.was_shown => {
                it.person.in_spite += 1;
                it.person.pending = Consent::InSpite;
            }
            // Whoever was told of the files is asked once more; a consent stays.
            Key::Give(Command::Next) if stage_name(&stage.launch) == "gate" => {
                it.person.confirmed = it.person.confirmed.min(it.person.sent);
            }
            Key::Give(Command::Back)
                if matches!(stage_name(&stage.launch), "gate" | "confirmation") =>
            {
                it.person.takes_back();
            }
            _ => (),
        }
        let course = stage.key(key);
        let adopts =
            matches!(&course, Course::At(launch, ..) if matches!(**launch, Launch::Live(_)));
        if looks && adopts && !ctx.slips(Slip::AdoptAny) {
            let Course::At(launch, ..) = &course else {
                return None;
            };
            let uuid = Stage::new((**launch).clone()).watches();
            let made = uuid.and_then(|uuid| it.service.made.get(number_of(&uuid)));
            it.person.is_mistaken |= made.is_some_and(|made| made.ours.is_none());
        }
        if let Course::At(launch, ..) = &course
            && looks
            && matches!(key, Key::Give(_))
            && stage_name(launch) == "confirmation"
            && it.service.rules == Tokens::Many
        {
            it.person.again = 1;
            // Who knows that tokens are good more than once does not do this.
            it.left.again = it.left.again.checked_sub(1)?;
        }
        self.follow(ctx, course)
    }

    /// Goes where the launch goes, and does what it wants.
    fn follow(&mut self, ctx: &mut Ctx, course: Course) -> Option<()> {
        let it = &mut self.world;
        match course {
            Course::At(launch, wishes, another) => {
                if another {
                    it.asked.clear();
                    it.waits = None;
                }
                it.unanswered = match *launch {
                    Launch::Live(_) => false,
                    _ => launch.unanswered().is_some() || it.unanswered,
                };
                it.at = At::Launch(Stage::new(*launch));
                if let Some(stage) = it.stage()
                    && matches!(stage.launch, Launch::Live(_))
                {
                    it.person.was_told = true;
                    it.person.token = None;
                }
                for wish in wishes {
                    self.grant(ctx, wish)?;
                }
            }
            Course::Change(_) | Course::Found(..) => {
                unreachable!("nobody gives a command to what is watched")
            }
            // The review is made anew, from what the files say now.
            Course::Review | Course::Reread(_) => {
                it.person.takes_back();
                it.asked.clear();
                it.waits = None;
                it.review(ctx);
            }
            Course::Form => {
                it.asked.clear();
                it.waits = None;
                it.at = At::Form;
            }
        }
        Some(())
    }

    fn grant(&mut self, ctx: &mut Ctx, wish: Wish) -> Option<()> {
        let Wish::Ask(request) = wish else {
            return Some(());
        };
        let it = &mut self.world;
        match request {
            Request::Prepare(_) | Request::Commit { .. } => self.send(ctx, request),
            Request::Note(noted) => self.note(ctx, noted),
            Request::Instances(_)
            | Request::IsAllowed { .. }
            | Request::ReadAgain(_)
            | Request::Stream(_) => {
                it.asked.retain(|asked| asked.topic() != request.topic());
                it.asked.push(request);
                Some(())
            }
            _ => Some(()),
        }
    }

    fn note(&mut self, ctx: &mut Ctx, noted: Noted) -> Option<()> {
        let it = &mut self.world;
        let entry = ctx.shelf.call(&it.book, Call::Note(noted));
        it.book = Rc::clone(&entry.book);
        let Done::Noted(kept) = &entry.done else {
            return None;
        };
        let course = it.stage()?.answer(Answer::Noted(kept.clone()));
        self.follow(ctx, course)
    }

    fn send(&mut self, ctx: &mut Ctx, request: Request) -> Option<()> {
        let it = &mut self.world;
        let creates = matches!(request, Request::Commit { .. }) || !ctx.is_on_chain();
        let bound = if creates {
            &mut it.left.sends
        } else {
            &mut it.left.prepares
        };
        *bound = bound.checked_sub(1)?;
        if let (Some((number, reply)), true) = (it.late.take(), creates) {
            let entry = ctx.shelf.call(&it.book, Call::Answer(number, reply));
            it.book = Rc::clone(&entry.book);
        }
        let (number, old) = (it.number(), it.clone());
        let is_prepare = matches!(request, Request::Prepare(_));
        let plan = match &request {
            Request::Prepare(order) | Request::Commit { order, .. } => plan_of(&order.plan),
            _ => return None,
        };
        let entry = ctx.shelf.call(&it.book, Call::Send(number, request));
        it.book = Rc::clone(&entry.book);
        if let Some(id) = it.book.open
            && !it.mine.contains(&id)
        {
            it.mine.push(id);
        }
        if is_prepare {
            // Whatever was prepared before is of no use any more, as everybody is told.
            it.person.token = None;
        }
        if old.left.crashes > 0 {
            for disk in &entry.between {
                let mut crashed = old.clone();
                crashed.crash(ctx, Rc::clone(disk), "in the middle of an order");
                self.inside.push(crashed);
            }
        }
        let it = &mut self.world;
        let is_across = old.comes_of_others(it.book.open);
        match &entry.done {
            Done::Left(left) => {
                it.person.pending = Consent::No;
                let letter = Letter {
                    number,
                    token: left.token.as_ref().map(token_of),
                    plan,
                    intent: it.book.open,
                    copies: 1,
                    has_arrived: false,
                };
                if ctx.slips(Slip::RecordAfterSend) || ctx.slips(Slip::TokenAfterCommit) && creates
                {
                    let mut crashed = old;
                    crashed.mail.push(letter.clone());
                    crashed.person.sent += u8::from(creates);
                    let disk = Rc::clone(&crashed.book.disk);
                    crashed.crash(ctx, disk, "by a slip");
                    self.inside.push(crashed);
                }
                it.mail.push(letter);
                it.waits = Some(number);
                if creates {
                    it.person.sent += 1;
                    it.person.is_across |= is_across;
                    self.count();
                }
                Some(())
            }
            Done::Told(reply) => self.tell(ctx, is_prepare, reply.clone()),
            _ => None,
        }
    }

    /// At most one creating request for each confirmation.
    fn count(&mut self) {
        let it = &mut self.world;
        if it.person.sent > it.person.confirmed {
            let what = format!("{} for {}", it.person.sent, it.person.confirmed);
            it.wrong.push(Wrong {
                kind: Kind::Posts,
                what,
            });
        }
    }

    /// An answer, or that there is none: it is written down, and then told to whoever still waits for it.
    fn hear(&mut self, ctx: &mut Ctx, number: u32, reply: Reply) -> Option<()> {
        let it = &mut self.world;
        let is_prepare = matches!(&reply, Ok(Prepared::Ticket(_)));
        let waits = it.waits == Some(number);
        let old = it.clone();
        let reply = if ctx.slips(Slip::TokenAfterCommit) && is_prepare && waits {
            it.late = Some((number, reply.clone()));
            reply
        } else {
            let entry = ctx.shelf.call(&it.book, Call::Answer(number, reply));
            it.book = Rc::clone(&entry.book);
            let Done::Told(reply) = &entry.done else {
                return None;
            };
            reply.clone()
        };
        for letter in &mut it.mail {
            if letter.number == number {
                letter.number = 0;
            }
        }
        it.person.is_crossed |= !waits && it.mine.len() > 1;
        if !waits {
            return Some(());
        }
        it.waits = None;
        if ctx.slips(Slip::ShownBeforeWritten)
            && matches!(&reply, Ok(Prepared::Created(_)))
            && old.left.crashes > 0
        {
            let mut crashed = old.clone();
            crashed.person.was_told = true;
            let disk = Rc::clone(&old.book.disk);
            crashed.crash(ctx, disk, "by a slip");
            self.inside.push(crashed);
        }
        let stage = Rc::clone(self.world.stage()?);
        let is_prepare = stage_name(&stage.launch) == "preparing" || !ctx.is_on_chain();
        self.tell(ctx, is_prepare, reply)
    }

    fn tell(&mut self, ctx: &mut Ctx, is_prepare: bool, reply: Reply) -> Option<()> {
        let it = &mut self.world;
        match &reply {
            Ok(Prepared::Ticket(ticket)) if ticket.device.is_some() => {
                it.person.token = Some(token_of(&ticket.token));
            }
            Err(error) if error.status() == Some(466) => it.person.token = None,
            _ => (),
        }
        let answer = if is_prepare {
            Answer::Prepared(reply)
        } else {
            Answer::Committed(reply)
        };
        let course = it.stage()?.answer(answer);
        self.follow(ctx, course)
    }

    fn resume(&mut self, ctx: &mut Ctx, id: IntentId) -> Option<()> {
        let it = &mut self.world;
        let entry = ctx.shelf.call(&it.book, Call::Resume(id));
        let Done::Resumed(Ok(state)) = &entry.done else {
            it.lost("what is listed cannot be taken up");
            return Some(());
        };
        it.book = Rc::clone(&entry.book);
        it.mine = vec![id];
        it.before.clone_from(&state.intent().facts.before);
        let course = Launch::resume(state, &session(), 0);
        let ticket = match state.offered() {
            // Beside a commit that has no answer, another token is not gone on with.
            Some(_) if state.something_may_come() => None,
            Some(offered) => offered.ticket(),
            None => state.ticket(),
        };
        self.follow(ctx, course)?;
        let it = &mut self.world;
        if let (Some(ticket), Some(stage)) = (ticket, it.stage())
            && let Some(mark) = ticket.chain_id
            && state.made().next().is_none()
            && !stage.has(mark)
        {
            it.lost("a token that is kept is not at hand");
        }
        Some(())
    }
}

fn is_reading(request: &Request) -> bool {
    matches!(request, Request::ReadAgain(_))
}

fn uuids(service: &Service) -> Vec<CvmUuid> {
    let listed = service.listed();
    listed.into_iter().filter_map(|one| one.uuid).collect()
}
