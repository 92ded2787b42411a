//! A key management service: its root key, the env keys of apps, and the signature over them.

use k256::ecdsa::SigningKey;
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{
    chain::{Generation, normal},
    message::{Reply, Request},
    mint::Mint,
    refusal::Refusal,
    scenario::KmsSpec,
    version::Version,
    world::{Answer, World, page},
};

/// DER of a P-256 public key up to its coordinates.
const P256_HEADER: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

/// One KMS node. Centralised if it has no chain.
pub(super) struct Kms {
    /// `kms_…`.
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) chain_id: Option<u64>,
    pub(super) contract: Option<String>,
    pub(super) gateway_app_id: Option<String>,
    pub(super) url: String,
    pub(super) version: String,
    /// `kc_…`: the contract, or what stands for one.
    pub(super) contract_id: String,
    /// The key of its certificate authority, as hex of the DER of a P-256 public key. Nobody holds its secret.
    pub(super) ca_public_key: String,
    /// Which release of the contracts it is, for its own and for those it makes.
    pub(super) generation: Generation,
    root: SigningKey,
    env_root: [u8; 32],
}

impl Kms {
    pub(super) fn new(slug: &str, spec: &KmsSpec, mint: &Mint) -> Self {
        let address = |what: &str| format!("0x{}", mint.hex(&format!("{what} of kms {slug}"), 20));
        Self {
            id: format!("kms_{}", mint.hex(&format!("kms {slug}"), 4)),
            slug: slug.to_owned(),
            chain_id: spec.chain_id,
            contract: spec.chain_id.map(|_| address("contract")),
            gateway_app_id: spec.chain_id.map(|_| address("gateway")),
            url: format!("https://kms.{slug}.example.invalid"),
            version: spec.version.clone(),
            contract_id: format!("kc_{}", mint.hex(&format!("contract id of kms {slug}"), 4)),
            ca_public_key: format!(
                "{P256_HEADER}{}{}",
                mint.hex(&format!("ca x of kms {slug}"), 32),
                mint.hex(&format!("ca y of kms {slug}"), 32)
            ),
            generation: spec.generation,
            root: signing_key(mint, &format!("root of kms {slug}")),
            env_root: mint.bytes(&format!("env root of kms {slug}")),
        }
    }

    pub(super) fn is_on_chain(&self) -> bool {
        self.chain_id.is_some()
    }

    /// The word of `kms_type`.
    pub(super) fn kind(&self) -> &'static str {
        match self.chain_id {
            None => "phala",
            Some(8453) => "base",
            Some(_) => "ethereum",
        }
    }

    /// Compressed secp256k1 key, hex without `0x`.
    pub(super) fn root_public_key(&self) -> String {
        hex::encode(self.root.verifying_key().to_sec1_point(true))
    }

    /// The app's X25519 secret: the same for the same app, for ever.
    pub(super) fn env_secret(&self, app_id: &str) -> StaticSecret {
        let mut hash = Keccak256::new();
        hash.update(self.env_root);
        hash.update(normal(app_id));
        hash.update("env-encrypt-key");
        StaticSecret::from(<[u8; 32]>::from(hash.finalize()))
    }

    /// Hex of the app's X25519 public key.
    pub(super) fn env_public_key(&self, app_id: &str) -> String {
        hex::encode(PublicKey::from(&self.env_secret(app_id)).as_bytes())
    }

    /// The legacy signature over an app's env key: r, s and recovery id over Keccak-256, hex of 65 bytes.
    fn signature(&self, app_id: &[u8; 20]) -> String {
        let public_key = PublicKey::from(&self.env_secret(&hex::encode(app_id)));
        let message = [
            b"dstack-env-encrypt-pubkey:",
            app_id.as_slice(),
            public_key.as_bytes(),
        ]
        .concat();
        let (signature, recovery) = self
            .root
            .sign_prehash_recoverable(&Keccak256::digest(&message));
        let mut bytes = signature.to_bytes().to_vec();
        bytes.push(recovery.to_byte());
        hex::encode(bytes)
    }

    /// Node shape of API versions before 2026-06-23. The null members must be present.
    pub(super) fn info(&self) -> Value {
        json!({
            "id": self.id,
            "slug": self.slug,
            "url": self.url,
            "version": self.version,
            "chain_id": self.chain_id,
            "kms_contract_address": self.contract,
            "gateway_app_id": self.gateway_app_id,
        })
    }
}

