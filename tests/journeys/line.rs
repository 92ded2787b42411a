//! Whole deployments without a person: the same wizard, walked by its pilot, answered by the pretend service.

use jiff::tz::TimeZone;
use phala_wizard::api::types::{ComposeHash, Prepared, Proof, Ticket, TransactionHash};
use phala_wizard::line::{News, Orders, Paper, Stay, Walk};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::answers::{Answers, PreparedBefore, Values};
use phala_wizard::wizard::event::{Answer, Effect, Event, Exit, Outcome, Request, RequestId};

use crate::cloud::{self, Cloud, Fate};

/// Writes down what is told and kept.
#[derive(Debug, Default)]
pub struct Notes {
    news: Vec<News>,
    kept: Vec<Secret>,
    full: bool,
}

impl Paper for Notes {
    fn tell(&mut self, news: &News) {
        self.news.push(news.clone());
    }

    fn keep(&mut self, token: &Secret) -> Result<Option<String>, String> {
        if self.full {
            return Err("the disk is full".to_owned());
        }
        self.kept.push(token.clone());
        Ok(Some("token".to_owned()))
    }
}

pub struct Errand {
    walk: Walk<Notes>,
    cloud: Cloud,
    open: Vec<(RequestId, Request)>,
    pub asked: Vec<Request>,
    exit: Option<Exit>,
    now: u64,
    /// What nobody answers by itself.
    held: fn(&Request) -> bool,
}

fn answers() -> Answers {
    Answers {
        app: Some("orders-api".to_owned()),
        ..Answers::default()
    }
}

pub fn yes() -> Orders {
    Orders {
        yes: true,
        prepare_only: false,
        stay: Stay::UntilItRuns,
        timeout: 600,
        wait_chain: None,
    }
}

fn prepare_only() -> Orders {
    Orders {
        yes: false,
        prepare_only: true,
        ..yes()
    }
}

impl Errand {
    pub fn start(cloud: Cloud, answers: Answers, orders: Orders) -> Self {
        let mut errand = Self::on(Notes::default(), cloud, answers, orders);
        errand.settle();
        errand
    }

    /// The same, and these questions stay open.
    fn holding(held: fn(&Request) -> bool, cloud: Cloud, answers: Answers) -> Self {
        let mut errand = Self::on(Notes::default(), cloud, answers, yes());
        errand.held = held;
        errand.settle();
        errand
    }

    /// The deployment that the cloud has of an earlier run, taken up again by its id.
    pub fn resume(cloud: Cloud, orders: Orders) -> Self {
        let id = cloud.begun.as_ref().map(|state| state.id().to_string());
        let start = Start {
            registering: phala_wizard::wizard::registering::Registering::default(),
            resume: id,
            ..Start::default()
        };
        let mut errand = Self::of(Notes::default(), cloud, start, orders);
        errand.settle();
        errand
    }

    fn on(paper: Notes, cloud: Cloud, answers: Answers, orders: Orders) -> Self {
        let start = Start {
            folder: "/home/dana".into(),
            answers: Some(answers),
            ..Start::default()
        };
        Self::of(paper, cloud, start, orders)
    }

    fn of(paper: Notes, cloud: Cloud, start: Start, orders: Orders) -> Self {
        let mut errand = Self {
            walk: Walk::new(start, orders, paper),
            cloud,
            open: Vec::new(),
            asked: Vec::new(),
            exit: None,
            now: 0,
            held: |_| false,
        };
        let effects = errand.walk.begin();
        errand.perform(effects);
        errand
    }

