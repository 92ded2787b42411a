//! A service of plain values, with whichever rules for tokens it is given, and the post between it and the program.

use phala_wizard::api::error::{Error, ErrorKind, Refusal};
use phala_wizard::api::types::{
    AppId, ComposeHash, Created, CvmUuid, DeviceId, Instance, NodeId, NodeRef, Prepared, Ticket,
};
use phala_wizard::journal::id::IntentId;
use phala_wizard::secret::Secret;

use crate::shell::desk::Reply;

/// What a commit does to its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Used up together with the creation, in one step.
    UsedUp,
    /// Used up even where the creation fails.
    Burnt,
    /// The same token gets the same answer.
    Idempotent,
    /// Good any number of times.
    Many,
    /// There are none: the preparation creates.
    AtOnce,
}

/// How the service takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As it should.
    Well,
    /// No, for certain (402).
    Refused,
    /// The contract does not agree yet (468).
    NotRegistered,
    /// Another token in answer to a commit (465).
    Offered,
    /// A token for another machine.
    Stray,
}

/// A request on its way. It may arrive at any time, or never.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Under which number the program waits for the answer; 0 where nobody does.
    pub number: u32,
    /// The token it redeems; `None` for a preparation.
    pub token: Option<usize>,
    /// Which plan it is for.
    pub plan: u8,
    /// In which journal it stands.
    pub intent: Option<IntentId>,
    /// How many of it are under way.
    pub copies: u8,
    /// One of it has arrived.
    pub has_arrived: bool,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub is_used: bool,
    pub is_expired: bool,
    pub made: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Made {
    /// Whose journal it belongs to; `None` where another operator made it.
    #[expect(
        clippy::option_option,
        reason = "ours of no journal is not somebody else's"
    )]
    pub ours: Option<Option<IntentId>>,
    pub plan: u8,
    pub is_listed: bool,
}

#[derive(Debug, Clone)]
pub struct Service {
    pub rules: Tokens,
    /// Whether the contract allows everything when a token is handed out.
    pub is_registered: bool,
    pub tokens: Vec<Token>,
    pub made: Vec<Made>,
}

