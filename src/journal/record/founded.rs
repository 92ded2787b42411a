//! The contract of a new app: read from the chain, as it was asked for, with what was encrypted for it.
//!
//! It can be found once more from the transaction that deployed it; the values cannot.

use serde::{Deserialize, Serialize};

use crate::api::types::{self, AppId, TransactionHash};
use crate::journal::text::{maybe, one};
use crate::shown::Shown;

/// What founds the app, as [`types::Founded`] and [`types::Provision`] had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founded {
    /// The address of the contract.
    #[serde(with = "one")]
    pub app: AppId,
    /// Who owns it.
    #[serde(with = "one")]
    pub owner: Shown,
    /// The transaction that deployed it.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionHash>,
    /// The key of the app that values are encrypted to.
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    pub env_key: Option<Shown>,
    /// The values, encrypted to that key, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl Founded {
    /// As it is written down.
    pub fn of(founded: &types::Founded, provision: &types::Provision) -> Self {
        let types::Founded {
            app,
            owner,
            transaction,
        } = founded;
        Self {
            app: *app,
            owner: owner.clone(),
            transaction: *transaction,
            env_key: provision.env_key.clone(),
            sealed: provision.sealed.clone(),
        }
    }

    /// As everybody else has it.
    pub fn founded(&self) -> types::Founded {
        types::Founded {
            app: self.app,
            owner: self.owner.clone(),
            transaction: self.transaction,
        }
    }
}
