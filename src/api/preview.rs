//! The creating request as it will be sent, for eyes and clipboards.
//!
//! What is previewed and what is sent come from the same two functions, [`body`] and [`headers`]. Nothing here can
//! send, and no key passes through: only its last characters do.

use super::DEFAULT_BASE;
use super::types::{CreateBody, Keeper, KmsChain, NewApp, Plan};
use crate::http::USER_AGENT;
use crate::shown::Shown;

/// The API version whose shapes we read.
pub const API_VERSION: &str = "2026-01-21";

/// Name of the header that carries the key.
pub const KEY_HEADER: &str = "X-API-Key";

/// Name of the header that asks to prepare and not create; its only value is `true`.
pub const PREPARE_HEADER: &str = "X-Prepare-Only";

/// Where the official tools, and our commands for the clipboard, find the key.
const KEY_VARIABLE: &str = "PHALA_CLOUD_API_KEY";

/// What decides on the headers of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Headers {
    /// Whether there is a body.
    pub body: bool,
    /// Whether it asks to prepare only.
    pub prepare: bool,
    /// Whether a stream of events is wanted.
    pub stream: bool,
    /// Whose shapes are wanted.
    pub version: Version,
}

/// A version of the API (2), by what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// The one whose shapes we read.
    #[default]
    Ours,
    /// The older one, whose description of an instance alone names the address of the VM's logs (9.6).
    OfLogs,
}

impl Version {
    /// As the header names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ours => API_VERSION,
            Self::OfLogs => "2025-10-28",
        }
    }
}

/// Name and value of each header, beside the key and what HTTP itself adds.
pub fn headers(which: Headers) -> Vec<(&'static str, &'static str)> {
    let mut list = vec![("X-Phala-Version", which.version.word())];
    if which.prepare {
        list.push((PREPARE_HEADER, "true"));
    }
    if which.body {
        list.push(("Content-Type", "application/json"));
    }
    if which.stream {
        list.extend([
            ("Accept", "text/event-stream"),
            ("Cache-Control", "no-cache"),
        ]);
    } else {
        list.push(("Accept", "application/json"));
    }
    list.push(("User-Agent", USER_AGENT));
    list
}

/// The body of the creating request, as it goes over the wire.
pub fn body(plan: &Plan) -> String {
    // A struct of texts and numbers always has a JSON form.
    serde_json::to_string(&plan.body()).unwrap_or_default()
}

/// The creating request, as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPreview {
    /// `POST`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Every header, the key masked to its tail.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte. Data: not yet made safe to show.
    pub body: String,
    plan: Plan,
    base: String,
}

