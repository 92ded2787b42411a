//! Everything that can go wrong with a question, as the sandbox does it.

use crate::questions::{Question, Stage, Story};

/// A fault, and what it leaves to be known.
#[derive(Debug)]
pub struct Fault {
    pub name: &'static str,
    /// As a scenario has it.
    pub text: &'static str,
    /// What came back, where that is an HTTP status.
    pub status: Option<u16>,
    pub leaves: Leaves,
}

/// What is known after it, were it the request that creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// A clear no: nothing was made.
    No,
    /// The token is no longer good.
    TokenDead,
    /// The contract does not agree, and the token stays good.
    NotRegistered,
    /// No clear answer.
    Unclear,
    /// The answer, late or in other words.
    Answer,
}

use Leaves::{Answer, No, NotRegistered, TokenDead, Unclear};

const fn fault(name: &'static str, leaves: Leaves, text: &'static str) -> Fault {
    Fault {
        name,
        text,
        status: None,
        leaves,
    }
}

const fn status(name: &'static str, status: u16, leaves: Leaves, text: &'static str) -> Fault {
    Fault {
        name,
        text,
        status: Some(status),
        leaves,
    }
}

/// Carried out twice on the way; the first answer comes, or the last.
pub const DOUBLED: &str = "doubled";
pub const DOUBLED_LAST: &str = "doubled-last";

/// The sandbox does not answer while any test lives.
const STALL: &str = "delay = 1e12";

pub const FAULTS: &[Fault] = &[
    // How it comes.
    fault("reset-before", Unclear, "reset = true"),
    fault("reset-after", Unclear, "reset = true\napplied = true"),
    fault("half-body", Unclear, "cut = true"),
    fault("late", Answer, "delay = 300.0"),
    fault("stall-before", Unclear, STALL),
    fault("stalled-body", Unclear, "drip = 1e12"),
    fault("drip", Answer, "drip = 0.1"),
    fault("endless", Unclear, "endless = true"),
    fault(DOUBLED, Answer, ""),
    fault(DOUBLED_LAST, Answer, ""),
    // What comes, in the wrong form.
    fault("bomb", Unclear, "gzip_bomb = 256"),
    fault("torn", Unclear, "json = 'torn'"),
    fault("nulls", Unclear, "json = 'nulls'"),
    fault("types", Unclear, "json = 'types'"),
    fault("listed", Unclear, "json = 'listed'"),
    fault("control-bytes", Answer, "taint = ['*']"),
    status("empty", 200, Unclear, "status = 200\nbody = ''"),
    status("no-content", 204, Unclear, "status = 204\nbody = ''"),
    status("null", 200, Unclear, "status = 200\nbody = 'null'"),
    status("html-200", 200, Unclear, HTML_200),
    status("html-200-after", 200, Unclear, HTML_200_AFTER),
    // Elsewhere.
    status(
        "302",
        302,
        Unclear,
        "status = 302\nbody = ''\nheaders = { Location = '/login' }",
    ),
    status("307-other-host", 307, Unclear, ELSEWHERE),
    // A clear no.
    status(
        "400",
        400,
        No,
        "status = 400\nbody = '{\"error_code\": \"ERR-99-001\", \"message\": \"no\"}'",
    ),
    status(
        "401",
        401,
        No,
        "status = 401\nbody = '{\"detail\": \"Could not validate credentials\"}'",
    ),
    status(
        "402",
        402,
        No,
        "status = 402\nbody = '{\"error_code\": \"ERR-04-001\", \"message\": \"balance\"}'",
    ),
    status(
        "403",
        403,
        No,
        "status = 403\nbody = '{\"detail\": \"forbidden\"}'",
    ),
    status(
        "409-code",
        409,
        No,
        "status = 409\nbody = '{\"error_code\": \"ERR-01-004\", \"message\": \"taken\"}'",
    ),
    status(
        "422",
        422,
        No,
        "status = 422\nbody = '{\"detail\": [{\"loc\": [\"body\", \"node_id\"], \"msg\": \"no\"}]}'",
    ),
    status(
        "466",
        466,
        TokenDead,
        "status = 466\nbody = '{\"error_code\": \"ERR-01-006\", \"message\": \"expired\"}'",
    ),
    status(
        "467",
        467,
        NotRegistered,
        "status = 467\nbody = '{\"error_code\": \"ERR-01-007\", \"message\": \"no\"}'",
    ),
    status(
        "468",
        468,
        NotRegistered,
        "status = 468\nbody = '{\"error_code\": \"ERR-01-008\", \"message\": \"no\"}'",
    ),
    // No clear answer.
    status(
        "404",
        404,
        Unclear,
        "status = 404\nbody = '{\"detail\": \"Not Found\"}'",
    ),
    status(
        "410",
        410,
        Unclear,
        "status = 410\nbody = '{\"detail\": \"Gone\"}'",
    ),
    status("408", 408, Unclear, "status = 408\nbody = '{}'"),
    status(
        "409",
        409,
        Unclear,
        "status = 409\nbody = '{\"detail\": \"busy\"}'",
    ),
    status("425", 425, Unclear, "status = 425\nbody = ''"),
    status(
        "429",
        429,
        Unclear,
        "status = 429\nbody = '{}'\nheaders = { Retry-After = '1' }",
    ),
    status(
        "429-for-an-hour",
        429,
        Unclear,
        "status = 429\nbody = '{}'\nheaders = { Retry-After = '3600' }",
    ),
    status(
        "500",
        500,
        Unclear,
        "status = 500\nbody = '{\"error_code\": \"ERR-99-999\", \"message\": \"oops\"}'",
    ),
    status(
        "500-after",
        500,
        Unclear,
        "status = 500\nbody = '{}'\napplied = true",
    ),
    status(
        "502-html",
        502,
        Unclear,
        "status = 502\nbody = '<h1>Bad Gateway</h1>'\ncontent_type = 'text/html'",
    ),
    status(
        "503-after",
        503,
        Unclear,
        "status = 503\nbody = ''\napplied = true",
    ),
    status("599", 599, Unclear, "status = 599\nbody = ''"),
    // Streams.
    fault("stream-cut", Answer, "stream = 'cut'"),
    fault("stream-flood", Answer, "stream = 'flood'"),
    fault("stream-silence", Answer, "stream = 'silence'"),
];

