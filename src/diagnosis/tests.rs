//! Every cause with real words, the traps, and text nobody would write.

mod stories;
mod traps;

use super::*;

/// A healthy boot, as the console tells it.
const HEALTHY: [&str; 16] = [
    "[    0.000000] Linux version 6.9.0-dstack",
    "[    0.000000] tdx: Guest detected",
    "[    0.219536] random: crng init done",
    "[    1.448893] Memory Encryption Features active: Intel TDX",
    "[FAILED] Failed to start Virtual Console Setup.",
    "[    2.000000] systemd[1]: Hostname set to <dstack>",
    "[    2.204871] overlayfs: null uuid detected in lower fs '/', falling back to xino=off,index=off,nfs_export=off.",
    "[    3.900412] dstack-prepare.sh[231]: Syncing system time...",
    "[    4.000000] dstack-prepare.sh[231]: Using persistent data disk /dev/vdb",
    "[    4.800000] audit: type=1400 audit(1.2:3): apparmor=\"DENIED\" operation=\"open\" name=\"/proc/x\"",
    "[   29.000000] dockerd[288]: level=warning msg=\"bridge: filtering via arp/ip/ip6tables is no longer available\"",
    "[   30.000000] app-compose.sh[302]: docker cleanup completed, error count 0, 0 denied",
    "[   31.000000] app-compose.sh[302]: time=\"2026-01-31T12:00:00Z\" level=warning msg=\"The \\\"LOG_FORMAT\\\" variable is not set. Defaulting to a blank string.\"",
    "[   31.100000] app-compose.sh[302]: time=\"2026-01-31T12:00:00Z\" level=warning msg=\"docker-compose.yaml: the attribute `version` is obsolete, it will be ignored\"",
    "[   32.000000] app-compose.sh[302]:  queue Pulling",
    "[   39.000000] app-compose.sh[302]:  queue Pulled",
];

fn healthy() -> Vec<LogLine<'static>> {
    numbered(HEALTHY.iter().map(|text| ("serial", *text)))
}

fn numbered<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<LogLine<'a>> {
    (1..)
        .zip(lines)
        .map(|(number, (source, text))| LogLine {
            source,
            number,
            text,
        })
        .collect()
}

/// The cause of a boot that stands here, with these lines after the healthy ones.
fn cause(phase: &str, error: &str, lines: &[(&str, &str)]) -> Option<Cause> {
    found(phase, error, lines, &[]).map(|found| found.cause)
}

