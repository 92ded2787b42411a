//! The failure stories of the sandbox: each is recognised, by a line of its own, and by no other.

use super::*;

/// The story that no single line tells.
const NEEDS_TWO: &str = "env-not-allowed";
const IMAGE: &str = "ghcr.io/sandbox-team/orders-api:2.8.1";

struct Story {
    name: String,
    phase: String,
    error: Option<String>,
    exits: bool,
    /// Source and text.
    log: Vec<(String, String)>,
    /// Service, state, status.
    containers: Vec<[String; 3]>,
}

fn stories() -> Vec<Story> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sandbox/failures");
    let mut stories: Vec<Story> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            read(name, &text.parse::<toml::Table>().unwrap())
        })
        .collect();
    stories.sort_by(|one, other| one.name.cmp(&other.name));
    stories
}

fn read(name: String, table: &toml::Table) -> Story {
    for member in ["sentence", "hint"] {
        assert!(table[member].as_str().unwrap().ends_with('.'), "{name}");
    }
    let mishap = table["mishap"].as_table().unwrap();
    let rows = |list: &str| mishap.get(list).and_then(|rows| rows.as_array()).cloned();
    let text = |row: &toml::Value, member: &str| row[member].as_str().unwrap().to_owned();
    let log = rows("log").unwrap_or_default();
    assert!(log.len() <= 12, "{name}");
    Story {
        name,
        phase: mishap["phase"].as_str().unwrap().to_owned(),
        error: mishap
            .get("error")
            .map(|error| error.as_str().unwrap().to_owned()),
        exits: mishap.contains_key("exits_after"),
        log: log
            .iter()
            .map(|row| {
                let said = text(row, "text")
                    .replace("{image}", IMAGE)
                    .replace("{instance}", "i-1");
                (text(row, "source"), said)
            })
            .collect(),
        containers: rows("container")
            .unwrap_or_default()
            .iter()
            .map(|row| {
                [
                    text(row, "service"),
                    text(row, "state"),
                    text(row, "status"),
                ]
            })
            .collect(),
    }
}

/// The verdict on a story without some of its lines, error and containers.
fn judge(
    story: &Story,
    keeps: impl Fn(usize) -> bool,
    error: bool,
    containers: bool,
) -> Option<Diagnosis> {
    let creating = story.phase == "creating";
    let log = story
        .log
        .iter()
        .enumerate()
        .filter(|(place, _)| keeps(*place));
    let mut lines = if creating { Vec::new() } else { healthy() };
    lines.extend(numbered(
        log.map(|(_, (source, text))| (&**source, &**text)),
    ));
    let seen: Vec<ContainerSeen<'_>> = story
        .containers
        .iter()
        .map(|[name, state, status]| ContainerSeen {
            name,
            state,
            status,
        })
        .collect();
    let env_names = ["DATABASE_URL".to_owned()];
    let error = story.error.as_deref().filter(|_| error);
    diagnose(&Evidence {
        status: match (creating, story.exits) {
            (true, _) => "error",
            (_, true) => "exited",
            _ => "running",
        },
        phase: &story.phase,
        error: error.filter(|_| !creating),
        creation: error.filter(|_| creating),
        lines: &lines,
        containers: if containers { &seen } else { &[] },
        known: Known {
            env_names: &env_names,
            images: &[],
        },
    })
}

#[test]
fn every_story_is_recognised_by_something_in_it() {
    for story in stories() {
        let found = judge(&story, |_| true, true, true)
            .unwrap_or_else(|| panic!("{} is not recognised", story.name));
        assert_eq!(found.cause.word().replace('_', "-"), story.name);
        let own = match &found.rests_on {
            Rest::Log { source, text, .. } => story.log.iter().any(|(from, said)| {
                source.as_str() == from && *text == Shown::bounded(said, MOST_TEXT)
            }),
            Rest::BootError(text) | Rest::Creation(text) => {
                story.error.as_deref() == Some(text.as_str())
            }
            Rest::Container { name, .. } => {
                story.containers.iter().any(|seen| seen[0] == name.as_str())
            }
            Rest::Status => false,
        };
        assert!(own, "{}: {:?}", story.name, found.rests_on);
    }
}

#[test]
fn every_cause_has_its_story() {
    let names: Vec<String> = stories().into_iter().map(|story| story.name).collect();
    for cause in Cause::ALL {
        assert!(
            names.contains(&cause.word().replace('_', "-")),
            "{}",
            cause.word()
        );
    }
    assert_eq!(names.len(), Cause::ALL.len());
}

/// What is not told is not known: the lines that say it are needed, all else of the story may go.
#[test]
fn without_the_telling_words_it_is_unknown_or_something_else() {
    for story in stories().iter().filter(|story| story.name != NEEDS_TWO) {
        let full = judge(story, |_| true, true, true).unwrap();
        let telling: Vec<bool> = (0..story.log.len())
            .map(|place| {
                judge(story, |other| other == place, false, true)
                    .is_some_and(|found| found.cause == full.cause)
                    || judge(story, |other| other == place, true, true)
                        .is_some_and(|found| found.cause == full.cause)
            })
            .collect();
        let said =
            judge(story, |_| false, true, false).is_some_and(|found| found.cause == full.cause);
        let seen =
            judge(story, |_| false, false, true).is_some_and(|found| found.cause == full.cause);
        let rest = judge(story, |place| !telling[place], !said, !seen);
        // That a machine is gone is seen without a word; why it is gone is not.
        let rest = rest.filter(|found| found.rests_on != Rest::Status);
        let rest = rest.map(|found| found.cause);
        assert_ne!(rest, Some(full.cause), "{}: {telling:?}", story.name);
    }
}

/// One needs two lines: the blank variable and the container that names it.
#[test]
fn a_blank_variable_counts_only_where_the_container_names_it() {
    let story = stories()
        .into_iter()
        .find(|story| story.name == NEEDS_TWO)
        .unwrap();
    for place in 0..story.log.len() {
        let found = judge(&story, |other| other != place, true, true).map(|found| found.cause);
        assert_eq!(found, Some(Cause::ContainerExits));
    }
}
