//! Records for tests: one intent with everything in it, and any record at all.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::again::MayPrepare;
use super::id::IntentId;
use super::moment::{Moment, SinceBoot};
use super::reader::Stamped;
use super::record::*;
use crate::api::types::{
    self, AppId, ComposeHash, CvmUuid, DeviceId, NodeId, Proof, Ticket, TransactionHash,
};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::compose_hash::Form;

pub const TOKEN: &str = "ct_canary_0123456789abcdef";
pub const URL: &str = "https://cloud.phala.example/commit?token=ct_canary_0123456789abcdef";

pub fn at(unix: u64) -> Moment {
    let boot = Some(SinceBoot {
        id: "9d0c7f0e-1f5b-4f0e-8f0b-5f6d7e8f9a0b".to_owned(),
        seconds: unix % 1000,
    });
    Moment { unix, boot }
}

pub fn uuid(last: u8) -> CvmUuid {
    CvmUuid::parse(&format!("7a2d3e4f5c6b4d7e9f8011223344{last:04x}")).unwrap()
}

pub fn hash(byte: &str) -> ComposeHash {
    ComposeHash::parse(&byte.repeat(32)).unwrap()
}

pub fn plan() -> types::Plan {
    types::Plan {
        app: AppId::parse(&"3f".repeat(20)).unwrap(),
        name: "orders-api".into(),
        node: Some(NodeId(6)),
        revision: Some(hash("0a")),
        compose: Some("services:\n  web:\n    image: \"nginx\"\n".to_owned()),
        env: Some("00ff".repeat(20)),
        script: Some("#!/bin/sh\necho \u{6771}\u{4eac}\n".to_owned()),
        making: types::Making::Instance,
    }
}

pub fn facts(governed: Governed) -> Facts {
    Facts {
        api_base: "https://cloud-api.phala.example/api/v1".into(),
        profile: Some("work".into()),
        workspace: Some("acme".into()),
        sandbox: false,
        governed,
        node: Some(NodeChoice {
            id: Some(6),
            name: "prod6".into(),
            region: Some("US-WEST-1".into()),
            device: DeviceId::parse(&"de".repeat(32)),
        }),
        expected: Some(Expected {
            hash: hash("cd"),
            form: Form::CompactDeep,
        }),
        also: Vec::new(),
        env_names: vec!["DATABASE_URL".to_owned()],
        files: vec![AnswerFile {
            question: Question::Compose,
            path: "/home/dana/docker-compose.yaml".to_owned(),
            sha256: Hex([7; 32]),
        }],
        before: vec![uuid(1), uuid(2)],
    }
}

pub fn by_contract() -> Governed {
    Governed::ByContract {
        chain_id: Some(8453),
        contract: Some("0x3f3f".into()),
    }
}

pub fn intent(governed: Governed) -> Intent {
    let id = IntentId::new(1_763_900_000_000, 0x1234_5678_9abc_def0);
    Intent::new(id, &plan(), facts(governed))
}

pub fn ticket(token: &str) -> Ticket {
    Ticket {
        token: Secret::new(token),
        compose_hash: hash("cd"),
        app: Some(plan().app),
        device: DeviceId::parse(&"de".repeat(32)),
        chain_id: Some(8453),
        hash_allowed: true,
        device_allowed: false,
        commit_url: Some(Secret::new(URL)),
        provision: None,
    }
}

pub fn prepared(attempt: u32, token: &str) -> Prepared {
    Prepared::of(&ticket(token), Answering::Prepare(attempt))
}

pub fn sent(send: u32, token: &str) -> CommitSent {
    CommitSent {
        send,
        token: fingerprint(&Secret::new(token)),
        proof: Proof::AlreadyRegistered,
    }
}

pub fn refused(send: u32, meaning: Meaning) -> CommitRefused {
    CommitRefused {
        send,
        status: 466,
        code: Some("ERR-01-006".into()),
        meaning,
    }
}

pub fn made(last: u8) -> Made {
    Made {
        uuid: Some(uuid(last)),
        name: "orders-api-2".into(),
        status: "starting".into(),
        app: Some(plan().app),
        node: None,
        instance_id: None,
        compose_hash: Some(hash("cd")),
        mismatch: Vec::new(),
    }
}

