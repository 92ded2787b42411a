//! The causes this room can name: a closed list, each with a stable word and the one thing a key does about it.
//!
//! It does not know how a cause is recognised, nor what is said about it.

/// Why an instance does not come up, or does not stay up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The registry has no such image or tag.
    ImageNotFound,
    /// The registry does not hand out the image: it wants a login, or another one.
    ImageDenied,
    /// The registry refused the login of the pre-launch script.
    LoginRefused,
    /// The image is not built for linux/amd64.
    WrongArchitecture,
    /// Too many pulls from this address.
    PullLimit,
    /// The registry does not answer.
    RegistryUnreachable,
    /// docker compose cannot read the compose file, or finds a contradiction in it.
    ComposeInvalid,
    /// The compose file wants to build an image from files that are not in the machine.
    BuildImpossible,
    /// Two want the same port.
    PortTaken,
    /// A file that the compose file names is not in the machine.
    FileMissing,
    /// A device, a runtime or a privilege is not to be had in the machine.
    DeviceRefused,
    /// The command of a service does not exist in its image, or cannot be run.
    StartCommand,
    /// The memory did not suffice.
    OutOfMemory,
    /// The virtual machine ended by itself.
    MachineExited,
    /// A disk is full.
    DiskFull,
    /// The app's contract does not allow this compose hash.
    HashNotAllowed,
    /// The app's contract does not allow this machine.
    DeviceNotAllowed,
    /// The KMS does not trust the guest's OS image.
    OsImageNotAllowed,
    /// The KMS does not know the app.
    AppUnknown,
    /// The firmware of the node is older than the KMS accepts.
    TcbOutdated,
    /// The KMS refused the boot for another reason.
    BootDenied,
    /// The KMS does not answer.
    KmsUnreachable,
    /// The guest cannot open the encrypted variables.
    EnvUnreadable,
    /// The gateway has no route to the instance.
    NoRoute,
    /// The clock of the guest was never set.
    ClockUnset,
    /// A script returned non-zero.
    ScriptFailed,
    /// A script calls a program that is not in the machine.
    CommandNotFound,
    /// A variable has no value.
    EnvMissing,
    /// A variable was given and did not arrive.
    EnvNotAllowed,
    /// A container ends, once or again and again.
    ContainerExits,
    /// A container runs and fails its health check.
    ContainerUnhealthy,
    /// A container may not write into its volume.
    VolumeDenied,
    /// The keys do not open the data disk.
    DataDiskLocked,
    /// The GPU could not prove what it is.
    GpuNotAttested,
    /// The workspace may not have more.
    QuotaReached,
    /// The node has no room left.
    NodeFull,
    /// The node cannot be used.
    NodeUnavailable,
    /// The node does not have the OS image.
    OsImageMissing,
    /// There is no credit left.
    CreditExhausted,
}

/// The one thing a key does about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repair {
    /// Back to the choice of the node.
    Node,
    /// Back to the compose file.
    Compose,
    /// Back to the variables.
    Env,
    /// Back to the pre-launch script.
    Script,
    /// To the registration on chain.
    Register,
    /// Restart the instance as it is.
    Restart,
    /// Wait: it goes away by itself.
    Wait,
    /// Nothing a key can do.
    Nothing,
}

