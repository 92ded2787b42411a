//! Records, one after another, into a [`State`]; and whether a record may come next.
//!
//! What happened is always taken: a fact that does not fit is a contradiction, and stays. What is about to be done is
//! only taken where it may be done.

use thiserror::Error;

use super::again::{WhyNot, prepare_again};
use super::moment::Moment;
use super::reader::Stamped;
use super::record::{
    Answering, Call, Choice, CommitRefused, CommitSent, Committed, CreatedDirectly, Decision,
    Fingerprint, Founded, How, Intent, PrepareRefused, PrepareSent, Prepared, Record, Seen,
    TransactionSeen, TransactionSigned,
};
use super::state::{CommitAnswer, Known, PrepareAnswer, Round, Sent, State, Transaction};

/// Why something must not be done now. The request or transaction it stands for must not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotNow {
    /// Nothing follows an end, and only one intent begins.
    #[error("this intent has begun, or is closed")]
    NotOpen,
    /// The instance exists.
    #[error("the instance exists")]
    Exists,
    /// Another number is next.
    #[error("number {next} is next")]
    Number {
        /// The right one.
        next: u32,
    },
    /// There is no permission to prepare again.
    #[error("{0}")]
    Prepare(#[from] WhyNot),
    /// This is not a token that may be used.
    #[error("this token is not the one to be used")]
    Token,
    /// A commit is unanswered, and no person said that it may be sent again.
    #[error("the request was sent, and only a person may send it again")]
    Undecided,
    /// A transaction for the same call is under way under another number.
    #[error("a transaction for this is under way")]
    UnderWay,
    /// The records contradict each other.
    #[error("the records contradict each other")]
    Contradiction,
}

/// Adds up the records of a file. `None` where they do not begin with an intent.
pub fn replay(records: &[Stamped]) -> Option<State> {
    let (first, rest) = records.split_first()?;
    let Record::Intent(intent) = &first.record else {
        return None;
    };
    let mut state = State::begin(intent.as_ref().clone(), first.at.clone());
    for stamped in rest {
        state.take(stamped);
    }
    Some(state)
}

impl State {
    /// Nothing but an intent.
    pub fn begin(intent: Intent, at: Moment) -> Self {
        Self {
            intent: Box::new(intent),
            last: at,
            rounds: Vec::new(),
            transactions: Vec::new(),
            founded: None,
            made: Vec::new(),
            listed: None,
            running: false,
            not_mine: Vec::new(),
            decided: None,
            accepted: None,
            closed: None,
            contradiction: false,
        }
    }

    /// Whether this may be written next. Facts always may.
    pub fn allows(&self, record: &Record) -> Result<(), NotNow> {
        match record {
            _ if self.closed.is_some() => Err(NotNow::NotOpen),
            Record::Intent(_) => Err(NotNow::NotOpen),
            Record::PrepareSent(sent) => self.allows_prepare(sent),
            Record::CommitSent(sent) => self.allows_commit(sent),
            Record::TransactionSigned(signed) => self.allows_transaction(signed),
            Record::PrepareRefused(_)
            | Record::Prepared(_)
            | Record::CreatedDirectly(_)
            | Record::TransactionSeen(_)
            | Record::Founded(_)
            | Record::CommitRefused(_)
            | Record::Committed(_)
            | Record::Visible(_)
            | Record::Running(_)
            | Record::Decision(_)
            | Record::Closed(_) => Ok(()),
        }
    }

