//! What an app's contract does when it is called: four generations of it, as they were deployed.

use alloy_primitives::{Address, B256, Log, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolInterface};

use super::{
    super::chain::{Contract, Generation},
    abi::DstackApp::{self, DstackAppCalls as Calls},
    evm::{Outcome, Revert},
};

const APP_AUTH: [u8; 4] = [0x1e, 0x07, 0x91, 0x98];
const BASIC_MANAGEMENT: [u8; 4] = [0x8f, 0xd3, 0x75, 0x27];
const ERC165: [u8; 4] = [0x01, 0xff, 0xc9, 0xa7];

/// Measured on the real contracts: an entry that is new, and one that was there already.
const NEW_ENTRY_GAS: u64 = 30_660;
const OLD_ENTRY_GAS: u64 = 10_760;
/// What the fourth generation's second event costs more.
const POLICY_EVENT_GAS: u64 = 2_400;

impl Contract {
    /// Runs one call. A refused one changes nothing.
    ///
    /// `implementations` is the code a proxy may be pointed to.
    pub(super) fn run(
        &mut self,
        from: Address,
        input: &[u8],
        implementations: &[Address],
    ) -> Result<Outcome, Revert> {
        let call = Calls::abi_decode(input).map_err(|_| Revert::silent())?;
        if !self.generation.has(&call) {
            return Err(Revert::silent());
        }
        if let Some(output) = self.read(&call) {
            return Ok(Outcome::answer(output));
        }
        let accepts = matches!(call, Calls::acceptOwnership(_));
        let entitled = if accepts {
            self.pending_owner
        } else {
            self.owner
        };
        if from != entitled {
            return Err(Revert::error(&DstackApp::OwnableUnauthorizedAccount {
                account: from,
            }));
        }
        self.write(from, call, implementations)
    }

    fn read(&self, call: &Calls) -> Option<Vec<u8>> {
        let flag = |value: bool| {
            // Every bool is encoded alike.
            DstackApp::allowAnyDeviceCall::abi_encode_returns(&value)
        };
        let account = |value: Address| DstackApp::ownerCall::abi_encode_returns(&value);
        Some(match call {
            Calls::owner(_) => account(self.owner),
            Calls::pendingOwner(_) => account(self.pending_owner),
            Calls::appId(_) => account(self.app_id),
            Calls::version(_) => DstackApp::versionCall::abi_encode_returns(&U256::from(2)),
            Calls::allowAnyDevice(_) => flag(self.allow_any_device),
            Calls::requireTcbUpToDate(_) => flag(self.require_tcb_up_to_date),
            Calls::allowedComposeHashes(call) => flag(self.hashes.contains(&call.composeHash)),
            Calls::allowedDeviceIds(call) => flag(self.devices.contains(&call.deviceId)),
            Calls::supportsInterface(call) => {
                flag([APP_AUTH, BASIC_MANAGEMENT, ERC165].contains(&call.interfaceId.0))
            }
            Calls::isAppAllowed(call) => {
                let refusal = self.refusal(&call.bootInfo);
                DstackApp::isAppAllowedCall::abi_encode_returns(&DstackApp::isAppAllowedReturn {
                    isAllowed: refusal.is_none(),
                    reason: refusal.unwrap_or_default().to_owned(),
                })
            }
            _ => return None,
        })
    }