pub fn signed(nonce: u64, hash: &str) -> TransactionSigned {
    TransactionSigned {
        chain_id: 8453,
        contract: Hex([0x3f; 20]),
        call: Call::AddComposeHash,
        from: Hex([0xaa; 20]),
        nonce,
        hash: TransactionHash::parse(&hash.repeat(32)).unwrap(),
        raw: RawTransaction(vec![2, 0xf8, 0x6b]),
    }
}

pub fn decided(choice: Choice) -> Decision {
    Decision {
        choice,
        facts: vec!["No new instance is listed (looked 7 times in 90 s).".into()],
    }
}

/// Records with a moment each, one second apart, behind an intent.
pub fn stamped(first: Intent, rest: Vec<Record>) -> Vec<Stamped> {
    let first = std::iter::once(Record::Intent(Box::new(first)));
    (1_763_900_000..)
        .zip(first.chain(rest))
        .map(|(unix, record)| Stamped {
            at: at(unix),
            record,
        })
        .collect()
}

fn shown() -> impl Strategy<Value = Shown> {
    any::<String>().prop_map(|text| Shown::line(&text))
}

fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("one".to_owned()),
        Just("two".to_owned()),
        any::<String>()
    ]
}

fn some_hash() -> impl Strategy<Value = ComposeHash> {
    any::<[u8; 32]>().prop_map(ComposeHash::from)
}

fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 32]>().prop_map(DeviceId::from)
}

fn transaction() -> impl Strategy<Value = TransactionHash> {
    (0..3u8).prop_map(|byte| TransactionHash::from([byte; 32]))
}

fn some_uuid() -> impl Strategy<Value = CvmUuid> {
    (0..4u8).prop_map(uuid)
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 1..4u32, 1 => any::<u32>()]
}

