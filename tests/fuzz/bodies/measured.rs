//! Evidence as if a machine had measured it: whatever log the input has, put beside a quote that its entries add up to.
//!
//! Counted here anew, from the words of the specification: without this no invented log would ever get past the first
//! question. It knows only the first recipe of digests, and gives up on logs that nothing could have measured.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha384};

/// The changes to a real machine's evidence; one of them holds its whole quote.
const CHANGES: &str = include_str!("../../vectors/attestation_changes.json");
const WITH_QUOTE: &str = "att-pub-008";

/// Offsets in a quote of version 4.
const MR_CONFIG_ID: usize = 232;
const RTMR0: usize = 376;
const REGISTER: usize = 48;

const RUNTIME_TYPE: u32 = 0x0800_0001;

/// A machine that never was.
pub struct Machine {
    /// The bundle, as JSON.
    pub bundle: Value,
    /// Name and contents of each entry of the operating system, to the end of the boot.
    pub boot: Vec<(String, Vec<u8>)>,
    /// What MRCONFIGID is: the first byte of it.
    pub form: u8,
}

/// The quote of a real machine.
pub fn quote() -> Vec<u8> {
    static QUOTE: OnceLock<Vec<u8>> = OnceLock::new();
    let read = || {
        let changes: Value = serde_json::from_str(CHANGES).expect("JSON");
        let mut vectors = changes["vectors"].as_array().expect("a list").iter();
        let vector = vectors.find(|vector| vector["id"] == WITH_QUOTE);
        let quote = &vector.expect("the vector")["changed"]["quote_hex"];
        hex::decode(quote.as_str().expect("a text")).expect("hex")
    };
    QUOTE.get_or_init(read).clone()
}

impl Machine {
    /// Measures the log in `tcb_info`, if it is one. `form`, where given, tells what the host fixes before the start.
    pub fn measure(members: &Map<String, Value>) -> Option<Self> {
        let tcb_info = members.get("tcb_info")?.as_object()?;
        let log = tcb_info.get("event_log")?.as_array()?;
        if log.is_empty() {
            return None;
        }
        let mut registers = [[0_u8; REGISTER]; 4];
        let mut boot = Some(Vec::new());
        let mut ended = Vec::new();
        for entry in log {
            let Entry {
                register,
                digest,
                said,
            } = Entry::read(entry)?;
            extend(registers.get_mut(register)?, &digest);
            if let Some((name, contents)) = said {
                if name == "system-ready" {
                    ended.extend(boot.take());
                }
                if let Some(boot) = &mut boot {
                    boot.push((name, contents));
                }
            }
        }
        let boot = boot.or(ended.pop())?;
        let mut quote = quote();
        for (register, number) in registers.iter().zip(0..) {
            let at = RTMR0 + number * REGISTER;
            quote[at..at + REGISTER].copy_from_slice(register);
        }
        let form = members.get("form").and_then(Value::as_u64).unwrap_or(0);
        let form = u8::try_from(form).ok()?;
        quote[MR_CONFIG_ID..MR_CONFIG_ID + REGISTER].fill(0);
        quote[MR_CONFIG_ID] = form;
        let fixed = fixed(form, &boot, members);
        quote[MR_CONFIG_ID + 1..][..32].copy_from_slice(&fixed);
        let mut members = members.clone();
        members.remove("instances");
        members.insert("quote".to_owned(), json!(hex::encode(quote)));
        let bundle = Value::Object(members);
        Some(Self { bundle, boot, form })
    }

    /// The value that the operating system wrote under this name, if it did so once.
    pub fn once(&self, name: &str) -> Option<&[u8]> {
        once(&self.boot, name)
    }

    /// Whether the log marks where the app's own entries begin.
    pub fn with_another_entry(&self) -> Value {
        let mut bundle = self.bundle.clone();
        if let Some(log) = bundle["tcb_info"]["event_log"].as_array_mut() {
            log.push(json!({ "imr": 3, "event_type": RUNTIME_TYPE, "event": "x" }));
        }
        bundle
    }
}

fn once<'b>(boot: &'b [(String, Vec<u8>)], name: &str) -> Option<&'b [u8]> {
    let mut found = boot.iter().filter(|(known, _)| known == name);
    match (found.next(), found.next()) {
        (Some((_, contents)), None) => Some(contents),
        _ => None,
    }
}

/// What the host fixed: the compose hash, or the hash of a text.
fn fixed(form: u8, boot: &[(String, Vec<u8>)], members: &Map<String, Value>) -> [u8; 32] {
    let hash = match form {
        1 => once(boot, "compose-hash").and_then(|hash| hash.try_into().ok()),
        3 => members
            .get("mr_config")
            .and_then(Value::as_str)
            .map(|text| {
                let prefixed = [b"dstack-mr-config-v3:\0", text.as_bytes()].concat();
                Sha256::digest(prefixed).into()
            }),
        _ => None,
    };
    hash.unwrap_or_default()
}

struct Entry {
    register: usize,
    digest: Vec<u8>,
    /// Name and contents, of the operating system's entries.
    said: Option<(String, Vec<u8>)>,
}

impl Entry {
    fn read(value: &Value) -> Option<Self> {
        let bytes = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::String(text)) => {
                let text = text.trim();
                hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()
            }
            Some(_) => None,
        };
        let name = match value.get("event") {
            None | Some(Value::Null) => String::new(),
            name => name?.as_str()?.to_owned(),
        };
        let kind = u32::try_from(value.get("event_type")?.as_u64()?).ok()?;
        let register = usize::try_from(value.get("imr")?.as_u64()?).ok()?;
        let (digest, contents) = (bytes("digest")?, bytes("event_payload")?);
        let version = value.get("version").filter(|version| !version.is_null());
        if register != 3 {
            let readable = version.is_none_or(Value::is_u64);
            return (digest.len() <= REGISTER && readable).then_some(Self {
                register,
                digest,
                said: None,
            });
        }
        let recipe = [&RUNTIME_TYPE.to_le_bytes()[..], name.as_bytes(), &contents];
        let computed = Sha384::digest(recipe.join(&b':')).to_vec();
        let is_first = version.is_none_or(|version| version.as_u64() == Some(1));
        let is_sound = digest.is_empty() || digest == computed;
        (kind == RUNTIME_TYPE && is_first && is_sound).then_some(Self {
            register,
            digest: computed,
            said: Some((name, contents)),
        })
    }
}

fn extend(register: &mut [u8; REGISTER], digest: &[u8]) {
    let mut filled = digest.to_vec();
    filled.resize(REGISTER, 0);
    *register = Sha384::digest([register.as_slice(), &filled].concat()).into();
}
