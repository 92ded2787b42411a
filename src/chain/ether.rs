//! Amounts in words: wei as ETH, to a billionth (a gwei), never rounded in the reader's favour.

use alloy_primitives::U256;

/// Wei of a gwei.
const GWEI: u64 = 1_000_000_000;

/// What somebody has: rounded down.
pub fn has(wei: U256) -> String {
    written(wei / U256::from(GWEI))
}

/// What somebody has to have: rounded up.
pub fn needs(wei: U256) -> String {
    written(wei.div_ceil(U256::from(GWEI)))
}

fn written(gwei: U256) -> String {
    let (whole, rest) = (gwei / U256::from(GWEI), gwei % U256::from(GWEI));
    let text = format!("{whole}.{:0>9}", rest.to_string());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} ETH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_to_a_billionth_and_not_in_the_reader_s_favour() {
        let ether = |text: &str| text.parse::<U256>().unwrap();
        for (wei, down, up) in [
            ("0", "0 ETH", "0 ETH"),
            ("1", "0 ETH", "0.000000001 ETH"),
            ("4200000000000000", "0.0042 ETH", "0.0042 ETH"),
            ("1000000000000000000", "1 ETH", "1 ETH"),
            ("12500000000000000001", "12.5 ETH", "12.500000001 ETH"),
        ] {
            assert_eq!(
                (has(ether(wei)), needs(ether(wei))),
                (down.into(), up.into())
            );
        }
    }
}
