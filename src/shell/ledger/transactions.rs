//! Transactions of the open journal: written down signed, and only then handed to a node.

use super::{Home, Ledger, append, not_sent};
use crate::api::error::Error;
use crate::api::types::TransactionHash;
use crate::chain::rpc::Rpc;
use crate::journal::record::TransactionSigned;
use crate::journal::state::Transaction;
use crate::journal::store::{Durable, Journal};
use crate::shown::Shown;

impl Ledger {
    /// The transactions of the open journal, oldest first.
    pub(in crate::shell) async fn transactions(&self) -> Vec<Transaction> {
        let read = |_: &Home, open: &mut Option<Journal>| {
            let journal = open.as_ref();
            Ok(journal.map_or(Vec::new(), |it| it.state().transactions().to_vec()))
        };
        self.with(read).await.unwrap_or_default()
    }

    /// Writes down a transaction that is signed, and hands it to this node, once. `Err`: it was not written down, so it
    /// was handed to nobody.
    pub(in crate::shell) async fn broadcast(
        &self,
        node: &Rpc,
        signed: TransactionSigned,
    ) -> Result<Result<(), Error>, Shown> {
        let write = |_: &Home, open: &mut Option<Journal>| {
            let journal = open.as_mut().ok_or("no journal is open")?;
            append(journal, signed)
        };
        let durable = self.with(write).await?;
        Ok(send_transaction(node, durable).await)
    }

    /// Hands bytes of the journal to this node once more: no new record, as nothing new leaves.
    pub(in crate::shell) async fn broadcast_again(
        &self,
        node: &Rpc,
        hash: TransactionHash,
    ) -> Result<(), Error> {
        let kept = self.transactions().await;
        let kept = kept.into_iter().find(|it| it.signed.hash == hash);
        let asked = Shown::line("eth_sendRawTransaction");
        let kept = kept.ok_or_else(|| not_sent(&asked, &"it is not in the journal".into()))?;
        node.broadcast(kept.signed.chain_id, &kept.signed.raw.0)
            .await
    }
}

/// Lets a transaction out. The record of it, with its very bytes, is on the disk.
async fn send_transaction(node: &Rpc, on_disk: Durable<TransactionSigned>) -> Result<(), Error> {
    let TransactionSigned { chain_id, raw, .. } = on_disk.record();
    node.broadcast(*chain_id, &raw.0).await
}