    /// Takes the next record.
    pub fn take(&mut self, stamped: &Stamped) {
        self.last = stamped.at.clone();
        match &stamped.record {
            Record::Intent(_) => self.contradiction = true,
            Record::PrepareSent(sent) => self.take_prepare(sent),
            Record::PrepareRefused(PrepareRefused { attempt, .. }) => {
                self.answer(*attempt, PrepareAnswer::Refused);
            }
            Record::Prepared(prepared) => self.take_token(prepared),
            Record::CreatedDirectly(created) => {
                let CreatedDirectly { attempt, made } = created.as_ref();
                self.answer(*attempt, PrepareAnswer::Created);
                let made = made.clone();
                self.take_made(Committed {
                    how: How::AtOnce,
                    made,
                });
            }
            Record::TransactionSigned(signed) => self.transactions.push(Transaction {
                signed: signed.as_ref().clone(),
                seen: None,
            }),
            Record::TransactionSeen(TransactionSeen { hash, seen, .. }) => {
                for transaction in &mut self.transactions {
                    if transaction.signed.hash == *hash {
                        transaction.seen = Some(*seen);
                    }
                }
            }
            Record::Founded(founded) => self.take_founded(founded),
            Record::CommitSent(sent) => self.take_commit(sent, &stamped.at),
            Record::CommitRefused(CommitRefused { send, meaning, .. }) => {
                self.answer_commit(*send, CommitAnswer::Refused(*meaning));
            }
            Record::Committed(committed) => self.take_made(committed.as_ref().clone()),
            Record::Visible(visible) => self.listed = Some(visible.uuid.clone()),
            Record::Running(running) => {
                self.running = true;
                if let Some(uuid) = &running.uuid {
                    self.listed.get_or_insert_with(|| uuid.clone());
                }
            }
            Record::Decision(Decision { choice, .. }) => self.take_decision(choice),
            Record::Closed(closed) => self.closed = Some(closed.end),
        }
    }

    fn allows_prepare(&self, sent: &PrepareSent) -> Result<(), NotNow> {
        let next = match self.known() {
            Known::Noted => 1,
            _ => prepare_again(self)?.attempt(),
        };
        if sent.attempt() == next {
            Ok(())
        } else {
            Err(NotNow::Number { next })
        }
    }

    fn allows_commit(&self, sent: &CommitSent) -> Result<(), NotNow> {
        match self.known() {
            Known::Closed(_) => return Err(NotNow::NotOpen),
            Known::Created | Known::Running => return Err(NotNow::Exists),
            Known::Contradiction => return Err(NotNow::Contradiction),
            Known::Noted
            | Known::PrepareUnanswered
            | Known::PrepareRefused
            | Known::TokenUseless
            | Known::TokenGone
            | Known::TokenOffered => return Err(NotNow::Token),
            Known::CommitUnanswered { .. } if self.decided != Some(Choice::SendAgain) => {
                return Err(NotNow::Undecided);
            }
            Known::Prepared
            | Known::CommitUnanswered { .. }
            | Known::CommitRefused
            | Known::NotRegistered => {}
        }
        if self.rounds.last().and_then(Round::token) != Some(sent.token) {
            return Err(NotNow::Token);
        }
        let next = self.sends().saturating_add(1);
        if sent.send == next {
            Ok(())
        } else {
            Err(NotNow::Number { next })
        }
    }

    /// A call that is under way is only repeated under its own number, where at most one of the two can count.
    fn allows_transaction(&self, new: &TransactionSigned) -> Result<(), NotNow> {
        let call = |signed: &TransactionSigned| (signed.chain_id, signed.contract, signed.call);
        let number = |signed: &TransactionSigned| (signed.from, signed.nonce);
        let under_way = self.transactions.iter().any(|old| {
            old.is_open() && call(&old.signed) == call(new) && number(&old.signed) != number(new)
        });
        if under_way || self.deploys_twice(new) {
            Err(NotNow::UnderWay)
        } else {
            Ok(())
        }
    }

    /// A contract that is there, or may come to be, is not deployed once more: the second would be another app.
    fn deploys_twice(&self, new: &TransactionSigned) -> bool {
        let number = |signed: &TransactionSigned| (signed.from, signed.nonce);
        let deploys = |signed: &TransactionSigned| signed.call == Call::DeployApp;
        let counts = |old: &&Transaction| {
            deploys(&old.signed)
                && !matches!(old.seen, Some(Seen::Reverted | Seen::Replaced))
                && number(&old.signed) != number(new)
        };
        deploys(new) && (self.founded.is_some() || self.transactions.iter().any(|old| counts(&old)))
    }

