//! What is known of an intent, and the one safe thing to do next.
//!
//! Two answers of the same kind are never weighed against each other: facts add up, and the verdict is read from them
//! anew each time. Where they allow two readings, the one counts in which more may exist.
//!
//! "Looking" is listing the app's instances twice, with the same result, and comparing with those there were before:
//! one new one on the node and with the hash that were asked for is adopted, several are shown to the person. Only when
//! there is none does what stands behind "then" come next.

mod words;

use super::id::IntentId;
use super::moment::Moment;
use super::record::{
    Call, Choice, Committed, End, Fingerprint, Founded, How, Intent, Made, Meaning, Prepared, Seen,
    TransactionSigned,
};
use crate::api::types::{AppId, ComposeHash, CvmUuid, Proof, Ticket};

/// Everything the records say, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub(super) intent: Box<Intent>,
    pub(super) last: Moment,
    pub(super) rounds: Vec<Round>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) founded: Option<Box<Founded>>,
    pub(super) made: Vec<Committed>,
    pub(super) listed: Option<CvmUuid>,
    pub(super) running: bool,
    pub(super) not_mine: Vec<CvmUuid>,
    pub(super) decided: Option<Choice>,
    pub(super) accepted: Option<ComposeHash>,
    pub(super) closed: Option<End>,
    pub(super) contradiction: bool,
}

/// One preparation, with everything that was sent for its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub(super) attempt: u32,
    pub(super) answer: PrepareAnswer,
    pub(super) sends: Vec<Sent>,
}

/// What came of a prepare-only request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PrepareAnswer {
    None,
    Refused,
    Token(Box<Prepared>),
    Created,
}

/// A commit that may have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number, from 1.
    pub send: u32,
    /// What stood for the registration.
    pub proof: Proof,
    /// When it was written down.
    pub at: Moment,
    /// What came of it.
    pub answer: CommitAnswer,
}

/// What came of a commit, where it was not an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitAnswer {
    /// Nothing clear: it may have been carried out, or still be.
    None,
    /// A clear no.
    Refused(Meaning),
    /// Another token.
    Offered(Box<Prepared>),
}

/// A transaction, and what the chain said of it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// As it was signed.
    pub signed: TransactionSigned,
    /// Its last known state; `None` where the chain was never asked.
    pub seen: Option<Seen>,
}

/// How far an intent came. The numbers are the fault points of the design's table of recovery rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Nothing was sent (1).
    Noted,
    /// A prepare-only request may have left, and no clear answer is known (2-5, 10).
    PrepareUnanswered,
    /// It was refused for certain (9).
    PrepareRefused,
    /// A token came that is not for what was asked (7).
    TokenUseless,
    /// A token is here, and no commit was sent with it (11, 12, 13, 24).
    Prepared,
    /// Commits may have left, and not all have a clear answer (14-19, 32).
    CommitUnanswered {
        /// How many, with this token.
        sends: u32,
    },
    /// The commit was refused for certain, and the token may still be good (2.5).
    CommitRefused,
    /// The chain did not agree yet; the token is still good (23).
    NotRegistered,
    /// The token was used or ran out; which of them is not told (22).
    TokenGone,
    /// A commit was answered with another token (2.5).
    TokenOffered,
    /// The instance exists (8, 20, 21, 25, 26).
    Created,
    /// It was seen to run.
    Running,
    /// Nothing is left to do.
    Closed(End),
    /// The records cannot all be true.
    Contradiction,
}

/// The one safe thing to do next. Nothing in here sends what creates; where it says "offer" or "ask", a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NextStep {
    /// Nothing was made for certain: go on from the answers.
    StartOver,
    /// Look; then prepare again without being told to. Nothing of ours can act.
    LookThenPrepare,
    /// Look; then say that it is not known, and let the person decide.
    LookThenAsk,
    /// Look; then show the confirmation for the token that is here.
    LookThenOfferCommit,
    /// Look, as the token may have been used elsewhere; then ask the chain, and broadcast the same bytes again where it
    /// does not know them.
    LookThenFollowTransaction,
    /// Look, and adopt what is found; there is nothing that could be sent.
    LookOnly,
    /// Watch the instance.
    Watch,
    /// Nothing is to be done.
    Nothing,
}

