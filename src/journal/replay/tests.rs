//! The table of recovery rules, row by row; then anything at all.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::api::types::AppId;
use crate::journal::record::{
    Closed, End, Governed, Made, Meaning, Mismatch, Running, Visible, fingerprint,
};
use crate::journal::state::NextStep;
use crate::journal::testing::{
    any_moment, any_record, at, by_contract, decided, intent, made, prepared, refused, sent,
    signed, stamped, uuid,
};
use crate::secret::Secret;

fn after(governed: Governed, records: Vec<Record>) -> State {
    replay(&stamped(intent(governed), records)).unwrap()
}

fn on_chain(records: Vec<Record>) -> State {
    after(by_contract(), records)
}

fn prepare() -> Record {
    PrepareSent::first().into()
}

fn again(state: &State) -> Record {
    PrepareSent::again(prepare_again(state).unwrap()).into()
}

/// Prepared with this token, and then these.
fn with_token(more: Vec<Record>) -> State {
    let mut records = vec![prepare(), prepared(1, "one").into()];
    records.extend(more);
    on_chain(records)
}

fn committed(last: u8) -> Record {
    Committed {
        how: How::Answered(1),
        made: made(last),
    }
    .into()
}

fn seen(hash: &str, seen: Seen) -> Record {
    TransactionSeen {
        hash: signed(0, hash).hash,
        seen,
        block: None,
    }
    .into()
}

