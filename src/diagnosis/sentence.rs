//! What is said about a cause, in one sentence: with what it is about, if that is known, and without.
//!
//! The words are about the reader's app. They do not say what to do; that is advice.

use super::Cause;
use crate::shown::Shown;

impl Cause {
    /// The cause as a sentence without a full stop. `subject` is the image, variable, port or container it is about.
    pub fn sentence(self, subject: Option<&Shown>) -> String {
        let (bare, about) = words(self);
        match subject {
            Some(subject) if !subject.is_empty() => about.replace("{}", subject.as_str()),
            _ => bare.to_owned(),
        }
    }
}

/// Without a subject, and with one for `{}`.
fn words(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::ImageNotFound
        | Cause::ImageDenied
        | Cause::LoginRefused
        | Cause::WrongArchitecture
        | Cause::PullLimit
        | Cause::RegistryUnreachable => of_an_image(cause),
        Cause::HashNotAllowed
        | Cause::DeviceNotAllowed
        | Cause::OsImageNotAllowed
        | Cause::AppUnknown
        | Cause::TcbOutdated
        | Cause::BootDenied
        | Cause::KmsUnreachable
        | Cause::EnvUnreadable
        | Cause::DataDiskLocked
        | Cause::GpuNotAttested => of_the_keys(cause),
        Cause::QuotaReached
        | Cause::NodeFull
        | Cause::NodeUnavailable
        | Cause::OsImageMissing
        | Cause::CreditExhausted => of_the_service(cause),
        _ => of_the_app(cause),
    }
}

fn of_an_image(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::ImageNotFound => (
            "the image could not be pulled: the registry has no such name or tag",
            "the image {} could not be pulled: the registry has no such name or tag",
        ),
        Cause::ImageDenied => (
            "the image could not be pulled: the registry wants a login",
            "the image {} could not be pulled: the registry wants a login",
        ),
        Cause::LoginRefused => (
            "the registry refused the login: user name or password is wrong",
            "{} refused the login: user name or password is wrong",
        ),
        Cause::WrongArchitecture => (
            "an image is not built for linux/amd64, the only kind that runs here",
            "{} is not built for linux/amd64, the only kind that runs here",
        ),
        Cause::PullLimit => (
            "the image could not be pulled: the registry allows no more pulls for now",
            "the image {} could not be pulled: the registry allows no more pulls for now",
        ),
        _ => (
            "the image could not be pulled: the registry does not answer",
            "the image could not be pulled: {} does not answer",
        ),
    }
}

fn of_the_keys(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::HashNotAllowed => (
            "the KMS gave no keys: the app's contract does not allow this compose hash",
            "the KMS gave no keys: the app's contract does not allow the compose hash {}",
        ),
        Cause::DeviceNotAllowed => (
            "the KMS gave no keys: the app's contract does not allow this machine",
            "the KMS gave no keys: the app's contract does not allow the machine {}",
        ),
        Cause::OsImageNotAllowed => (
            "the KMS gave no keys: it does not trust this OS image",
            "the KMS gave no keys: it does not trust the OS image {}",
        ),
        Cause::AppUnknown => (
            "the KMS gave no keys: the app is not registered with it",
            "the KMS gave no keys: the app {} is not registered with it",
        ),
        Cause::TcbOutdated => (
            "the KMS gave no keys: the firmware of the node is not up to date",
            "the KMS gave no keys: the firmware of the node is not up to date ({})",
        ),
        Cause::BootDenied => (
            "the KMS gave no keys: the boot is not allowed",
            "the KMS gave no keys: the boot is not allowed ({})",
        ),
        Cause::KmsUnreachable => (
            "the guest has no keys: the KMS does not answer",
            "the guest has no keys: the KMS at {} does not answer",
        ),
        Cause::EnvUnreadable => (
            "the guest cannot open the variables: they were encrypted for another key",
            "the guest cannot open the variables: {}",
        ),
        Cause::DataDiskLocked => (
            "the data disk cannot be opened: the keys do not fit",
            "the data disk {} cannot be opened: the keys do not fit",
        ),
        _ => (
            "the GPU could not prove that it is a genuine one in confidential mode",
            "the GPU {} could not prove that it is a genuine one in confidential mode",
        ),
    }
}

fn of_the_service(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::QuotaReached => (
            "the workspace has reached its limit",
            "the workspace has reached its limit ({})",
        ),
        Cause::NodeFull => (
            "the node has no room for it",
            "the node has no room for it ({})",
        ),
        Cause::NodeUnavailable => (
            "the node cannot be used at present",
            "the node {} cannot be used at present",
        ),
        Cause::OsImageMissing => (
            "the node does not have the OS image",
            "the node does not have the OS image {}",
        ),
        _ => (
            "the credit of the workspace is used up",
            "the credit of the workspace is used up ({})",
        ),
    }
}

fn of_the_app(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::ComposeInvalid => (
            "docker compose refuses the compose file",
            "docker compose refuses the compose file: {}",
        ),
        Cause::BuildImpossible => (
            "an image is to be built from files that are not in the machine",
            "{} is to be built from files that are not in the machine",
        ),
        Cause::PortTaken => (
            "two want the same port",
            "port {} is wanted twice, and only one can have it",
        ),
        Cause::FileMissing => (
            "a file that the compose file names is not in the machine",
            "{} is not in the machine, and the compose file names it",
        ),
        Cause::DeviceRefused => (
            "a device or privilege that the compose file asks for is not to be had here",
            "{} is not to be had in this machine",
        ),
        Cause::StartCommand => (
            "the command of a container cannot be run",
            "the command {} is not in the image, or cannot be run",
        ),
        Cause::OutOfMemory => (
            "the memory did not suffice",
            "the memory did not suffice: {} was killed",
        ),
        Cause::MachineExited => (
            "the virtual machine ended by itself",
            "the virtual machine ended by itself: {}",
        ),
        Cause::DiskFull => ("the disk is full", "the disk is full at {}"),
        Cause::NoRoute => (
            "the gateway has no route to it, so its address does not answer",
            "the gateway {} has no route to it, so its address does not answer",
        ),
        Cause::ClockUnset => (
            "the clock of the guest was never set, and without it no certificate holds",
            "the clock of the guest was never set by {}",
        ),
        Cause::ScriptFailed => (
            "the pre-launch script failed",
            "the pre-launch script failed with exit code {}",
        ),
        Cause::CommandNotFound => (
            "the script calls a program that is not in the machine",
            "the script calls {}, which is not in the machine",
        ),
        Cause::EnvMissing => ("a variable has no value", "the variable {} has no value"),
        Cause::EnvNotAllowed => (
            "a variable was given and did not arrive",
            "the variable {} was given and did not arrive",
        ),
        Cause::ContainerExits => (
            "a container ends soon after its start",
            "the container {} ends soon after its start",
        ),
        Cause::ContainerUnhealthy => (
            "a container runs, and its health check fails",
            "the container {} runs, and its health check fails",
        ),
        _ => (
            "a container may not write where it has to",
            "a container may not write to {}",
        ),
    }
}
