//! The cockpit: how an instance is doing, its panes, and the questions in front of them, each at several sizes.

use phala_wizard::api::types::{Certificate, Evidence, LogEnd, LogSource, Reached, State};
use phala_wizard::wizard::Start;
use phala_wizard::wizard::boots::PastBoot;
use phala_wizard::wizard::keymap;

use super::cloud::cockpit::{container, stats};
use super::cloud::{self, Cloud, Fate};
use super::journey::Journey;
use super::{registered, sent, sizes};

/// A journey, and its frames at these sizes: each is named by its columns.
macro_rules! frames {
    ($($name:ident at [$($width:literal x $height:literal),+]: $journey:expr;)*) => {
        $(#[test]
        fn $name() {
            let journey: Journey = $journey;
            assert_eq!(keymap::clashes(&journey.wizard.offer()), [], "keys");
            assert_eq!(keymap::strangers(&journey.wizard.offer()), [], "parts");
            sizes::everywhere(&journey);
            insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
                $(insta::assert_snapshot!(
                    concat!("frames__", stringify!($name), "_", stringify!($width)),
                    journey.frame_at($width, $height)
                );)+
            });
        })*
    };
}

frames! {
    live_booting at [100 x 30, 80 x 24, 40 x 12]: booted_to(good(), 9);
    live_stalled at [100 x 30, 80 x 24, 40 x 12]: stalled();
    live_failed at [100 x 30, 80 x 24, 40 x 12]: failed(pull_denied());
    live_failed_unknown at [100 x 30, 80 x 24, 40 x 12]: failed(good());
    live_degraded at [100 x 30, 80 x 24, 40 x 12]: degraded();
    live_running at [100 x 30, 80 x 24, 40 x 12]: running(good());
    live_running_troubled at [100 x 30, 80 x 24]: after(running(several()), "");
    live_not_restarted at [80 x 24]: not_restarted();
    live_delete at [80 x 24, 40 x 12]: after(failed(good()), "Dorders-ap");
    live_restart at [80 x 24, 40 x 12]: after(failed(good()), "x");
    live_deleted at [80 x 24, 40 x 12]: after(failed(good()), "Dorders-api-c<enter>");
    live_watched_failed at [80 x 24]: watched_and_failed();
    // The panes.
    containers at [100 x 30, 40 x 12]: after(running(several()), "<right>");
    containers_none_yet at [80 x 24]: after(booted_to(no_containers(), 3), "<right>");
    log_following at [100 x 30, 40 x 12]: after(booted_to(pull_denied(), 9), "L");
    log_found at [100 x 30, 40 x 12]: after(booted_to(pull_denied(), 9), "L/denied<enter>Nzt");
    log_wrapped at [80 x 24]: after(booted_to(pull_denied(), 9), "LW");
    log_lost at [80 x 24]: after(booted_to(lost_log(), 9), "L");
    log_silent at [100 x 30, 40 x 12]: after(booted_to(good(), 2), "L");
    log_private at [80 x 24]: after(booted_to(ended(LogEnd::Private), 9), "L");
    log_of_nobody at [80 x 24]: after(booted_to(ended(LogEnd::NoAddress), 9), "L");
    network at [100 x 30, 40 x 12]: after(running(certified()), "<right><right><right>c");
    figures at [100 x 30, 40 x 12]: figures_over_time();
    proof at [100 x 30, 40 x 12]: after(running(good()), "v");
    proof_differs at [100 x 30]: after(running(other_evidence()), "v");
    fleet at [100 x 30, 40 x 12]: after(booted_to(fleet_of_three(), 9), "<left>");
    // Watching what somebody else made.
    watch_asking at [80 x 24]: looking_for("orders-api");
    watch_several at [80 x 24, 40 x 12]: watched(good(), cloud::APP);
    watch_not_found at [80 x 24, 40 x 12]: watched(good(), "no-such-thing");
    watch_running at [100 x 30, 80 x 24]: watched(well(), "orders-api");
}

/// The words of a boot with the seconds each takes.
const PHASES: [(&str, u64); 9] = [
    ("booting", 12),
    ("requesting app keys", 4),
    ("initializing data disk", 11),
    ("data disk ready", 1),
    ("setting up dstack-gateway", 2),
    ("setting up docker", 3),
    ("docker compose pull", 2),
    ("pre-launch", 6),
    ("starting containers", 114),
];

fn good() -> Cloud {
    let mut cloud = registered(Fate::Good);
    cloud.siblings_are_well();
    let boot = |whole: u64| PastBoot {
        phases: PHASES
            .iter()
            .map(|(word, seconds)| ((*word).to_owned(), *seconds))
            .collect(),
        whole,
    };
    cloud.cockpit.past = vec![boot(200), boot(231), boot(208)];
    cloud
}

fn well() -> Cloud {
    let mut cloud = good();
    cloud.boots_well();
    cloud
}

fn after(mut journey: Journey, keys: &str) -> Journey {
    journey.press(keys).wait(2);
    journey
}

/// After so many phases of its boot.
fn booted_to(cloud: Cloud, phases: usize) -> Journey {
    let mut journey = sent(cloud);
    journey.wait(3);
    for (word, seconds) in &PHASES[..phases] {
        journey.cloud.state = State {
            status: "running".into(),
            boot_progress: Some((*word).into()),
            ..State::default()
        };
        journey.news().wait(*seconds);
    }
    journey
}

fn stalled() -> Journey {
    let mut journey = booted_to(good(), 2);
    for _ in 0..20 {
        journey.wait(5).news();
    }
    journey
}

