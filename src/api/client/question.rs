//! One question to the service, before it becomes a request.

use std::time::Duration;

use super::TICKET_BYTES;
use crate::api::error::{Error, ErrorKind};
use crate::api::preview::{Headers, KEY_HEADER, headers};
use crate::http::{Bounds, HeaderValue, Method, Request, Way};
use crate::shown::Shown;

/// Something to ask the service. It cannot be printed: a body may hold a commit token.
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    pub(super) headers: Headers,
    /// How long the whole exchange may take.
    pub(super) limit: Duration,
    /// How many bytes an accepted answer may have.
    pub(super) most: usize,
}

impl Question {
    /// Method and path, with neither query nor body: it may be shown.
    pub(super) fn asked(&self) -> Shown {
        Shown::line(&format!("{} /{}", self.method, self.path.join("/")))
    }

    /// What went wrong with this question.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error {
            asked: self.asked(),
            tries: 1,
            kind,
        }
    }

    /// As it is sent, with this key. Only a GET is a read for sure, and may share a connection.
    pub(super) fn request(&self, key: Option<&HeaderValue>) -> Request {
        let way = match self.method {
            Method::GET => Way::Shared,
            _ => Way::Own,
        };
        let key = key.map(|key| (KEY_HEADER, key.clone()));
        let others = headers(self.headers)
            .into_iter()
            .map(|(name, value)| (name, HeaderValue::from_static(value)));
        Request {
            path: self.path.clone(),
            query: self.query.clone(),
            headers: key.into_iter().chain(others).collect(),
            body: self.body.clone(),
            ..Request::of(self.method.clone(), way)
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            whole: self.limit,
            most: self.most,
            most_refused: TICKET_BYTES,
        }
    }
}
