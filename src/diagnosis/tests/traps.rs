//! Lines that look like a cause and are none, and text that could break something.

use super::*;
use proptest::prelude::*;

#[test]
fn an_error_without_a_telling_line_is_unknown() {
    assert_eq!(cause(UP, START, &[]), None);
    let end = "systemd[1]: app-compose.service: Main process exited, code=exited, status=1/FAILURE";
    assert_eq!(cause(UP, START, &[("serial", end)]), None);
    assert_eq!(cause("setting up docker", "odd", &[]), None);
    assert_eq!(diagnose(&Evidence::default()), None);
}

#[test]
fn what_a_running_container_says_is_its_own_business() {
    for text in [
        "{\"level\":\"error\",\"msg\":\"permission denied for user 7\"}",
        "GET https://registry-1.docker.io/v2/: toomanyrequests",
        "{\"code\":\"toomanyrequests\"}",
        "pull access denied for acme/api, repository does not exist",
        "dial tcp 10.0.0.1:5432: connect: connection refused",
        "no space left on device",
        "Out of memory: Killed process 8 (node)",
        "Boot denied: Compose hash not allowed",
        "API_KEY is not set",
        "mkdir: cannot create directory '/data/x': Permission denied",
        "Error: listen EADDRINUSE: address already in use :::3000",
    ] {
        for phase in [UP, "done", "requesting app keys", ""] {
            assert_eq!(
                cause(phase, START, &[("api", text)]),
                None,
                "{phase}: {text}"
            );
        }
    }
}

#[test]
fn only_the_container_in_trouble_is_listened_to() {
    let said = [
        (
            "web",
            "Error: listen EADDRINUSE: address already in use :::3000",
        ),
        ("dstack-api-1", "permission denied for user 7"),
        ("dstack-api-1", "API_TOKEN is not set"),
    ];
    let seen = [
        ContainerSeen {
            name: "/dstack-web-1",
            state: "running",
            status: "Up 2 minutes (healthy)",
        },
        ContainerSeen {
            name: "/dstack-api-1",
            state: "exited",
            status: "Exited (1) 3 seconds ago",
        },
    ];
    let found = found("done", "", &said, &seen).unwrap();
    assert_eq!(found.cause, Cause::EnvMissing);
    assert_eq!(found.subject.unwrap().as_str(), "API_TOKEN");
}

#[test]
fn what_docker_says_of_a_container() {
    for (state, status, expected) in [
        (
            "restarting",
            "Restarting (137) 4 seconds ago",
            Some(Cause::OutOfMemory),
        ),
        (
            "exited",
            "Exited (137) 4 seconds ago",
            Some(Cause::OutOfMemory),
        ),
        (
            "restarting",
            "Restarting (1) 4 seconds ago",
            Some(Cause::ContainerExits),
        ),
        (
            "restarting",
            "Restarting (0) 4 seconds ago",
            Some(Cause::ContainerExits),
        ),
        (
            "exited",
            "Exited (2) 1 minute ago",
            Some(Cause::ContainerExits),
        ),
        ("exited", "Exited (0) 1 minute ago", None),
        (
            "running",
            "Up 2 minutes (unhealthy)",
            Some(Cause::ContainerUnhealthy),
        ),
        ("running", "Up 2 minutes (health: starting)", None),
        ("running", "Up 2 minutes", None),
        ("", "", None),
    ] {
        let seen = [ContainerSeen {
            name: "api",
            state,
            status,
        }];
        let found = found("done", "", &[], &seen).map(|found| found.cause);
        assert_eq!(found, expected, "{status}");
    }
}

#[test]
fn what_the_boot_went_past_is_no_cause() {
    let earlier = [
        (
            "serial",
            "dstack-prepare.sh[231]: Failed to register CVM: connection refused",
        ),
        (
            "serial",
            "app-compose.sh[302]: /dev/fd/63: line 9: jqq: command not found",
        ),
        (
            "serial",
            "app-compose.sh[302]: Docker login failed: ghcr.io",
        ),
    ];
    assert_eq!(cause(UP, START, &earlier), None);
    let pulled = [("serial", "app-compose.sh[302]: api Error manifest unknown")];
    assert_eq!(cause("done", "odd", &pulled), None);
    assert_eq!(cause("done", "", &pulled), None);
}

#[test]
fn a_pull_the_script_went_past_is_no_cause() {
    let pulled = (
        "serial",
        "app-compose.sh[302]: api Error toomanyrequests: slow down",
    );
    let past = (
        "serial",
        "app-compose.sh[302]: WARNING: docker compose pull failed; continuing with existing images",
    );
    let up = ("serial", "app-compose.sh[302]: Starting containers");
    assert_eq!(cause(UP, START, &[pulled]), Some(Cause::PullLimit));
    assert_eq!(cause(UP, START, &[pulled, up]), None);
    assert_eq!(
        cause("pre-launch", "exit status 3", &[pulled, past]),
        Some(Cause::ScriptFailed)
    );
}

#[test]
fn of_the_console_the_newest_boot_counts() {
    let before = ("serial", "app-compose.sh[302]: api Error manifest unknown");
    let again = ("serial", "[    0.000000] Linux version 6.9.0-dstack");
    assert_eq!(cause(UP, START, &[before]), Some(Cause::ImageNotFound));
    assert_eq!(cause(UP, START, &[before, again]), None);
}