const HTML_200: &str =
    "status = 200\nbody = '<html>sign in to the network</html>'\ncontent_type = 'text/html'";
const HTML_200_AFTER: &str =
    "status = 200\nbody = '<html>sign in</html>'\ncontent_type = 'text/html'\napplied = true";
const ELSEWHERE: &str =
    "status = 307\nbody = ''\nheaders = { Location = 'https://evil.example/api/v1/apps' }";

impl Fault {
    /// Nothing goes wrong.
    pub const NONE: Self = fault("none", Answer, "");

    /// Whether there is such a cell.
    pub fn fits(&self, question: &Question) -> bool {
        let is_stream = self.name.starts_with("stream");
        let is_write = matches!(question.stage, Stage::Prepares | Stage::Creates);
        // Of two requests that both create, one is not ours to prevent.
        let may_double = is_write && question.story != Story::AtOnce;
        match self.name {
            DOUBLED | DOUBLED_LAST => may_double,
            _ if self.text.contains("applied") => is_write,
            _ => !is_stream || question.name == "state",
        }
    }

    /// Whether nothing comes for as long as it is waited for.
    pub fn stalls(&self) -> bool {
        self.text.contains("1e12")
    }

    /// What stands in the scenario for it, about this question.
    pub fn told_of(&self, question: &Question) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let (request, only) = (question.request, question.only);
        format!("[[faults]]\nrequest = '{request}'\n{only}\n{}\n", self.text)
    }
}