impl State {
    /// The intent.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Its name.
    pub fn id(&self) -> IntentId {
        self.intent.id
    }

    /// When the last record was written.
    pub fn last(&self) -> &Moment {
        &self.last
    }

    /// How many prepare-only requests may have left.
    pub fn attempts(&self) -> u32 {
        let attempts = self.rounds.iter().map(|round| round.attempt);
        attempts.max().unwrap_or(0)
    }

    /// How many commits may have left, whatever their token.
    pub fn sends(&self) -> u32 {
        let sends = self.rounds.iter().flat_map(|round| &round.sends);
        sends.map(|sent| sent.send).max().unwrap_or(0)
    }

    /// Every commit that may have left, oldest first.
    pub fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.rounds.iter().flat_map(|round| &round.sends)
    }

    /// The token in hand, as it was recorded.
    pub fn prepared(&self) -> Option<&Prepared> {
        match &self.rounds.last()?.answer {
            PrepareAnswer::Token(prepared) => Some(prepared),
            PrepareAnswer::None | PrepareAnswer::Refused | PrepareAnswer::Created => None,
        }
    }

    /// The token in hand, to be redeemed; `None` where there is none that may be used.
    pub fn ticket(&self) -> Option<Ticket> {
        let mut ticket = self.prepared()?.ticket()?;
        if let (Some(founded), Some(provision)) = (&self.founded, &mut ticket.provision) {
            ticket.app = Some(founded.app);
            provision.founded = Some(founded.founded());
            provision.env_key.clone_from(&founded.env_key);
            provision.sealed.clone_from(&founded.sealed);
        }
        Some(ticket)
    }

    /// The app it is about: that of the plan, or the one whose contract came to be since.
    pub fn app(&self) -> AppId {
        let founded = self.founded.as_ref().map(|founded| founded.app);
        founded.unwrap_or(self.intent.plan.app)
    }

    /// Whether it is for a new app whose contract is not known to be there. Nothing can have been created then.
    pub fn lacks_contract(&self) -> bool {
        let new_app = self.intent.plan.new_app.as_ref();
        self.founded.is_none() && new_app.is_some_and(|new| new.kms.is_some())
    }

    /// A token that came in answer to a commit, and is not used before a person says so.
    pub fn offered(&self) -> Option<&Prepared> {
        match &self.rounds.last()?.sends.last()?.answer {
            CommitAnswer::Offered(prepared) => Some(prepared),
            CommitAnswer::None | CommitAnswer::Refused(_) => None,
        }
    }

    /// What the service named last: a token that is on offer, else the one in hand.
    pub fn newest(&self) -> Option<&Prepared> {
        self.offered().or_else(|| self.prepared())
    }

    /// Every transaction that may have been broadcast, oldest first.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The instances that are known to be of this intent. More than one means that it went wrong.
    pub fn made(&self) -> impl Iterator<Item = (&How, &Made)> {
        self.made.iter().map(|made| (&made.how, &made.made))
    }

    /// The instance to watch.
    pub fn uuid(&self) -> Option<&CvmUuid> {
        let told = self.made.iter().find_map(|made| made.made.uuid.as_ref());
        told.or(self.listed.as_ref())
    }

    /// Whether the app's list was seen to have it.
    pub fn is_listed(&self) -> bool {
        self.listed.is_some()
    }

    /// Instances that a person said are not of this intent: no candidates.
    pub fn not_mine(&self) -> &[CvmUuid] {
        &self.not_mine
    }

    /// What a person decided since anything was sent last.
    pub fn decided(&self) -> Option<&Choice> {
        self.decided.as_ref()
    }

    /// The compose hash that a person goes on with, although it is not the one that was computed.
    pub fn accepted(&self) -> Option<ComposeHash> {
        self.accepted
    }

    /// Whether the contract of a new app is there, or may come to be by what was signed.
    pub fn may_have_contract(&self) -> bool {
        let may_count = |one: &Transaction| {
            let over = matches!(one.seen, Some(Seen::Reverted | Seen::Replaced));
            one.signed.call == Call::DeployApp && !over
        };
        self.founded.is_some() || self.transactions.iter().any(may_count)
    }

    /// How far it came.
    pub fn known(&self) -> Known {
        if let Some(end) = self.closed {
            return Known::Closed(end);
        }
        if self.running {
            return Known::Running;
        }
        if !self.made.is_empty() || self.listed.is_some() {
            return Known::Created;
        }
        if self.contradiction {
            return Known::Contradiction;
        }
        self.rounds.last().map_or(Known::Noted, Round::known)
    }

    /// The one safe thing to do next.
    pub fn next_step(&self) -> NextStep {
        match self.known() {
            Known::Closed(_) | Known::Running => NextStep::Nothing,
            Known::Created => NextStep::Watch,
            Known::Contradiction => NextStep::LookOnly,
            Known::Noted => NextStep::StartOver,
            Known::PrepareUnanswered if self.intent.is_governed() && self.sends() == 0 => {
                NextStep::LookThenPrepare
            }
            Known::PrepareRefused if !self.something_may_come() => NextStep::StartOver,
            Known::PrepareUnanswered
            | Known::PrepareRefused
            | Known::TokenUseless
            | Known::TokenGone
            | Known::TokenOffered => NextStep::LookThenAsk,
            _ if self.ticket().is_none() => NextStep::LookOnly,
            Known::Prepared | Known::NotRegistered if self.awaits_transaction() => {
                NextStep::LookThenFollowTransaction
            }
            Known::Prepared
            | Known::NotRegistered
            | Known::CommitRefused
            | Known::CommitUnanswered { .. } => NextStep::LookThenOfferCommit,
        }
    }

    /// Whether any request of this intent may have created, or may still, without that being known.
    pub fn something_may_come(&self) -> bool {
        self.rounds.iter().any(|round| {
            let prepare = round.answer == PrepareAnswer::None && !self.intent.is_governed();
            prepare || round.sends.iter().any(Sent::may_have_created)
        })
    }

    fn awaits_transaction(&self) -> bool {
        self.transactions.iter().any(Transaction::is_open)
    }
}

