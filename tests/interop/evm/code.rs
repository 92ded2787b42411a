//! Our own contracts, compiled once in this run, and what they are made of.

use std::sync::OnceLock;

use alloy_sol_types::{SolCall, SolValue, sol};
use phala_wizard::chain::{Address, U256};
use serde_json::Value;

use crate::packages::Packages;

sol! {
    interface Contracts {
        function initialize(address by, bool fixedCode, bool anyDevice, bool upToDate) external;
        function transferOwnership(address to) external;
        function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas,
            uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)
            external payable returns (bool success);
    }
}

/// What the compiler made of `contracts/`.
pub struct Code(Value);

/// How a contract begins.
#[derive(Default)]
pub struct Begun {
    pub owner: Address,
    pub fixed_code: bool,
    pub any_device: bool,
    pub up_to_date: bool,
}

impl Begun {
    pub fn call(&self) -> Vec<u8> {
        Contracts::initializeCall {
            by: self.owner,
            fixedCode: self.fixed_code,
            anyDevice: self.any_device,
            upToDate: self.up_to_date,
        }
        .abi_encode()
    }
}

impl Code {
    /// Compiled by whichever test comes first.
    pub fn compiled(packages: &Packages) -> &'static Self {
        static CODE: OnceLock<Code> = OnceLock::new();
        CODE.get_or_init(|| {
            let mut driver = packages.driver("contracts/compile.mjs");
            let output = driver.env("PACKAGES", packages.file("")).output().unwrap();
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{complaint}");
            let made: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(made["errors"].is_null(), "{}", made["errors"]);
            Self(made)
        })
    }

    pub fn app(&self) -> Vec<u8> {
        self.of("App.sol", "App")
    }

    pub fn stubborn(&self) -> Vec<u8> {
        self.of("App.sol", "Stubborn")
    }

    pub fn first(&self, owner: Address, app: Address, fixed_code: bool) -> Vec<u8> {
        let given = (owner, app, fixed_code).abi_encode_params();
        [self.of("First.sol", "First"), given].concat()
    }

    pub fn proxy(&self, implementation: Address, call: Vec<u8>) -> Vec<u8> {
        let call = alloy_primitives::Bytes::from(call);
        let given = (implementation, call).abi_encode_params();
        [self.of("Proxy.sol", "Proxy"), given].concat()
    }

    pub fn safe(&self, threshold: u64, owners: &[Address]) -> Vec<u8> {
        let given = (U256::from(threshold), owners.to_vec()).abi_encode_params();
        [self.of("Owners.sol", "Safe"), given].concat()
    }

    pub fn timelock(&self, delay: u64) -> Vec<u8> {
        let given = (U256::from(delay),).abi_encode_params();
        [self.of("Owners.sol", "Timelock"), given].concat()
    }

    fn of(&self, file: &str, name: &str) -> Vec<u8> {
        let code = &self.0["contracts"][file][name]["evm"]["bytecode"]["object"];
        hex::decode(code.as_str().unwrap()).unwrap()
    }
}

/// The call by which a Safe makes this one.
pub fn by_a_safe(to: Address, data: Vec<u8>) -> Vec<u8> {
    Contracts::execTransactionCall {
        to,
        value: U256::ZERO,
        data: data.into(),
        operation: 0,
        safeTxGas: U256::ZERO,
        baseGas: U256::ZERO,
        gasPrice: U256::ZERO,
        gasToken: Address::ZERO,
        refundReceiver: Address::ZERO,
        signatures: Vec::new().into(),
    }
    .abi_encode()
}

/// The call that offers a contract to somebody.
pub fn offered_to(to: Address) -> Vec<u8> {
    Contracts::transferOwnershipCall { to }.abi_encode()
}
