use super::super::tests::{OWNER, device, hash, lost};
use super::*;
use crate::api::types::{
    AppId, EnvKeyAnswer, Keeper, KmsChain, Making, NewApp, Provision, TransactionHash, stand_in,
};
use crate::chain::examination::Examination;
use crate::chain::transaction::{Standing, Tracked, Unsigned};
use crate::chain::{Call, Deployment, U256};
use crate::journal::record::{self, Hex, RawTransaction, Seen, TransactionSigned};
use crate::journal::state::Transaction;
use crate::wizard::event::{Answer, Broadcast, Noted, TextFile};
use crate::wizard::keys::{KeySource, Opened, Password};
use crate::wizard::launch::brief;
use crate::wizard::registering::Signing;
use crate::wizard::status::Work;
use crossterm::event::{KeyCode, KeyEvent};

/// An app with a key that a KMS signed: a vector of the official clients.
const APP: &str = "43ae2d0218ed23161f053d50a5caf3733ddca2a4";
const KEY: &str = "122308172af702ee2c92af672fdd550248181c6e08ad35dd01a47387f353dc57";
const SIGNATURE: &str = "b166a3571f0c7a774ba9a25e76af34560a738cc352fd3d8cbc96e75fd5342b9e070cfbb62c7e25fb5c1eed331458ea76e72006c952489a60d6cd069e25d9003c01";
const SIGNER: &str = "0246631588e37b89c1b56575c7c23dfee060e4121e2c7ce824c6a1b6a7c3c6a2de";
const TRANSACTION: [u8; 32] = [0x77; 32];

fn values() -> Vec<(String, Secret)> {
    vec![("GREETING".to_owned(), Secret::new("canary-hello"))]
}

fn brief() -> Box<Brief> {
    let mut brief = brief::tests::brief(Some(device()));
    brief.plan.app = stand_in("first-shop");
    brief.plan.making = Making::App(Box::new(NewApp {
        keeper: Keeper::OnChain(KmsChain::Base),
        size: "tdx.small".to_owned(),
        disk_gb: None,
        env_names: vec!["GREETING".to_owned()],
    }));
    brief.env_names = vec!["GREETING".to_owned()];
    brief.seal = values();
    brief.elsewhere.rpc = vec!["node0.example".into()];
    Box::new(brief)
}

fn ticket() -> Box<Ticket> {
    Box::new(Ticket {
        token: Secret::new(hash().to_string()),
        compose_hash: hash(),
        app: None,
        device: Some(device()),
        chain_id: Some(8453),
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: Some(Provision {
            kms: Some("kms_0a".into()),
            kms_contract: Some(format!("0x{}", "2f".repeat(20)).as_str().into()),
            ..Provision::default()
        }),
    })
}

fn keys() -> KmsKeys {
    let mut signer = [0; 33];
    hex::decode_to_slice(SIGNER, &mut signer).unwrap();
    KmsKeys {
        signer,
        ca: Vec::new(),
        block: 5,
    }
}

fn deployment() -> Deployment {
    Deployment {
        owner: OWNER,
        device: device(),
        hash: hash(),
    }
}

fn found_app() -> FoundApp {
    FoundApp {
        app: APP.parse().unwrap(),
        owner: OWNER,
        deployer: OWNER,
        transaction: TransactionHash::from(TRANSACTION),
        block: 9,
    }
}

fn tracked() -> Tracked {
    Tracked {
        chain_id: 8453,
        hash: TransactionHash::from(TRANSACTION),
        from: OWNER,
        nonce: 7,
        to: Address::repeat_byte(0x2f),
        input: Call::DeployApp(deployment()).input(),
    }
}

/// The same as the journal has it.
fn kept(seen: Option<Seen>) -> Transaction {
    let unsigned = Unsigned {
        chain_id: 8453,
        nonce: 7,
        tip: 1,
        max_fee: 2,
        gas: 3,
        to: Address::repeat_byte(0x2f),
        input: Call::DeployApp(deployment()).input(),
    };
    let key = crate::chain::key::Key::parse(&Secret::new("11".repeat(32))).unwrap();
    Transaction {
        signed: TransactionSigned {
            chain_id: 8453,
            contract: Hex([0x2f; 20]),
            call: record::Call::DeployApp,
            from: Hex(OWNER.0.0),
            nonce: 7,
            hash: TransactionHash::from(TRANSACTION),
            raw: RawTransaction(unsigned.sign(&key).raw),
        },
        seen,
    }
}

struct Driven {
    stage: Option<Found>,
    wishes: Vec<Wish>,
    now: u64,
    done: Option<(Box<Brief>, Box<Ticket>, Proof)>,
}