/// The console of a boot that cannot pull its image, as far along as one mostly is.
fn pull_denied() -> Cloud {
    let mut cloud = good();
    let mut console: Vec<String> = (1..400)
        .map(|number| format!("[   {number:>3}.21] systemd[1]: Started unit {number}."))
        .collect();
    for line in [
        "[FAILED] Failed to start Virtual Console Setup.",
        "app-compose.sh[302]: Starting containers with runner=docker-compose",
        "app-compose.sh[302]: api Pulling",
        "app-compose.sh[302]: redis Pulling",
        "app-compose.sh[302]: redis Pulled",
        "[  208.10] overlayfs: fs on '/var/lib/docker' does not support file handles, falling back to xino=off.",
        "app-compose.sh[302]: api Error Head \"https://ghcr.io/v2/acme/api/manifests/1.8.2\": denied",
        "app-compose.sh[302]: Error response from daemon: Head \"https://ghcr.io/v2/acme/api/manifests/1.8.2\": denied",
        "systemd[1]: app-compose.service: Main process exited, code=exited, status=1/FAILURE",
    ] {
        console.push(line.to_owned());
    }
    let console: Vec<&str> = console.iter().map(String::as_str).collect();
    cloud.cockpit.says(LogSource::Serial, &console);
    cloud
}

fn failed(cloud: Cloud) -> Journey {
    let mut journey = booted_to(cloud, 9);
    journey.cloud.state.boot_error = Some("failed to start containers".into());
    journey.news().wait(8);
    journey
}

fn not_restarted() -> Journey {
    let mut cloud = pull_denied();
    cloud.cockpit.restarted = Err(cloud::refused("POST /cvms/../restart", 503, None));
    after(failed(cloud), "x<enter>")
}

fn watched_and_failed() -> Journey {
    let mut cloud = pull_denied();
    cloud.cockpit.siblings.clear();
    cloud.state = State {
        status: "running".into(),
        boot_progress: Some("starting containers".into()),
        boot_error: Some("failed to start containers".into()),
        ..State::default()
    };
    let mut journey = watched(cloud, "orders-api");
    journey.wait(8);
    journey
}

fn degraded() -> Journey {
    let mut journey = booted_to(good(), 9);
    journey.cloud.boots_well();
    journey.cloud.state.boot_error = Some(
        "dstack-gateway registration failed, the app has no ingress route: connection refused"
            .into(),
    );
    journey.news().wait(12);
    journey
}

fn running(cloud: Cloud) -> Journey {
    let mut journey = booted_to(cloud, 9);
    journey.cloud.boots_well();
    journey.news().wait(3);
    journey
}

fn several() -> Cloud {
    let mut cloud = good();
    cloud.cockpit.containers(vec![
        container("dstack-api-1", "running", "Up 2 minutes (healthy)"),
        container(
            "dstack-worker-1",
            "restarting",
            "Restarting (1) 3 seconds ago",
        ),
        container("dstack-migrate-1", "exited", "Exited (0) 2 minutes ago"),
        container("dstack-redis-1", "running", "Up 2 minutes (unhealthy)"),
    ]);
    cloud
}

fn no_containers() -> Cloud {
    let mut cloud = good();
    cloud.cockpit.containers(Vec::new());
    if let Ok(told) = &mut cloud.cockpit.composition {
        told.online = false;
    }
    cloud
}

fn lost_log() -> Cloud {
    let mut cloud = pull_denied();
    let lost = LogEnd::Failed(cloud::lost());
    cloud.cockpit.ends.insert(LogSource::Serial, lost);
    cloud
}

fn ended(why: LogEnd) -> Cloud {
    let mut cloud = good();
    cloud.cockpit.ends.insert(LogSource::Serial, why);
    cloud
}

fn certified() -> Cloud {
    let mut cloud = good();
    cloud.cockpit.reached = Ok(Reached {
        status: 200,
        millis: 212,
        certificate: Some(Certificate {
            subject: "*.dstack-prod6.phala.network".into(),
            issuer: "R11".into(),
            until: "2027-01-31T23:59:59Z".into(),
        }),
    });
    let url = "https://f2e4c1a088d24c0eb5b6-8080.dstack-prod6.phala.network";
    if let Ok(told) = &mut cloud.cockpit.network {
        told.urls = vec![url.into(), url.replace("8080", "9090").as_str().into()];
        told.handshake = Some("12 s ago".into());
        told.internal_ip = Some("10.4.0.17".into());
    }
    cloud
}

fn figures_over_time() -> Journey {
    let mut journey = after(running(good()), "<left><left><left>");
    for busy in (0..=96_u8).step_by(3).chain((4..96).rev().step_by(5)) {
        journey.cloud.cockpit.stats = Ok(stats(busy));
        journey.wait(5);
    }
    journey
}

fn other_evidence() -> Cloud {
    Cloud {
        evidence: Evidence::new(b"{}"),
        ..good()
    }
}

fn fleet_of_three() -> Cloud {
    let mut cloud = good();
    let states = cloud.cockpit.siblings.values_mut();
    if let Some(state) = states.last() {
        state.status = "exited".into();
        state.uptime = None;
    }
    cloud
}

fn looking_for(name: &str) -> Journey {
    let start = Start {
        watch: Some(name.to_owned()),
        ..Start::default()
    };
    let mut journey = Journey::begin(good(), start);
    if let Some((id, request)) = journey.open.pop()
        && let Some(answer) = journey.cloud.answer(&request)
    {
        journey.reply(id, answer);
    }
    journey.pass(2);
    journey
}

fn watched(cloud: Cloud, name: &str) -> Journey {
    let start = Start {
        watch: Some(name.to_owned()),
        ..Start::default()
    };
    let mut journey = Journey::begin(cloud, start);
    journey.settle().wait(6);
    journey
}