    /// Lets seconds go by, everything being answered, until it ends.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            if self.exit.is_some() {
                break;
            }
            self.now += 1;
            self.event(Event::Tick(self.now));
            self.settle();
        }
        self
    }

    fn settle(&mut self) {
        let next = |this: &Self| {
            let free = |(_, ask): &(RequestId, Request)| !(this.held)(ask);
            this.open.iter().position(free)
        };
        while let (Some(at), None) = (next(self), &self.exit) {
            let (id, request) = self.open.remove(at);
            if let Some(answer) = self.cloud.answer(&request) {
                self.event(Event::Reply(id, answer));
            }
        }
    }

    pub fn event(&mut self, event: Event) {
        assert_eq!(self.exit, None, "it goes on after its end");
        let effects = self.walk.update(event);
        self.perform(effects);
    }

    /// Answers the question that is held.
    pub fn reply(&mut self, answer: Answer) {
        let (id, _) = self.open.remove(0);
        self.event(Event::Reply(id, answer));
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(id, request) => {
                    self.asked.push(request.clone());
                    self.open.push((id, request));
                }
                Effect::Forget(id) => self.open.retain(|(open, _)| *open != id),
                Effect::Quit(exit) => self.exit = Some(exit),
                _ => (),
            }
        }
    }

    /// How often it was prepared, and how often a token was redeemed.
    pub fn sent(&self) -> (usize, usize) {
        let count = |is: fn(&Request) -> bool| self.asked.iter().filter(|ask| is(ask)).count();
        (
            count(|ask| matches!(ask, Request::Prepare(_))),
            count(|ask| matches!(ask, Request::Commit { .. })),
        )
    }

    /// Fails unless it ended like this after so many requests; nothing it said may have a secret in it.
    #[track_caller]
    pub fn came_to(&self, outcome: Outcome, sent: (usize, usize)) {
        let told: Vec<String> = self.news().iter().map(News::json).collect();
        let told = told.join("\n");
        let end = self.exit.as_ref().map(|exit| exit.outcome);
        assert_eq!((end, self.sent()), (Some(outcome), sent), "{told}");
        assert!(
            !told.contains("canary") && !told.contains("54ce8e5d"),
            "{told}"
        );
        let last = format!(r#"{{"event":"exit","code":{},"#, outcome.code());
        assert!(
            told.lines()
                .last()
                .is_some_and(|line| line.starts_with(&last)),
            "{told}"
        );
    }

    pub fn news(&self) -> &[News] {
        &self.walk.paper().news
    }

    #[track_caller]
    pub fn tells(&self, words: &str) {
        let told: Vec<String> = self.news().iter().flat_map(News::lines).collect();
        assert!(
            told.join("\n").contains(words),
            "{words} is not in {told:#?}"
        );
    }
}

fn boots(cloud: Cloud) -> Cloud {
    let mut cloud = cloud;
    cloud.boots_well();
    cloud
}

fn central() -> (Cloud, Answers) {
    let answers = Answers {
        app: Some("kv-cache".to_owned()),
        ..Answers::default()
    };
    (boots(Cloud::default()), answers)
}

#[test]
fn every_answer_is_in_what_is_sent() {
    let answers = Answers {
        nodes: vec!["use2".to_owned()],
        compose: Some("docker-compose.yml".into()),
        values: Values::File(".env.prod".into()),
        ..answers()
    };
    let mut errand = Errand::start(boots(Cloud::default()), answers, yes());
    errand.wait(120).came_to(Outcome::Running, (1, 1));
    let plan = errand.asked.iter().find_map(|ask| match ask {
        Request::Prepare(order) => Some(&order.plan),
        _ => None,
    });
    let plan = plan.expect("it was prepared");
    assert_eq!(plan.node.map(|node| node.0), Some(7));
    assert!(
        plan.compose
            .as_deref()
            .is_some_and(|text| text.contains("1.8.2"))
    );
    assert!(plan.env.is_some() && plan.script.is_none());
}

#[test]
fn a_transaction_that_was_named_is_the_proof() {
    let transaction = TransactionHash::parse(&"7a".repeat(32));
    for hash_allowed in [false, true] {
        let cloud = Cloud {
            hash_allowed,
            ..boots(Cloud::default())
        };
        let answers = Answers {
            transaction,
            ..answers()
        };
        let mut errand = Errand::start(cloud, answers, yes());
        errand.wait(120).came_to(Outcome::Running, (1, 1));
        let proof = errand.asked.iter().find_map(|ask| match ask {
            Request::Commit { proof, .. } => Some(*proof),
            _ => None,
        });
        assert_eq!(proof, transaction.map(Proof::Transaction), "{hash_allowed}");
    }
}

