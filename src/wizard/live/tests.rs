//! The watch, driven as the wizard drives it: inputs with their second, wishes, pages as text.

use super::*;
use crate::api::error::{Error, ErrorKind, Refusal, Unreachable};
use crate::api::types::{
    AppId, Composition, Container, CvmUuid, Evidence, Network, NodeId, NodeRef, Plan,
};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::wizard::elsewhere::Elsewhere;
use crate::wizard::event::{Answer, Outcome as Ending};
use crate::wizard::keymap::Command;
use crate::wizard::launch::brief::Known;
use crate::wizard::launch::several::Several;
use crate::wizard::page::{Block, Line};
use crate::wizard::registering::Registering;
use crate::zone::Zone;

const UUID: &str = "f2e4c1a0-88d2-4c0e-b5b6-0a1c2f3e91b0";
const ADDRESS: &str = "https://f2e4c1a0-8080.dstack-prod6.phala.network";

fn uuid() -> CvmUuid {
    CvmUuid::parse(UUID).expect("a uuid")
}

fn app() -> AppId {
    AppId::parse(&"3f".repeat(20)).expect("an app id")
}

pub(super) fn brief() -> Box<Brief> {
    Box::new(Brief {
        several: Several::default(),
        kms_keys: None,
        env_names: Vec::new(),
        seal: Vec::new(),
        mask: Mask::default(),
        workspace: None,
        elsewhere: Elsewhere::default(),
        foretold: Err("no document".into()),
        unanswered: false,
        accepted: None,
        transaction: None,
        registering: Registering::default(),
        plan: Plan {
            app: app(),
            name: "orders-api".into(),
            node: Some(NodeId(6)),
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: crate::api::types::Making::Instance,
        },
        on_chain: true,
        allowlist: None,
        node: None,
        before: Vec::new(),
        size: "tdx.small, 1 vCPU".into(),
        price: Some("$0.122/hour".into()),
        answers: Vec::new(),
        remarks: Vec::new(),
        cost: Vec::new(),
        paths: [None, None, None],
        files: Vec::new(),
        run: crate::wizard::launch::brief::Run::This,
        live: None,
        host: "cloud-api.example".into(),
        base: "https://cloud-api.phala.com".into(),
        key_tail: "****".into(),
        sandbox: false,
    })
}

fn created(uuid: Option<CvmUuid>) -> Created {
    Created {
        uuid,
        name: "orders-api-c".into(),
        status: "creating".into(),
        app: Some(app()),
        node: Some(NodeRef {
            id: Some(NodeId(6)),
            name: "prod6".into(),
            region: Some("us-west".into()),
            device: None,
        }),
        instance_id: None,
    }
}

fn state(status: &str, progress: &str, error: Option<&str>) -> State {
    State {
        status: status.into(),
        boot_progress: Some(Shown::line(progress)),
        boot_error: error.map(Shown::line),
        instance_id: Some("91b00a1c".into()),
        uptime: None,
    }
}

fn refused(status: u16) -> Error {
    Error {
        asked: "GET /cvms/f2e4/state".into(),
        tries: 1,
        kind: ErrorKind::Refused(Refusal {
            status,
            message: "no".into(),
            ..Refusal::default()
        }),
    }
}

fn offline() -> Error {
    Error {
        asked: "GET /cvms/f2e4/state".into(),
        tries: 3,
        kind: ErrorKind::Unreachable(Unreachable::Connect, Shown::default()),
    }
}

fn born(created: Created) -> Birth {
    Birth {
        created,
        compose_hash: None,
        device: None,
        known: Known::Answered,
        before: brief().before,
    }
}

/// What was answered is written down, where that could not be done as it came.
fn note_answer(uuid: Option<CvmUuid>) -> Wish {
    let noted = Noted::Answered(Box::new(created(uuid)));
    Wish::Ask(Request::Note(noted))
}

/// A stage with its clock.
#[derive(Debug)]
struct Watch {
    live: Live,
    now: u64,
}

