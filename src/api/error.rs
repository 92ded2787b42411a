//! What comes back instead of an answer, reduced to what a caller can do about it.
//!
//! An [`Error`] is plain data: it compares, prints and travels in events. It keeps the service's words unchanged
//! (made safe to show) and knows what was asked. Advice is not its business; screens give that.

use std::fmt;
use std::time::Duration;

pub use crate::http::Unreachable;
use crate::http::{Again, Failure, may_pass};
use crate::shown::Shown;

/// A question that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Method and path, as in `GET /teepods/available`. Never holds a key or a token.
    pub asked: Shown,
    /// How often it was asked before giving up; 1 for everything that is not a read.
    pub tries: u32,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// The ways a question can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// No answer arrived.
    Unreachable(Unreachable, Shown),
    /// The service answered, and said no.
    Refused(Refusal),
    /// Something answered, but not in the service's language.
    Garbled {
        /// HTTP status of the answer.
        status: u16,
        /// What could not be read, and where.
        cause: Shown,
        /// The beginning of the answer, at most 400 characters.
        excerpt: Shown,
    },
    /// The service answered, and no record of what it said can be kept. Without one it is not used.
    Unkept {
        /// HTTP status of the answer.
        status: u16,
        /// Why not.
        cause: Shown,
    },
}

/// A refusal in the service's own words (API reference, section 4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `ERR-MM-NNN`, where the service gives one.
    pub code: Option<Shown>,
    /// The service's message.
    pub message: Shown,
    /// `field: value or message` pairs.
    pub details: Vec<(Shown, Shown)>,
    /// What the service suggests.
    pub suggestions: Vec<Shown>,
    /// Id to quote to support, from `X-Request-ID` or the body.
    pub request_id: Option<Shown>,
    /// Seconds the service asks to wait.
    pub retry_after: Option<u64>,
    /// Where a redirect pointed; it is never followed.
    pub redirect: Option<Shown>,
}

/// What a definite no to a commit says about its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum No {
    /// 466: it was used, ran out, was replaced, or does not belong to the hash.
    TokenGone,
    /// The chain does not agree yet, and the token is still good.
    NotRegistered {
        /// 467: the transaction does not prove it. Else 468: the contract says no.
        transaction: bool,
    },
    /// Node, capacity, quota, credit, role, or a value: this request made nothing. The token may still be good.
    NothingMade,
}

impl Error {
    /// What this answer to a commit says for certain; `None` where the service may have acted on it. It says nothing of
    /// another commit that has no clear answer.
    pub fn verdict_on_commit(&self) -> Option<No> {
        let acted = (!self.may_have_acted()).then_some(No::NothingMade);
        let ErrorKind::Refused(refusal) = &self.kind else {
            return acted;
        };
        match (refusal.status, self.code()) {
            (466, _) | (_, Some("ERR-01-006")) => Some(No::TokenGone),
            (467, _) | (_, Some("ERR-01-007")) => Some(No::NotRegistered { transaction: true }),
            (468, _) | (_, Some("ERR-01-008")) => Some(No::NotRegistered { transaction: false }),
            // A path that is suddenly unknown can be a token that was just used.
            (404 | 410, None) => None,
            _ => acted,
        }
    }

    /// Whether the service may have acted on the request although no clear answer came.
    ///
    /// False only where nothing was sent, or where a definite refusal came back.
    pub fn may_have_acted(&self) -> bool {
        match &self.kind {
            ErrorKind::Unreachable(how, _) => {
                matches!(how, Unreachable::TimedOut | Unreachable::Broken)
            }
            ErrorKind::Refused(refusal) => match refusal.status {
                300..=399 | 408 | 425 | 429 | 500.. => true,
                // A conflict with a code is final; without one it is another operation in the way.
                409 => refusal.code.is_none(),
                _ => false,
            },
            ErrorKind::Garbled { .. } | ErrorKind::Unkept { .. } => true,
        }
    }

    /// Whether it was sent at all. What was not was stopped on this machine, and the reason may be an older request.
    pub fn left(&self) -> bool {
        !matches!(self.kind, ErrorKind::Unreachable(Unreachable::NotSent, _))
    }

    /// Whether it is known not to have reached the service.
    pub fn never_arrived(&self) -> bool {
        self.is_offline() && !self.may_have_acted()
    }

    /// Whether the same read may go better in a moment.
    pub fn again(&self) -> Again {
        match &self.kind {
            ErrorKind::Unreachable(how, _) => match how {
                Unreachable::Lookup | Unreachable::Connect | Unreachable::Broken => Again::Yes,
                Unreachable::Tls | Unreachable::TimedOut | Unreachable::NotSent => Again::No,
            },
            // A conflict without a code is another operation in the way; with one it is final.
            ErrorKind::Refused(refusal)
                if may_pass(refusal.status)
                    || (refusal.status == 409 && refusal.code.is_none()) =>
            {
                match refusal.retry_after {
                    Some(seconds) => Again::After(Duration::from_secs(seconds)),
                    None => Again::Yes,
                }
            }
            ErrorKind::Refused(_) | ErrorKind::Garbled { .. } | ErrorKind::Unkept { .. } => {
                Again::No
            }
        }
    }

