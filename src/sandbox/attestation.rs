//! Attestation bundles of the right shape, which prove nothing.
//!
//! No enclave stands behind them: registers are made up, certificates are described but do not exist, and where the
//! quote's signature would be there are zeros. What can be consistent is: the event log replays to RTMR3, its compose
//! hash is that of the document, the quote has the registers where TDX puts them, and the machine it names is that of
//! the node. A client that takes such a bundle for evidence has a hole in it.

use serde_json::{Value, json};
use sha2::{Digest, Sha384};

use super::{
    apps::App,
    chain::Contract,
    cvm::Cvm,
    kms::Kms,
    message::Reply,
    world::{Answer, World},
};

/// Runtime events of the guest.
const RUNTIME: u32 = 0x0800_0001;
/// Events of firmware and boot loader; their digests cannot be computed from what is told of them.
const BOOT_EVENT: u32 = 0x8000_0001;
/// What is measured before the guest writes a log of its own, with the register it goes into.
const BOOT_PARTS: [(usize, &str); 3] = [(0, "firmware"), (1, "kernel"), (2, "kernel command line")];
const OFFLINE: &str = "the instance cannot be reached";
/// Bytes of a quote up to the length of its signature: header 48, TDX 1.0 body 584.
const QUOTE_BODY: usize = 632;
/// What stands where Intel's certificates would be.
const NO_CERTIFICATES: &[u8] = b"This quote was made up by a sandbox: nobody vouches for it.";

/// Registers of one instance, with the events that made the last one.
struct Measured {
    mrtd: [u8; 48],
    rtmr: [[u8; 48]; 4],
    events: Vec<Value>,
}

impl World {
    pub(super) fn attestation(&self, id: &str) -> Answer {
        let (cvm, app) = self.cvm_and_app(id)?;
        let online = cvm.state(self.now).is_reachable();
        let open = online && cvm.document.flag("public_tcbinfo");
        let measured = self.measure(cvm, app);
        let answer = json!({
            "name": cvm.name,
            "is_online": online,
            "is_public": cvm.document.flag("public_tcbinfo"),
            "error": (!online).then_some(OFFLINE),
            "app_certificates": online.then(|| self.certificates(cvm, app, &measured)),
            "tcb_info": open.then(|| measured.tcb_info(cvm)),
            "compose_file": online.then(|| cvm.document.canonical()),
        });
        Ok(Reply::json(200, &answer))
    }

    /// All instances of an app at once; what is not running has nothing to show.
    pub(super) fn app_attestations(&self, id: &str) -> Answer {
        let app = self.app(id)?;
        let kms = self.kms_of(app);
        let instances: Vec<Value> = self
            .cvms_of(app)
            .map(|cvm| {
                let state = cvm.state(self.now);
                let online = state.is_reachable();
                let open = online && cvm.document.flag("public_tcbinfo");
                let measured = self.measure(cvm, app);
                let device = self.node(cvm.node).map(|node| node.device_id.as_str());
                json!({
                    "vm_uuid": cvm.vm_uuid,
                    "name": cvm.name,
                    "instance_id": cvm.known_instance_id(&state),
                    "status": state.status,
                    "image_version": cvm.image,
                    "quote": online.then(|| self.quote(cvm, &measured)),
                    "ppid": self.mint.hex(&format!("ppid of node {}", cvm.node), 16),
                    "device_id": device.unwrap_or_default(),
                    "tcb_info": open.then(|| measured.tcb_info(cvm)),
                    "app_certificates": online.then(|| self.certificates(cvm, app, &measured)),
                    "compose_file": online.then(|| cvm.document.canonical()),
                    "eventlog": if open { measured.events } else { Vec::new() },
                    "error": (!online).then_some(OFFLINE),
                })
            })
            .collect();
        let address = app.contract.as_ref().map(Contract::address);
        let answer = json!({
            "app_id": app.app_id,
            "contract_address": address.unwrap_or_default(),
            "kms_info": {
                "contract_address": kms.contract.as_deref().unwrap_or_default(),
                // Text to one official client and a number to the other: digits please both.
                "chain_id": kms.chain_id.map(|chain| chain.to_string()),
                "version": kms.version,
                "url": kms.url,
                "gateway_app_id": kms.gateway_app_id,
                "gateway_app_url": format!("https://gateway.{}.example.invalid", kms.slug),
                "kms_type": kms.kind(),
            },
            "instances": instances,
            "kms_guest_agent_info": null,
            "gateway_guest_agent_info": null,
            "qemu_version": "8.2.2",
        });
        Ok(Reply::json(200, &answer))
    }