impl Watch {
    fn start(created: Created) -> (Self, Vec<Wish>) {
        let (live, wishes) = Live::start(&brief(), born(created), 0);
        (Self { live, now: 0 }, without_the_rest(wishes))
    }

    fn known() -> Self {
        Self::start(created(Some(uuid()))).0
    }

    fn input(&mut self, input: Input) -> Vec<Wish> {
        let (idle, _) = Live::start(&brief(), born(created(None)), 0);
        match std::mem::replace(&mut self.live, idle).update(input, self.now) {
            Outcome::Stay(live, wishes) => {
                self.live = live;
                without_the_rest(wishes)
            }
            Outcome::Leave => panic!("the watch ended"),
            Outcome::Done(ended) => panic!("{ended:?}"),
        }
    }

    fn at(&mut self, now: u64, answer: Answer) -> Vec<Wish> {
        self.now = now;
        self.input(Input::Answer(answer))
    }

    fn streamed(&mut self, now: u64, progress: &str, error: Option<&str>) -> Vec<Wish> {
        self.at(now, Answer::Streamed(state("running", progress, error)))
    }

    fn tick(&mut self, now: u64) -> Vec<Wish> {
        self.now = now;
        self.input(Input::Tick)
    }

    fn page(&self) -> String {
        let zone = Zone::default();
        let page = self.live.page(self.now, &zone);
        let mut text: Vec<String> = Vec::new();
        for block in &page.main {
            if let Block::Text(lines) = block {
                text.extend(lines.iter().map(Line::words));
            }
        }
        text.extend(page.side.iter().map(Line::words));
        text.push(page.note.words());
        text.join("\n")
    }
}

/// Logs, figures and what is kept of boots are asked for beside everything else; their tests are their own.
fn without_the_rest(mut wishes: Vec<Wish>) -> Vec<Wish> {
    wishes.retain(|wish| {
        !matches!(
            wish,
            Wish::Ask(
                Request::Log { .. }
                    | Request::Stats(_)
                    | Request::Operations(_)
                    | Request::PastBoots(_)
                    | Request::KeepBoot(..)
            ) | Wish::CloseLog(_)
        )
    });
    wishes
}

fn ask_state() -> Wish {
    Wish::Ask(Request::State(uuid()))
}

fn ask_stream() -> Wish {
    Wish::Ask(Request::Stream(uuid()))
}

fn what_runs() -> [Wish; 3] {
    [
        Wish::Ask(Request::Network(uuid())),
        Wish::Ask(Request::Composition(uuid())),
        Wish::Ask(Request::Attestation(uuid())),
    ]
}

#[test]
fn a_boot_is_told_phase_by_phase_until_it_is_proven() {
    let (mut watch, wishes) = Watch::start(created(Some(uuid())));
    assert_eq!(wishes, [ask_stream(), note_answer(Some(uuid()))]);
    assert!(watch.page().contains("creating"), "{}", watch.page());
    watch.streamed(7, "booting", None);
    watch.streamed(19, "requesting app keys", None);
    watch.now = 25;
    let page = watch.page();
    for words in [
        "The machine is up. The guest is still booting.",
        "00:07  ok booting                   00:12",
        "00:19  .. requesting app keys       00:06",
        "then initializing data disk, data disk ready",
        "streaming",
    ] {
        assert!(page.contains(words), "{words} is missing in\n{page}");
    }
    assert_eq!(watch.live.exit().outcome, Ending::Unhealthy);
    let wishes = watch.streamed(224, "done", None);
    assert_eq!(wishes[0], Wish::Alert(Verdict::Running.words()));
    let runs = Noted::Runs {
        uuid: Some(uuid()),
        instance_id: Some("91b00a1c".into()),
    };
    assert_eq!(wishes[1], Wish::Ask(Request::Note(runs)));
    assert_eq!(wishes[2..], what_runs());
    assert!(
        watch.page().contains("Running.   3 min 44 s"),
        "{}",
        watch.page()
    );
    assert_eq!(watch.live.exit().outcome, Ending::Running);
}

