//! Where this program's own files are, by the rules of the platform (XDG, or what the system has instead).
//!
//! What lies in them is not known here, and nothing is made.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The folder for what has to outlive the program: `phala-wizard` in `XDG_STATE_HOME`.
pub(super) fn state() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    // Windows has one for what must not follow a person to other machines, as locks and tokens must not.
    let folder = base.state_dir().unwrap_or_else(|| base.cache_dir());
    Some(folder.join("phala-wizard"))
}

/// The folder for what may be lost at any time: `phala-wizard` in `XDG_CACHE_HOME`.
pub(super) fn cache() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("phala-wizard"))
}