    fn measure(&self, cvm: &Cvm, app: &App) -> Measured {
        let made_up = |what: &str| -> [u8; 48] {
            Sha384::digest(self.mint.bytes(&format!("{what} of {}", cvm.image))).into()
        };
        let state = cvm.state(self.now);
        let instance_id = cvm.known_instance_id(&state).unwrap_or_default();
        let mut measured = Measured {
            mrtd: made_up("mrtd"),
            rtmr: [[0; 48]; 4],
            events: Vec::new(),
        };
        for (register, part) in BOOT_PARTS {
            measured.extend(register, BOOT_EVENT, part, &[], made_up(part));
        }
        for (name, payload) in boot_events(self, cvm, self.kms_of(app), instance_id) {
            let digest = event_digest(name, &payload);
            measured.extend(3, RUNTIME, name, &payload, digest);
        }
        measured
    }

    /// The hash of what the guest was started from, as its hardware measured it.
    fn measured_hash(&self, cvm: &Cvm) -> Vec<u8> {
        let named = &self.scenario.rules.evidence_names;
        let hash = if named.is_empty() { &cvm.hash } else { named };
        hex::decode(hash).unwrap_or_default()
    }

    /// Leaf, the app's own authority, and the KMS: newest first, the first one with the quote.
    fn certificates(&self, cvm: &Cvm, app: &App, measured: &Measured) -> Vec<Value> {
        let kms = &self.kms_of(app).slug;
        let names = [
            format!("{}.sandbox.example.invalid", cvm.instance_id),
            format!("app {} of the sandbox", app.app_id),
            format!("KMS {kms} of the sandbox"),
        ];
        let booted = cvm.life.since;
        (0..names.len())
            .map(|place| {
                let name = &names[place];
                let issuer = names.get(place + 1).unwrap_or(name);
                let serial = format!("certificate {name}");
                json!({
                    "subject": {
                        "common_name": name,
                        "organization": "Sandbox",
                        "country": null,
                        "state": null,
                        "locality": null,
                    },
                    "issuer": {
                        "common_name": issuer,
                        "organization": "Sandbox",
                        "country": null,
                    },
                    "serial_number": self.mint.hex(&serial, 16),
                    "not_before": booted.iso(),
                    "not_after": booted.plus(365.0 * 86_400.0).iso(),
                    "version": "v3",
                    "fingerprint": self.mint.hex(&format!("{serial} fingerprint"), 32),
                    "signature_algorithm": "ecdsa-with-SHA256",
                    "sans": null,
                    "is_ca": place > 0,
                    "position_in_chain": place,
                    "quote": (place == 0).then(|| self.quote(cvm, measured)),
                    "app_id": (place < 2).then_some(&app.app_id),
                    "cert_usage": (place == 0).then_some("ratls"),
                })
            })
            .collect()
    }

    /// Hex of a version 4 TDX quote with every register in its place, and a signature of zeros.
    fn quote(&self, cvm: &Cvm, measured: &Measured) -> String {
        let mut quote = vec![0; QUOTE_BODY];
        let mut put = |at: usize, bytes: &[u8]| quote[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &4_u16.to_le_bytes());
        put(2, &2_u16.to_le_bytes());
        put(4, &0x81_u32.to_le_bytes());
        let machine = self.node(cvm.node).map(|node| node.user_data);
        put(28, &machine.unwrap_or_default());
        put(184, &measured.mrtd);
        // MRCONFIGID, first kind: the compose hash.
        put(232, &[1]);
        put(233, &self.measured_hash(cvm));
        for (place, register) in measured.rtmr.iter().enumerate() {
            put(376 + 48 * place, register);
        }
        put(
            568,
            &self.mint.bytes(&format!("report data of {}", cvm.number)),
        );
        quote.extend(counted(&unsigned()));
        hex::encode(quote)
    }
}