/// What [`Client::prepare`](super::client::Client::prepare) will send to this base address for this plan.
///
/// `key_tail` is what may be shown of the key ([`Secret::tail`](crate::secret::Secret::tail)).
pub fn preview(base: &str, plan: &Plan, key_tail: &str) -> RequestPreview {
    let base = base.trim_end_matches('/');
    let body = body(plan);
    let which = Headers {
        body: true,
        prepare: !plan.is_new_app(),
        ..Headers::default()
    };
    let mut list = vec![(KEY_HEADER.to_owned(), key_tail.to_owned())];
    list.extend(
        headers(which)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    list.push(("Content-Length".to_owned(), body.len().to_string()));
    RequestPreview {
        method: "POST",
        url: format!("{base}{}", plan.path()),
        headers: list,
        body,
        plan: plan.clone(),
        base: base.to_owned(),
    }
}

impl RequestPreview {
    /// The body indented, one line per field, made safe to show.
    pub fn pretty(&self) -> Shown {
        let pretty = serde_json::to_string_pretty(&self.plan.body()).unwrap_or_default();
        Shown::text(&pretty)
    }

    /// The same request for curl in any POSIX shell.
    ///
    /// The key comes from the environment by a here-document, and the body by a pipe: neither stands among the
    /// arguments of a process, and a body may be longer than an argument could be.
    pub fn as_curl(&self) -> String {
        let mut lines = vec![
            format!("printf '%s' {} |", quoted(&self.body)),
            format!("curl --request {} {} \\", self.method, quoted(&self.url)),
        ];
        for (name, value) in &self.headers {
            // curl counts the bytes itself, and the key is not ours to write down.
            if name != KEY_HEADER && name != "Content-Length" {
                lines.push(format!(
                    "  --header {} \\",
                    quoted(&format!("{name}: {value}"))
                ));
            }
        }
        lines.push("  --header @/dev/fd/3 --data-binary @- 3<<END".to_owned());
        lines.push(format!("{KEY_HEADER}: ${KEY_VARIABLE}"));
        lines.push("END".to_owned());
        lines.join("\n")
    }

    /// The nearest command of the official tool. It reads files, and encrypts the env file itself.
    ///
    /// A part of the plan without a path gets the name that such a file usually has.
    pub fn as_official_cli(
        &self,
        compose_path: Option<&str>,
        env_path: Option<&str>,
        script_path: Option<&str>,
    ) -> String {
        let plan = &self.plan;
        let mut words = Vec::new();
        if self.base != DEFAULT_BASE {
            words.push(format!("PHALA_CLOUD_API_PREFIX={}", quoted(&self.base)));
        }
        match plan.new_app() {
            None => words.push(format!("phala instances add --app-id {}", plan.app)),
            Some(app) => words.extend(deploy(plan, app)),
        }
        if let Some(node) = plan.node {
            words.push(format!("--node-id {node}"));
        }
        let names = plan.new_app().map_or(0, |app| app.env_names.len());
        let has_values = plan.env.is_some() || names > 0;
        let files = [
            (
                "-c",
                plan.compose.is_some(),
                compose_path,
                "docker-compose.yml",
            ),
            (
                "--pre-launch-script",
                plan.script.is_some(),
                script_path,
                "pre-launch.sh",
            ),
            ("-e", has_values, env_path, ".env"),
        ];
        for (option, planned, path, usual) in files {
            if planned {
                words.push(format!("{option} {}", file_argument(path.unwrap_or(usual))));
            }
        }
        if let Some(revision) = plan.revision {
            words.push(format!("--compose-hash {revision}"));
        }
        if !plan.is_new_app() {
            words.push("--prepare-only".to_owned());
        }
        words.join(" ")
    }
}

/// How the official tool is told to make the same new app. It provisions and creates in one go, without asking.
fn deploy(plan: &Plan, app: &NewApp) -> Vec<String> {
    let mut words = vec![
        "phala deploy".to_owned(),
        format!("-n {}", file_argument(plan.name.as_str())),
        format!(
            "--kms {}",
            app.keeper.chain().map_or("phala", KmsChain::word)
        ),
        format!("-t {}", file_argument(&app.size)),
    ];
    words.extend(app.disk_gb.map(|gb| format!("-d {gb}")));
    words.push("--no-dev-os".to_owned());
    if let Keeper::Phala { nonce } = app.keeper {
        words.push(format!("--custom-app-id {} --nonce {nonce}", plan.app));
    }
    words
}

/// The body of the request that follows a provision, for eyes: what is not known before stands there in words.
pub fn creation(plan: &Plan, hash: &str, values: Option<&str>) -> String {
    let body = CreateBody::new(plan.app, hash.to_owned(), values);
    if plan.kms_chain().is_none() {
        return serde_json::to_string_pretty(&body).unwrap_or_default();
    }
    let mut body = serde_json::to_value(&body).unwrap_or_default();
    body["app_id"] = "(the address of its contract)".into();
    body["kms_id"] = "(as the provision names it)".into();
    body["contract_address"] = "(the address of its contract)".into();
    body["deployer_address"] = "(the owner of that contract)".into();
    serde_json::to_string_pretty(&body).unwrap_or_default()
}

/// One word for any POSIX shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A path that cannot be taken for an option.
fn file_argument(path: &str) -> String {
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    match (path.starts_with('-'), plain) {
        (true, _) => quoted(&format!("./{path}")),
        (false, true) => path.to_owned(),
        (false, false) => quoted(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::{AppId, ComposeHash, NodeId};

    const APP: &str = "09cef33ca9c6e4f2b1d5a7c3e8f0b2a4d6e8f1c3";

    fn plan() -> Plan {
        Plan {
            app: AppId::parse(APP).expect("an app id"),
            name: "orders".into(),
            node: Some(NodeId(12)),
            revision: None,
            compose: Some(
                "services:\n  web:\n    image: 'it''s'\n    command: $HOME `id` \\n %s\n"
                    .to_owned(),
            ),
            env: Some("00ff".to_owned()),
            script: Some("#!/bin/sh\necho \"don't\"\r\nEND\n".to_owned()),
            making: crate::api::types::Making::Instance,
        }
    }

    #[test]
    fn a_shell_hands_curl_exactly_the_body() {
        let preview = preview(DEFAULT_BASE, &plan(), "****6789");
        let curl = preview.as_curl();
        let command = curl.split("3<<END").next().expect("a command");
        let words = shell_words::split(command).expect("words");
        assert_eq!(words[..2], ["printf", "%s"]);
        assert_eq!(words[2], body(&plan()));
        assert!(words.contains(&"X-Prepare-Only: true".to_owned()));
        assert!(words.contains(&preview.url));
        assert!(curl.ends_with("\nX-API-Key: $PHALA_CLOUD_API_KEY\nEND"));
        assert!(!curl.contains("6789"), "not even the tail of the key");
    }

    #[test]
    fn the_preview_says_what_is_sent() {
        let preview = preview("http://127.0.0.1:1/api/v1/", &plan(), "****6789");
        assert_eq!(preview.method, "POST");
        assert_eq!(
            preview.url,
            format!("http://127.0.0.1:1/api/v1/apps/{APP}/instances")
        );
        assert_eq!(preview.body, body(&plan()));
        let header = |name: &str| {
            let found = preview.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(header("X-API-Key"), Some("****6789"));
        assert_eq!(header("X-Prepare-Only"), Some("true"));
        assert_eq!(header("X-Phala-Version"), Some("2026-01-21"));
        assert_eq!(
            header("Content-Length"),
            Some(preview.body.len().to_string().as_str())
        );
    }

    #[test]
    fn the_body_is_indented_for_eyes_only() {
        let preview = preview(DEFAULT_BASE, &plan(), "");
        let pretty = preview.pretty();
        assert!(pretty.as_str().starts_with("{\n  \"node_id\": 12,\n"));
        let again: serde_json::Value = serde_json::from_str(pretty.as_str()).expect("JSON");
        assert_eq!(again.to_string().len(), preview.body.len());
    }

    #[test]
    fn the_official_command_names_files_and_the_base() {
        let paths = (Some("my files/it's.yml"), None, Some("-x.sh"));
        let preview = preview("http://127.0.0.1:1/api/v1", &plan(), "");
        let command = preview.as_official_cli(paths.0, paths.1, paths.2);
        let words = shell_words::split(&command).expect("words");
        let expected = [
            "PHALA_CLOUD_API_PREFIX=http://127.0.0.1:1/api/v1",
            "phala",
            "instances",
            "add",
            "--app-id",
            APP,
            "--node-id",
            "12",
            "-c",
            "my files/it's.yml",
            "--pre-launch-script",
            "./-x.sh",
            "-e",
            ".env",
            "--prepare-only",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn a_plan_that_changes_nothing_sends_an_empty_object() {
        let revision = ComposeHash::parse(&"ab".repeat(32));
        let bare = Plan {
            node: None,
            compose: None,
            env: None,
            script: None,
            ..plan()
        };
        assert_eq!(body(&bare), "{}");
        let chosen = Plan { revision, ..bare };
        let command = preview(DEFAULT_BASE, &chosen, "").as_official_cli(None, None, None);
        let hash = "ab".repeat(32);
        assert_eq!(
            command,
            format!("phala instances add --app-id {APP} --compose-hash {hash} --prepare-only")
        );
    }
}
