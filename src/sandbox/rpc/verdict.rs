//! What the service makes of the chain: which transactions it believes, and where it says the chain can be asked.

use alloy_primitives::Log;
use alloy_sol_types::SolEvent;
use serde_json::{Value, json};

use super::{
    super::{
        chain::{looks_mined, word},
        scenario::TransactionsChecked,
        world::World,
    },
    abi::DstackApp::{ComposeHashAdded, DeviceAdded},
    evm::MULTICALL,
};

impl World {
    /// Whether a commit of this hash on this node may name this transaction.
    ///
    /// One the chain knows has to be mined, to have gone through, and to have allowed the hash or the device on the
    /// app's own contract. About one it does not know, the rule of the story decides.
    pub(in crate::sandbox) fn verifies(
        &self,
        app: usize,
        transaction: &str,
        hash: &str,
        node: u64,
    ) -> bool {
        let known = word(transaction)
            .and_then(|id| Some((&self.ledgers[self.chain_of(app)?], id)))
            .filter(|(ledger, id)| ledger.transaction(*id).is_some());
        let Some((ledger, id)) = known else {
            return match self.scenario.rules.transactions_checked {
                TransactionsChecked::IfKnown => looks_mined(transaction),
                TransactionsChecked::Always => false,
            };
        };
        let (Some(mined), Some(contract)) = (ledger.mined(id), &self.apps[app].contract) else {
            return false;
        };
        let hash = word(hash);
        let device = self.node(node).and_then(|node| word(&node.device_id));
        let fits = |log: &&Log| {
            let added = |event: ComposeHashAdded| Some(event.composeHash) == hash;
            let let_in = |event: DeviceAdded| Some(event.deviceId) == device;
            log.address == contract.address
                && (ComposeHashAdded::decode_log_data(&log.data).is_ok_and(added)
                    || DeviceAdded::decode_log_data(&log.data).is_ok_and(let_in))
        };
        mined.succeeded && mined.logs.iter().find(fits).is_some()
    }

    /// The KMS as a 465 names it: in stories that say so, with the address of the pretend chain.
    ///
    /// The form is viem's, as the official command line reads it. The live service sends no such member.
    pub(in crate::sandbox) fn kms_info_for_registration(&self, app: usize) -> Value {
        let mut info = self.kms_of(&self.apps[app]).info();
        if let Some(chain) = self
            .chain_of(app)
            .filter(|_| self.scenario.rules.registration_names_rpc)
        {
            let ledger = &self.ledgers[chain];
            let base = &self.options.base_url;
            let site = base.strip_suffix("/api/v1").unwrap_or(base);
            info["chain"] = json!({
                "id": ledger.chain_id,
                "name": ledger.name,
                "nativeCurrency": { "name": "Ether", "symbol": "ETH", "decimals": 18 },
                "rpcUrls": { "default": { "http": [format!("{site}/rpc/{}", ledger.chain_id)] } },
                "contracts": { "multicall3": { "address": MULTICALL.to_string() } },
            });
        }
        info
    }
}
