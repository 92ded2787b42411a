//! What the tests of steps 4 and 5 share: facts to start from, and a page as its words.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use crate::api::types::{App, AppId, Document, EnvKeyAnswer, KmsKind};
use crate::shown::Shown;
use crate::wizard::facts::{Facts, Load};
use crate::wizard::page::{Block, Line, Page};

/// A value that must never be seen unless it is asked for.
pub const CANARY: &str = "canary-5f1e";
/// A usable X25519 public key (RFC 7748, 6.1).
pub const KEY: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

/// An app that lets these names through, and whose compose file uses none.
pub fn facts(allowed: &[&str]) -> Facts {
    facts_with("services: {}\n", Some(allowed), None)
}

/// An app of which the service does not say which names it lets through.
pub fn facts_unsure(compose: &str) -> Facts {
    facts_with(compose, None, None)
}

/// An app with a usable key and this live revision.
pub fn facts_with(compose: &str, allowed: Option<&[&str]>, script: Option<&str>) -> Facts {
    let app = App {
        id: AppId::find(&"ab".repeat(20)).unwrap(),
        name: Shown::line("orders-api"),
        kms: KmsKind::Central,
        created_at: None,
        instances: Vec::new(),
        instance_count: None,
    };
    let mut facts = Facts::default();
    facts.look_at(&app);
    let document = Document {
        compose: compose.to_owned(),
        script: script.map(str::to_owned),
        allowed_envs: allowed.map(|names| names.iter().map(ToString::to_string).collect()),
        stored: None,
    };
    facts.app.as_mut().unwrap().document = Load::Here(Arc::new(document));
    with_key(facts, KEY, None)
}

/// The same with another key.
pub fn with_key(mut facts: Facts, key: &str, signature: Option<&str>) -> Facts {
    facts.app.as_mut().unwrap().env_key = Load::Here(EnvKeyAnswer {
        public_key: Shown::line(key),
        signature: signature.map(Shown::line),
    });
    facts
}

/// The keys that type this text.
pub fn typing(text: &str) -> impl Iterator<Item = KeyEvent> {
    text.chars().map(|c| KeyEvent::from(KeyCode::Char(c)))
}

/// Everything a page says.
pub fn words(page: &Page) -> String {
    let mut lines = Vec::new();
    for block in &page.main {
        match block {
            Block::Text(text) => lines.push(words_of(text)),
            Block::List(list) => {
                for index in 0..list.len {
                    let cells: Vec<String> =
                        (list.row)(index).cells.iter().map(Line::words).collect();
                    lines.push(cells.join("  "));
                }
                if list.len == 0 {
                    lines.push(words_of(&list.empty));
                }
            }
            Block::Editor(editor) => lines.push(editor.lines().join("\n")),
            Block::Field { label, field } if field.is_hidden() => {
                lines.push(format!("{label}: hidden"));
            }
            Block::Field { label, field } => lines.push(format!("{label}: {}", field.text())),
            Block::Buttons(labels, _) | Block::Tabs(labels, _) => lines.push(labels.join("  ")),
            Block::Log(log) => lines.extend((0..log.len).map(|row| (log.row)(row).words())),
        }
    }
    lines.push(words_of(&page.side));
    lines.push(page.note.words());
    lines.join("\n")
}

/// Everything these lines say.
pub fn words_of(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(Line::words).collect();
    lines.join("\n")
}