#[test]
fn a_blank_variable_is_harmless_until_something_needs_it() {
    let blank = (
        "serial",
        "app-compose.sh[302]: time=\"x\" level=warning msg=\"The \\\"TAG\\\" variable is not set. Defaulting to a blank string.\"",
    );
    assert_eq!(cause(UP, START, &[blank]), None);
    let gap = (
        "serial",
        "app-compose.sh[302]: Error response from daemon: invalid reference format",
    );
    assert_eq!(
        cause(UP, START, &[gap]),
        Some(Cause::EnvMissing),
        "LOG_FORMAT is blank in every boot here"
    );
    let lines = numbered([blank, gap].into_iter());
    let evidence = Evidence {
        status: "running",
        phase: UP,
        error: Some(START),
        lines: &lines,
        ..Evidence::default()
    };
    let found = diagnose(&evidence).unwrap();
    assert_eq!(
        (found.cause, found.subject),
        (Cause::EnvMissing, Some("TAG".into()))
    );
    let found = diagnose(&Evidence {
        lines: &lines[1..],
        ..evidence
    })
    .unwrap();
    assert_eq!(found.cause, Cause::ComposeInvalid);
}

#[test]
fn among_equals_the_first_and_a_reason_before_a_place() {
    let lines = [
        (
            "serial",
            "app-compose.sh[302]: dependency failed to start: container dstack-db-1 exited (1)",
        ),
        ("serial", "app-compose.sh[302]: api Error manifest unknown"),
        (
            "serial",
            "app-compose.sh[302]: write /x: no space left on device",
        ),
    ];
    assert_eq!(cause(UP, START, &lines), Some(Cause::ImageNotFound));
}

#[test]
fn the_last_words_of_a_script_are_shown_for_its_failure() {
    let lines = [
        ("serial", "app-compose.sh[302]: seed: giving up"),
        (
            "serial",
            "systemd[1]: app-compose.service: Main process exited, code=exited, status=7/NOTRUNNING",
        ),
    ];
    let found = found("pre-launch", "", &lines, &[]).unwrap();
    assert_eq!(found.cause, Cause::ScriptFailed);
    assert_eq!(found.subject.unwrap().as_str(), "7");
    let Rest::Log { number, text, .. } = found.rests_on else {
        panic!("no line");
    };
    assert_eq!((number, text.as_str()), (1, lines[0].1));
}

#[test]
fn a_machine_that_is_gone_without_a_word_has_ended() {
    let of = |error| {
        diagnose(&Evidence {
            status: "exited",
            phase: "N/A",
            error,
            ..Evidence::default()
        })
        .map(|found| (found.cause, found.rests_on))
    };
    assert_eq!(of(None), Some((Cause::MachineExited, Rest::Status)));
    assert_eq!(of(Some("odd")), None);
}

#[test]
fn control_characters_come_out_visible() {
    let lines = [(
        "serial",
        "app-compose.sh[302]: manifest for a\u{202e}b:1 not found: manifest unknown \u{7}",
    )];
    let found = found(UP, START, &lines, &[]).unwrap();
    assert_eq!(found.subject.as_ref().unwrap().as_str(), "a\\u{202e}b:1");
    let Rest::Log { text, .. } = &found.rests_on else {
        panic!("no line");
    };
    assert!(text.as_str().ends_with("\\u{7}"));
    assert!(!found.sentence().contains('\u{202e}'));
}

#[test]
fn many_lines_and_long_ones_are_read_in_time() {
    let long = format!(
        "app-compose.sh[302]: {}\u{1b}[",
        "é\u{1b}[31".repeat(200_000)
    );
    let mut lines: Vec<(&str, &str)> = vec![
        (
            "serial",
            "[   40.1] app-compose.sh[302]:  3f1c Extracting 12 MB of 80 MB"
        );
        20_000
    ];
    lines.extend([("serial", &*long), ("api", &*long)]);
    lines.push(("serial", "app-compose.sh[302]: manifest unknown"));
    assert_eq!(cause(UP, START, &lines), Some(Cause::ImageNotFound));
}

proptest! {
    #[test]
    fn no_text_breaks_it(
        said in proptest::collection::vec((0..6_usize, any::<String>(), 0..24_usize), 0..12),
        phase in any::<String>(),
        error in any::<Option<String>>(),
        creation in any::<Option<String>>(),
        status in any::<String>(),
    ) {
        const SOURCES: [&str; 6] = ["serial", "stdout", "stderr", "api", "dstack-api-1", ""];
        const WORDS: [&str; 24] = [
            "app-compose.sh[1]: ", "[ 1.2] ", "pull access denied for ", "manifest unknown", "https://a/v2/b/manifests/",
            ": not found", "exec: \"", "required variable ", "the \"", " variable is not set. Defaulting to a blank string",
            ": unbound variable", "is not set", "killed process (", "out of memory: ", "address already in use :",
            "dependency failed to start: container ", "exited (", ")", "service \"", "docker-compose.yaml: ",
            "didn't complete successfully", "exec format error", "status=", "\u{1b}[",
        ];
        let texts: Vec<(usize, String)> = said
            .iter()
            .map(|(source, text, word)| {
                let other = WORDS[(word + 7) % 24];
                (*source, format!("{}{text}{}{text}{other}", WORDS[*word], WORDS[(word * 5 + 1) % 24]))
            })
            .collect();
        let lines = numbered(texts.iter().map(|(source, text)| (SOURCES[*source], &**text)));
        let seen = [ContainerSeen { name: &phase, state: &status, status: "Restarting (1)" }, ContainerSeen {
            name: "api", state: "exited", status: &status,
        }];
        for phase in [&*phase, UP, "done", "pre-launch", "requesting app keys"] {
            for creation in [None, creation.as_deref()] {
                let _ = diagnose(&Evidence {
                    status: &status, phase, error: error.as_deref(), creation, lines: &lines,
                    containers: &seen, known: Known::default(),
                });
            }
        }
        for (_, text) in &texts {
            let _ = harmless::harmless(text);
        }
    }
}
