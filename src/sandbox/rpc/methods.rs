//! Every method of the pretend chain's JSON-RPC, by name.

use alloy_primitives::{Address, B256, U256, b256};
use serde_json::{Value, json};

use super::{
    super::{chain::Generation, world::World},
    evm::{Place, Revert, intrinsic_gas},
    ledger::{Ledger, Mined},
    shapes,
    transaction::Transaction,
    words::{Failure, Parameters, address_in, bytes, bytes_in, hash_in, number_in, quantity},
};

/// Where an ERC-1967 proxy keeps the address of its code.
const IMPLEMENTATION_SLOT: B256 =
    b256!("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
/// Blocks of a fee history, at most.
const MAX_HISTORY: u64 = 1024;
/// How far behind the latest block the words `safe` and `finalized` are.
const SAFE: u64 = 32;
const FINALIZED: u64 = 64;
/// Most a call may use when its sender names no limit.
const CALL_GAS: u64 = 30_000_000;

/// The members of a call that is only tried.
struct Attempt {
    from: Address,
    to: Address,
    input: Vec<u8>,
    gas: u64,
    value: U256,
}

impl World {
    /// Runs one method of one chain.
    pub(super) fn method(
        &mut self,
        chain: usize,
        name: &str,
        given: &Parameters<'_>,
    ) -> Result<Value, Failure> {
        let ledger = &self.ledgers[chain];
        let latest = ledger.height(self.now);
        match name {
            "eth_chainId" => Ok(quantity(ledger.chain_id)),
            "net_version" => Ok(ledger.chain_id.to_string().into()),
            "web3_clientVersion" => Ok("phala-wizard-sandbox/pretend-chain".into()),
            "eth_syncing" => Ok(false.into()),
            "eth_accounts" => Ok(json!([])),
            "eth_blockNumber" => Ok(quantity(latest)),
            "eth_gasPrice" => Ok(quantity(ledger.base_fee + ledger.tip)),
            "eth_maxPriorityFeePerGas" => Ok(quantity(ledger.tip)),
            "eth_feeHistory" => fee_history(ledger, latest, given),
            "eth_getBlockByNumber" => {
                let number = block_in(ledger, latest, given.required(0)?)?;
                Ok(number.map_or(Value::Null, |number| {
                    shapes::block(ledger, number, given.is_true(1))
                }))
            }
            "eth_getBalance" => Ok(quantity(ledger.account(given.address(0)?).balance)),
            "eth_getTransactionCount" => {
                let address = given.address(0)?;
                let pending = given.optional(1).is_some_and(|block| block == "pending");
                Ok(quantity(if pending {
                    ledger.next_nonce(address)
                } else {
                    ledger.account(address).nonce
                }))
            }
            "eth_getCode" => {
                let block = self.block(chain, given.optional(1))?;
                // Not one byte of it is ever run; that there is some is what clients ask for.
                let code: &[u8] = if self.has_code(chain, block, given.address(0)?) {
                    b"\xfepretend"
                } else {
                    b""
                };
                Ok(bytes(code))
            }
            "eth_getStorageAt" => {
                let block = self.block(chain, given.optional(2))?;
                let word = self.storage(chain, block, given.address(0)?, given.number(1)?);
                Ok(bytes(word.as_slice()))
            }
            "eth_call" => {
                let block = self.block(chain, given.optional(1))?;
                let Attempt {
                    from, to, input, ..
                } = attempt(given.required(0)?)?;
                let outcome = self.call(chain, block, from, to, &input)?;
                Ok(bytes(&outcome.output))
            }
            "eth_estimateGas" => self.estimate(chain, latest, given),
            "eth_sendRawTransaction" => {
                let transaction =
                    Transaction::decode(&given.bytes(0)?).map_err(Failure::refused)?;
                let hash = transaction.hash;
                let now = self.now;
                self.ledgers[chain]
                    .accept(now, transaction)
                    .map_err(Failure::refused)?;
                Ok(bytes(hash.as_slice()))
            }
            "eth_getTransactionReceipt" => Ok(ledger
                .mined(given.hash(0)?)
                .map_or(Value::Null, |mined| shapes::receipt(ledger, mined))),
            "eth_getTransactionByHash" => {
                let hash = given.hash(0)?;
                Ok(ledger.transaction(hash).map_or(Value::Null, |transaction| {
                    shapes::transaction(ledger, transaction, ledger.mined(hash))
                }))
            }
            "eth_getLogs" => logs(ledger, latest, given.required(0)?),
            _ => Err(Failure::new(
                -32601,
                format!("the method {name} does not exist/is not available"),
            )),
        }
    }

    /// The number of a block whose state is asked for; the latest if none is named.
    fn block(&self, chain: usize, named: Option<&Value>) -> Result<u64, Failure> {
        let ledger = &self.ledgers[chain];
        let latest = ledger.height(self.now);
        let Some(named) = named else {
            return Ok(latest);
        };
        block_in(ledger, latest, named)?.ok_or_else(|| Failure::refused("header not found"))
    }

    /// What the call would use, and a little more.
    fn estimate(
        &self,
        chain: usize,
        latest: u64,
        given: &Parameters<'_>,
    ) -> Result<Value, Failure> {
        let Attempt {
            from,
            to,
            input,
            gas,
            value,
        } = attempt(given.required(0)?)?;
        if !value.is_zero() {
            if self.ledgers[chain].account(from).balance < value {
                return Err(Failure::refused("insufficient funds for transfer"));
            }
            if !input.is_empty() || !self.takes_money(chain, latest, to) {
                return Err(Revert::silent().into());
            }
        }
        let used = intrinsic_gas(&input) + self.call(chain, latest, from, to, &input)?.gas;
        let estimate = used + used / 128;
        if estimate > gas {
            return Err(Failure::refused(format!(
                "gas required exceeds allowance ({gas})"
            )));
        }
        Ok(quantity(estimate))
    }

    fn storage(&self, chain: usize, block: u64, address: Address, slot: U256) -> B256 {
        let Place::App(contract) = self.place(chain, block, address) else {
            return B256::ZERO;
        };
        let flags_slot = if contract.generation == Generation::V1 {
            2
        } else {
            1
        };
        if slot == U256::from_be_bytes(IMPLEMENTATION_SLOT.0) {
            contract.implementation.into_word()
        } else if slot == U256::from(flags_slot) {
            let flags =
                u64::from(contract.upgrades_disabled) | u64::from(contract.allow_any_device) << 8;
            B256::from(U256::from(flags))
        } else {
            B256::ZERO
        }
    }
}

/// A number, or one of the words. None if it is not there yet.
fn block_in(ledger: &Ledger, latest: u64, named: &Value) -> Result<Option<u64>, Failure> {
    // EIP-1898 names a block by an object.
    let named = match named {
        Value::Object(members) => members
            .get("blockNumber")
            .or_else(|| members.get("blockHash"))
            .ok_or_else(|| Failure::parameters("block is not named"))?,
        other => other,
    };
    Ok(match named.as_str() {
        Some("latest" | "pending") => Some(latest),
        Some("safe") => Some(latest.saturating_sub(SAFE)),
        Some("finalized") => Some(latest.saturating_sub(FINALIZED)),
        Some("earliest") => Some(0),
        Some(text) if text.len() == 66 => {
            let hash = hash_in(named)?;
            // Far more than anybody is behind.
            (latest.saturating_sub(MAX_HISTORY)..=latest)
                .find(|number| ledger.block_hash(*number) == hash)
        }
        _ => u64::try_from(number_in(named)?)
            .ok()
            .filter(|number| *number <= latest),
    })
}

fn attempt(call: &Value) -> Result<Attempt, Failure> {
    let member = |name: &str| call.get(name).filter(|value| !value.is_null());
    let to = member("to").ok_or_else(|| Failure::refused("contracts cannot be created here"))?;
    let input = member("input").or_else(|| member("data"));
    Ok(Attempt {
        from: member("from").map_or(Ok(Address::ZERO), address_in)?,
        to: address_in(to)?,
        input: input.map_or(Ok(Vec::new()), bytes_in)?,
        gas: member("gas")
            .map_or(Ok(U256::from(CALL_GAS)), number_in)?
            .saturating_to(),
        value: member("value").map_or(Ok(U256::ZERO), number_in)?,
    })
}

fn fee_history(ledger: &Ledger, latest: u64, given: &Parameters<'_>) -> Result<Value, Failure> {
    let count: u64 = given.number(0)?.saturating_to();
    let newest = block_in(ledger, latest, given.required(1)?)?
        .ok_or_else(|| Failure::refused("request beyond head block"))?;
    let count = count.clamp(1, MAX_HISTORY).min(newest + 1);
    let length = usize::try_from(count).unwrap_or_default();
    let mut history = json!({
        "oldestBlock": quantity(newest + 1 - count),
        "baseFeePerGas": vec![quantity(ledger.base_fee); length + 1],
        "gasUsedRatio": vec![0.25; length],
    });
    if let Some(Value::Array(percentiles)) = given.optional(2) {
        let tips = vec![quantity(ledger.tip); percentiles.len()];
        history["reward"] = vec![tips; length].into();
    }
    Ok(history)
}

fn logs(ledger: &Ledger, latest: u64, filter: &Value) -> Result<Value, Failure> {
    let member = |name: &str| filter.get(name).filter(|value| !value.is_null());
    let (first, last) = if let Some(hash) = member("blockHash") {
        let number =
            block_in(ledger, latest, hash)?.ok_or_else(|| Failure::refused("unknown block"))?;
        (number, number)
    } else {
        let end = |name: &str| -> Result<u64, Failure> {
            match member(name) {
                None => Ok(latest),
                // A range may end in a block that is not there yet.
                Some(named) => Ok(block_in(ledger, latest, named)?.unwrap_or(latest + 1)),
            }
        };
        (end("fromBlock")?, end("toBlock")?)
    };
    if first > last {
        return Err(Failure::parameters("invalid block range params"));
    }
    let addresses = match member("address") {
        None => Vec::new(),
        Some(Value::Array(several)) => several.iter().map(address_in).collect::<Result<_, _>>()?,
        Some(one) => vec![address_in(one)?],
    };
    let topics: Vec<Vec<B256>> = match member("topics") {
        None => Vec::new(),
        Some(Value::Array(places)) => places.iter().map(alternatives).collect::<Result<_, _>>()?,
        Some(_) => return Err(Failure::parameters("topics must be a list")),
    };
    let wanted = |mined: &Mined, place: usize| {
        let log = &mined.logs[place];
        let fits = |(wanted, place): (&Vec<B256>, usize)| {
            log.topics()
                .get(place)
                .is_some_and(|topic| wanted.is_empty() || wanted.contains(topic))
        };
        (addresses.is_empty() || addresses.contains(&log.address))
            && topics.iter().zip(0..).all(fits)
    };
    let found: Vec<Value> = ledger
        .between(first, last)
        .iter()
        .flat_map(|mined| {
            shapes::logs(ledger, mined)
                .enumerate()
                .filter(|(place, _)| wanted(mined, *place))
                .map(|(_, log)| log)
        })
        .collect();
    Ok(found.into())
}

/// What a topic may be: one, one of several, or anything, which is an empty list here.
fn alternatives(topic: &Value) -> Result<Vec<B256>, Failure> {
    match topic {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => list.iter().map(hash_in).collect(),
        one => Ok(vec![hash_in(one)?]),
    }
}
