//! What the platform's default pre-launch script does for an app.
//!
//! Two tables, from the script's documentation and its published versions (v0.0.10 to v0.0.20): the names it reads
//! and the names it sets. An own script alone does none of this.

use crate::trust::env_limits::SET_BY_PLATFORM;

/// What the script does with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// Signs in to a registry with DSTACK_DOCKER_*.
    RegistryLogin,
    /// Signs in to AWS ECR with DSTACK_AWS_*.
    EcrLogin,
    /// Sets the root password.
    RootPassword,
    /// Writes keys that may sign in by SSH.
    SshKeys,
    /// Sets a name for the compose file.
    Sets,
}

const READS: [(&str, Duty); 11] = [
    ("DSTACK_DOCKER_USERNAME", Duty::RegistryLogin),
    ("DSTACK_DOCKER_PASSWORD", Duty::RegistryLogin),
    ("DSTACK_DOCKER_REGISTRY", Duty::RegistryLogin),
    ("DSTACK_AWS_ACCESS_KEY_ID", Duty::EcrLogin),
    ("DSTACK_AWS_SECRET_ACCESS_KEY", Duty::EcrLogin),
    ("DSTACK_AWS_SESSION_TOKEN", Duty::EcrLogin),
    ("DSTACK_AWS_REGION", Duty::EcrLogin),
    ("DSTACK_AWS_ECR_REGISTRY", Duty::EcrLogin),
    ("DSTACK_ROOT_PASSWORD", Duty::RootPassword),
    ("DSTACK_ROOT_PUBLIC_KEY", Duty::SshKeys),
    ("DSTACK_AUTHORIZED_KEYS", Duty::SshKeys),
];

impl Duty {
    /// What the script does with this name, if it does anything.
    pub fn of(name: &str) -> Option<Self> {
        if SET_BY_PLATFORM.contains(&name) {
            return Some(Self::Sets);
        }
        READS
            .iter()
            .find(|(read, _)| *read == name)
            .map(|(_, duty)| *duty)
    }

    /// The user of a name, for a table: `registry login`.
    pub fn label(self) -> &'static str {
        match self {
            Self::RegistryLogin => "registry login",
            Self::EcrLogin => "ECR login",
            Self::RootPassword => "root password",
            Self::SshKeys => "SSH keys",
            Self::Sets => "default script",
        }
    }
}