impl Driven {
    fn of(brief: Box<Brief>, kept: Vec<Transaction>) -> Self {
        let (stage, wishes) = Found::start(brief, ticket(), 0);
        let driven = Self {
            stage: Some(stage),
            wishes,
            now: 0,
            done: None,
        };
        driven
            .answer(Answer::Transactions(kept))
            .answer(Answer::KmsKeys(Ok(keys())))
    }

    fn take(mut self, input: Input) -> Self {
        let stage = self.stage.take().expect("it goes on");
        match stage.update(input, self.now) {
            Outcome::Stay(stage, wishes) => {
                self.stage = Some(stage);
                self.wishes.extend(wishes);
            }
            Outcome::Done(done) => self.done = Some(done),
            Outcome::Leave => panic!("it was left"),
        }
        self
    }

    fn answer(self, answer: Answer) -> Self {
        self.take(Input::Answer(answer))
    }

    fn hears(mut self, answer: Answer) -> Self {
        self.wishes.clear();
        self.answer(answer)
    }

    fn press(mut self, command: Command) -> Self {
        self.wishes.clear();
        let offer = self.stage().offer();
        let found = offer.find(command).expect("it is offered");
        assert_eq!(found.blocked, None, "{command:?}");
        self.take(Input::Command(command))
    }

    fn blocked(&self, command: Command) -> String {
        let offer = self.stage().offer();
        let found = offer.find(command).expect("it is offered");
        found.blocked.clone().expect("it is blocked")
    }

    fn types(self, text: &str) -> Self {
        text.chars().fold(self, |driven, c| {
            driven.take(Input::Key(KeyEvent::from(KeyCode::Char(c))))
        })
    }

    fn stage(&self) -> &Found {
        self.stage.as_ref().expect("it is there")
    }

    fn asked(&self) -> Vec<&Request> {
        let asked = self.wishes.iter().filter_map(|wish| match wish {
            Wish::Ask(request) => Some(request),
            _ => None,
        });
        asked.collect()
    }

    /// A look for the contract by this transaction.
    fn looks(&self) -> Vec<(Deployment, Option<TransactionHash>)> {
        let looks = self
            .asked()
            .into_iter()
            .filter_map(|request| match request {
                Request::FindApp {
                    wanted,
                    transaction,
                    ..
                } => Some((*wanted, *transaction)),
                _ => None,
            });
        looks.collect()
    }

    fn says(&self, words: &str) -> &Self {
        let mut text = String::new();
        for block in self.stage().page(self.now).main {
            if let crate::wizard::page::Block::Text(lines) = block {
                text.extend(lines.iter().map(|line| line.words() + "\n"));
            }
        }
        assert!(text.contains(words), "{words} is not in\n{text}");
        self
    }

    fn confirmed(self) -> Self {
        let stands = Ok(Standing::Mined { block: 8, depth: 2 });
        self.hears(Answer::Followed(vec![(
            TransactionHash::from(TRANSACTION),
            stands,
        )]))
    }

    /// From the transaction that counts to the app.
    fn there(self) -> Self {
        self.confirmed()
            .hears(Answer::AppFound(Ok(Some(Box::new(found_app())))))
    }

    fn with_key(self) -> Self {
        self.hears(Answer::EnvKey(Ok(EnvKeyAnswer {
            public_key: KEY.into(),
            signature: Some(SIGNATURE.into()),
        })))
    }
}