#[test]
fn running_alone_is_shown_as_still_booting() {
    let mut watch = Watch::known();
    let status_only = State {
        status: "running".into(),
        ..State::default()
    };
    watch.at(5, Answer::Streamed(status_only));
    assert!(watch.page().contains("The guest is still booting"));
    assert_eq!(watch.live.exit().outcome, Ending::Unhealthy);
}

#[test]
fn a_cut_stream_changes_a_note_and_nothing_else() {
    let mut watch = Watch::known();
    watch.streamed(5, "booting", None);
    let wishes = watch.at(8, Answer::StreamEnded(Some(offline())));
    assert_eq!(wishes, [ask_state()], "the state is asked for at once");
    assert!(watch.page().contains("polling"), "{}", watch.page());
    watch.at(8, Answer::State(Ok(state("running", "booting", None))));
    assert_eq!(watch.tick(9), []);
    assert_eq!(watch.tick(10), [ask_stream()], "and the stream soon again");
    watch.at(10, Answer::StreamEnded(Some(offline())));
    assert_eq!(watch.tick(12), [], "a look under way is not given up");
    watch.at(12, Answer::State(Ok(state("running", "done", None))));
    assert_eq!(watch.live.verdict, Verdict::Running);
}

#[test]
fn a_lost_stream_is_tried_again() {
    let mut watch = Watch::known();
    watch.at(1, Answer::StreamEnded(Some(refused(429))));
    watch.at(1, Answer::State(Ok(state("running", "booting", None))));
    assert_eq!(watch.tick(3), [ask_stream()]);
    assert!(watch.page().contains("streaming"));
    for (now, pause) in [(3, 4), (7, 8), (15, 16), (31, 32), (63, 60), (123, 60)] {
        watch.at(now, Answer::StreamEnded(Some(refused(429))));
        watch.at(now, Answer::State(Ok(state("running", "booting", None))));
        assert!(!watch.tick(now + pause - 1).contains(&ask_stream()));
        watch.at(
            now + pause - 1,
            Answer::State(Ok(state("running", "booting", None))),
        );
        assert!(watch.tick(now + pause).contains(&ask_stream()), "{pause}");
    }
    watch.streamed(190, "booting", None);
    watch.at(190, Answer::StreamEnded(None));
    watch.at(190, Answer::State(Ok(state("running", "booting", None))));
    assert!(
        watch.tick(192).contains(&ask_stream()),
        "it spoke, so soon again"
    );
}

#[test]
fn a_stream_that_is_refused_at_once_loses_nothing() {
    let mut watch = Watch::known();
    assert_eq!(
        watch.at(0, Answer::StreamEnded(Some(refused(429)))),
        [ask_state()]
    );
    watch.at(1, Answer::State(Err(offline())));
    assert!(watch.page().contains("Cannot reach the service."));
    assert_eq!(watch.live.verdict, Verdict::Booting);
    assert_eq!(watch.tick(4), [ask_stream()]);
    watch.at(4, Answer::StreamEnded(Some(refused(429))));
    watch.at(5, Answer::State(Ok(state("running", "done", None))));
    assert_eq!(watch.live.verdict, Verdict::Running);
    assert!(!watch.page().contains("Cannot reach"));
}

#[test]
fn a_silent_stream_is_asked_beside() {
    let mut watch = Watch::known();
    watch.streamed(5, "booting", None);
    assert_eq!(watch.tick(10), []);
    assert_eq!(watch.tick(11), [ask_state()]);
}

#[test]
fn an_unknown_word_is_shown_as_it_came() {
    let mut watch = Watch::known();
    watch.streamed(5, "warming the flux", None);
    let page = watch.page();
    assert!(page.contains("warming the flux"), "{page}");
    assert!(page.contains("A word I do not know"), "{page}");
}

