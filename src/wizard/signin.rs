//! What is asked and answered around a sign-in: a code approved in a browser, profiles, and where a key is kept.
//!
//! Words only. The door asks in them, the shell answers; neither a file nor a clock is known here.

use crate::api::error::Error;
use crate::api::types::{Approval, DeviceCode};
use crate::secret::Secret;
use crate::shown::Shown;

/// A question around a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Begin a login with a code that is approved in a browser.
    Begin,
    /// Whether it was approved; with the code that asks for the token.
    Poll(Secret),
    /// Whose key this is, that was handed out for the code. Answered as any sign-in.
    Enter(Secret),
    /// The profiles of this machine.
    Profiles,
    /// Sign in with the profile of this name, and with it alone. Answered as any sign-in.
    Use(String),
    /// Where the key that was accepted last could be kept.
    Places,
    /// Keep it.
    Keep(Keeping),
    /// Let go of the key: whatever is asked from now on is asked without one, until somebody signs in.
    LayDown,
}

impl Login {
    /// What a person is told while waiting for it.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::Begin => "asking for a code",
            Self::Poll(_) => "asking whether it was approved",
            Self::Enter(_) | Self::Use(_) => "asking whose key this is",
            Self::Profiles => "reading the profiles",
            Self::Places => "looking where the key can be kept",
            Self::Keep(_) => "keeping the key",
            Self::LayDown => "laying the key down",
        }
    }
}

/// An answer to one of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// To [`Login::Begin`].
    Begun(Result<DeviceCode, Error>),
    /// To [`Login::Poll`].
    Polled(Result<Approval, Error>),
    /// To [`Login::Profiles`].
    Profiles(Result<Vec<Profile>, Shown>),
    /// To [`Login::Places`].
    Places(Box<Places>),
    /// To [`Login::Keep`]: where the key comes from now, or why it could not be kept.
    Kept(Result<Shown, Shown>),
    /// To [`Login::LayDown`]: no key goes along from now on, or why nobody could be asked without one.
    LaidDown(Result<(), Error>),
}

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// In the official CLI's file, so that both tools share the login.
    File,
    /// In the system's keyring.
    Keyring,
}

/// What keeping would mean for the key that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// The official CLI's file, as people write it.
    pub file: Shown,
    /// The profile it would be kept under.
    pub profile: Shown,
    /// Whether there is a profile of that name already, which it would replace.
    pub replaces: bool,
    /// What of the two is in the way of the file, if anything is.
    pub file_blocked: Option<Shown>,
    /// `PHALA_CLOUD_API_KEY` is set: it comes first the next time, wherever this key is kept.
    pub shadowed: bool,
    /// What the keyring is and how long it keeps, or why there is none.
    pub keyring: Option<Result<Shown, Shown>>,
}

/// A profile of this machine, without its key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Its name.
    pub name: Shown,
    /// The name as it is in the file: it is asked for by this.
    pub key_name: String,
    /// The workspace the key is bound to.
    pub workspace: Option<Shown>,
    /// Whose key it is.
    pub user: Option<Shown>,
    /// The service it is for.
    pub host: Shown,
    /// `****` and the end of the key; `None` where it is in the keyring.
    pub tail: Option<String>,
    /// Whether it is the one that is used when none is named.
    pub is_current: bool,
}