#[test]
fn an_app_on_a_later_page_is_found_and_the_ones_before_are_let_be() {
    let mut cloud = boots(Cloud::default());
    let last = cloud.apps.remove(1);
    for number in 0..80 {
        let id = format!("{number:040x}");
        cloud
            .apps
            .push(cloud::app(&id, &format!("app-{number}"), "base"));
    }
    cloud.apps.push(last);
    let second = |ask: &Request| matches!(ask, Request::Apps { page: 2, .. });
    let answers = Answers {
        app: Some("kv-cache".to_owned()),
        ..Answers::default()
    };
    let mut errand = Errand::holding(second, cloud, answers);
    errand.event(Event::Tick(1));
    errand.held = |_| false;
    errand.wait(120).came_to(Outcome::Running, (1, 0));
    let central = cloud::app_id(cloud::CENTRAL);
    let asked = errand.asked.iter();
    let others = asked.filter(|ask| matches!(ask, Request::Instances(id) if *id != central));
    assert_eq!(others.count(), 0);
}

#[test]
fn no_other_app_is_asked_about() {
    let (cloud, answers) = central();
    let errand = Errand::start(
        cloud,
        answers,
        Orders {
            yes: false,
            ..yes()
        },
    );
    errand.came_to(Outcome::Unusable, (0, 0));
    let other = cloud::app_id(cloud::APP);
    let asked = errand.asked.iter().filter(
        |ask| matches!(ask, Request::Instances(id) | Request::Allowlist(id) if *id == other),
    );
    assert_eq!(asked.count(), 0);
}

/// Whether preparing creates is known only once the service has said whether there is a contract.
#[test]
fn nothing_is_decided_before_all_is_known() {
    for held in [
        |ask: &Request| matches!(ask, Request::Allowlist(_)),
        |ask: &Request| matches!(ask, Request::Document(_)),
        |ask: &Request| matches!(ask, Request::Nodes),
    ] {
        let errand = Errand::holding(held, Cloud::default(), answers());
        assert_eq!((errand.sent(), &errand.exit), ((0, 0), &None));
        let told = errand.news().iter().map(News::json).collect::<Vec<_>>();
        assert!(!told.concat().contains("\"plan\""), "{told:?}");
    }
}

#[test]
fn a_preparation_goes_no_further_and_its_token_is_kept() {
    for allowed in [false, true] {
        let cloud = Cloud {
            hash_allowed: allowed,
            ..Cloud::default()
        };
        let errand = Errand::start(cloud, answers(), prepare_only());
        errand.came_to(Outcome::Prepared, (1, 0));
        assert_eq!(errand.walk.paper().kept.len(), 1, "allowed: {allowed}");
    }
    let full = Notes {
        full: true,
        ..Notes::default()
    };
    let mut errand = Errand::on(full, Cloud::default(), answers(), prepare_only());
    errand.settle();
    errand.came_to(Outcome::Failed, (1, 0));
    errand.tells("the disk is full");
}

#[test]
fn nothing_is_prepared_only_where_that_could_create() {
    let (cloud, answers) = central();
    Errand::start(cloud, answers, prepare_only()).came_to(Outcome::Unusable, (0, 0));
}

#[test]
fn a_lost_answer_is_looked_for_until_the_time_is_over() {
    let cloud = Cloud {
        commit: Fate::Lost,
        hash_allowed: true,
        hidden_for: 1_000_000,
        ..Cloud::default()
    };
    let mut errand = Errand::start(cloud, answers(), yes());
    errand.wait(599);
    assert_eq!(errand.exit, None);
    errand.wait(5).came_to(Outcome::Unknown, (1, 1));
    errand.tells("it may still appear");
}

#[test]
fn a_lost_answer_of_an_app_without_a_contract_is_not_asked_for_again() {
    let (cloud, answers) = central();
    let cloud = Cloud {
        prepare: Fate::Lost,
        ..cloud
    };
    let mut errand = Errand::start(cloud, answers, yes());
    errand.wait(120).came_to(Outcome::Running, (1, 0));
}