/// The part of a quote that would be the signature: right in shape, all zeros, and certificates that say what it is.
fn unsigned() -> Vec<u8> {
    // The report of the quoting enclave, its signature, no further data.
    let mut enclave = vec![0; 384 + 64 + 2];
    enclave.extend(5_u16.to_le_bytes());
    enclave.extend(counted(NO_CERTIFICATES));
    // A signature and the key it would be made with.
    let mut signature = vec![0; 64 + 64];
    signature.extend(6_u16.to_le_bytes());
    signature.extend(counted(&enclave));
    signature
}

/// Bytes after their number, 32 bits little-endian.
fn counted(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), bytes].concat()
}

impl Measured {
    /// Adds an event to the log, and its digest to the register it goes into.
    fn extend(&mut self, register: usize, kind: u32, name: &str, payload: &[u8], digest: [u8; 48]) {
        self.rtmr[register] = Sha384::new()
            .chain_update(self.rtmr[register])
            .chain_update(digest)
            .finalize()
            .into();
        self.events.push(json!({
            "imr": register,
            "event_type": kind,
            "digest": hex::encode(digest),
            "event": name,
            "event_payload": hex::encode(payload),
        }));
    }

    fn tcb_info(&self, cvm: &Cvm) -> Value {
        json!({
            "mrtd": hex::encode(self.mrtd),
            "rootfs_hash": null,
            "rtmr0": hex::encode(self.rtmr[0]),
            "rtmr1": hex::encode(self.rtmr[1]),
            "rtmr2": hex::encode(self.rtmr[2]),
            "rtmr3": hex::encode(self.rtmr[3]),
            "event_log": self.events,
            "app_compose": cvm.document.canonical(),
        })
    }
}

/// What a guest measures while it boots, in its order.
fn boot_events(
    world: &World,
    cvm: &Cvm,
    kms: &Kms,
    instance_id: &str,
) -> [(&'static str, Vec<u8>); 10] {
    let bytes = |text: &str| hex::decode(text).unwrap_or_default();
    let provider = format!(r#"{{"name":"kms","id":"{}"}}"#, kms.ca_public_key);
    [
        ("system-preparing", Vec::new()),
        ("app-id", bytes(&cvm.app_id)),
        ("compose-hash", world.measured_hash(cvm)),
        ("instance-id", bytes(instance_id)),
        ("boot-mr-done", Vec::new()),
        (
            "mr-kms",
            world
                .mint
                .bytes(&format!("mr of kms {}", kms.slug))
                .to_vec(),
        ),
        ("os-image-hash", bytes(&world.image_hash(&cvm.image))),
        ("key-provider", provider.into_bytes()),
        (
            "storage-fs",
            cvm.document.text("storage_fs").as_bytes().to_vec(),
        ),
        ("system-ready", Vec::new()),
    ]
}

/// SHA-384 over type, name and payload, as the guest computes it.
fn event_digest(name: &str, payload: &[u8]) -> [u8; 48] {
    Sha384::new()
        .chain_update(RUNTIME.to_le_bytes())
        .chain_update(":")
        .chain_update(name)
        .chain_update(":")
        .chain_update(payload)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests of a real guest's event log.
    #[test]
    fn digests_are_those_a_guest_computes() {
        assert_eq!(
            hex::encode(event_digest("system-preparing", &[])),
            "f9974020ef507068183313d0ca808e0d1ca9b2d1ad0c61f5784e7157c362c06536f5ddacdad4451693f48fcc72fff624"
        );
        let app_id = hex::decode("d35e277ab5ec51f71f5e395ab2e332ed8db5853a").unwrap();
        assert_eq!(
            hex::encode(event_digest("app-id", &app_id)),
            "d4819e15a2342ead8f8e76d1650054085dd466709b17901caf71870cfa6abecb4deffc799aaa6653f34069d9a03f6a58"
        );
    }
}