#[test]
fn a_known_fatal_error_is_final_at_once_and_a_recovery_is_seen() {
    let mut watch = Watch::known();
    watch.streamed(53, "starting containers", None);
    let wishes = watch.streamed(
        240,
        "starting containers",
        Some("failed to start containers"),
    );
    let asks_what_docker_says = Wish::Ask(Request::Composition(uuid()));
    assert_eq!(
        wishes,
        [Wish::Alert(Verdict::Failed.words()), asks_what_docker_says]
    );
    let page = watch.page();
    for words in [
        "It did not come up.",
        "its words  failed to start containers",
        "X starting containers       03:07",
        "What usually causes it at 'starting containers'",
        "the registry wants a login",
        "Unknown. Nothing that was read says why",
        "1 see the logs",
        "2 restart it",
        "3 delete it",
        "4 copy for support",
        "phala logs --serial --cvm-id f2e4c1a0",
        "phala cvms restart f2e4c1a0",
        "phala instances rm f2e4c1a0",
        "billed at $0.122/hour, about $0.01 so far",
    ] {
        assert!(page.contains(words), "{words} is missing in\n{page}");
    }
    assert!(watch.live.moves());
    assert_eq!(watch.tick(249), []);
    assert_eq!(watch.tick(250), [ask_state()]);
    watch.at(250, Answer::State(Ok(state("running", "done", None))));
    assert_eq!(watch.live.exit().outcome, Ending::Running);
}

#[test]
fn an_ended_machine_says_so_and_what_that_means() {
    let mut watch = Watch::known();
    watch.streamed(3, "requesting app keys", None);
    watch.at(
        9,
        Answer::Streamed(state("exited", "requesting app keys", None)),
    );
    let page = watch.page();
    assert!(
        page.contains("Most likely") && page.contains("its status says no more"),
        "{page}"
    );
    assert!(page.contains("X requesting app keys"), "{page}");
}

#[test]
fn what_ran_once_did_not_fail_to_boot() {
    let mut watch = Watch::known();
    watch.streamed(3, "done", None);
    watch.at(90, Answer::State(Ok(state("exited", "done", None))));
    assert!(watch.page().contains("It does not run any more."));
    assert!(watch.live.exit().receipt[0].contains("does not run any more: exited"));
}

#[test]
fn an_unknown_error_waits_for_the_next_phase() {
    let mut watch = Watch::known();
    watch.streamed(5, "setting up docker", Some("odd thing"));
    let page = watch.page();
    assert!(
        page.contains("odd thing") && page.contains("I wait a moment"),
        "{page}"
    );
    watch.streamed(34, "setting up docker", Some("odd thing"));
    assert_eq!(watch.live.verdict, Verdict::Booting);
    watch.streamed(35, "setting up docker", Some("odd thing"));
    assert_eq!(watch.live.verdict, Verdict::Failed);
}

#[test]
fn a_gateway_error_degrades_and_clears() {
    const ERROR: &str = "dstack-gateway registration failed: connection refused";
    let mut watch = Watch::known();
    watch.streamed(5, "setting up docker", Some(ERROR));
    assert!(
        watch.page().contains("This stops nothing"),
        "{}",
        watch.page()
    );
    let wishes = watch.streamed(20, "done", Some(ERROR));
    assert_eq!(wishes[1..], what_runs());
    assert!(watch.page().contains("It runs, yet something is wrong."));
    assert!(watch.page().contains(ERROR));
    assert_eq!(watch.live.exit().outcome, Ending::Unhealthy);
    assert!(watch.live.moves(), "it keeps looking");
    assert_eq!(watch.tick(39), []);
    assert_eq!(watch.tick(40), [ask_state()]);
    watch.at(41, Answer::State(Ok(state("running", "done", None))));
    assert_eq!(watch.live.exit().outcome, Ending::Running);
}

#[test]
fn a_stall_is_told_by_the_usual_time_and_ends_by_itself() {
    let mut watch = Watch::known();
    watch.streamed(10, "requesting app keys", None);
    let wishes = watch.streamed(70, "requesting app keys", None);
    assert_eq!(wishes, [Wish::Alert(Verdict::Stalled.words())]);
    let page = watch.page();
    for words in [
        "No progress at 'requesting app keys'.",
        "I keep watching",
        "does not allow this compose hash",
    ] {
        assert!(page.contains(words), "{words} is missing in\n{page}");
    }
    watch.streamed(80, "data disk ready", None);
    assert_eq!(watch.live.verdict, Verdict::Booting);
}

