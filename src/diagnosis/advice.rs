//! What to do about a cause, and what of the known things fits to it.
//!
//! Short sentences, the most useful first. They know no keys and no screens.

use super::{Cause, Known};
use crate::shown::Shown;

const USER: &str = "DSTACK_DOCKER_USERNAME";
const REGISTRY: &str = "DSTACK_DOCKER_REGISTRY";
const ECR: &str = "DSTACK_AWS_ACCESS_KEY_ID";

impl Cause {
    /// One to three things to do, the most useful first.
    pub fn advice(self) -> &'static [&'static str] {
        match self {
            Self::ImageNotFound
            | Self::ImageDenied
            | Self::LoginRefused
            | Self::WrongArchitecture
            | Self::PullLimit
            | Self::RegistryUnreachable => for_an_image(self),
            Self::HashNotAllowed
            | Self::DeviceNotAllowed
            | Self::OsImageNotAllowed
            | Self::AppUnknown
            | Self::TcbOutdated
            | Self::BootDenied
            | Self::KmsUnreachable
            | Self::EnvUnreadable
            | Self::DataDiskLocked
            | Self::GpuNotAttested => for_the_keys(self),
            Self::QuotaReached
            | Self::NodeFull
            | Self::NodeUnavailable
            | Self::OsImageMissing
            | Self::CreditExhausted
            | Self::MachineExited
            | Self::NoRoute
            | Self::ClockUnset => for_the_service(self),
            _ => for_the_app(self),
        }
    }

    /// What fits to the cause from what is known, if something does.
    pub fn why(self, subject: Option<&Shown>, known: &Known<'_>) -> Option<String> {
        let given = |name: &str| known.env_names.iter().any(|given| given == name);
        let subject = subject.map_or("", Shown::as_str);
        match self {
            Self::ImageDenied | Self::PullLimit if !given(USER) && !given(ECR) => {
                Some(format!("{USER} is not among your variables"))
            }
            Self::ImageDenied | Self::LoginRefused
                if given(USER) && !given(REGISTRY) && elsewhere(subject, known) =>
            {
                Some(format!(
                    "{REGISTRY} is not among your variables, so the login went to docker.io"
                ))
            }
            Self::ImageNotFound if !subject.is_empty() && has_no_tag(subject) => {
                Some("the image has no tag, so 'latest' is asked for".to_owned())
            }
            Self::EnvMissing if !subject.is_empty() && !given(subject) => {
                Some(format!("{subject} is not among your variables"))
            }
            Self::EnvNotAllowed if given(subject) => Some(format!(
                "{subject} is among your variables: it is empty, or the app's list does not allow it"
            )),
            _ => None,
        }
    }
}

/// Whether an image lies in another registry than docker.io: the one in question, or any of them.
fn elsewhere(subject: &str, known: &Known<'_>) -> bool {
    let has_host = |image: &str| {
        image
            .split_once('/')
            .is_some_and(|(host, _)| host.contains(['.', ':']) && host != "docker.io")
    };
    has_host(subject) || known.images.iter().any(|image| has_host(image))
}

fn has_no_tag(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !name.contains([':', '@'])
}

fn for_an_image(cause: Cause) -> &'static [&'static str] {
    match cause {
        Cause::ImageNotFound => &[
            "Check the image's name and tag in the compose file.",
            "Push the image, if it was never pushed.",
        ],
        Cause::ImageDenied => &[
            "Set DSTACK_DOCKER_USERNAME, DSTACK_DOCKER_PASSWORD and DSTACK_DOCKER_REGISTRY.",
            "Or make the image public.",
            "Check the image's name: some registries say the same of a name they do not have.",
        ],
        Cause::LoginRefused => &[
            "Set DSTACK_DOCKER_USERNAME and DSTACK_DOCKER_PASSWORD anew; most registries want a token.",
            "Check that DSTACK_DOCKER_REGISTRY names the registry of the image.",
        ],
        Cause::WrongArchitecture => &[
            "Build it with 'docker buildx build --platform linux/amd64' and push it again.",
            "Or name an image that is built for linux/amd64.",
        ],
        Cause::PullLimit => &[
            "Sign in with DSTACK_DOCKER_USERNAME and DSTACK_DOCKER_PASSWORD: an account has a limit of its own.",
            "Or wait some hours and restart the instance.",
            "Or take the image from another registry.",
        ],
        _ => &[
            "Restart the instance: the network of node or registry may be back.",
            "Check the registry's name in the compose file.",
        ],
    }
}