fn signed(driven: Driven) -> Driven {
    let driven = driven
        .press(Command::Choose(1))
        .hears(Answer::Keys(Vec::new()))
        .press(Command::Choose(2));
    let driven = driven
        .types("11")
        .press(Command::Next)
        .hears(Answer::KeyOpened(Ok(Opened {
            address: OWNER,
            remarks: Vec::new(),
        })));
    let asked = driven.asked();
    let [Request::Examine { calls, from, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    // Whoever signs owns it, as nobody else was named.
    assert_eq!(
        (*from, calls.as_slice()),
        (OWNER, [Call::DeployApp(deployment())].as_slice())
    );
    let calls = calls.iter().map(|call| (*call, Ok(250_000))).collect();
    let driven = driven.hears(Answer::Examined(Ok(Box::new(Examination {
        from: OWNER,
        block: 6,
        block_time: 0,
        owner: crate::chain::contract::Owner::Wallet(OWNER),
        balance: U256::from(u64::MAX),
        nonce: 7,
        pending: 7,
        base_fee: 1,
        tip: 1,
        calls,
    }))));
    assert!(driven.blocked(Command::Next).contains("type the last 4"));
    driven
        .says("anybody may have an app deployed")
        .says("simulated");
    let hash = hash().to_string();
    let driven = driven.types(&hash[60..]).press(Command::Next);
    let asked = driven.asked();
    assert!(
        matches!(asked.as_slice(), [Request::Sign { transaction, more: false, .. }]
            if transaction.to == Address::repeat_byte(0x2f) && transaction.nonce == 7),
        "{asked:?}"
    );
    driven.hears(Answer::Signed(Ok(Box::new(Broadcast {
        call: Call::DeployApp(deployment()),
        transaction: tracked(),
        taken: Ok(()),
    }))))
}

#[test]
fn a_key_here_deploys_it_once_and_then_the_values_are_encrypted_and_all_is_written_down() {
    let driven = Driven::of(brief(), Vec::new());
    driven
        .says("NOT deployed")
        .says("encrypted once the app has a key");
    assert_eq!(driven.looks(), [], "nobody was told to deploy it yet");
    let driven = signed(driven);
    driven.says("on its way");
    let driven = driven.confirmed();
    let transaction = Some(TransactionHash::from(TRANSACTION));
    assert_eq!(driven.looks(), [(deployment(), transaction)]);
    // Twice would be two apps.
    assert!(driven.stage().unready().is_some());
    let driven = driven.hears(Answer::AppFound(Ok(Some(Box::new(found_app())))));
    let app = AppId::parse(APP).unwrap();
    assert_eq!(driven.stage().app(), Some(app));
    assert_eq!(
        driven.asked(),
        [&Request::EnvKey {
            kms: "kms_0a".to_owned(),
            app
        }]
    );
    let driven = driven.with_key();
    assert_eq!(
        driven.asked(),
        [&Request::Seal {
            key: KEY.to_owned(),
            entries: values()
        }]
    );
    let driven = driven.hears(Answer::Sealed(Ok("0abc".to_owned())));
    let asked = driven.asked();
    let [Request::Note(Noted::Founded(founded, provision))] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!((founded.app, founded.transaction), (app, transaction));
    assert_eq!(provision.sealed.as_deref(), Some("0abc"));
    assert!(driven.blocked(Command::Next).contains("writing it down"));
    let driven = driven.hears(Answer::Noted(Ok(())));
    driven.says("The contract is there");
    let driven = driven.press(Command::Next);
    let (brief, ticket, proof) = driven.done.expect("it goes on");
    assert_eq!(brief.plan.app, app);
    assert_eq!(
        proof,
        Proof::Transaction(TransactionHash::from(TRANSACTION))
    );
    assert!(!brief.lacks_contract(&ticket));
    assert_eq!(
        ticket.provision.and_then(|it| it.sealed).as_deref(),
        Some("0abc")
    );
}

#[test]
fn what_was_deployed_before_is_found_again_and_never_deployed_twice() {
    for seen in [None, Some(Seen::Pending), Some(Seen::Mined)] {
        let driven = Driven::of(brief(), vec![kept(seen)]);
        assert_eq!(driven.looks(), [], "first it has to count");
        assert!(
            driven.blocked(Command::Choose(1)).contains("under way"),
            "{seen:?}"
        );
        assert!(
            driven.blocked(Command::Choose(2)).contains("under way"),
            "{seen:?}"
        );
        let driven = driven.there();
        assert_eq!(driven.stage().app(), AppId::parse(APP));
    }
    let driven = Driven::of(brief(), vec![kept(Some(Seen::Confirmed))]);
    assert_eq!(driven.looks().len(), 1, "it counted before");
    let driven = driven.hears(Answer::AppFound(Err(lost())));
    driven.says("node0.example");
    assert!(driven.blocked(Command::Choose(1)).contains("second one"));
    for gone in [Seen::Reverted, Seen::Replaced] {
        let driven = Driven::of(brief(), vec![kept(Some(gone))]);
        assert_eq!(driven.stage().unsignable(), None, "{gone:?}: there is none");
    }
}

#[test]
fn a_key_that_another_kms_signed_gets_no_value() {
    for answer in [
        EnvKeyAnswer {
            public_key: "ab".repeat(32).as_str().into(),
            signature: Some(SIGNATURE.into()),
        },
        EnvKeyAnswer {
            public_key: KEY.into(),
            signature: None,
        },
    ] {
        let driven = Driven::of(brief(), vec![kept(None)]).there();
        let driven = driven.hears(Answer::EnvKey(Ok(answer)));
        assert_eq!(driven.asked(), [] as [&Request; 0]);
        driven.says("the app's encryption key is wrong");
        assert!(driven.blocked(Command::Next).contains("wrong"));
        // The service may know better by now.
        let driven = driven.press(Command::Refresh).with_key();
        assert!(matches!(driven.asked()[0], Request::Seal { .. }));
    }
}

#[test]
fn values_that_an_earlier_run_had_are_given_anew_under_the_same_names() {
    let mut brief = brief();
    brief.seal.clear();
    let driven = Driven::of(brief, vec![kept(None)]).there().with_key();
    driven.says("written down nowhere").says("GREETING");
    let file = |text: &str| TextFile {
        path: "v.env".into(),
        text: Secret::new(text),
        lasts: true,
    };
    let given = |driven: Driven, text: &str| {
        let driven = driven.types("v.env").press(Command::Next);
        assert_eq!(driven.asked(), [&Request::ReadFile("v.env".into())]);
        driven.hears(Answer::File(Ok(file(text))))
    };
    let driven = given(driven, "OTHER=1\n");
    driven.says("no value for GREETING");
    let driven = given(driven, "GREETING=1\nOTHER=canary\n");
    driven.says("OTHER is none of the names");
    let driven = given(driven, "GREETING=canary-hello\n");
    let sealed = Request::Seal {
        key: KEY.to_owned(),
        entries: values(),
    };
    assert_eq!(driven.asked(), [&sealed]);
}

#[test]
fn others_deploy_it_for_an_owner_that_is_named_and_it_is_found_by_what_it_is() {
    let driven = Driven::of(brief(), Vec::new()).press(Command::Choose(2));
    assert!(driven.blocked(Command::Next).contains("40 hex digits"));
    let zero = driven.types(&"0".repeat(40));
    assert!(zero.blocked(Command::Next).contains("zero address"));
    let driven = (0..40).fold(zero, |driven, _| {
        driven.take(Input::Key(KeyEvent::from(KeyCode::Backspace)))
    });
    let driven = driven.types(&OWNER.to_string()).press(Command::Next);
    let asked = driven.asked();
    assert!(
        matches!(asked.as_slice(), [Request::HandOver { calls, .. }]
            if *calls == [Call::DeployApp(deployment())]),
        "{asked:?}"
    );
    let driven = driven.hears(Answer::HandedOver(Ok("handover".into())));
    assert_eq!(driven.looks(), [(deployment(), None)], "by what it is");
    let mut driven = driven.hears(Answer::AppFound(Ok(None)));
    driven.says("written: ");
    driven.wishes.clear();
    driven.now = 4;
    let mut driven = driven.take(Input::Tick);
    assert_eq!(driven.looks(), []);
    driven.now = 5;
    let driven = driven.take(Input::Tick);
    assert_eq!(driven.looks().len(), 1, "every five seconds at first");
    // A transaction that is named is looked up instead.
    let driven = driven.hears(Answer::AppFound(Ok(None))).press(Command::Add);
    let driven = driven.types(&"77".repeat(32)).press(Command::Next);
    let named = Some(TransactionHash::from(TRANSACTION));
    assert_eq!(driven.looks(), [(deployment(), named)]);
}

#[test]
fn a_provision_that_does_not_say_which_kms_leads_nowhere() {
    for (change, why) in [
        (
            (|it: &mut Ticket| it.provision.as_mut().unwrap().kms_contract = None)
                as fn(&mut Ticket),
            "did not name the contract of the KMS",
        ),
        (|it| it.device = None, "which machine"),
        (|it| it.chain_id = None, "which chain"),
    ] {
        let mut ticket = ticket();
        change(&mut ticket);
        let (stage, _) = Found::start(brief(), ticket, 0);
        assert!(stage.unready().is_some_and(|it| it.contains(why)), "{why}");
        assert!(matches!(stage.status().work, Work::Stopped(_)));
    }
}

#[test]
fn an_order_signs_for_its_hash_alone() {
    let ordered = |allow| {
        let mut brief = brief();
        brief.registering.signing = Some(Signing {
            source: KeySource::Environment,
            password: Password::None,
            allow,
        });
        Driven::of(brief, Vec::new())
    };
    let driven = ordered(hash());
    let asked = driven.asked();
    assert!(
        asked.iter().any(|it| matches!(it, Request::OpenKey { .. })),
        "{asked:?}"
    );
    assert_eq!(driven.stage().status().work, Work::Busy);
    let other = crate::api::types::ComposeHash::from([9; 32]);
    let driven = ordered(other);
    assert!(
        driven
            .asked()
            .iter()
            .all(|it| !matches!(it, Request::OpenKey { .. }))
    );
    assert_eq!(
        driven.stage().status().work,
        Work::Forbidden { allowed: other }
    );
}