#[test]
fn silence_of_the_network_is_no_stall() {
    let mut watch = Watch::known();
    watch.streamed(10, "requesting app keys", None);
    watch.at(11, Answer::StreamEnded(None));
    for now in (15..600).step_by(5) {
        watch.tick(now);
        watch.at(now, Answer::State(Err(offline())));
    }
    assert_eq!(watch.live.verdict, Verdict::Booting);
}

#[test]
fn a_missing_uuid_is_found_in_the_list() {
    let (mut watch, wishes) = Watch::start(created(None));
    let ask_list = Wish::Ask(Request::Instances(app()));
    assert_eq!(wishes, [ask_list.clone(), note_answer(None)]);
    assert!(watch.page().contains("looking for the one new instance"));
    watch.at(1, Answer::Instances(Ok(Vec::new())));
    assert_eq!(watch.tick(2), []);
    assert_eq!(watch.tick(3), [ask_list]);
    let hash = crate::api::types::ComposeHash::parse(&"46".repeat(32));
    let ours = Instance {
        uuid: Some(uuid()),
        name: "orders-api-c".into(),
        compose_hash: hash,
        ..Instance::default()
    };
    assert_eq!(
        watch.at(4, Answer::Instances(Ok(vec![ours]))),
        [ask_stream()]
    );
    let receipt = watch.live.exit().receipt.join("\n");
    assert!(
        receipt.contains(UUID) && receipt.contains("0x4646"),
        "{receipt}"
    );
}

#[test]
fn not_found_is_gone_but_not_for_a_newborn() {
    let mut watch = Watch::known();
    watch.at(1, Answer::StreamEnded(Some(refused(404))));
    watch.at(2, Answer::State(Err(refused(404))));
    assert_eq!(watch.live.verdict, Verdict::Booting);
    watch.tick(5);
    watch.at(5, Answer::State(Ok(state("running", "booting", None))));
    watch.tick(8);
    watch.at(8, Answer::State(Err(refused(404))));
    assert_eq!(watch.live.verdict, Verdict::Gone);
    assert!(watch.page().contains("does not know it any more"));
    assert_eq!(watch.live.exit().outcome, Ending::Unhealthy);
    assert!(watch.live.offer().find(Command::Copy).is_some());
}

#[test]
fn the_bell_rings_only_after_a_long_wait() {
    for (seconds, rings) in [(10, false), (11, true)] {
        let mut watch = Watch::known();
        let wishes = watch.streamed(seconds, "done", None);
        assert_eq!(
            wishes.contains(&Wish::Alert(Verdict::Running.words())),
            rings,
            "{seconds} s"
        );
    }
}

#[test]
fn what_runs_is_looked_at_now_and_then() {
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    assert!(watch.live.moves());
    assert_eq!(watch.at(6, Answer::StreamEnded(None)), []);
    assert_eq!(watch.tick(34), []);
    assert_eq!(watch.tick(35), [ask_state()]);
    watch.at(36, Answer::State(Ok(state("running", "done", None))));
    let wishes = watch.input(Input::Command(Command::Refresh));
    assert_eq!(wishes[0], ask_state());
    assert_eq!(wishes[1..], what_runs()[..2], "its evidence is under way");
}

#[test]
fn the_receipt_has_what_is_needed_afterwards() {
    let mut watch = Watch::known();
    watch.streamed(224, "done", None);
    watch.at(
        225,
        Answer::Network(Ok(Network {
            online: true,
            urls: vec![ADDRESS.into()],
            ..Network::default()
        })),
    );
    let receipt = watch.live.exit().receipt;
    assert_eq!(receipt[0], "orders-api-c: running.");
    let text = receipt.join("\n");
    for words in [
        format!("uuid          {UUID}"),
        "instance id   91b00a1c".to_owned(),
        format!("app           0x{}", app()),
        "node          prod6 (us-west)".to_owned(),
        format!("address       {ADDRESS}"),
        "price         $0.122/hour".to_owned(),
        "time to run   3 min 44 s".to_owned(),
        format!("phala logs --cvm-id {UUID}"),
        format!("phala instances rm {UUID}"),
    ] {
        assert!(text.contains(&words), "{words} is missing in\n{text}");
    }
    assert!(!text.contains("sandbox"));
    watch.live.about.sandbox = true;
    assert!(watch.live.exit().receipt[1].contains("made up"));
}

