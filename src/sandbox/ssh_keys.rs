//! SSH keys of the user. The sandbox reaches no GitHub, so imports from there find nothing.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    message::{Reply, Request},
    moment::Moment,
    refusal::Refusal,
    world::{Answer, World},
};

pub(super) struct SshKey {
    number: u64,
    name: String,
    pub(super) public_key: String,
    /// As `ssh-keygen -l` prints it.
    fingerprint: String,
    kind: String,
    added_at: Moment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: Option<String>,
    public_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GithubProfile {
    github_username: Option<String>,
}

impl World {
    /// A bare list.
    pub(super) fn ssh_key_list(&self) -> Reply {
        let rows: Value = self.ssh_keys.iter().map(|key| self.ssh_key(key)).collect();
        Reply::json(200, &rows)
    }

    pub(super) fn add_ssh_key(&mut self, request: &Request) -> Answer {
        let NewKey { name, public_key } = request.json()?;
        let name = name.ok_or_else(|| Refusal::missing("name"))?;
        let public_key = public_key.ok_or_else(|| Refusal::missing("public_key"))?;
        let mut words = public_key.split_whitespace();
        let kind = words.next().unwrap_or_default().to_owned();
        let blob = words.next().and_then(|text| STANDARD.decode(text).ok());
        let blob = blob
            .filter(|_| !kind.is_empty())
            .ok_or_else(|| Refusal::value("public_key", "not an OpenSSH public key"))?;
        let key = SshKey {
            number: self.next_number(),
            name,
            fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob))),
            kind: kind.trim_start_matches("ssh-").to_owned(),
            public_key: public_key.trim().to_owned(),
            added_at: self.now,
        };
        let row = self.ssh_key(&key);
        self.ssh_keys.push(key);
        Ok(Reply::json(201, &row))
    }

    pub(super) fn delete_ssh_key(&mut self, id: &str) -> Answer {
        let place = self
            .ssh_keys
            .iter()
            .position(|key| key_id(key) == id)
            .ok_or_else(|| Refusal::plain(404, "SSH key not found"))?;
        self.ssh_keys.remove(place);
        Ok(Reply::nothing())
    }

    fn ssh_key(&self, key: &SshKey) -> Value {
        json!({
            "id": key_id(key),
            "user_id": self.user_ref()["id"],
            "name": key.name,
            "public_key": key.public_key,
            "fingerprint": key.fingerprint,
            "key_type": key.kind,
            "source": "manual",
            "key_metadata": null,
            "last_synced_at": null,
            "created_at": key.added_at.iso(),
            "updated_at": key.added_at.iso(),
        })
    }
}

/// Nothing is found, whoever is asked for.
pub(super) fn import(request: &Request) -> Answer {
    let GithubProfile { github_username } = request.json()?;
    let answer = json!({
        "github_username": github_username.ok_or_else(|| Refusal::missing("github_username"))?,
        "keys_added": 0,
        "keys_skipped": 0,
        "errors": ["The sandbox does not reach GitHub"],
    });
    Ok(Reply::json(200, &answer))
}

pub(super) fn sync() -> Reply {
    let answer = json!({
        "synced_count": 0,
        "keys_added": 0,
        "keys_updated": 0,
        "keys_removed": 0,
        "errors": [],
    });
    Reply::json(200, &answer)
}

fn key_id(key: &SshKey) -> String {
    format!("key_{}", key.number)
}
