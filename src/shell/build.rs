//! Which program this is: what a report of a bug begins with.

use std::env::consts::ARCH;

use crate::api::preview::API_VERSION;

/// The version of the crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, as the release says it. Whoever builds from sources has none.
pub const COMMIT: Option<&str> = option_env!("PHALA_WIZARD_COMMIT");

/// The version of the service's API it was written for.
pub const API: &str = API_VERSION;

/// The system it was built for, as Rust names it.
pub fn target() -> String {
    format!("{ARCH}-{SYSTEM}")
}

#[cfg(all(target_os = "linux", target_env = "musl"))]
const SYSTEM: &str = "unknown-linux-musl";
#[cfg(all(target_os = "linux", not(target_env = "musl")))]
const SYSTEM: &str = "unknown-linux-gnu";
#[cfg(target_os = "macos")]
const SYSTEM: &str = "apple-darwin";
#[cfg(all(windows, target_env = "msvc"))]
const SYSTEM: &str = "pc-windows-msvc";
#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    all(windows, target_env = "msvc")
)))]
const SYSTEM: &str = std::env::consts::OS;