impl Round {
    fn known(&self) -> Known {
        match &self.answer {
            PrepareAnswer::None => Known::PrepareUnanswered,
            PrepareAnswer::Refused => Known::PrepareRefused,
            PrepareAnswer::Created => Known::Created,
            PrepareAnswer::Token(prepared) if !prepared.mismatch.is_empty() => Known::TokenUseless,
            PrepareAnswer::Token(_) => self.committed(),
        }
    }

    fn committed(&self) -> Known {
        let Some(last) = self.sends.last() else {
            return Known::Prepared;
        };
        match &last.answer {
            CommitAnswer::Refused(Meaning::TokenGone) => Known::TokenGone,
            CommitAnswer::Offered(_) => Known::TokenOffered,
            _ if self.is_unanswered() => Known::CommitUnanswered {
                sends: u32::try_from(self.sends.len()).unwrap_or(u32::MAX),
            },
            CommitAnswer::Refused(Meaning::NotRegistered) => Known::NotRegistered,
            CommitAnswer::Refused(Meaning::NothingMade) | CommitAnswer::None => {
                Known::CommitRefused
            }
        }
    }

    /// Whether a commit has no clear answer.
    pub(super) fn is_unanswered(&self) -> bool {
        self.sends
            .iter()
            .any(|sent| sent.answer == CommitAnswer::None)
    }

    /// What tells the token in hand from others, where there still is one.
    pub(super) fn token(&self) -> Option<Fingerprint> {
        match &self.answer {
            PrepareAnswer::Token(prepared) if prepared.token.is_some() => {
                Some(prepared.fingerprint)
            }
            _ => None,
        }
    }
}

impl Sent {
    fn may_have_created(&self) -> bool {
        match &self.answer {
            CommitAnswer::None | CommitAnswer::Refused(Meaning::TokenGone) => true,
            CommitAnswer::Refused(Meaning::NothingMade | Meaning::NotRegistered)
            | CommitAnswer::Offered(_) => false,
        }
    }
}

impl Transaction {
    /// Whether the chain has not said its last word.
    pub fn is_open(&self) -> bool {
        !self.seen.is_some_and(Seen::is_final)
    }
}
