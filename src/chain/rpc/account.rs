//! What is found out of an account before it signs.

use alloy_primitives::{Address, U256};
use futures_util::future::{try_join, try_join3};
use serde_json::{Value, json};

use super::app::App;
use super::fee::tip;
use super::owner::classify;
use super::pinned::{Pinned, called};
use super::{Rpc, envelope, hex, short, unfit, word};
use crate::api::elsewhere::Heard;
use crate::api::error::Error;
use crate::chain::contract::Owner;
use crate::chain::examination::Examination;
use crate::chain::revert::Revert;
use crate::chain::{Call, Subject};

impl Rpc {
    /// What would come of it if this account signed these calls now. Nothing is signed, and nothing is sent.
    ///
    /// A call that the contract refuses is a result, and so is an account without money: it says nothing of the calls.
    pub async fn examine(
        &self,
        subject: &Subject,
        from: Address,
        calls: &[Call],
    ) -> Result<Examination, Error> {
        let asked = self.asked(&format!("the account {}", short(from.as_slice())));
        let at = self.pin(&asked, subject.chain_id).await?;
        // Anybody may have an app deployed; who owns the factory is not asked.
        let deploys =
            !calls.is_empty() && calls.iter().all(|call| matches!(call, Call::DeployApp(_)));
        let owner = Box::pin(async {
            if deploys {
                return Ok(Owner::Wallet(from));
            }
            let owner = at.need(subject.contract, &App::ownerCall {}, word::account);
            classify(&at, owner.await?).await
        });
        let ((block, owner, tip), (balance, nonce, pending)) = try_join(
            try_join3(at.block(), owner, tip(&at)),
            try_join3(
                balance(&at, from),
                count(&at, from, &at.at()),
                count(&at, from, "pending"),
            ),
        )
        .await?;
        let base_fee = block.base_fee.ok_or_else(|| {
            at.no("this chain has no base fee, so it does not take such a transaction (EIP-1559)")
        })?;
        let mut simulated = Vec::with_capacity(calls.len());
        for call in calls {
            let outcome = simulate(&at, from, subject.contract, *call).await?;
            simulated.push((*call, outcome));
        }
        Ok(Examination {
            from,
            block: at.block,
            block_time: block.time,
            owner,
            balance,
            nonce,
            // Where one of several nodes is behind, no fewer can wait than are in blocks.
            pending: pending.max(nonce),
            base_fee,
            tip,
            calls: simulated,
        })
    }
}

async fn balance(at: &Pinned<'_>, of: Address) -> Result<U256, Error> {
    let parameters = json!([hex(of), at.at()]);
    at.node
        .read(at.asked, "eth_getBalance", parameters, envelope::wide)
        .await
}

/// Transactions of an account: the number of its next one.
async fn count(at: &Pinned<'_>, of: Address, block: &str) -> Result<u64, Error> {
    let (method, parameters) = ("eth_getTransactionCount", json!([hex(of), block]));
    at.node
        .read(at.asked, method, parameters, envelope::quantity)
        .await
}

/// The gas it would use, or why the contract refuses.
///
/// It is tried both ways: an estimate alone can be a guess that no code was run for, and a call alone costs nothing.
async fn simulate(
    at: &Pinned<'_>,
    from: Address,
    to: Address,
    call: Call,
) -> Result<Result<u64, Revert>, Error> {
    let call = called(Some(from), to, &call.input());
    let returned = |heard: &Heard<'_>, result: &Value| {
        envelope::bytes(result).ok_or_else(|| unfit(heard, "eth_call"))
    };
    let gas = |heard: &Heard<'_>, result: &Value| {
        envelope::quantity(result).ok_or_else(|| unfit(heard, "eth_estimateGas"))
    };
    let (returned, gas) = try_join(
        at.tried("eth_call", call.clone(), returned),
        at.tried("eth_estimateGas", call, gas),
    )
    .await?;
    Ok(returned.and(gas))
}
