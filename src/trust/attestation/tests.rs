//! The questions, one by one, over evidence that was measured in a real machine.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

mod lines;
mod shapes;
mod vectors;

/// Offsets in a quote of version 4.
const TD_ATTRIBUTES: usize = 168;
const MR_CONFIG_ID: usize = 232;
const RTMR0: usize = 376;
const RTMR3: usize = 520;
const REPORT_DATA: usize = 568;

/// What the real machine was: an instance on Phala Cloud, September 2025.
const COMPOSE_HASH: &str = "12a20aed7d6c68601e9f6e108a93b4199ae7231684307ffc4833c9cd08d45de7";
const APP_ID: &str = "d35e277ab5ec51f71f5e395ab2e332ed8db5853a";
const INSTANCE_ID: &str = "4ee474f80e789d0a19c4177ded24e04419c9689f";
const DEVICE_ID: &str = "5805fc9fbab0eca7bc8358c3d4f01989638438a94160da8aae1c955224d9af4f";
const OLDER_DEVICE_ID: &str = "e5a0c70bb6503de2d31c11d85914fe3776ed5b33a078ed856327c371a60fe0fd";
const OS_IMAGE_HASH: &str = "2d24d302cc8686d6a0ece71a6afef55c506bc8591e3bcc1ec3eb5323d77582c4";

/// Evidence that a test may bend.
#[derive(Clone)]
struct Scene {
    quote: Vec<u8>,
    log: Value,
    document: String,
}

impl Scene {
    /// Put together from the committed changes: each leaves the other parts as they were.
    fn real() -> Self {
        let mut log = changed("att-pub-002", "event_log");
        entry(&mut log, "compose-hash")["event_payload"] = json!(COMPOSE_HASH);
        let quote = changed("att-pub-008", "quote_hex");
        let document = changed("att-pub-004", "app_compose");
        let mut scene = Self {
            quote: hex::decode(quote.as_str().unwrap()).unwrap(),
            document: document.as_str().unwrap().trim_end().to_owned(),
            log,
        };
        scene.measure();
        scene
    }

    fn json(&self) -> Value {
        json!({
            "quote": hex::encode(&self.quote),
            "tcb_info": { "event_log": self.log, "app_compose": self.document },
        })
    }

    fn bundle(&self) -> Bundle {
        parse(&self.json())
    }

    fn report(&self, expected: &Expected) -> Report {
        check(&self.bundle(), expected, None, 0)
    }

    fn set(&mut self, offset: usize, bytes: &[u8]) {
        self.quote[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    /// Lets the quote say what the log comes to, as if it had been measured like this.
    fn measure(&mut self) {
        let register = Log::read(&self.log).unwrap().runtime().unwrap();
        self.set(RTMR3, &register);
    }

    /// Changes the list of entries; digests are left out, so that only contents count.
    fn edit(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        let entries = self.log.as_array_mut().unwrap();
        for entry in entries.iter_mut().filter(|entry| entry["imr"] == 3) {
            entry["digest"] = json!("");
        }
        change(entries);
    }

    fn rename(&mut self, from: &str, to: &str) {
        self.edit(|_| {});
        entry(&mut self.log, from)["event"] = json!(to);
    }

    fn refill(&mut self, name: &str, contents: &[u8]) {
        self.edit(|_| {});
        entry(&mut self.log, name)["event_payload"] = json!(hex::encode(contents));
    }
}

/// The key provider that the real log names.
fn named_provider() -> KeyProvider {
    let mut log = changed("att-pub-002", "event_log");
    let contents = entry(&mut log, "key-provider")["event_payload"].clone();
    let contents = hex::decode(contents.as_str().unwrap()).unwrap();
    KeyProvider::read(&contents).unwrap()
}

fn changes() -> Value {
    serde_json::from_str(include_str!(
        "../../../tests/vectors/attestation_changes.json"
    ))
    .unwrap()
}

fn changed(id: &str, member: &str) -> Value {
    let changes = changes();
    let mut vectors = changes["vectors"].as_array().unwrap().iter();
    let vector = vectors.find(|vector| vector["id"] == id).unwrap();
    vector["changed"][member].clone()
}

fn entry<'l>(log: &'l mut Value, name: &str) -> &'l mut Value {
    let mut entries = log.as_array_mut().unwrap().iter_mut();
    entries.find(|entry| entry["event"] == name).unwrap()
}

fn runtime(name: &str, contents: &str) -> Value {
    json!({
        "imr": 3, "event_type": 134_217_729, "digest": "", "event": name, "event_payload": contents,
    })
}

fn parse(value: &Value) -> Bundle {
    Bundle::parse(value.to_string().as_bytes()).unwrap()
}

fn verdict(report: &Report, subject: Subject) -> Verdict {
    report.about(subject).unwrap().verdict
}

fn detail(report: &Report, subject: Subject) -> &str {
    &report.about(subject).unwrap().detail
}

/// All that is known of the real instance.
fn everything() -> Expected {
    Expected {
        compose_hash: Expected::read_hash(COMPOSE_HASH).ok(),
        app_id: Expected::read_id(APP_ID).ok(),
        instance_id: Expected::read_id(INSTANCE_ID).ok(),
        device_id: Expected::read_hash(DEVICE_ID).ok(),
        key_provider: Some(named_provider()),
        os_image_hash: Expected::read_hash(OS_IMAGE_HASH).ok(),
        certificate_key: None,
    }
}