#[test]
fn two_new_instances_are_no_ones() {
    let cloud = Cloud {
        commit: Fate::Lost,
        hash_allowed: true,
        ..Cloud::default()
    };
    let mut errand = Errand::start(
        Cloud {
            hidden_for: 3,
            ..cloud
        },
        answers(),
        yes(),
    );
    let twin = errand.cloud.created.first().cloned().map(|mut one| {
        one.uuid = cloud::instance("x", 999, 'a').uuid;
        one
    });
    errand.cloud.created.extend(twin);
    let zone = TimeZone::posix("IST-5:30").unwrap();
    errand.event(Event::Zone(zone.into()));
    errand.wait(120).came_to(Outcome::Unknown, (1, 1));
    errand.tells("several new instances");
    errand.tells("created 2026-11-21 15:30:00 IST");
    let told: Vec<String> = errand.news().iter().map(News::json).collect();
    let told = told.join("\n");
    assert!(told.contains("created 2026-11-21T10:00:00Z"), "{told}");
    assert!(!told.contains("IST"), "programs get UTC: {told}");
}

#[test]
fn what_the_contract_refuses_is_prepared_and_not_sent_again() {
    for (status, code) in [(467, "ERR-01-007"), (468, "ERR-01-008")] {
        let cloud = Cloud {
            commit: Fate::Refused(status, Some(code)),
            hash_allowed: true,
            ..Cloud::default()
        };
        let mut errand = Errand::start(cloud, answers(), yes());
        errand.wait(120).came_to(Outcome::Prepared, (1, 1));
    }
}

/// A ticket for an answer to the confirmation is a question, and there is nobody to ask.
#[test]
fn a_commit_that_is_answered_with_another_ticket_is_not_repeated() {
    for hash_allowed in [true, false] {
        let cloud = Cloud {
            hash_allowed: true,
            ..Cloud::default()
        };
        let is_commit = |ask: &Request| matches!(ask, Request::Commit { .. });
        let mut errand = Errand::holding(is_commit, cloud, answers());
        let ticket = Ticket {
            token: Secret::new("54ce8e5d-another"),
            compose_hash: errand.cloud.named,
            app: Some(cloud::app_id(cloud::APP)),
            device: Some(cloud::device('d')),
            chain_id: None,
            hash_allowed,
            device_allowed: true,
            commit_url: None,
            provision: None,
        };
        errand.reply(Answer::Committed(Ok(Prepared::Ticket(Box::new(ticket)))));
        errand.came_to(Outcome::Prepared, (1, 1));
        errand.tells("nothing is sent again");
    }
}

#[test]
fn another_hash_is_a_stop_that_yes_does_not_pass() {
    let cloud = Cloud {
        lies: true,
        ..Cloud::default()
    };
    let errand = Errand::start(cloud, answers(), yes());
    errand.came_to(Outcome::Failed, (1, 0));
    errand.tells(&cloud::hash('a').to_string());
    errand.tells(&cloud::hash('b').to_string());
}

/// Nothing of a live revision is taken over then, so which one does not matter.
#[test]
fn a_token_from_before_is_redeemed_although_the_app_has_several_revisions() {
    let mut cloud = boots(Cloud::default());
    cloud.instances[1].compose_hash = Some(cloud::hash('c'));
    cloud.compose_file = "token-of-before\n".to_owned();
    let answers = Answers {
        prepared: Some(PreparedBefore {
            token: "token".into(),
            hash: ComposeHash::parse(&"ab".repeat(32)).expect("a hash"),
        }),
        ..answers()
    };
    let mut errand = Errand::start(cloud, answers, yes());
    errand.wait(120).came_to(Outcome::Running, (0, 1));
}

