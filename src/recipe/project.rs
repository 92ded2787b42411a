//! What the official CLI's `phala.toml` says of the same questions.
//!
//! It is not our file: names that are not known here are none of our business, and nothing is ever written to it.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::place::{Spot, Wrong};
use super::read::{parsed, path, word};

/// What the file is called.
pub const FILE: &str = "phala.toml";

/// What it says, as far as it concerns us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    /// What names the app.
    pub app: Option<String>,
    /// What names an instance, most exactly: its app, where nothing else does.
    pub instance: Option<String>,
    /// `compose_file`.
    pub compose: Option<PathBuf>,
    /// `env_file`.
    pub env: Option<PathBuf>,
}

impl Project {
    /// What a file in this folder says.
    ///
    /// # Errors
    ///
    /// It is no TOML, or something that is used here is not what it should be.
    pub fn read(text: &str, folder: &Path) -> Result<Self, Wrong> {
        Self::said(text, folder).map_err(|spot| spot.within(text))
    }

    fn said(text: &str, folder: &Path) -> Result<Self, Spot> {
        let file = parsed(text)?;
        let table = file.get_ref();
        let named = |name: &str| {
            let value = value(table, name);
            value.map(|value| word(name, value)).transpose()
        };
        let (app_id, id) = (named("app_id")?, named("id")?);
        let (uuid, name) = (named("uuid")?, named("name")?);
        // Bare, an instance's id has the form of an app's.
        let instance = named("instance_id")?.map(|id| {
            let bare = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            if bare {
                format!("instance_{id}")
            } else {
                id.to_owned()
            }
        });
        let file = |name: &str| {
            let value = value(table, name);
            value.map(|value| path(value, folder)).transpose()
        };
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        Ok(Self {
            app: own(app_id.or(uuid).or(id).or(name)),
            instance: own(uuid).or(instance).or(own(id.or(name).or(app_id))),
            compose: file("compose_file")?,
            env: file("env_file")?,
        })
    }
}

fn value<'v, 't>(
    table: &'v DeTable<'t>,
    name: &str,
) -> Option<&'v toml::Spanned<toml::de::DeValue<'t>>> {
    let (_, value) = table.iter().find(|(known, _)| known.get_ref() == name)?;
    Some(value)
}
