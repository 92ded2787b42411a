//! App ids of a centralised KMS: addresses of contracts that the workspace's wallet would create, nonce by nonce.

use serde_json::{Value, json};
use sha3::{Digest, Keccak256};

use super::{
    chain::normal,
    message::{Reply, Request},
    refusal::{APP_ID_TAKEN, INVALID_PARAMETERS, Refusal},
    world::{Answer, World},
};

impl World {
    /// The ids the next apps will have, with the nonces they follow from.
    pub(super) fn next_app_ids(&self, request: &Request) -> Answer {
        let counts = request.number("counts", 1, &(1..=20))?;
        let first = self.next_nonce();
        let ids: Value = (first..first + counts)
            .map(|nonce| json!({ "app_id": self.contract_address(nonce), "nonce": nonce }))
            .collect();
        Ok(Reply::json(200, &json!({ "app_ids": ids })))
    }

    /// The id of the next app, or the one asked for if it belongs to the nonce that comes with it.
    pub(super) fn promised_app_id(
        &self,
        wanted: Option<&str>,
        nonce: Option<u64>,
    ) -> Result<String, Refusal> {
        let refuse = |message: &str| Refusal::coded(INVALID_PARAMETERS, message);
        match (wanted, nonce) {
            (None, None) => Ok(self.contract_address(self.next_nonce())),
            (Some(id), Some(nonce)) if normal(id) == self.contract_address(nonce) => {
                match self.app(id) {
                    Err(_) => Ok(normal(id)),
                    Ok(_) => Err(Refusal::coded(APP_ID_TAKEN, "The app id is in use")),
                }
            }
            (Some(_), Some(_)) => Err(refuse("The app id does not follow from this nonce")),
            _ => Err(refuse("An app id of one's own needs its nonce")),
        }
    }

    /// The first nonce whose app does not exist yet.
    fn next_nonce(&self) -> u64 {
        // Among one nonce more than there are apps, one is free.
        (0..=self.apps.len() as u64)
            .find(|nonce| self.app(&self.contract_address(*nonce)).is_err())
            .unwrap_or_default()
    }

    fn contract_address(&self, nonce: u64) -> String {
        let wallet = self.mint.bytes("wallet of the workspace");
        let mut address = [0; 20];
        address.copy_from_slice(&wallet[..20]);
        created_address(address, nonce)
    }
}

/// The address Ethereum gives to what this one creates with this nonce, hex without `0x`.
fn created_address(creator: [u8; 20], nonce: u64) -> String {
    let mut creation = vec![0x94];
    creation.extend(creator);
    // RLP: zero is the empty text, a small number stands for itself, another follows its length.
    let bytes = nonce.to_be_bytes();
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if let [small @ 1..=0x7f] = digits {
        creation.push(*small);
    } else {
        creation.extend(u8::try_from(digits.len()).map(|length| 0x80 + length));
        creation.extend(digits);
    }
    let mut list: Vec<u8> = Vec::new();
    list.extend(u8::try_from(creation.len()).map(|length| 0xc0 + length));
    list.extend(creation);
    hex::encode(&Keccak256::digest(&list)[12..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The best known example, of the account 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0.
    #[test]
    fn addresses_are_those_of_ethereum() {
        let creator = hex::decode("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0").unwrap();
        let creator: [u8; 20] = creator.try_into().unwrap();
        for (nonce, address) in [
            (0, "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
            (1, "343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
            (2, "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
            (3, "fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"),
        ] {
            assert_eq!(created_address(creator, nonce), address);
        }
        assert_ne!(created_address(creator, 127), created_address(creator, 128));
    }
}