impl Service {
    pub fn new(rules: Tokens, is_registered: bool) -> Self {
        Self {
            rules,
            is_registered,
            tokens: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Carries out a request: what it answers.
    pub fn take(&mut self, letter: &Letter, how: How) -> Reply {
        let Some(number) = letter.token else {
            return match how {
                How::Refused => Err(refused(402, "ERR-04-001")),
                _ if self.rules == Tokens::AtOnce => Ok(self.create(letter, None)),
                _ => Ok(self.hand_out(letter.plan, how == How::Stray)),
            };
        };
        let rules = self.rules;
        let token = &mut self.tokens[number];
        if let (Tokens::Idempotent, Some(made)) = (rules, token.made) {
            return Ok(answer(made));
        }
        if token.is_expired || token.is_used {
            return Err(refused(466, "ERR-01-006"));
        }
        let fails = matches!(how, How::Refused | How::NotRegistered);
        token.is_used = match rules {
            Tokens::Many => false,
            Tokens::Burnt => how != How::Offered,
            _ => how == How::Well,
        };
        match how {
            How::Refused => Err(refused(402, "ERR-04-001")),
            How::NotRegistered => Err(refused(468, "ERR-01-008")),
            How::Offered => Ok(self.hand_out(letter.plan, false)),
            _ => {
                debug_assert!(!fails);
                Ok(self.create(letter, Some(number)))
            }
        }
    }

    /// What the list shows.
    pub fn listed(&self) -> Vec<Instance> {
        let made = self.made.iter().enumerate();
        made.filter(|(_, made)| made.is_listed)
            .map(|(number, made)| Instance {
                uuid: Some(uuid(number)),
                name: "a-new-one".into(),
                status: "creating".into(),
                node: Some(node()),
                compose_hash: Some(hash(made.plan)),
                ..Instance::default()
            })
            .collect()
    }

    /// How many instances there are because of us.
    pub fn ours(&self) -> usize {
        let ours = self.made.iter().filter(|made| made.ours.is_some());
        ours.count()
    }

    /// Whether the list shows one of ours.
    pub fn shows_ours(&self) -> bool {
        let mut made = self.made.iter();
        made.any(|made| made.is_listed && made.ours.is_some())
    }

    /// Whether this letter would create if it arrived.
    pub fn would_create(&self, letter: &Letter) -> bool {
        match letter.token {
            None => self.rules == Tokens::AtOnce,
            Some(token) => {
                let token = &self.tokens[token];
                let again = self.rules != Tokens::Idempotent || token.made.is_none();
                !token.is_expired && !token.is_used && again
            }
        }
    }

    /// Another operator adds an instance that looks just like ours.
    pub fn somebody_else(&mut self) {
        self.made.push(Made {
            ours: None,
            plan: 0,
            is_listed: false,
        });
    }

    /// A new token.
    pub fn new_token(&mut self) -> usize {
        self.tokens.push(Token {
            is_used: false,
            is_expired: false,
            made: None,
        });
        self.tokens.len() - 1
    }

    fn hand_out(&mut self, plan: u8, strays: bool) -> Prepared {
        let number = self.new_token();
        Prepared::Ticket(Box::new(Ticket {
            token: Secret::new(secret(number)),
            compose_hash: hash(plan),
            app: Some(app()),
            device: (!strays).then(device),
            // Tells tokens apart where secrets do not print.
            chain_id: Some(mark(number)),
            hash_allowed: self.is_registered,
            device_allowed: true,
            commit_url: None,
            provision: None,
        }))
    }

    fn create(&mut self, letter: &Letter, token: Option<usize>) -> Prepared {
        let number = self.made.len();
        self.made.push(Made {
            ours: Some(letter.intent),
            plan: letter.plan,
            is_listed: false,
        });
        if let Some(token) = token {
            self.tokens[token].made = Some(number);
        }
        answer(number)
    }
}

fn answer(number: usize) -> Prepared {
    Prepared::Created(Box::new(Created {
        uuid: Some(uuid(number)),
        name: "a-new-one".into(),
        status: "creating".into(),
        app: Some(app()),
        node: Some(node()),
        instance_id: None,
    }))
}

pub fn refused(status: u16, code: &str) -> Error {
    let refusal = Refusal {
        status,
        code: Some(code.into()),
        message: "no".into(),
        ..Refusal::default()
    };
    Error {
        asked: "POST /apps/x/instances".into(),
        tries: 1,
        kind: ErrorKind::Refused(refusal),
    }
}

/// Something in between answers after the service has, or has not, acted.
pub fn bad_gateway() -> Error {
    let refusal = Refusal {
        status: 502,
        message: "bad gateway".into(),
        ..Refusal::default()
    };
    Error {
        kind: ErrorKind::Refused(refusal),
        ..refused(502, "")
    }
}

pub fn app() -> AppId {
    AppId::parse(&"3f".repeat(20)).unwrap()
}

pub fn device() -> DeviceId {
    DeviceId::parse(&"de".repeat(32)).unwrap()
}

pub fn hash(plan: u8) -> ComposeHash {
    ComposeHash::from([plan + 1; 32])
}

pub fn uuid(number: usize) -> CvmUuid {
    CvmUuid::parse(&format!("{:032x}", 0xa000 + number)).unwrap()
}

/// The number of the instance of this uuid.
pub fn number_of(uuid: &CvmUuid) -> usize {
    (0..1000)
        .find(|number| self::uuid(*number) == *uuid)
        .unwrap_or_default()
}

fn node() -> NodeRef {
    NodeRef {
        id: Some(NodeId(6)),
        name: "prod6".into(),
        region: None,
        device: Some(device()),
    }
}

/// What a token is.
pub fn secret(number: usize) -> String {
    format!("ct_model_{number:04}")
}

/// Which token it is.
pub fn token_of(secret: &Secret) -> usize {
    let number = secret.expose().strip_prefix("ct_model_").unwrap();
    number.parse().unwrap()
}

/// What tells this token in whatever prints no secrets.
pub fn mark(number: usize) -> u64 {
    7_000 + number as u64
}
