//! The whole life of an intent, step by step, and a ledger of everything that was ever proven to be on the disk.

use std::sync::Arc;

use phala_wizard::api::types::{
    AppId, ComposeHash, CvmUuid, DeviceId, NodeId, Plan, Proof, Ticket, TransactionHash,
};
use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::moment::Moment;
use phala_wizard::journal::reader::{self, Contents};
use phala_wizard::journal::record::{
    Answering, Call, Choice, CommitRefused, CommitSent, Committed, Decision, End, Entry, Facts,
    Governed, Hex, How, Intent, Made, Meaning, PrepareSent, Prepared, RawTransaction, Record,
    Running, Seen, TransactionSeen, TransactionSigned, Visible, fingerprint,
};
use phala_wizard::journal::state::{CommitAnswer, Known, Transaction};
use phala_wizard::journal::store::{Journal, Store};
use phala_wizard::journal::trouble::WriteFailed;
use phala_wizard::secret::Secret;

use super::sim::Sim;

pub const TOKEN: &str = "ct_canary_0123456789abcdef";

/// Everything that a `Durable` was given out for.
#[derive(Debug, Default, Clone)]
pub struct Ledger {
    pub proven: Vec<(IntentId, u64, Record)>,
    /// What was closed, and whether whoever closed it was told that it is.
    pub closed: Option<(IntentId, bool)>,
    begun: u64,
}

/// Why a life was interrupted.
#[derive(Debug)]
pub struct Interrupted;

pub fn app() -> AppId {
    AppId::parse(&"3f".repeat(20)).unwrap()
}

pub fn uuid() -> CvmUuid {
    CvmUuid::parse(&"7a".repeat(16)).unwrap()
}

pub fn at(unix: u64) -> Moment {
    Moment { unix, boot: None }
}

pub fn intent(number: u64, sandbox: bool) -> Intent {
    let plan = Plan {
        app: app(),
        name: "orders-api".into(),
        node: Some(NodeId(6)),
        revision: None,
        compose: Some("services: {}\n".to_owned()),
        env: Some("00ff".repeat(8)),
        script: None,
        making: phala_wizard::api::types::Making::Instance,
    };
    let facts = Facts {
        api_base: "https://cloud-api.phala.example/api/v1".into(),
        profile: None,
        workspace: None,
        sandbox,
        governed: Governed::ByContract {
            chain_id: Some(8453),
            contract: None,
        },
        node: None,
        expected: None,
        also: Vec::new(),
        env_names: vec!["DATABASE_URL".to_owned()],
        files: Vec::new(),
        before: Vec::new(),
    };
    Intent::new(IntentId::new(1_763_900_000_000 + number, 1), &plan, facts)
}

pub fn prepared(attempt: u32) -> Prepared {
    let ticket = Ticket {
        token: Secret::new(TOKEN),
        compose_hash: ComposeHash::parse(&"cd".repeat(32)).unwrap(),
        app: Some(app()),
        device: DeviceId::parse(&"de".repeat(32)),
        chain_id: Some(8453),
        hash_allowed: false,
        device_allowed: true,
        commit_url: None,
        provision: None,
    };
    Prepared::of(&ticket, Answering::Prepare(attempt))
}

pub fn sent(send: u32) -> CommitSent {
    CommitSent {
        send,
        token: fingerprint(&Secret::new(TOKEN)),
        proof: Proof::AlreadyRegistered,
    }
}

fn signed() -> TransactionSigned {
    TransactionSigned {
        chain_id: 8453,
        contract: Hex([0x3f; 20]),
        call: Call::AddComposeHash,
        from: Hex([0xaa; 20]),
        nonce: 7,
        hash: TransactionHash::parse(&"ab".repeat(32)).unwrap(),
        raw: RawTransaction(vec![2, 0xf8]),
    }
}

fn committed() -> Committed {
    let made = Made {
        uuid: Some(uuid()),
        name: "orders-api-2".into(),
        status: "starting".into(),
        app: Some(app()),
        node: None,
        instance_id: None,
        compose_hash: None,
        mismatch: Vec::new(),
    };
    Committed {
        how: How::Answered(3),
        made,
    }
}

/// Begins, or goes on with what is found, and lives until it is closed. `ledger` says what has to be on the disk.
pub fn live(sim: &Sim, ledger: &mut Ledger) -> Result<(), Interrupted> {
    if ledger.closed.is_some() {
        return Ok(());
    }
    let mut journal = begin_or_go_on(sim, ledger)?;
    let id = journal.id();
    while journal.state().known() != Known::Running {
        step(&mut journal, sim, ledger).map_err(|_| Interrupted)?;
    }
    journal
        .close(End::Running, at(9))
        .map_err(|_| Interrupted)?;
    ledger.closed = Some((id, true));
    Ok(())
}

fn begin_or_go_on(sim: &Sim, ledger: &mut Ledger) -> Result<Journal, Interrupted> {
    let store = Store::on(Arc::new(sim.clone()));
    let unfinished = store.unfinished().map_err(|_| Interrupted)?;
    if !sim.is_crashed() {
        let aside = unfinished.set_aside.iter();
        let damaged = aside.filter(|aside| aside.moved_to.is_some()).count();
        assert_eq!(damaged, 0, "{:?}", unfinished.set_aside);
    }
    let lock = store.lock(app(), 1).map_err(|_| Interrupted)?;
    if let Some(found) = unfinished.found.first() {
        return store
            .reopen(lock, found.state.id())
            .map_err(|_| Interrupted);
    }
    // What can be read as closed counts as closed, also if nobody could be told.
    if let Some(id) = closed_on(sim) {
        ledger.closed = Some((id, false));
        return Err(Interrupted);
    }
    ledger.begun += 1;
    let intent = intent(ledger.begun, false);
    let record = Record::Intent(Box::new(intent.clone()));
    let journal = store.begin(lock, intent, at(1)).map_err(|_| Interrupted)?;
    ledger.prove(sim, journal.id(), 1, record, &at(1));
    Ok(journal)
}