    /// HTTP status, where there was one.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            ErrorKind::Unreachable(..) => None,
            ErrorKind::Refused(refusal) => Some(refusal.status),
            ErrorKind::Garbled { status, .. } | ErrorKind::Unkept { status, .. } => Some(*status),
        }
    }

    /// `ERR-MM-NNN`, where the service gave one.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Refused(refusal) => refusal.code.as_ref().map(Shown::as_str),
            _ => None,
        }
    }

    /// Whether nothing answered at all.
    pub fn is_offline(&self) -> bool {
        matches!(self.kind, ErrorKind::Unreachable(..))
    }

    /// Whether the key is not, or no longer, good.
    pub fn is_signed_out(&self) -> bool {
        self.status() == Some(401)
    }

    /// Id to quote to support.
    pub fn request_id(&self) -> Option<&Shown> {
        match &self.kind {
            ErrorKind::Refused(refusal) => refusal.request_id.as_ref(),
            _ => None,
        }
    }
}

impl From<Failure> for ErrorKind {
    fn from(failure: Failure) -> Self {
        Self::Unreachable(failure.how, failure.cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Unreachable(how, cause) if cause.is_empty() => how.fmt(f),
            ErrorKind::Unreachable(how, cause) => write!(f, "{how}: {cause}"),
            ErrorKind::Refused(refusal) => refusal.fmt(f),
            ErrorKind::Garbled { status, cause, .. } => {
                write!(f, "the answer (HTTP {status}) cannot be read: {cause}")
            }
            ErrorKind::Unkept { status, cause } => {
                write!(f, "it answered (HTTP {status}), and {cause}")
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (HTTP {}", self.message, self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: Option<&str>) -> Error {
        let refusal = Refusal {
            status,
            code: code.map(Shown::line),
            ..Refusal::default()
        };
        Error {
            asked: "POST /x".into(),
            tries: 1,
            kind: ErrorKind::Refused(refusal),
        }
    }

    #[test]
    fn only_a_definite_no_means_that_nothing_happened() {
        for (status, code, acted) in [
            (400, Some("ERR-02-005"), false),
            (401, None, false),
            (402, Some("ERR-04-001"), false),
            (409, Some("ERR-01-004"), false),
            (422, None, false),
            (466, Some("ERR-01-006"), false),
            (409, None, true),
            (408, None, true),
            (429, None, true),
            (500, Some("ERR-99-999"), true),
            (502, None, true),
            (307, None, true),
        ] {
            assert_eq!(
                refused(status, code).may_have_acted(),
                acted,
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn a_no_to_a_commit_is_one_only_where_it_is_certain() {
        let (yes, no) = (true, false);
        for (status, code, verdict) in [
            (466, Some("ERR-01-006"), Some(No::TokenGone)),
            (400, Some("ERR-01-006"), Some(No::TokenGone)),
            (467, None, Some(No::NotRegistered { transaction: yes })),
            (468, None, Some(No::NotRegistered { transaction: no })),
            (400, Some("ERR-02-005"), Some(No::NothingMade)),
            (402, Some("ERR-04-001"), Some(No::NothingMade)),
            (409, Some("ERR-01-004"), Some(No::NothingMade)),
            (401, None, Some(No::NothingMade)),
            (404, None, None),
            (410, None, None),
            (409, None, None),
            (429, None, None),
            (500, None, None),
            (502, None, None),
        ] {
            let error = refused(status, code);
            assert_eq!(error.verdict_on_commit(), verdict, "{status} {code:?}");
        }
        // Whoever answers in another language is not the service.
        let kind = ErrorKind::Garbled {
            status: 466,
            cause: "line 1".into(),
            excerpt: "<html>".into(),
        };
        let error = Error {
            kind,
            ..refused(0, None)
        };
        assert_eq!(error.verdict_on_commit(), None);
    }

    #[test]
    fn a_request_that_left_may_have_arrived() {
        for (how, acted) in [
            (Unreachable::Lookup, false),
            (Unreachable::Connect, false),
            (Unreachable::Tls, false),
            (Unreachable::NotSent, false),
            (Unreachable::TimedOut, true),
            (Unreachable::Broken, true),
        ] {
            let error = Error {
                asked: "POST /x".into(),
                tries: 1,
                kind: ErrorKind::Unreachable(how, "".into()),
            };
            assert_eq!(error.may_have_acted(), acted, "{how}");
            assert_eq!(error.never_arrived(), !acted, "{how}");
            assert_eq!(error.left(), how != Unreachable::NotSent, "{how}");
        }
    }

    #[test]
    fn only_what_may_go_better_is_tried_again() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504] {
            assert_eq!(refused(status, None).again(), Again::Yes, "{status}");
        }
        for status in [301, 307, 400, 401, 402, 403, 404, 405, 410, 422, 465, 501] {
            assert_eq!(refused(status, None).again(), Again::No, "{status}");
        }
        assert_eq!(refused(409, Some("ERR-01-004")).again(), Again::No);
        for (how, again) in [
            (Unreachable::Lookup, Again::Yes),
            (Unreachable::Connect, Again::Yes),
            (Unreachable::Broken, Again::Yes),
            (Unreachable::Tls, Again::No),
            (Unreachable::TimedOut, Again::No),
            (Unreachable::NotSent, Again::No),
        ] {
            let kind = ErrorKind::Unreachable(how, Shown::default());
            let error = Error {
                kind,
                ..refused(0, None)
            };
            assert_eq!(error.again(), again, "{how}");
        }
    }

    #[test]
    fn the_wait_that_the_service_asks_for_is_passed_on() {
        let mut error = refused(429, None);
        let ErrorKind::Refused(refusal) = &mut error.kind else {
            panic!("a refusal")
        };
        refusal.retry_after = Some(20);
        assert_eq!(error.again(), Again::After(Duration::from_secs(20)));
    }

    #[test]
    fn an_error_says_the_fact_in_one_line() {
        assert_eq!(
            refused(404, Some("ERR-03-001")).to_string(),
            " (HTTP 404, ERR-03-001)"
        );
    }
}