fn found(
    phase: &str,
    error: &str,
    lines: &[(&str, &str)],
    containers: &[ContainerSeen<'_>],
) -> Option<Diagnosis> {
    let mut all = healthy();
    all.extend(numbered(lines.iter().copied()));
    diagnose(&Evidence {
        status: "running",
        phase,
        error: (!error.is_empty()).then_some(error),
        lines: &all,
        containers,
        ..Evidence::default()
    })
}

const START: &str = "failed to start containers";
const UP: &str = "starting containers";

/// Phase, reported error, source and line, and the cause.
const REAL: &[(&str, &str, &str, Cause)] = &[
    (
        UP,
        START,
        "serial: Error response from daemon: pull access denied for acme/api, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        Cause::ImageDenied,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: failed to resolve reference \"ghcr.io/acme/api:1\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=x: 403 Forbidden",
        Cause::ImageDenied,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: failed to resolve reference \"docker.io/acme/api:9\": docker.io/acme/api:9: not found",
        Cause::ImageNotFound,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: error pulling image configuration: 429 Too Many Requests - registry limit",
        Cause::PullLimit,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
        Cause::RegistryUnreachable,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: Get \"https://ghcr.io/v2/\": net/http: TLS handshake timeout",
        Cause::RegistryUnreachable,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: validating /dstack/docker-compose.yaml: services.api additional properties 'imagee' not allowed",
        Cause::ComposeInvalid,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: yaml: line 7: did not find expected key",
        Cause::ComposeInvalid,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: exec /usr/local/bin/run: exec format error",
        Cause::WrongArchitecture,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: Error response from daemon: failed to bind host port 0.0.0.0:80: address already in use",
        Cause::PortTaken,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: /dstack/a.toml",
        Cause::FileMissing,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: Error response from daemon: error gathering device information while adding custom device \"/dev/kvm\": no such file or directory",
        Cause::DeviceRefused,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: exec: \"serve\": executable file not found in $PATH: unknown",
        Cause::StartCommand,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: dependency failed to start: container dstack-db-1 exited (1)",
        Cause::ContainerExits,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: dependency failed to start: container dstack-db-1 exited (137)",
        Cause::OutOfMemory,
    ),
    (
        UP,
        START,
        "serial: app-compose.sh[302]: service \"migrate\" didn't complete successfully: exit 3",
        Cause::ContainerExits,
    ),
    (
        UP,
        "",
        "serial: [  9.1] Out of memory: Killed process 8 (dockerd)",
        Cause::OutOfMemory,
    ),
    (
        "pre-launch",
        "Invalid AWS credentials",
        "serial: app-compose.sh[302]: AWS credentials test failed",
        Cause::LoginRefused,
    ),
    (
        "pre-launch",
        "GHCR pull access denied: ghcr.io/acme/api:9 (HTTP 404)",
        "serial: app-compose.sh[302]: ERROR: GHCR pull access denied for ghcr.io/acme/api:9 (HTTP 404)",
        Cause::ImageNotFound,
    ),
    (
        "docker compose pull completed",
        "",
        "serial: app-compose.sh[302]: /dev/fd/63: line 9: jqq: command not found",
        Cause::CommandNotFound,
    ),
    (
        "pre-launch",
        "exit status 1",
        "serial: app-compose.sh[302]: /dev/fd/63: line 4: API_KEY: unbound variable",
        Cause::EnvMissing,
    ),
    (
        "setting up docker",
        "boot failed",
        "serial: dockerd[288]: write /var/lib/docker/x: no space left on device",
        Cause::DiskFull,
    ),
];

#[test]
fn real_words_and_their_cause() {
    for (phase, error, line, expected) in REAL {
        let (source, text) = line.split_once(": ").unwrap();
        assert_eq!(
            cause(phase, error, &[(source, text)]),
            Some(*expected),
            "{line}"
        );
    }
}

#[test]
fn the_reported_error_alone_is_enough_where_it_says_why() {
    for (phase, error, expected) in [
        (
            "requesting app keys",
            "KMS denied the app keys: boot is not allowed by the app contract",
            Cause::BootDenied,
        ),
        (
            "requesting app keys",
            "Failed to get app key: App not allowed: Boot denied: Compose hash not allowed",
            Cause::HashNotAllowed,
        ),
        (
            "requesting app keys",
            "failed to decrypt the encrypted environment",
            Cause::EnvUnreadable,
        ),
        (
            "setting up docker",
            "failed to register with the gateway: no ingress route",
            Cause::NoRoute,
        ),
        (
            "done",
            "dstack-gateway registration failed, the app has no ingress route: connection refused",
            Cause::NoRoute,
        ),
    ] {
        let found = found(phase, error, &[], &[]).unwrap();
        assert_eq!(found.cause, expected, "{error}");
        assert_eq!(found.rests_on, Rest::BootError(error.into()));
    }
}

#[test]
fn a_creation_that_failed_has_no_boot() {
    let lines = numbered([("serial", "app-compose.sh[1]: manifest unknown")].into_iter());
    let of = |creation| {
        diagnose(&Evidence {
            status: "error",
            creation: Some(creation),
            lines: &lines,
            ..Evidence::default()
        })
        .map(|found| (found.cause, found.rests_on))
    };
    let rest = |text: &str| Rest::Creation(text.into());
    for (text, cause) in [
        ("ERR-02-005", Cause::NodeFull),
        ("ERR-03-006: image", Cause::OsImageMissing),
        ("the node is full", Cause::NodeFull),
        ("instance quota exceeded", Cause::QuotaReached),
        ("insufficient balance", Cause::CreditExhausted),
        (
            "qemu: cannot set up guest memory 'mem0': Cannot allocate memory",
            Cause::NodeFull,
        ),
    ] {
        assert_eq!(of(text), Some((cause, rest(text))));
    }
    assert_eq!(of("internal error"), None);
}

#[test]
fn every_cause_has_its_words() {
    for (place, cause) in Cause::ALL.into_iter().enumerate() {
        let word = cause.word();
        assert!(
            word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{word}"
        );
        assert!(
            Cause::ALL[..place].iter().all(|other| other.word() != word),
            "{word}"
        );
        let subject = Shown::line("~it~");
        let (bare, about) = (cause.sentence(None), cause.sentence(Some(&subject)));
        assert!(
            about.contains("~it~") && !bare.contains(['{', '}']),
            "{about}"
        );
        assert!(!bare.ends_with('.'), "{bare}");
        assert!((1..=3).contains(&cause.advice().len()), "{word}");
        assert!(
            cause.advice().iter().all(|said| said.ends_with('.')),
            "{word}"
        );
        assert!(!cause.repair().word().is_empty());
    }
}

#[test]
fn what_fits_is_said_of_what_is_known() {
    let env = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let why = |cause: Cause, subject: &str, names: &[&str]| {
        let env_names = env(names);
        let known = Known {
            env_names: &env_names,
            images: &[],
        };
        cause.why(Some(&subject.into()), &known).unwrap_or_default()
    };
    let image = "ghcr.io/acme/api:1";
    assert!(why(Cause::ImageDenied, image, &[]).contains("DSTACK_DOCKER_USERNAME"));
    assert!(why(Cause::ImageDenied, image, &["DSTACK_DOCKER_USERNAME"]).contains("docker.io"));
    assert_eq!(
        why(
            Cause::ImageDenied,
            "acme/api:1",
            &["DSTACK_DOCKER_USERNAME"]
        ),
        ""
    );
    assert!(why(Cause::ImageNotFound, "acme/api", &[]).contains("latest"));
    assert_eq!(why(Cause::ImageNotFound, "host:5000/acme/api:1", &[]), "");
    assert!(why(Cause::EnvMissing, "API_KEY", &[]).contains("not among"));
    assert!(why(Cause::EnvNotAllowed, "API_KEY", &["API_KEY"]).contains("list"));
    assert_eq!(why(Cause::DiskFull, "/", &[]), "");
}

#[test]
fn the_only_image_is_the_one() {
    let images = ["acme/api:1".to_owned()];
    let lines = numbered([("serial", "app-compose.sh[1]: toomanyrequests: slow down")].into_iter());
    let found = diagnose(&Evidence {
        status: "running",
        phase: UP,
        error: Some(START),
        lines: &lines,
        known: Known {
            images: &images,
            env_names: &[],
        },
        ..Evidence::default()
    });
    assert_eq!(
        found.unwrap().sentence(),
        "the image acme/api:1 could not be pulled: the registry allows no more pulls for now"
    );
}