/// Endpoints under `/kms`.
impl World {
    /// Strict on the outside.
    pub(super) fn kms_list(&self, request: &Request) -> Answer {
        let wanted = request.flag("is_onchain")?;
        let shape = shape_at(Version::of(request));
        let items: Vec<Value> = self
            .kms
            .iter()
            .filter(|kms| wanted.is_none_or(|wanted| wanted == kms.is_on_chain()))
            .map(shape)
            .collect();
        Ok(Reply::json(200, &page(request, &items, 20, 100)?))
    }

    pub(super) fn kms_info(&self, name: &str, request: &Request) -> Answer {
        let shape = shape_at(Version::of(request));
        Ok(Reply::json(200, &shape(self.kms_named(name)?)))
    }

    /// Exactly two members: one more fails the official TypeScript client.
    pub(super) fn env_public_key(&self, name: &str, app_id: &str) -> Answer {
        let kms = self.kms_named(name)?;
        let id: [u8; 20] = hex::decode(normal(app_id))
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| Refusal::plain(400, "app_id must be 40 hex digits"))?;
        let answer = json!({
            "public_key": kms.env_public_key(&hex::encode(id)),
            "signature": kms.signature(&id),
        });
        Ok(Reply::json(200, &answer))
    }

    /// By id, slug, contract or type word.
    pub(super) fn kms_named(&self, name: &str) -> Result<&Kms, Refusal> {
        let is_contract = |kms: &Kms| {
            let same = |contract: &String| contract.eq_ignore_ascii_case(name);
            kms.contract_id == name || kms.contract.as_ref().is_some_and(same)
        };
        self.kms
            .iter()
            .find(|kms| {
                kms.id == name || kms.slug == name || kms.kind() == name || is_contract(kms)
            })
            .ok_or_else(|| Refusal::plain(404, "KMS not found"))
    }
}

/// Nodes, or from 2026-06-23 on the contracts behind them.
fn shape_at(version: Version) -> fn(&Kms) -> Value {
    if version >= Version::V20260623 {
        Kms::contract_shape
    } else {
        Kms::info
    }
}

/// A secp256k1 key that follows from the seed.
pub(super) fn signing_key(mint: &Mint, label: &str) -> SigningKey {
    // All but a handful of 32-byte strings are valid keys, so the first try nearly always is the last.
    let mut tries = 0_u32..;
    loop {
        let attempt = format!("{label} {:?}", tries.next());
        if let Ok(key) = SigningKey::from_slice(&mint.bytes(&attempt)) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

    use super::*;

    #[test]
    fn the_signature_recovers_the_root_key() {
        let spec = KmsSpec {
            chain_id: Some(8453),
            version: String::new(),
            generation: Generation::V3,
        };
        let kms = Kms::new("base", &spec, &Mint::new(1));
        let app_id = [9; 20];
        let bytes = hex::decode(kms.signature(&app_id)).unwrap();
        assert_eq!(bytes.len(), 65);
        let key = hex::decode(kms.env_public_key(&hex::encode(app_id))).unwrap();
        let digest = Keccak256::new_with_prefix(b"dstack-env-encrypt-pubkey:")
            .chain_update(app_id)
            .chain_update(&key)
            .finalize();
        let signer = VerifyingKey::recover_from_prehash(
            &digest,
            &Signature::from_slice(&bytes[..64]).unwrap(),
            RecoveryId::from_byte(bytes[64]).unwrap(),
        )
        .unwrap();
        assert_eq!(
            hex::encode(signer.to_sec1_point(true)),
            kms.root_public_key()
        );
    }

    #[test]
    fn every_app_has_a_key_of_its_own() {
        let spec = KmsSpec {
            chain_id: None,
            version: String::new(),
            generation: Generation::V3,
        };
        let kms = Kms::new("phala", &spec, &Mint::new(1));
        assert_ne!(
            kms.env_public_key(&"1".repeat(40)),
            kms.env_public_key(&"2".repeat(40))
        );
        assert_eq!(kms.env_public_key("0xAB"), kms.env_public_key("ab"));
    }
}
