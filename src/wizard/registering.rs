//! Who registers a compose hash with the app's contract, where that is decided before there is one.

use std::path::PathBuf;

use super::event::HandTo;
use super::keys::{KeySource, Password};
use crate::api::types::{AppId, ComposeHash};
use crate::chain::Address;

/// Who does it. Nobody, where nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registering {
    /// A key of this machine.
    pub signing: Option<Signing>,
    /// Others, with what is written for them.
    pub hand_to: Option<HandTo>,
    /// Who shall own the contract of a new app; without it whoever signs does.
    pub owner: Option<Address>,
    /// The values of a new app once more, where the run that had them is over.
    pub values: Option<PathBuf>,
}

/// An account of a chain.
pub type Account = Address;

/// An account as it is written down. Nobody owns what the zero address does.
///
/// # Errors
///
/// Why it is none.
pub fn account(text: &str) -> Result<Account, &'static str> {
    let account = AppId::parse(text).map(|account| Address::from(*account.bytes()));
    let account = account.ok_or("an address has 40 hex digits")?;
    if account.is_zero() {
        return Err("the zero address owns nothing for anybody");
    }
    Ok(account)
}

/// A key that signs without a person to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// Where the key is.
    pub source: KeySource,
    /// What opens it.
    pub password: Password,
    /// The one hash that may be signed for.
    pub allow: ComposeHash,
}
