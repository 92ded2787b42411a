//! A node of the app's chain, and a key of this machine, as the wizard's questions meet them.

use phala_wizard::api::types::TransactionHash;
use phala_wizard::chain::contract::{Allowed, Generation, Owner, Reading};
use phala_wizard::chain::examination::Examination;
use phala_wizard::chain::founding::FoundApp;
use phala_wizard::chain::kms::KmsKeys;
use phala_wizard::chain::revert::Revert;
use phala_wizard::chain::transaction::{Standing, Tracked};
use phala_wizard::chain::{Address, U256};
use phala_wizard::wizard::event::{Answer, Broadcast, Request};
use phala_wizard::wizard::keys::{FoundKey, KeySource, Opened};

/// The account of the key.
pub const ACCOUNT: Address = Address::repeat_byte(0x9a);

/// One node, which has the last word on nothing.
#[derive(Debug, Clone)]
pub struct Node {
    /// Who owns the contract.
    pub owner: Owner,
    /// How every transaction fares.
    pub standing: Standing,
}

impl Node {
    /// The answer to a question about the chain; `None` where it is none.
    pub fn answer(&self, request: &Request, hash: bool, device: bool) -> Option<Answer> {
        let allowed = Allowed {
            block: 51_375_546,
            hash: Some(hash),
            device: Some(device),
            any_device: false,
        };
        Some(match request {
            Request::ReadContract { at, .. } => {
                let reading = Reading {
                    block_time: 0,
                    generation: Generation::V3,
                    implementation: Some(Address::repeat_byte(2)),
                    upgrades_disabled: false,
                    owner: self.owner.clone(),
                    pending_owner: None,
                    tcb_required: None,
                    allowed,
                };
                Answer::Contract(at.iter().map(|at| (*at, Ok(reading.clone()))).collect())
            }
            Request::ReadAllowed { at, .. } => {
                Answer::Allowed(at.iter().map(|at| (*at, Ok(allowed))).collect())
            }
            Request::FindRegistration { .. } => Answer::Registration(Ok(None)),
            // Of the KMS that keeps the keys of new apps alone.
            Request::KmsKeys { contract, .. }
                if contract.as_str().to_lowercase().ends_with(&"2f".repeat(20)) =>
            {
                Answer::KmsKeys(Ok(KmsKeys {
                    signer: [2; 33],
                    ca: Vec::new(),
                    block: 51_375_545,
                }))
            }
            Request::FindApp {
                wanted,
                transaction,
                ..
            } => Answer::AppFound(Ok(transaction.map(|transaction| {
                Box::new(FoundApp {
                    app: Address::repeat_byte(0x3d),
                    owner: wanted.owner,
                    deployer: ACCOUNT,
                    transaction,
                    block: 51_375_549,
                })
            }))),
            Request::FindKeys => Answer::Keys(vec![FoundKey {
                source: KeySource::Environment,
                name: "PRIVATE_KEY".into(),
                address: Some(ACCOUNT),
            }]),
            Request::OpenKey { .. } => Answer::KeyOpened(Ok(Opened {
                address: ACCOUNT,
                remarks: vec![
                    "PRIVATE_KEY is in the environment, where your other programs can read it"
                        .into(),
                ],
            })),
            Request::Examine { calls, .. } => {
                let owns = self.owner == Owner::Wallet(ACCOUNT);
                let refused = || Revert::told("OwnableUnauthorizedAccount(0x9a9a..)");
                let gas = |call: &_| (*call, if owns { Ok(51_900) } else { Err(refused()) });
                Answer::Examined(Ok(Box::new(Examination {
                    from: ACCOUNT,
                    block: 51_375_547,
                    block_time: 0,
                    owner: self.owner.clone(),
                    balance: U256::from(4_200_000_000_000_000_u64),
                    nonce: 7,
                    pending: 7,
                    base_fee: 5_000_000,
                    tip: 1_000_000,
                    calls: calls.iter().map(gas).collect(),
                })))
            }
            Request::Sign {
                call, transaction, ..
            } => Answer::Signed(Ok(Box::new(Broadcast {
                call: *call,
                transaction: Tracked {
                    chain_id: transaction.chain_id,
                    hash: TransactionHash::from([0x77; 32]),
                    from: ACCOUNT,
                    nonce: transaction.nonce,
                    to: transaction.to,
                    input: transaction.input.clone(),
                },
                taken: Ok(()),
            }))),
            Request::Follow { transactions, .. } => {
                let stands = transactions.iter();
                let stands = stands.map(|it| (it.hash, Ok(self.standing.clone())));
                Answer::Followed(stands.collect())
            }
            _ => return None,
        })
    }
}