fn for_the_keys(cause: Cause) -> &'static [&'static str] {
    match cause {
        Cause::HashNotAllowed => &[
            "Register the compose hash with the app's contract, then restart the instance.",
            "Check that the hash that was registered is the one of this revision.",
        ],
        Cause::DeviceNotAllowed => &[
            "Register the machine with the app's contract, then restart the instance.",
            "Or take a node that the contract allows.",
        ],
        Cause::OsImageNotAllowed => &[
            "Take a node with an OS image that the KMS trusts.",
            "Or ask who runs the KMS to allow this image.",
        ],
        Cause::AppUnknown => &[
            "Register the app with the KMS contract.",
            "Check that it is the KMS the app was made with.",
        ],
        Cause::TcbOutdated => &[
            "Take another node.",
            "Tell the service: the firmware of this node has to be updated.",
        ],
        Cause::BootDenied => &[
            "Ask the owner of the app's contract what it refuses.",
            "Tell the service, with the line that is shown.",
        ],
        Cause::KmsUnreachable => &[
            "Restart the instance: the KMS may be back.",
            "Or take another node.",
        ],
        Cause::EnvUnreadable => &[
            "Give the variables once more: they are encrypted anew for the key of this app.",
            "Check that the KMS is the one of this app.",
        ],
        Cause::DataDiskLocked => &[
            "Make a new instance: this disk was written with other keys.",
            "Tell the service, if the data on it matters.",
        ],
        _ => &[
            "Take another node with a GPU.",
            "Tell the service: the GPU of this node does not prove itself.",
        ],
    }
}

fn for_the_service(cause: Cause) -> &'static [&'static str] {
    match cause {
        Cause::QuotaReached => &[
            "Delete an instance that is not needed.",
            "Or ask the service for a higher limit.",
        ],
        Cause::NodeFull | Cause::NodeUnavailable => &["Take another node."],
        Cause::OsImageMissing => &["Take another node, or another OS image."],
        Cause::CreditExhausted => &["Add credit to the workspace, then try again."],
        Cause::MachineExited => &[
            "Restart the instance.",
            "Look at the end of the serial log.",
        ],
        Cause::NoRoute => &[
            "Wait: the guest registers with the gateway again.",
            "Restart the instance, if it lasts for more than some minutes.",
        ],
        _ => &[
            "Restart the instance: its time server may answer now.",
            "Or take another node.",
        ],
    }
}

fn for_the_app(cause: Cause) -> &'static [&'static str] {
    match cause {
        Cause::ComposeInvalid => &[
            "Correct the compose file at the place that is named.",
            "'docker compose config' says the same on your machine.",
        ],
        Cause::BuildImpossible => {
            &["Build the image before, push it, and name it with 'image:' in place of 'build:'."]
        }
        Cause::PortTaken => &[
            "Give one of the two another port in the compose file.",
            "Ports below 1024 and 8090 may be the machine's own.",
        ],
        Cause::FileMissing => &[
            "Put the content into the compose file with 'configs:', or into the image.",
            "Files from your machine do not travel along: only the compose file does.",
        ],
        Cause::DeviceRefused => &[
            "Leave the device, runtime or privilege out of the compose file.",
            "Take a node with a GPU, if it is one that is asked for.",
        ],
        Cause::StartCommand => &[
            "Correct 'command:' or 'entrypoint:' in the compose file.",
            "Check that the file is in the image and may be run.",
        ],
        Cause::OutOfMemory => &[
            "Let the app use less memory: most have a setting for it, and 'mem_limit:' keeps the others alive.",
            "Or run fewer containers in one instance: its size is the app's.",
        ],
        Cause::DiskFull => &[
            "Take smaller images, or fewer.",
            "Look for what writes most: logs and caches count too.",
        ],
        Cause::ScriptFailed => &[
            "Correct the pre-launch script at the last line it said.",
            "Let it end with 'exit 0' where an error does not matter.",
        ],
        Cause::CommandNotFound => &[
            "Leave the program out of the script: the machine has little more than a shell.",
            "Or run it in a container.",
        ],
        Cause::EnvMissing => &[
            "Give the variable a value.",
            "Or write a default into the compose file: ${NAME:-value}.",
        ],
        Cause::EnvNotAllowed => &[
            "Check that the variable is not empty and that the app's list allows it.",
            "Names that are not on the list are left out by the guest without a word.",
        ],
        Cause::ContainerExits => &[
            "Look at the container's own log: its last lines say why.",
            "Check its command and its variables.",
        ],
        Cause::ContainerUnhealthy => &[
            "Look at the container's own log.",
            "Check the health check itself: a longer 'start_period' may be enough.",
        ],
        _ => &[
            "Run the container as the user that owns the folder, or change its owner in the image.",
            "Or take a named volume in place of a folder.",
        ],
    }
}