#[test]
fn containers_and_addresses_are_shown_opened_and_copied() {
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    assert!(watch.live.offer().find(Command::Open).is_none());
    let container = |name: &str, state: &str, status: &str| Container {
        name: name.into(),
        image: "acme/api".into(),
        state: state.into(),
        status: status.into(),
        has_log: true,
    };
    let containers = vec![
        container("api", "running", "Up 2 minutes (healthy)"),
        container("worker", "exited", "Exited (0) 3 seconds ago"),
    ];
    watch.at(
        6,
        Answer::Composition(Ok(Composition {
            online: true,
            containers,
            ..Composition::default()
        })),
    );
    let urls = vec!["javascript:alert(1)".into(), ADDRESS.into()];
    watch.at(
        6,
        Answer::Network(Ok(Network {
            online: true,
            urls,
            ..Network::default()
        })),
    );
    let page = watch.page();
    assert!(page.contains("ok api              Up 2 minutes"), "{page}");
    assert!(page.contains("- worker           Exited (0)"), "{page}");
    assert_eq!(
        watch.input(Input::Command(Command::Open)),
        [Wish::Open(ADDRESS.to_owned())]
    );
    assert_eq!(
        watch.input(Input::Command(Command::Copy)),
        [Wish::Copy("the address", Secret::new(ADDRESS))]
    );
    let delete = Wish::Copy(
        "the command that deletes it",
        Secret::new(format!("phala instances rm {UUID}")),
    );
    assert_eq!(watch.input(Input::Command(Command::Choose(4))), [delete]);
}

#[test]
fn what_runs_with_a_container_in_trouble_is_not_healthy_and_has_a_cause() {
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    assert_eq!(watch.live.exit().outcome, Ending::Running);
    let composition = |state: &str, status: &str| {
        Answer::Composition(Ok(Composition {
            online: true,
            containers: vec![Container {
                name: "api".into(),
                state: state.into(),
                status: status.into(),
                ..Container::default()
            }],
            ..Composition::default()
        }))
    };
    watch.at(
        6,
        composition("restarting", "Restarting (137) 3 seconds ago"),
    );
    let exit = watch.live.exit();
    assert_eq!(exit.outcome, Ending::Unhealthy);
    assert_eq!(exit.receipt[0], "orders-api-c: running, and not well: api");
    let page = watch.page();
    for words in [
        "not all of its containers are well",
        "Most likely",
        "docker says: api Restarting (137)",
        "What you can do",
    ] {
        assert!(page.contains(words), "{words} is missing in\n{page}");
    }
    watch.at(7, composition("running", "Up 5 seconds"));
    assert_eq!(watch.live.exit().outcome, Ending::Running);
    assert!(!watch.page().contains("Most likely"), "{}", watch.page());
}

#[test]
fn there_is_no_way_back_that_would_lose_the_watch() {
    let mut watch = Watch::known();
    for progress in ["booting", "done"] {
        watch.streamed(5, progress, None);
        assert!(watch.live.offer().find(Command::Back).is_none());
    }
}

#[test]
fn leaving_says_what_goes_on_without_the_window() {
    let mut watch = Watch::known();
    assert!(watch.live.leaving().contains("goes on without"));
    watch.streamed(5, "done", None);
    assert!(watch.live.leaving().contains("It runs on."));
    watch.at(6, Answer::Streamed(state("error", "", None)));
    assert!(watch.live.leaving().contains("billed while it exists"));
}

fn evidence(text: &str) -> Answer {
    Answer::Attestation(Ok(Evidence::new(text.as_bytes())))
}

