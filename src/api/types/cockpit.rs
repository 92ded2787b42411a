//! What the service and the node tell of an instance that is there (sections 8 and 9).

use crate::api::types::{AppId, CvmUuid, Instance, State};
use crate::shown::Shown;

/// Names one instance in a path (3.1): a uuid, an instance id, an app id with one instance, `cvm_…`, or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvmName(String);

impl CvmName {
    /// Most characters of one.
    const LONGEST: usize = 128;

    /// Takes what a person typed. `None` where no service could mean anything by it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(uuid) = CvmUuid::parse(text) {
            return Some(Self(uuid.in_path()));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        // A name that begins with a dot could climb out of the path.
        let is_name = !text.is_empty() && !text.starts_with('.') && text.chars().all(fits);
        let is_app = text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit());
        (is_name && text.len() <= Self::LONGEST).then(|| {
            Self(if is_app {
                format!("app_{text}")
            } else {
                text.to_owned()
            })
        })
    }

    /// As it stands in a path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An instance that was asked for by its name: `GET /cvms/{id}` (5.4).
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The instance.
    pub instance: Instance,
    /// Its app.
    pub app: Option<AppId>,
    /// Its state now, as far as this answer has it.
    pub state: State,
}

/// The containers of an instance, or why they are not told: `GET /cvms/{id}/composition` (9.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Composition {
    /// `is_online`: the guest answers.
    pub online: bool,
    /// `is_public`: the app lets others see them.
    pub public: Option<bool>,
    /// `error`.
    pub trouble: Option<Shown>,
    /// `containers`.
    pub containers: Vec<Container>,
}

/// A container inside an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// First of `names`, without the slash.
    pub name: Shown,
    /// `image`.
    pub image: Shown,
    /// `state`, as `running`.
    pub state: Shown,
    /// `status`, as `Up 2 minutes (healthy)`.
    pub status: Shown,
    /// Whether a `log_endpoint` was told. The address itself holds a token and is not kept.
    pub has_log: bool,
}

/// The addresses of an instance: `GET /cvms/{id}/network` (9.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// `is_online`.
    pub online: bool,
    /// `is_public`.
    pub public: Option<bool>,
    /// `error`.
    pub trouble: Option<Shown>,
    /// `internal_ip`.
    pub internal_ip: Option<Shown>,
    /// `latest_handshake` with the gateway, in the service's words.
    pub handshake: Option<Shown>,
    /// `public_urls[].instance`, else `.app`.
    pub urls: Vec<Shown>,
}

/// How the guest's system is doing: `GET /cvms/{id}/stats` (9.4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stats {
    /// `is_online`.
    pub online: bool,
    /// `is_public`.
    pub public: Option<bool>,
    /// `error`.
    pub trouble: Option<Shown>,
    /// `os_name` and `os_version`.
    pub system: Option<Shown>,
    /// `kernel_version`.
    pub kernel: Option<Shown>,
    /// `num_cpus`.
    pub cpus: Option<u64>,
    /// `loadavg_one`, `_five`, `_fifteen`.
    pub load: [Option<f64>; 3],
    /// `total_memory`, bytes.
    pub memory: Option<u64>,
    /// `used_memory`, bytes.
    pub memory_used: Option<u64>,
    /// `uptime`, seconds.
    pub uptime: Option<u64>,
    /// `disks`.
    pub disks: Vec<Disk>,
}

/// A disk of the guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disk {
    /// `mount_point`, else `name`.
    pub place: Shown,
    /// `total_size`, bytes.
    pub size: u64,
    /// `free_size`, bytes.
    pub free: u64,
}

/// Something that was done to an instance: `GET /cvms/{id}/operations` (9.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operation {
    /// `operation_type`.
    pub kind: Shown,
    /// `status`: `completed`, `in_progress` or `failed`.
    pub status: Shown,
    /// `error_message`.
    pub error: Option<Shown>,
    /// `started_at`.
    pub started_at: Option<Shown>,
}

/// A log of an instance (9.6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogSource {
    /// The guest's console.
    Serial,
    /// What the process around the guest says.
    Stdout,
    /// The same, its errors.
    Stderr,
    /// A container, by its name.
    Container(Shown),
}

impl LogSource {
    /// What it is called on screen and in events.
    pub fn word(&self) -> &str {
        match self {
            Self::Serial => "serial",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Container(name) => name.as_str(),
        }
    }
}

/// A line of a log, with the values of this deployment masked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogLine {
    /// The node's time stamp, where the line has one: RFC 3339.
    pub at: Option<Shown>,
    /// Whether it was written to the standard error.
    pub is_error: bool,
    /// The line.
    pub text: Shown,
}

/// Why a log ended or never began.
#[derive(Debug, Clone, PartialEq)]
pub enum LogEnd {
    /// The node closed it.
    Closed,
    /// The app keeps its logs to itself.
    Private,
    /// There is no container of this name; these there are.
    NoContainer(Vec<Shown>),
    /// The service named no address for it.
    NoAddress,
    /// The guest does not answer, in the service's words.
    Offline(Option<Shown>),
    /// It could not be read.
    Failed(crate::api::error::Error),
}

/// What came back from the app's own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// HTTP status.
    pub status: u16,
    /// Milliseconds to the first byte.
    pub millis: u64,
    /// The certificate that was shown, where it was asked over TLS.
    pub certificate: Option<Certificate>,
}

/// A TLS certificate, as far as a person needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certificate {
    /// Whom it names.
    pub subject: Shown,
    /// Who signed it.
    pub issuer: Shown,
    /// Until when it is good: `2027-01-31T23:59:59Z`.
    pub until: Shown,
}
