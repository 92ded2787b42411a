//! What is read of a block.

use serde_json::Value;

use super::envelope;

/// As much of a block as is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Unix seconds.
    pub(super) time: u64,
    /// Wei per gas, at least; `None` on a chain that knows no such thing.
    pub(super) base_fee: Option<u128>,
}

/// Reads the block of this number.
pub(super) fn read(block: &Value, number: u64) -> Option<Block> {
    let is_it = envelope::quantity(&block["number"])? == number;
    let base_fee = match &block["baseFeePerGas"] {
        Value::Null => None,
        fee => Some(envelope::price(fee)?),
    };
    is_it.then_some(Block {
        time: envelope::quantity(&block["timestamp"])?,
        base_fee,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_is_the_one_that_was_asked_for() {
        let block = json!({ "number": "0x7", "timestamp": "0x9", "baseFeePerGas": "0x5" });
        let expected = Block {
            time: 9,
            base_fee: Some(5),
        };
        assert_eq!(read(&block, 7), Some(expected));
        assert_eq!(read(&block, 8), None);
        let old = json!({ "number": "0x7", "timestamp": "0x9" });
        assert_eq!(read(&old, 7).and_then(|old| old.base_fee), None);
        for wrong in [
            json!({ "number": "0x7" }),
            json!({ "number": "0x7", "timestamp": 9 }),
            json!({ "number": "0x7", "timestamp": "0x9", "baseFeePerGas": "5" }),
            json!("0x7"),
        ] {
            assert_eq!(read(&wrong, 7), None, "{wrong}");
        }
    }
}