    /// Why this guest gets no keys.
    pub(super) fn refusal(&self, guest: &super::abi::AppBootInfo) -> Option<&'static str> {
        if self.require_tcb_up_to_date && guest.tcbStatus != "UpToDate" {
            Some("TCB status is not up to date")
        } else if !self.hashes.contains(&guest.composeHash) {
            Some("Compose hash not allowed")
        } else if !self.allow_any_device && !self.devices.contains(&guest.deviceId) {
            Some("Device not allowed")
        } else {
            None
        }
    }

    fn write(
        &mut self,
        from: Address,
        call: Calls,
        implementations: &[Address],
    ) -> Result<Outcome, Revert> {
        let mut done = Deed::of(self, from);
        match call {
            Calls::addComposeHash(call) => {
                let hash = self.entry(call.composeHash, "invalid compose hash")?;
                done.is_new = self.hashes.insert(hash);
                done.tell(&DstackApp::ComposeHashAdded { composeHash: hash });
                done.policy("compose-hash", hash, true);
            }
            Calls::removeComposeHash(call) => {
                self.hashes.remove(&call.composeHash);
                done.tell(&DstackApp::ComposeHashRemoved {
                    composeHash: call.composeHash,
                });
                done.policy("compose-hash", call.composeHash, false);
            }
            Calls::addDevice(call) => {
                let device = self.entry(call.deviceId, "invalid device ID")?;
                done.is_new = self.devices.insert(device);
                done.tell(&DstackApp::DeviceAdded { deviceId: device });
                done.policy("device", device, true);
            }
            Calls::removeDevice(call) => {
                self.devices.remove(&call.deviceId);
                done.tell(&DstackApp::DeviceRemoved {
                    deviceId: call.deviceId,
                });
                done.policy("device", call.deviceId, false);
            }
            Calls::setAllowAnyDevice(DstackApp::setAllowAnyDeviceCall { allowAny }) => {
                self.allow_any_device = allowAny;
                done.tell(&DstackApp::AllowAnyDeviceSet { allowAny });
                done.policy("allow-any-device", B256::ZERO, allowAny);
            }
            Calls::setRequireTcbUpToDate(call) => {
                self.require_tcb_up_to_date = call.requireUpToDate;
                done.tell(&DstackApp::RequireTcbUpToDateSet {
                    requireUpToDate: call.requireUpToDate,
                });
                done.policy("require-tcb-up-to-date", B256::ZERO, call.requireUpToDate);
            }
            Calls::disableUpgrades(_) => {
                self.upgrades_disabled = true;
                done.tell(&DstackApp::UpgradesDisabled {});
                done.policy("upgrades-disabled", B256::ZERO, true);
            }
            Calls::upgradeToAndCall(call) => {
                self.upgrade(call.newImplementation, implementations, &mut done)?;
            }
            Calls::transferOwnership(call) => self.transfer(call.newOwner, &mut done)?,
            Calls::acceptOwnership(_) => self.hand_over(from, &mut done),
            Calls::renounceOwnership(_) => self.hand_over(Address::ZERO, &mut done),
            _ => return Err(Revert::silent()),
        }
        Ok(done.outcome())
    }

    /// Only the fourth generation refuses the empty entry.
    fn entry(&self, value: B256, refusal: &str) -> Result<B256, Revert> {
        if self.generation == Generation::V4 && value.is_zero() {
            return Err(Revert::because(refusal));
        }
        Ok(value)
    }

    fn upgrade(
        &mut self,
        implementation: Address,
        implementations: &[Address],
        done: &mut Deed,
    ) -> Result<(), Revert> {
        if self.upgrades_disabled {
            return Err(Revert::because("Upgrades are permanently disabled"));
        }
        if !implementations.contains(&implementation) {
            let refusal = DstackApp::ERC1967InvalidImplementation { implementation };
            return Err(Revert::error(&refusal));
        }
        self.implementation = implementation;
        done.policy("implementation-upgrade", implementation.into_word(), true);
        done.tell(&DstackApp::Upgraded { implementation });
        Ok(())
    }

    /// In two steps from the fourth generation on; before, at once and not to nobody.
    fn transfer(&mut self, to: Address, done: &mut Deed) -> Result<(), Revert> {
        if self.generation == Generation::V4 {
            self.pending_owner = to;
            done.tell(&DstackApp::OwnershipTransferStarted {
                previousOwner: self.owner,
                newOwner: to,
            });
        } else if to.is_zero() {
            return Err(Revert::error(&DstackApp::OwnableInvalidOwner { owner: to }));
        } else {
            self.hand_over(to, done);
        }
        Ok(())
    }

    fn hand_over(&mut self, to: Address, done: &mut Deed) {
        done.tell(&DstackApp::OwnershipTransferred {
            previousOwner: self.owner,
            newOwner: to,
        });
        self.owner = to;
        self.pending_owner = Address::ZERO;
    }

    /// Lets in the first device and hash it is made for, and tells what the proxy emits. Zeros are none.
    pub(super) fn birth(&mut self, device: B256, hash: B256) -> Vec<Log> {
        let mut done = Deed::of(self, self.factory);
        done.tell(&DstackApp::Upgraded {
            implementation: self.implementation,
        });
        if !device.is_zero() {
            self.devices.insert(device);
            done.tell(&DstackApp::DeviceAdded { deviceId: device });
            done.policy("device", device, true);
        }
        if !hash.is_zero() {
            self.hashes.insert(hash);
            done.tell(&DstackApp::ComposeHashAdded { composeHash: hash });
            done.policy("compose-hash", hash, true);
        }
        done.tell(&DstackApp::OwnershipTransferred {
            previousOwner: Address::ZERO,
            newOwner: self.owner,
        });
        done.tell(&DstackApp::Initialized { version: 1 });
        done.logs
    }
}

impl Generation {
    /// Whether this generation has the function.
    fn has(self, call: &Calls) -> bool {
        match call {
            Calls::appId(_) => self == Self::V1,
            Calls::supportsInterface(_) => self >= Self::V2,
            Calls::version(_) | Calls::requireTcbUpToDate(_) | Calls::setRequireTcbUpToDate(_) => {
                self >= Self::V3
            }
            Calls::pendingOwner(_) | Calls::acceptOwnership(_) => self >= Self::V4,
            _ => true,
        }
    }
}

/// What one write leaves behind.
struct Deed {
    contract: Address,
    generation: Generation,
    actor: Address,
    logs: Vec<Log>,
    is_new: bool,
}

impl Deed {
    fn of(contract: &Contract, actor: Address) -> Self {
        Self {
            contract: contract.address,
            generation: contract.generation,
            actor,
            logs: Vec::new(),
            is_new: false,
        }
    }

    fn tell(&mut self, event: &impl SolEvent) {
        self.logs.push(Log {
            address: self.contract,
            data: event.encode_log_data(),
        });
    }

    /// The fourth generation says everything a second time, in one form.
    fn policy(&mut self, policy: &str, value: B256, enabled: bool) {
        if self.generation == Generation::V4 {
            let (actor, policy) = (self.actor, keccak256(policy));
            self.tell(&DstackApp::PolicyChanged {
                actor,
                policy,
                value,
                enabled,
            });
        }
    }

    fn outcome(self) -> Outcome {
        let gas = if self.is_new {
            NEW_ENTRY_GAS
        } else {
            OLD_ENTRY_GAS
        };
        let more = if self.generation == Generation::V4 {
            POLICY_EVENT_GAS
        } else {
            0
        };
        Outcome {
            output: Vec::new(),
            logs: self.logs,
            gas: gas + more,
        }
    }
}
