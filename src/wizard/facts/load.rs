//! Something the service is asked for, and how far that is.

use crate::api::error::Error;
use crate::wizard::event::Request;

/// Something the service is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load<T> {
    /// Not asked yet.
    #[default]
    Unasked,
    /// Asked, and not answered yet.
    Asked,
    /// Here.
    Here(T),
    /// Asked, and not given.
    Failed(Error),
}

impl<T> Load<T> {
    /// The thing, if it is here.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Here(thing) => Some(thing),
            _ => None,
        }
    }

    /// Why it is not here, if it was refused.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether it may still come.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Unasked | Self::Asked)
    }

    pub(super) fn is_asked(&self) -> bool {
        matches!(self, Self::Asked)
    }

    /// Takes the reply.
    pub fn set(&mut self, reply: Result<T, Error>) {
        *self = match reply {
            Ok(thing) => Self::Here(thing),
            Err(error) => Self::Failed(error),
        };
    }

    /// Takes the reply where one is waited for. What comes late is about the app that was looked at before.
    pub(super) fn take(&mut self, reply: Result<T, Error>) {
        if self.is_asked() {
            self.set(reply);
        }
    }

    pub(super) fn ask(
        &mut self,
        request: impl FnOnce() -> Option<Request>,
        into: &mut Vec<Request>,
    ) {
        if matches!(self, Self::Unasked)
            && let Some(request) = request()
        {
            *self = Self::Asked;
            into.push(request);
        }
    }

    pub(super) fn retry(&mut self) {
        if matches!(self, Self::Failed(_) | Self::Here(_)) {
            *self = Self::Unasked;
        }
    }
}