fn useless(mut prepared: Prepared) -> Record {
    prepared.mismatch = vec![Mismatch {
        member: "app_id".into(),
        asked: "3f".into(),
        named: "4f".into(),
    }];
    prepared.into()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table, a few lines per row")]
fn each_row_of_the_table_has_one_next_step() {
    use NextStep::*;
    let no = || {
        Record::from(PrepareRefused {
            attempt: 1,
            status: 402,
            code: None,
        })
    };
    let mut offered = prepared(1, "two");
    offered.answering = Answering::Commit(1);
    let direct = Record::from(CreatedDirectly {
        attempt: 1,
        made: made(9),
    });
    let forgotten = End::Forgotten;
    let end = Record::Closed(Closed { end: forgotten });
    for (row, state, known, next) in [
        ("1", on_chain(vec![]), Known::Noted, StartOver),
        (
            "2",
            on_chain(vec![prepare()]),
            Known::PrepareUnanswered,
            LookThenPrepare,
        ),
        (
            "4",
            after(Governed::MayCreate, vec![prepare()]),
            Known::PrepareUnanswered,
            LookThenAsk,
        ),
        (
            "7",
            on_chain(vec![prepare(), useless(prepared(1, "one"))]),
            Known::TokenUseless,
            LookThenAsk,
        ),
        (
            "8",
            after(Governed::MayCreate, vec![prepare(), direct]),
            Known::Created,
            Watch,
        ),
        (
            "9",
            on_chain(vec![prepare(), no()]),
            Known::PrepareRefused,
            StartOver,
        ),
        (
            "9",
            after(Governed::MayCreate, vec![prepare(), no()]),
            Known::PrepareRefused,
            StartOver,
        ),
        (
            "11",
            with_token(vec![]),
            Known::Prepared,
            LookThenOfferCommit,
        ),
        (
            "12",
            with_token(vec![signed(7, "ab").into()]),
            Known::Prepared,
            LookThenFollowTransaction,
        ),
        (
            "13",
            with_token(vec![signed(7, "ab").into(), seen("ab", Seen::Mined)]),
            Known::Prepared,
            LookThenFollowTransaction,
        ),
        (
            "13",
            with_token(vec![signed(7, "ab").into(), seen("ab", Seen::Reverted)]),
            Known::Prepared,
            LookThenOfferCommit,
        ),
        (
            "14",
            with_token(vec![sent(1, "one").into()]),
            Known::CommitUnanswered { sends: 1 },
            LookThenOfferCommit,
        ),
        (
            "16",
            with_token(vec![sent(1, "one").into(), committed(9)]),
            Known::Created,
            Watch,
        ),
        (
            "22",
            with_token(vec![
                sent(1, "one").into(),
                refused(1, Meaning::TokenGone).into(),
            ]),
            Known::TokenGone,
            LookThenAsk,
        ),
        (
            "23",
            with_token(vec![
                sent(1, "one").into(),
                refused(1, Meaning::NotRegistered).into(),
            ]),
            Known::NotRegistered,
            LookThenOfferCommit,
        ),
        (
            "2.5",
            with_token(vec![
                sent(1, "one").into(),
                refused(1, Meaning::NothingMade).into(),
            ]),
            Known::CommitRefused,
            LookThenOfferCommit,
        ),
        (
            "2.5",
            with_token(vec![sent(1, "one").into(), offered.into()]),
            Known::TokenOffered,
            LookThenAsk,
        ),
        (
            "26",
            with_token(vec![Visible { uuid: uuid(9) }.into()]),
            Known::Created,
            Watch,
        ),
        (
            "26",
            with_token(vec![
                Running {
                    uuid: None,
                    instance_id: None,
                }
                .into(),
            ]),
            Known::Running,
            Nothing,
        ),
        (
            "end",
            with_token(vec![end]),
            Known::Closed(forgotten),
            Nothing,
        ),
        (
            "end",
            with_token(vec![sent(1, "two").into()]),
            Known::Contradiction,
            LookOnly,
        ),
    ] {
        assert_eq!(
            (state.known(), state.next_step()),
            (known, next),
            "row {row}"
        );
    }
}

#[test]
fn an_unanswered_commit_is_not_forgotten_over_a_later_no() {
    let state = with_token(vec![
        sent(1, "one").into(),
        decided(Choice::SendAgain).into(),
        sent(2, "one").into(),
        refused(2, Meaning::NothingMade).into(),
    ]);
    assert_eq!(state.known(), Known::CommitUnanswered { sends: 2 });
}

#[test]
fn preparing_again_needs_a_contract_and_no_commit_or_a_person() {
    let gone = || vec![sent(1, "one").into(), refused(1, Meaning::TokenGone).into()];
    let decision = || decided(Choice::PrepareAgain).into();
    for (state, verdict) in [
        (on_chain(vec![]), Err(WhyNot::NothingSent)),
        (on_chain(vec![prepare()]), Ok(2)),
        (with_token(vec![]), Ok(2)),
        (
            after(Governed::MayCreate, vec![prepare()]),
            Err(WhyNot::MayCreate),
        ),
        (
            after(Governed::MayCreate, vec![prepare(), decision()]),
            Ok(2),
        ),
        (
            with_token(vec![sent(1, "one").into()]),
            Err(WhyNot::CommitWasSent),
        ),
        (with_token(gone()), Err(WhyNot::CommitWasSent)),
        (with_token([gone(), vec![decision()]].concat()), Ok(2)),
        // A decision counts for what was known when it was made.
        (
            with_token(vec![decision(), sent(1, "one").into()]),
            Err(WhyNot::CommitWasSent),
        ),
        (
            with_token(vec![decision(), committed(9)]),
            Err(WhyNot::Exists),
        ),
        (
            with_token(vec![Record::Closed(Closed { end: End::Created })]),
            Err(WhyNot::Closed),
        ),
        (
            with_token(vec![decision(), sent(5, "two").into()]),
            Err(WhyNot::Contradiction),
        ),
    ] {
        let may = prepare_again(&state).map(|may| may.attempt());
        assert_eq!(may, verdict, "{:?}", state.known());
    }
}

#[test]
fn a_decision_is_used_up() {
    let mut records = vec![
        prepare(),
        prepared(1, "one").into(),
        sent(1, "one").into(),
        decided(Choice::PrepareAgain).into(),
    ];
    records.push(again(&on_chain(records.clone())));
    let state = on_chain(records);
    assert_eq!(state.known(), Known::PrepareUnanswered);
    assert_eq!(state.next_step(), NextStep::LookThenAsk);
    assert_eq!(prepare_again(&state), Err(WhyNot::CommitWasSent));
}

#[test]
fn a_commit_needs_the_token_the_number_and_after_silence_a_person() {
    let allows = |state: &State, sent: CommitSent| state.allows(&sent.into());
    let ready = with_token(vec![]);
    assert_eq!(allows(&ready, sent(1, "one")), Ok(()));
    assert_eq!(
        allows(&ready, sent(2, "one")),
        Err(NotNow::Number { next: 1 })
    );
    assert_eq!(allows(&ready, sent(1, "two")), Err(NotNow::Token));
    assert_eq!(
        allows(&on_chain(vec![]), sent(1, "one")),
        Err(NotNow::Token)
    );
    let silent = with_token(vec![sent(1, "one").into()]);
    assert_eq!(allows(&silent, sent(2, "one")), Err(NotNow::Undecided));
    let told = with_token(vec![
        sent(1, "one").into(),
        decided(Choice::SendAgain).into(),
    ]);
    assert_eq!(allows(&told, sent(2, "one")), Ok(()));
    let early = with_token(vec![refused(1, Meaning::NotRegistered).into()]);
    assert_eq!(allows(&early, sent(1, "one")), Err(NotNow::Contradiction));
    let not_yet = with_token(vec![
        sent(1, "one").into(),
        refused(1, Meaning::NotRegistered).into(),
    ]);
    assert_eq!(allows(&not_yet, sent(2, "one")), Ok(()));
    let gone = with_token(vec![
        sent(1, "one").into(),
        refused(1, Meaning::TokenGone).into(),
    ]);
    assert_eq!(allows(&gone, sent(2, "one")), Err(NotNow::Token));
    let exists = with_token(vec![sent(1, "one").into(), committed(9)]);
    assert_eq!(allows(&exists, sent(2, "one")), Err(NotNow::Exists));
    let bad = on_chain(vec![prepare(), useless(prepared(1, "one"))]);
    assert_eq!(allows(&bad, sent(1, "one")), Err(NotNow::Token));
}

#[test]
fn a_token_that_was_offered_is_used_when_a_person_says_so() {
    let mut offered = prepared(1, "two");
    offered.answering = Answering::Commit(1);
    let mut records = vec![sent(1, "one").into(), offered.into()];
    assert_eq!(
        with_token(records.clone()).allows(&sent(2, "two").into()),
        Err(NotNow::Token)
    );
    records.push(decided(Choice::UseOfferedToken).into());
    let state = with_token(records);
    assert_eq!(state.known(), Known::Prepared);
    let ticket = state.ticket().unwrap();
    assert_eq!(fingerprint(&ticket.token), fingerprint(&Secret::new("two")));
    assert_eq!(state.allows(&sent(2, "two").into()), Ok(()));
    assert_eq!(state.allows(&sent(2, "one").into()), Err(NotNow::Token));
}

#[test]
fn the_contract_of_an_app_is_deployed_once_whatever_became_of_it() {
    let deploy = |nonce: u64, hash: &str| TransactionSigned {
        call: Call::DeployApp,
        ..signed(nonce, hash)
    };
    let seen = |seen: Seen| TransactionSeen {
        hash: deploy(7, "ab").hash,
        seen,
        block: None,
    };
    let founded = Founded {
        app: AppId::from([7; 20]),
        owner: "0xaa".into(),
        transaction: None,
        env_key: Some("0xkey".into()),
        sealed: Some("0abc".to_owned()),
    };
    let allows = |records: Vec<Record>| with_token(records).allows(&deploy(8, "cd").into());
    assert_eq!(allows(Vec::new()), Ok(()));
    for known in [Seen::Pending, Seen::Mined, Seen::Confirmed] {
        let records = vec![deploy(7, "ab").into(), seen(known).into()];
        assert_eq!(allows(records.clone()), Err(NotNow::UnderWay), "{known:?}");
        assert!(with_token(records).may_have_contract());
    }
    for gone in [Seen::Reverted, Seen::Replaced] {
        let records = vec![deploy(7, "ab").into(), seen(gone).into()];
        assert_eq!(allows(records.clone()), Ok(()), "{gone:?}");
        assert!(!with_token(records).may_have_contract());
    }
    // Somebody else may have deployed it.
    assert_eq!(allows(vec![founded.clone().into()]), Err(NotNow::UnderWay));
    let state = with_token(vec![founded.clone().into(), founded.clone().into()]);
    assert_eq!((state.app(), state.known()), (founded.app, Known::Prepared));
    let other = Founded {
        app: AppId::from([8; 20]),
        ..founded.clone()
    };
    let state = with_token(vec![founded.into(), other.into()]);
    assert_eq!(
        state.known(),
        Known::Contradiction,
        "two apps of one intent"
    );
}

#[test]
fn a_call_under_way_is_not_signed_under_another_number() {
    let allows = |state: &State, new: TransactionSigned| state.allows(&new.into());
    let open = with_token(vec![signed(7, "ab").into()]);
    assert_eq!(allows(&open, signed(8, "cd")), Err(NotNow::UnderWay));
    assert_eq!(
        allows(&open, signed(7, "cd")),
        Ok(()),
        "more for the same number"
    );
    let mut device = signed(8, "cd");
    device.call = crate::journal::record::Call::AddDevice;
    assert_eq!(allows(&open, device), Ok(()), "another call");
    for last_word in [Seen::Replaced, Seen::Reverted, Seen::Confirmed] {
        let state = with_token(vec![signed(7, "ab").into(), seen("ab", last_word)]);
        assert_eq!(allows(&state, signed(8, "cd")), Ok(()), "{last_word:?}");
    }
}

#[test]
fn an_instance_that_gets_its_uuid_later_is_one_and_two_uuids_are_two() {
    let nameless = Made {
        uuid: None,
        ..made(9)
    };
    let how = How::Answered(1);
    let early = Record::from(Committed {
        how,
        made: nameless,
    });
    let state = with_token(vec![
        sent(1, "one").into(),
        early,
        committed(9),
        committed(9),
    ]);
    assert_eq!(state.made().count(), 1);
    assert_eq!(state.uuid(), Some(&uuid(9)));
    let state = with_token(vec![sent(1, "one").into(), committed(9), committed(8)]);
    assert_eq!(state.made().count(), 2);
}

#[test]
fn an_answer_may_be_written_twice_and_not_in_two_ways() {
    let no = |meaning| Record::from(refused(1, meaning));
    let begin = vec![sent(1, "one").into(), no(Meaning::NotRegistered)];
    let with = |more: Record| with_token([begin.clone(), vec![more]].concat()).known();
    assert_eq!(with(no(Meaning::NotRegistered)), Known::NotRegistered);
    assert_eq!(with(prepared(1, "one").into()), Known::NotRegistered);
    assert_eq!(with(no(Meaning::TokenGone)), Known::Contradiction);
    assert_eq!(with(prepared(1, "two").into()), Known::Contradiction);
}

#[test]
fn nothing_begins_without_an_intent() {
    assert_eq!(replay(&[]), None);
    let records = stamped(intent(by_contract()), vec![prepare()]);
    assert_eq!(replay(&records[1..]), None);
}

/// What the strict rule promises of any file whatever.
fn holds(state: &State) -> Result<(), TestCaseError> {
    let governed = state.intent().is_governed();
    match state.next_step() {
        NextStep::LookThenPrepare => {
            prop_assert!(governed);
            prop_assert_eq!(state.sends(), 0);
            prop_assert!(prepare_again(state).is_ok());
        }
        NextStep::LookThenOfferCommit | NextStep::LookThenFollowTransaction => {
            prop_assert!(state.ticket().is_some());
        }
        NextStep::StartOver => prop_assert!(!state.something_may_come()),
        NextStep::Watch | NextStep::LookThenAsk | NextStep::LookOnly | NextStep::Nothing => {}
    }
    if prepare_again(state).is_ok() {
        let person = state.decided() == Some(&Choice::PrepareAgain);
        prop_assert!(person || (governed && state.sends() == 0));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_records_in_any_order_have_a_safe_next_step(
        governed in any::<bool>(),
        records in vec((any_moment(), any_record()), 0..14),
    ) {
        let governed = if governed { by_contract() } else { Governed::MayCreate };
        let mut state = State::begin(intent(governed), at(0));
        let mut written = stamped(state.intent().clone(), vec![]);
        written[0].at = at(0);
        for (at, record) in records {
            let stamped = Stamped { at, record };
            state.take(&stamped);
            written.push(stamped);
            holds(&state)?;
        }
        prop_assert_eq!(replay(&written), Some(state));
    }

    #[test]
    fn whatever_is_allowed_never_contradicts(
        governed in any::<bool>(),
        records in vec(any_record(), 0..60),
    ) {
        let governed = if governed { by_contract() } else { Governed::MayCreate };
        let mut state = State::begin(intent(governed), at(0));
        for record in records {
            let acts = matches!(
                record,
                Record::PrepareSent(_) | Record::CommitSent(_) | Record::TransactionSigned(_)
            );
            if state.allows(&record).is_err() {
                continue;
            }
            let before = (state.known(), state.decided().cloned(), state.sends());
            let contradicted = state.known() == Known::Contradiction;
            state.take(&Stamped { at: at(1), record: record.clone() });
            if acts && !contradicted {
                prop_assert_ne!(state.known(), Known::Contradiction);
            }
            if let (Record::CommitSent(_), (Known::CommitUnanswered { .. }, decided, _)) = (&record, &before) {
                prop_assert_eq!(decided.as_ref(), Some(&Choice::SendAgain));
            }
            if let (Record::PrepareSent(sent), (_, decided, sends)) = (&record, &before) {
                let person = decided.as_ref() == Some(&Choice::PrepareAgain);
                prop_assert!(sent.attempt() == 1 || person || (*sends == 0 && state.intent().is_governed()));
            }
        }
    }
}