fn mismatch() -> impl Strategy<Value = Vec<Mismatch>> {
    let one = (shown(), shown(), shown()).prop_map(|(member, asked, named)| Mismatch {
        member,
        asked,
        named,
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(one, 1..3)]
}

fn any_governed() -> impl Strategy<Value = Governed> {
    prop_oneof![
        Just(Governed::MayCreate),
        Just(Governed::NewApp),
        (option::of(any::<u64>()), option::of(shown()))
            .prop_map(|(chain_id, contract)| Governed::ByContract { chain_id, contract }),
    ]
}

fn node() -> impl Strategy<Value = NodeChoice> {
    let parts = (
        option::of(any::<u64>()),
        shown(),
        option::of(shown()),
        option::of(device()),
    );
    parts.prop_map(|(id, name, region, device)| NodeChoice {
        id,
        name,
        region,
        device,
    })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let names = (shown(), option::of(shown()), option::of(shown()));
    let expected = || {
        (some_hash(), 0..Form::ALL.len()).prop_map(|(hash, form)| Expected {
            hash,
            form: Form::ALL[form],
        })
    };
    let foretold = (option::of(expected()), vec(expected(), 0..3));
    let question = prop_oneof![
        Just(Question::Compose),
        Just(Question::Env),
        Just(Question::Script)
    ];
    let file = (question, any::<String>(), any::<[u8; 32]>());
    let file = file.prop_map(|(question, path, sha256)| AnswerFile {
        question,
        path,
        sha256: Hex(sha256),
    });
    let rest = (
        any::<bool>(),
        any_governed(),
        option::of(node()),
        foretold,
        vec(any::<String>(), 0..3),
        vec(file, 0..3),
        vec(some_uuid(), 0..4),
    );
    (names, rest).prop_map(
        |(
            (api_base, profile, workspace),
            (sandbox, governed, node, (expected, also), names, files, before),
        )| {
            Facts {
                api_base,
                profile,
                workspace,
                sandbox,
                governed,
                node,
                expected,
                also,
                env_names: names,
                files,
                before,
            }
        },
    )
}

pub fn any_intent() -> impl Strategy<Value = Intent> {
    let plan = (
        any::<[u8; 20]>(),
        shown(),
        option::of(any::<u64>()),
        option::of(some_hash()),
        option::of(any::<String>()),
        option::of("[0-9a-f]{0,40}"),
        option::of(any::<String>()),
        option::of(any_new_app()),
    );
    let plan = plan.prop_map(
        |(app, name, node, revision, compose, env, script, new_app)| types::Plan {
            app: AppId::from(app),
            name,
            node: node.map(NodeId),
            revision,
            compose,
            env,
            script,
            making: new_app.map_or(types::Making::Instance, |app| {
                types::Making::App(Box::new(app))
            }),
        },
    );
    (any::<u64>(), any::<u128>(), plan, any_facts()).prop_map(|(ms, random, plan, facts)| {
        Intent::new(IntentId::new(ms % (1 << 48), random), &plan, facts)
    })
}

fn any_new_app() -> impl Strategy<Value = types::NewApp> {
    let parts = (
        any::<String>(),
        option::of(any::<u64>()),
        vec(any::<String>(), 0..3),
    );
    let keeper = prop_oneof![
        any::<u64>().prop_map(|nonce| types::Keeper::Phala { nonce }),
        proptest::sample::select(types::KmsChain::ALL.to_vec()).prop_map(types::Keeper::OnChain),
    ];
    (keeper, parts).prop_map(|(keeper, (size, disk_gb, env_names))| types::NewApp {
        keeper,
        size,
        disk_gb,
        env_names,
    })
}

fn any_provision() -> impl Strategy<Value = types::Provision> {
    let parts = (
        option::of(shown()),
        option::of("[0-9a-f]{0,40}"),
        option::of(shown()),
        option::of(shown()),
    );
    parts.prop_map(|(env_key, sealed, kms, kms_contract)| types::Provision {
        env_key,
        sealed,
        kms,
        kms_contract,
        founded: None,
    })
}

fn any_prepared() -> impl Strategy<Value = Prepared> {
    let answering = prop_oneof![
        number().prop_map(Answering::Prepare),
        number().prop_map(Answering::Commit)
    ];
    let what = (
        some_hash(),
        option::of(device()),
        option::of(any::<u64>()),
        any::<bool>(),
        any::<bool>(),
        option::of(any::<String>()),
        option::of(any_provision()),
    );
    let rest = (any::<bool>(), option::of(shown()), mismatch());
    (answering, token(), what, rest).prop_map(|(answering, token, what, (gone, date, mismatch))| {
        let (compose_hash, device, chain_id, hash_allowed, device_allowed, url, provision) = what;
        let ticket = Ticket {
            token: Secret::new(token),
            compose_hash,
            app: None,
            device,
            chain_id,
            hash_allowed,
            device_allowed,
            commit_url: url.map(Secret::new),
            provision,
        };
        let mut prepared = Prepared::of(&ticket, answering);
        prepared.date = date;
        prepared.mismatch = mismatch;
        if gone {
            prepared.without_token()
        } else {
            prepared
        }
    })
}

fn any_made() -> impl Strategy<Value = Made> {
    let parts = (
        option::of(some_uuid()),
        shown(),
        shown(),
        option::of(node()),
        option::of(shown()),
        option::of(some_hash()),
        mismatch(),
    );
    parts.prop_map(
        |(uuid, name, status, node, instance_id, compose_hash, mismatch)| Made {
            uuid,
            name,
            status,
            app: None,
            node,
            instance_id,
            compose_hash,
            mismatch,
        },
    )
}

fn chain_record() -> impl Strategy<Value = Record> {
    let call = prop_oneof![
        Just(Call::AddComposeHash),
        Just(Call::AddDevice),
        Just(Call::DeployApp)
    ];
    let signed = (call, 0..3u64, transaction(), vec(any::<u8>(), 0..40)).prop_map(
        |(call, nonce, hash, raw)| TransactionSigned {
            call,
            nonce,
            hash,
            raw: RawTransaction(raw),
            ..signed(0, "00")
        },
    );
    let seen = prop_oneof![
        Just(Seen::Pending),
        Just(Seen::Mined),
        Just(Seen::Confirmed),
        Just(Seen::Reverted),
        Just(Seen::Replaced)
    ];
    let seen = (transaction(), seen, option::of(any::<u64>()));
    let founded = (
        prop_oneof![Just([7; 20]), Just([8; 20])],
        shown(),
        option::of(transaction()),
        option::of(shown()),
        option::of("[0-9a-f]{0,40}"),
    );
    let founded = founded.prop_map(|(app, owner, transaction, env_key, sealed)| Founded {
        app: AppId::from(app),
        owner,
        transaction,
        env_key,
        sealed,
    });
    prop_oneof![
        signed.prop_map(Record::from),
        founded.prop_map(Record::from),
        seen.prop_map(|(hash, seen, block)| TransactionSeen { hash, seen, block }.into()),
    ]
}

fn commit_record() -> impl Strategy<Value = Record> {
    let proof = prop_oneof![
        Just(Proof::AlreadyRegistered),
        transaction().prop_map(Proof::Transaction)
    ];
    let sent = (number(), token(), proof).prop_map(|(send, token, proof)| CommitSent {
        send,
        token: fingerprint(&Secret::new(token)),
        proof,
    });
    let meaning = prop_oneof![
        Just(Meaning::NothingMade),
        Just(Meaning::NotRegistered),
        Just(Meaning::TokenGone)
    ];
    let refused = (number(), any::<u16>(), option::of(shown()), meaning).prop_map(
        |(send, status, code, meaning)| CommitRefused {
            send,
            status,
            code,
            meaning,
        },
    );
    let how = prop_oneof![
        Just(How::AtOnce),
        number().prop_map(How::Answered),
        Just(How::Found),
        Just(How::Chosen)
    ];
    let committed = (how, any_made()).prop_map(|(how, made)| Committed { how, made });
    prop_oneof![
        4 => sent.prop_map(Record::from),
        3 => refused.prop_map(Record::from),
        1 => committed.prop_map(Record::from),
    ]
}

fn person_record() -> impl Strategy<Value = Record> {
    let choice = prop_oneof![
        3 => Just(Choice::PrepareAgain),
        3 => Just(Choice::SendAgain),
        2 => Just(Choice::UseOfferedToken),
        1 => Just(Choice::AcceptOtherHash),
        1 => some_uuid().prop_map(Choice::Mine),
        1 => some_uuid().prop_map(Choice::NotMine),
    ];
    (choice, vec(shown(), 0..3)).prop_map(|(choice, facts)| Decision { choice, facts }.into())
}

fn end_record() -> impl Strategy<Value = Record> {
    let end = prop_oneof![
        Just(End::Running),
        Just(End::Created),
        Just(End::NothingMade),
        Just(End::Deleted),
        Just(End::Forgotten)
    ];
    prop_oneof![
        some_uuid().prop_map(|uuid| Visible { uuid }.into()),
        (option::of(some_uuid()), option::of(shown())).prop_map(|(uuid, instance_id)| Running {
            uuid,
            instance_id
        }
        .into()),
        end.prop_map(|end| Record::Closed(Closed { end })),
    ]
}

fn prepare_record() -> impl Strategy<Value = Record> {
    let sent = number().prop_map(|attempt| PrepareSent::again(MayPrepare::of_test(attempt)));
    let refused =
        (number(), any::<u16>(), option::of(shown())).prop_map(|(attempt, status, code)| {
            PrepareRefused {
                attempt,
                status,
                code,
            }
        });
    let direct =
        (number(), any_made()).prop_map(|(attempt, made)| CreatedDirectly { attempt, made });
    prop_oneof![
        4 => sent.prop_map(Record::from),
        1 => refused.prop_map(Record::from),
        5 => any_prepared().prop_map(Record::from),
        1 => direct.prop_map(Record::from),
    ]
}

/// Any record there can be, many of them of the same few numbers and tokens, so that they meet.
pub fn any_record() -> impl Strategy<Value = Record> {
    prop_oneof![
        8 => prepare_record(),
        8 => commit_record(),
        4 => person_record(),
        2 => chain_record(),
        1 => end_record(),
        1 => any_intent().prop_map(|intent| Record::Intent(Box::new(intent))),
    ]
}

pub fn any_moment() -> impl Strategy<Value = Moment> {
    let boot = (any::<String>(), any::<u64>()).prop_map(|(id, seconds)| SinceBoot { id, seconds });
    (any::<u64>(), option::of(boot)).prop_map(|(unix, boot)| Moment { unix, boot })
}