/// The next thing that happens to an intent that came this far.
fn step(journal: &mut Journal, sim: &Sim, ledger: &mut Ledger) -> Result<(), WriteFailed> {
    let state = journal.state();
    let (attempts, sends) = (state.attempts(), state.sends());
    let open = state.transactions().iter().any(Transaction::is_open);
    let none = state.transactions().is_empty();
    let listed = state.is_listed();
    let told = state.decided().is_some();
    let unanswered = state
        .sent()
        .find(|sent| sent.answer == CommitAnswer::None)
        .map_or(0, |sent| sent.send);
    let known = state.known();
    match known {
        Known::Noted => put(journal, PrepareSent::first(), sim, ledger),
        Known::PrepareUnanswered => put(journal, prepared(attempts), sim, ledger),
        Known::Prepared if none => put(journal, signed(), sim, ledger),
        Known::Prepared if open => {
            let seen = TransactionSeen {
                hash: signed().hash,
                seen: Seen::Confirmed,
                block: Some(1),
            };
            put(journal, seen, sim, ledger)
        }
        Known::CommitUnanswered { .. } if sends == 1 && !told => {
            let decision = Decision {
                choice: Choice::SendAgain,
                facts: vec!["nothing new is listed".into()],
            };
            put(journal, decision, sim, ledger)
        }
        Known::CommitUnanswered { .. } if sends == 2 => {
            let refused = CommitRefused {
                send: unanswered,
                status: 468,
                code: None,
                meaning: Meaning::NotRegistered,
            };
            put(journal, refused, sim, ledger)
        }
        Known::CommitUnanswered { .. } if sends > 2 => put(journal, committed(), sim, ledger),
        Known::Prepared | Known::NotRegistered | Known::CommitUnanswered { .. } => {
            put(journal, sent(sends + 1), sim, ledger)
        }
        Known::Created if listed => {
            let running = Running {
                uuid: Some(uuid()),
                instance_id: None,
            };
            put(journal, running, sim, ledger)
        }
        Known::Created => put(journal, Visible { uuid: uuid() }, sim, ledger),
        other => panic!("a life that comes to {other:?}"),
    }
}

fn put<R: Entry>(
    journal: &mut Journal,
    entry: R,
    sim: &Sim,
    ledger: &mut Ledger,
) -> Result<(), WriteFailed> {
    let proof = journal.append(entry, at(2))?;
    let record: Record = proof.record().clone().into();
    ledger.prove(sim, proof.intent(), proof.number(), record, &at(2));
    Ok(())
}

impl Ledger {
    /// What was proven just now has to be there even if the power goes this moment.
    fn prove(&mut self, sim: &Sim, intent: IntentId, number: u64, record: Record, at: &Moment) {
        let frame = reader::record(number, at, &record).unwrap();
        let certain = sim.certain(&format!("{intent}.jnl"));
        let last = certain.is_some_and(|bytes| bytes.ends_with(&frame));
        assert!(
            last,
            "record {number} is not the last that is certain: {record:?}"
        );
        self.proven.push((intent, number, record));
    }

    /// Everything that was ever proven is on this disk, whole and in its place.
    pub fn check(&self, sim: &Sim) {
        let mut proven = self.proven.as_slice();
        while let Some((intent, ..)) = proven.first() {
            let contents = contents(sim, *intent).unwrap_or_else(|| panic!("{intent} is gone"));
            let last = contents.records.last().map(|last| &last.record);
            let closed = matches!(last, Some(Record::Closed(_)));
            let of_it = proven.iter().take_while(|(of, ..)| of == intent).count();
            for (_, number, record) in &proven[..of_it] {
                let found = contents.records.get(usize::try_from(number - 1).unwrap());
                let found = found.map(|stamped| &stamped.record);
                assert!(
                    found == Some(record) || (closed && found == Some(&bare(record))),
                    "record {number} of {intent}: {found:?}, and not {record:?}"
                );
            }
            proven = &proven[of_it..];
        }
    }
}

/// A record as it is left when its intent is closed.
fn bare(record: &Record) -> Record {
    match record {
        Record::Prepared(prepared) => {
            let mut bare = prepared.as_ref().clone();
            bare.token = None;
            bare.commit_url = None;
            bare.into()
        }
        other => other.clone(),
    }
}

pub fn contents(sim: &Sim, intent: IntentId) -> Option<Contents> {
    let bytes = sim.bytes(&format!("{intent}.jnl"))?;
    Some(reader::read(&bytes).unwrap_or_else(|why| panic!("{intent}: {why}")))
}

fn closed_on(sim: &Sim) -> Option<IntentId> {
    let names = sim.names();
    let ids = names
        .iter()
        .filter_map(|name| IntentId::parse(name.strip_suffix(".jnl")?));
    ids.into_iter().find(|id| {
        let bytes = sim.bytes(&format!("{id}.jnl")).unwrap_or_default();
        reader::read(&bytes).is_ok_and(|contents| {
            let last = contents.records.last().map(|last| &last.record);
            matches!(last, Some(Record::Closed(_)))
        })
    })
}