impl Cause {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 39] = [
        Self::ImageNotFound,
        Self::ImageDenied,
        Self::LoginRefused,
        Self::WrongArchitecture,
        Self::PullLimit,
        Self::RegistryUnreachable,
        Self::ComposeInvalid,
        Self::BuildImpossible,
        Self::PortTaken,
        Self::FileMissing,
        Self::DeviceRefused,
        Self::StartCommand,
        Self::OutOfMemory,
        Self::MachineExited,
        Self::DiskFull,
        Self::HashNotAllowed,
        Self::DeviceNotAllowed,
        Self::OsImageNotAllowed,
        Self::AppUnknown,
        Self::TcbOutdated,
        Self::BootDenied,
        Self::KmsUnreachable,
        Self::EnvUnreadable,
        Self::NoRoute,
        Self::ClockUnset,
        Self::ScriptFailed,
        Self::CommandNotFound,
        Self::EnvMissing,
        Self::EnvNotAllowed,
        Self::ContainerExits,
        Self::ContainerUnhealthy,
        Self::VolumeDenied,
        Self::DataDiskLocked,
        Self::GpuNotAttested,
        Self::QuotaReached,
        Self::NodeFull,
        Self::NodeUnavailable,
        Self::OsImageMissing,
        Self::CreditExhausted,
    ];

    /// Its stable word, for programs: `image_denied`.
    pub fn word(self) -> &'static str {
        match self {
            Self::ImageNotFound => "image_not_found",
            Self::ImageDenied => "image_denied",
            Self::LoginRefused => "login_refused",
            Self::WrongArchitecture => "wrong_architecture",
            Self::PullLimit => "pull_limit",
            Self::RegistryUnreachable => "registry_unreachable",
            Self::ComposeInvalid => "compose_invalid",
            Self::BuildImpossible => "build_impossible",
            Self::PortTaken => "port_taken",
            Self::FileMissing => "file_missing",
            Self::DeviceRefused => "device_refused",
            Self::StartCommand => "start_command",
            Self::OutOfMemory => "out_of_memory",
            Self::MachineExited => "machine_exited",
            Self::DiskFull => "disk_full",
            Self::HashNotAllowed => "hash_not_allowed",
            Self::DeviceNotAllowed => "device_not_allowed",
            Self::OsImageNotAllowed => "os_image_not_allowed",
            Self::AppUnknown => "app_unknown",
            Self::TcbOutdated => "tcb_outdated",
            Self::BootDenied => "boot_denied",
            Self::KmsUnreachable => "kms_unreachable",
            Self::EnvUnreadable => "env_unreadable",
            Self::NoRoute => "no_route",
            Self::ClockUnset => "clock_unset",
            Self::ScriptFailed => "script_failed",
            Self::CommandNotFound => "command_not_found",
            Self::EnvMissing => "env_missing",
            Self::EnvNotAllowed => "env_not_allowed",
            Self::ContainerExits => "container_exits",
            Self::ContainerUnhealthy => "container_unhealthy",
            Self::VolumeDenied => "volume_denied",
            Self::DataDiskLocked => "data_disk_locked",
            Self::GpuNotAttested => "gpu_not_attested",
            Self::QuotaReached => "quota_reached",
            Self::NodeFull => "node_full",
            Self::NodeUnavailable => "node_unavailable",
            Self::OsImageMissing => "os_image_missing",
            Self::CreditExhausted => "credit_exhausted",
        }
    }

    /// The one thing a key does about it.
    pub fn repair(self) -> Repair {
        match self {
            Self::ImageNotFound
            | Self::WrongArchitecture
            | Self::ComposeInvalid
            | Self::BuildImpossible
            | Self::PortTaken
            | Self::FileMissing
            | Self::DeviceRefused
            | Self::StartCommand
            | Self::OutOfMemory
            | Self::DiskFull
            | Self::ContainerExits
            | Self::ContainerUnhealthy
            | Self::VolumeDenied => Repair::Compose,
            Self::ImageDenied
            | Self::LoginRefused
            | Self::PullLimit
            | Self::EnvUnreadable
            | Self::EnvMissing
            | Self::EnvNotAllowed => Repair::Env,
            Self::ScriptFailed | Self::CommandNotFound => Repair::Script,
            Self::HashNotAllowed | Self::DeviceNotAllowed | Self::AppUnknown => Repair::Register,
            Self::OsImageNotAllowed
            | Self::TcbOutdated
            | Self::GpuNotAttested
            | Self::NodeFull
            | Self::NodeUnavailable
            | Self::OsImageMissing => Repair::Node,
            Self::RegistryUnreachable
            | Self::MachineExited
            | Self::KmsUnreachable
            | Self::ClockUnset => Repair::Restart,
            Self::NoRoute => Repair::Wait,
            Self::BootDenied
            | Self::DataDiskLocked
            | Self::QuotaReached
            | Self::CreditExhausted => Repair::Nothing,
        }
    }
}

impl Repair {
    /// Its stable word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Compose => "compose",
            Self::Env => "env",
            Self::Script => "script",
            Self::Register => "register",
            Self::Restart => "restart",
            Self::Wait => "wait",
            Self::Nothing => "nothing",
        }
    }
}