    /// It may be written twice, and then says the same app: the values may have been encrypted anew.
    fn take_founded(&mut self, founded: &Founded) {
        let other = self
            .founded
            .as_ref()
            .is_some_and(|known| known.app != founded.app);
        self.contradiction |= other;
        if !other {
            self.founded = Some(Box::new(founded.clone()));
        }
    }

    fn take_prepare(&mut self, sent: &PrepareSent) {
        self.contradiction |= sent.attempt() != self.attempts().saturating_add(1);
        self.decided = None;
        self.rounds.push(Round {
            attempt: sent.attempt(),
            answer: PrepareAnswer::None,
            sends: Vec::new(),
        });
    }

    fn take_token(&mut self, prepared: &Prepared) {
        let token = Box::new(prepared.clone());
        match prepared.answering {
            Answering::Prepare(attempt) => self.answer(attempt, PrepareAnswer::Token(token)),
            Answering::Commit(send) => self.answer_commit(send, CommitAnswer::Offered(token)),
        }
    }

    fn take_commit(&mut self, sent: &CommitSent, at: &Moment) {
        self.contradiction |= sent.send != self.sends().saturating_add(1);
        self.decided = None;
        let token = sent.token;
        let round = self.rounds.last_mut();
        let Some(round) = round.filter(|round| round.has(token)) else {
            self.contradiction = true;
            return;
        };
        round.sends.push(Sent {
            send: sent.send,
            proof: sent.proof,
            at: at.clone(),
            answer: CommitAnswer::None,
        });
    }

    fn take_decision(&mut self, choice: &Choice) {
        match choice {
            Choice::NotMine(uuid) => self.not_mine.push(uuid.clone()),
            Choice::UseOfferedToken => {
                if let Some(offered) = self.offered().cloned() {
                    self.rounds.push(Round {
                        attempt: self.attempts(),
                        answer: PrepareAnswer::Token(Box::new(offered)),
                        sends: Vec::new(),
                    });
                }
            }
            Choice::AcceptOtherHash => {
                self.accepted = self.newest().map(|token| token.compose_hash);
            }
            Choice::PrepareAgain | Choice::SendAgain | Choice::Mine(_) => {
                self.decided = Some(choice.clone());
            }
        }
    }

    /// What comes without a uuid first and with one later is one instance; two uuids are two.
    fn take_made(&mut self, committed: Committed) {
        let uuid = committed.made.uuid.as_ref();
        let mut made = self.made.iter_mut();
        match made.find(|made| made.made.uuid.is_none() || made.made.uuid.as_ref() == uuid) {
            Some(same) if uuid.is_some() => *same = committed,
            Some(_) => {}
            None => self.made.push(committed),
        }
    }

    /// The same answer may be written twice: whoever could not be told that it is on the disk writes it again. Another
    /// answer, or one to what was never asked, is a contradiction.
    fn answer(&mut self, attempt: u32, answer: PrepareAnswer) {
        let mut rounds = self.rounds.iter_mut();
        match rounds.find(|round| round.attempt == attempt) {
            Some(round) if round.answer == PrepareAnswer::None => round.answer = answer,
            Some(round) if round.answer == answer => {}
            _ => self.contradiction = true,
        }
    }

    fn answer_commit(&mut self, send: u32, answer: CommitAnswer) {
        let mut sends = self.rounds.iter_mut().flat_map(|round| &mut round.sends);
        match sends.find(|sent| sent.send == send) {
            Some(commit) if commit.answer == CommitAnswer::None => commit.answer = answer,
            Some(commit) if commit.answer == answer => {}
            _ => self.contradiction = true,
        }
    }
}

impl Round {
    fn has(&self, token: Fingerprint) -> bool {
        matches!(&self.answer, PrepareAnswer::Token(prepared) if prepared.fingerprint == token)
    }
}

#[cfg(test)]
mod tests;