#[test]
fn a_token_from_before_is_redeemed_once_at_the_same_confirmation() {
    let before = |file: &str| Answers {
        prepared: Some(PreparedBefore {
            token: file.into(),
            hash: ComposeHash::parse(&"ab".repeat(32)).expect("a hash"),
        }),
        ..answers()
    };
    let cloud = || Cloud {
        compose_file: "token-of-before\n".to_owned(),
        ..boots(Cloud::default())
    };
    let mut errand = Errand::start(cloud(), before("token"), yes());
    errand.wait(120).came_to(Outcome::Running, (0, 1));
    let commit = errand.asked.iter().find_map(|ask| match ask {
        Request::Commit { ticket, .. } => {
            Some((ticket.token.expose(), ticket.compose_hash.to_string()))
        }
        _ => None,
    });
    assert_eq!(commit, Some(("token-of-before", "ab".repeat(32))));
    let list = errand
        .asked
        .iter()
        .rposition(|ask| matches!(ask, Request::Instances(_)));
    let sent = errand.asked.iter().position(Request::may_create);
    assert!(list < sent, "the list comes before the request");
    let unconfirmed = Orders {
        yes: false,
        ..yes()
    };
    Errand::start(cloud(), before("token"), unconfirmed).came_to(Outcome::Unusable, (0, 0));
}

#[test]
fn whoever_is_signed_out_on_the_way_ends_as_it_stands() {
    let looks = |ask: &Request| matches!(ask, Request::IsAllowed { .. });
    let mut errand = Errand::holding(looks, Cloud::default(), answers());
    let no = cloud::refused("POST /apps/../is-allowed", 401, None);
    errand.reply(Answer::IsAllowed(Err(no)));
    errand.came_to(Outcome::SignedOut, (1, 0));
}

#[test]
fn a_request_to_leave_is_answered_as_on_the_screen() {
    let mut errand = Errand::start(Cloud::default(), answers(), yes());
    errand.event(Event::Leave);
    errand.came_to(Outcome::Prepared, (1, 0));
    let cloud = Cloud {
        hash_allowed: true,
        ..Cloud::default()
    };
    let is_commit = |ask: &Request| matches!(ask, Request::Commit { .. });
    let mut errand = Errand::holding(is_commit, cloud, answers());
    errand.event(Event::Leave);
    errand.came_to(Outcome::Unknown, (1, 1));
    let (mut cloud, answers) = central();
    cloud.state.status = "creating".into();
    cloud.state.boot_progress = None;
    let mut errand = Errand::start(cloud, answers, yes());
    errand.event(Event::Leave);
    errand.came_to(Outcome::Unhealthy, (1, 0));
}

/// A file that becomes another one while the first question of this kind is open.
fn changes_while(held: fn(&Request) -> bool) -> Errand {
    let cloud = Cloud {
        looks_until_allowed: 0,
        ..boots(Cloud::default())
    };
    let answers = Answers {
        compose: Some("docker-compose.yml".into()),
        ..answers()
    };
    let mut errand = Errand::holding(held, cloud, answers);
    errand.cloud.compose_file.push_str("# another line\n");
    errand.held = |_| false;
    errand.settle();
    errand.wait(60);
    errand
}

#[test]
fn a_file_that_changes_after_the_plan_was_shown_ends_it_before_anything_is_sent() {
    let errand = changes_while(|request| matches!(request, Request::ReadAgain(_)));
    errand.came_to(Outcome::Failed, (0, 0));
    errand.tells(
        "changed on the disk after the plan was shown: docker-compose.yml. Nothing was sent",
    );
}

#[test]
fn a_file_that_changes_after_the_preparation_ends_it_as_prepared() {
    let errand = changes_while(|request| matches!(request, Request::Prepare(_)));
    errand.came_to(Outcome::Prepared, (1, 0));
    errand.tells("It was prepared, and nothing was created");
}

#[test]
fn the_same_file_once_more_is_no_change() {
    let cloud = boots(Cloud::default());
    let answers = Answers {
        compose: Some("docker-compose.yml".into()),
        ..answers()
    };
    let mut errand = Errand::start(cloud, answers, yes());
    errand.wait(120).came_to(Outcome::Running, (1, 1));
    let again = errand.asked.iter();
    let again = again.filter(|request| matches!(request, Request::ReadAgain(_)));
    assert_eq!(
        again.count(),
        2,
        "before it is prepared, and before it is created"
    );
}