#[test]
fn running_is_no_success_while_its_evidence_differs() {
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    assert_eq!(watch.live.exit().outcome, Ending::Running);
    watch.at(6, evidence("{}"));
    let exit = watch.live.exit();
    assert_eq!(exit.outcome, Ending::Unhealthy);
    let receipt = exit.receipt.join("\n");
    assert!(
        receipt.contains("DIFFERS from what was asked for"),
        "{receipt}"
    );
}

#[test]
fn the_evidence_has_to_be_of_the_instance_whose_id_was_told() {
    let mut watch = Watch::known();
    let told = State {
        instance_id: Some(Shown::line(&"99".repeat(20))),
        ..state("running", "done", None)
    };
    watch.at(5, Answer::Streamed(told));
    let others = r#"{"instances": [{"name": "a"}, {"name": "b"}]}"#;
    watch.at(6, evidence(others));
    assert_eq!(watch.live.exit().outcome, Ending::Unhealthy);
    let receipt = watch.live.exit().receipt.join("\n");
    assert!(receipt.contains(&"99".repeat(20)), "{receipt}");
}

#[test]
fn evidence_is_asked_for_again_by_the_clock_and_by_the_person() {
    let nothing = || evidence(r#"{"is_online": false, "tcb_info": null}"#);
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    watch.at(6, nothing());
    assert!(watch.live.moves(), "evidence is still to come");
    let ask = Wish::Ask(Request::Attestation(uuid()));
    assert!(!watch.tick(10).contains(&ask));
    assert!(watch.tick(11).contains(&ask));
    watch.at(12, nothing());
    let wishes = watch.input(Input::Command(Command::Refresh));
    assert!(wishes.contains(&ask), "{wishes:?}");
}

#[test]
fn an_instance_that_could_not_be_written_down_is_told_on_screen_and_in_the_receipt() {
    let mut watch = Watch::known();
    watch.at(1, Answer::Noted(Err("the disk is full".into())));
    let page = watch.page();
    assert!(
        page.contains("not written down: the disk is full"),
        "{page}"
    );
    let receipt = watch.live.exit().receipt.join("\n");
    assert!(receipt.contains("the disk is full"), "{receipt}");
}

#[test]
fn the_instance_that_was_watched_before_is_come_back_to_and_asked_anew() {
    let mut watch = Watch::known();
    watch.streamed(5, "done", None);
    watch.input(Input::Command(Command::Left));
    let other = Instance {
        uuid: CvmUuid::parse(&"77".repeat(16)),
        name: "orders-api-d".into(),
        ..Instance::default()
    };
    watch.at(6, Answer::Instances(Ok(vec![other.clone()])));
    let Outcome::Done(Ended::Other(chosen, first)) =
        watch.live.update(Input::Command(Command::Next), 7)
    else {
        panic!("another one is watched");
    };
    assert_eq!(*chosen, other);
    let (finding, _) = finding::Finding::other(&other, Some(first));
    let Outcome::Done(finding::Sought::Back(first)) = finding.update(Input::Command(Command::Back))
    else {
        panic!("back to the first");
    };
    let (live, wishes) = first.wake(9);
    assert!(live.is_made() && live.verdict == Verdict::Running);
    assert!(wishes.contains(&ask_state()), "{wishes:?}");
    assert!(wishes.contains(&Wish::Ask(Request::Attestation(uuid()))));
}

#[test]
fn an_instance_without_a_name_is_deleted_by_its_uuid_and_never_by_enter_alone() {
    let (mut watch, _) = Watch::start(Created {
        name: "".into(),
        ..created(Some(uuid()))
    });
    watch.live.about.name = "".into();
    watch.streamed(5, "done", None);
    watch.input(Input::Command(Command::Delete));
    let offer = watch.live.offer();
    let enter = offer.find(Command::Next).expect("offered");
    assert!(enter.blocked.is_some(), "nothing was typed");
    assert_eq!(watch.input(Input::Command(Command::Next)), []);
    watch.input(Input::Paste(Secret::new(UUID)));
    assert_eq!(
        watch.input(Input::Command(Command::Next)),
        [Wish::Ask(Request::Delete(uuid()))]
    );
}
