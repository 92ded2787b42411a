//! What a transaction pays on top of the base fee.

use serde_json::{Value, json};

use super::envelope;
use super::pinned::Pinned;
use crate::api::error::{Error, ErrorKind};

/// Where no node says what is usual: 1 gwei, which is too much on most chains and too little on none.
const USUAL: u128 = 1_000_000_000;
/// Blocks that are looked back on.
const BLOCKS: &str = "0x5";
/// That a method is not there (EIP-1474).
const MISSING_CODES: &[&str] = &["-32601", "-32004"];
/// The same in words.
const MISSING: &[&str] = &[
    "does not exist",
    "not available",
    "not found",
    "not supported",
    "unsupported",
];

/// Wei per gas that the node suggests: by the method for it, else by what others paid, else what is usual.
pub(super) async fn tip(at: &Pinned<'_>) -> Result<u128, Error> {
    let method = "eth_maxPriorityFeePerGas";
    let suggested = at.node.read(at.asked, method, json!([]), envelope::price);
    match suggested.await {
        Err(error) if is_missing(&error) => of_others(at).await,
        said => said,
    }
}

async fn of_others(at: &Pinned<'_>) -> Result<u128, Error> {
    let parameters = json!([BLOCKS, at.at(), [50]]);
    let history = at
        .node
        .read(at.asked, "eth_feeHistory", parameters, median)
        .await;
    match history {
        Err(error) if is_missing(&error) => Ok(USUAL),
        said => said.map(|median| median.unwrap_or(USUAL)),
    }
}

/// The middle of what the middle transaction of each block paid.
#[expect(clippy::option_option, reason = "unreadable, or nothing in it")]
fn median(history: &Value) -> Option<Option<u128>> {
    let Some(blocks) = history.get("reward").filter(|reward| !reward.is_null()) else {
        return history.is_object().then_some(None);
    };
    let blocks = blocks.as_array()?.iter();
    let tips: Option<Vec<u128>> = blocks.map(|block| envelope::price(block.get(0)?)).collect();
    let mut tips = tips?;
    tips.sort_unstable();
    Some(tips.get(tips.len() / 2).copied())
}

/// Whether the node does not know the method.
fn is_missing(error: &Error) -> bool {
    let ErrorKind::Refused(refusal) = &error.kind else {
        return false;
    };
    let words = refusal.message.as_str().to_ascii_lowercase();
    let code = error.code();
    code.is_some_and(|code| MISSING_CODES.contains(&code))
        || MISSING.iter().any(|missing| words.contains(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_counts_and_not_the_dearest() {
        let history = json!({ "reward": [["0x9"], ["0x1"], ["0xffffffff"], ["0x2"], ["0x3"]] });
        assert_eq!(median(&history), Some(Some(3)));
        assert_eq!(median(&json!({ "reward": [] })), Some(None));
        assert_eq!(median(&json!({ "baseFeePerGas": [] })), Some(None));
        assert_eq!(median(&json!({ "reward": null })), Some(None));
        for wrong in [
            json!({ "reward": [["9"]] }),
            json!({ "reward": [[]] }),
            json!({ "reward": "0x9" }),
            json!("0x9"),
        ] {
            assert_eq!(median(&wrong), None, "{wrong}");
        }
    }
}
