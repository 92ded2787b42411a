//! Every profile of this machine, without its key.

use std::path::Path;

use super::{Credentials, Environment, SCHEMA_VERSION, files, key, short};
use crate::api::DEFAULT_BASE;
use crate::http;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::signin::Profile;

impl Environment {
    /// Those of the official CLI's file, then those whose keys are in the keyring.
    pub(in crate::shell) fn profiles(&self) -> Result<Vec<Profile>, Shown> {
        let home = self.home.as_deref();
        let ours = self.in_keyring().filter(|path| path.exists());
        let kept = ours.as_deref().map_or(Ok(Vec::new()), |path| {
            list(path, current(path).as_deref(), true, home)
        })?;
        let ours_is_current = kept.iter().any(|profile| profile.is_current);
        let mut all = match self.file().filter(|path| path.exists()) {
            Some(path) => {
                let name = current(&path).filter(|_| !ours_is_current);
                list(&path, name.as_deref(), false, home)?
            }
            None => Vec::new(),
        };
        // One name, one profile: what was kept in the keyring is newer.
        all.retain(|profile| kept.iter().all(|it| it.key_name != profile.key_name));
        all.extend(kept);
        Ok(all)
    }
}

/// The profile that a file names as its current one, where it names one.
pub(super) fn current(path: &Path) -> Option<String> {
    let text = files::read_text(path).ok()?;
    let file: Credentials = serde_json::from_str(text.expose()).ok()?;
    let name = file.current_profile?;
    (!name.trim().is_empty()).then(|| name.into_owned())
}

/// Whether a file has a profile of exactly this name.
pub(super) fn has(path: &Path, name: &str) -> bool {
    list(path, None, true, None).is_ok_and(|all| all.iter().any(|it| it.key_name == name))
}

fn list(
    path: &Path,
    current: Option<&str>,
    in_keyring: bool,
    home: Option<&Path>,
) -> Result<Vec<Profile>, Shown> {
    let text = files::read_text(path)?;
    let not_known = || Shown::line(&format!("{} is not understood", short(path, home)));
    let file: Credentials = serde_json::from_str(text.expose()).map_err(|_| not_known())?;
    let version = file.schema_version.as_ref();
    if version.and_then(serde_json::Value::as_u64) != Some(SCHEMA_VERSION) {
        return Err(not_known());
    }
    let profiles = file.profiles.unwrap_or_default();
    let known = profiles
        .iter()
        .filter_map(|(name, profile)| Some((name, profile.as_ref()?)));
    let row = known.filter_map(|(name, profile)| {
        let token = profile.token.as_deref();
        let token = token.and_then(|token| key(token.to_owned()));
        if token.is_none() && !in_keyring {
            return None;
        }
        let workspace = profile.workspace.as_ref();
        let user = profile.user.as_ref();
        let base = profile.api_prefix.as_deref().unwrap_or(DEFAULT_BASE);
        Some(Profile {
            name: Shown::line(name),
            key_name: name.to_string(),
            workspace: workspace
                .and_then(|it| it.name.as_deref().or(it.slug.as_deref()))
                .map(Shown::line),
            user: user
                .and_then(|user| user.username.as_deref())
                .map(Shown::line),
            host: http::host(base),
            tail: token.as_ref().map(Secret::tail),
            is_current: current == Some(name),
        })
    });
    Ok(row.collect())
}
