use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::api::types::{App, AppId, KmsKind};
use crate::secret::Secret;
use crate::wizard::event::{Answer, Folder, FolderEntry, Request, TextFile};
use crate::wizard::facts::AppFacts;
use crate::wizard::form::{Course, Form, Step};
use crate::wizard::keymap::{Typing, look_up};
use crate::wizard::page::Block;
use crate::wizard::screen::Wish;
use crate::zone::Zone;

const LIVE: &str = "# shop\nservices:\n  web:\n    image: nginx:1.27\n    ports: ['80:80']\n";
const CRLF: &str = "\u{feff}services:\r\n  web:\r\n    image: nginx:1.28\r\n    ports: ['80:80']";
const BROKEN: &str = "services:\n  web:\n    image: nginx:1.27\n    ports: ['80:80'\n";
const BUILD: &str = "services:\n  worker:\n    build: ./worker\n    ports: ['80:80']\n";

/// A form at step 3, for an app whose live compose file is known.
fn form() -> Form {
    let mut form = Form::new("/work/app".into());
    form.facts.app = Some(AppFacts {
        app: App {
            id: AppId::parse(&"ab".repeat(20)).unwrap(),
            name: "orders".into(),
            kms: KmsKind::OnChain("base".into()),
            created_at: None,
            instances: Vec::new(),
            instance_count: None,
        },
        instances: Load::Here(Vec::new()),
        allowlist: Load::Unasked,
        revision: None,
        document: Load::Here(Arc::new(Document {
            compose: LIVE.into(),
            script: Some("echo live\n".into()),
            allowed_envs: None,
            stored: None,
        })),
        env_key: Load::Unasked,
        kms_keys: Load::Unasked,
        new: None,
    });
    (form.at, form.seen) = (Step::Compose, Step::Script);
    form.check();
    form
}

/// Presses keys as the wizard does; says what was asked for or said last.
fn press(form: &mut Form, keys: &str) -> String {
    let mut said = String::new();
    for key in keys.split_whitespace() {
        let event = match key {
            "Enter" => KeyEvent::from(KeyCode::Enter),
            "Esc" => KeyEvent::from(KeyCode::Esc),
            "Up" => KeyEvent::from(KeyCode::Up),
            "Down" => KeyEvent::from(KeyCode::Down),
            "^S" => KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL),
            letter => KeyEvent::from(KeyCode::Char(letter.chars().next().unwrap())),
        };
        let offer = form.offer();
        let input = match look_up(event, &offer) {
            Some(command) => {
                if let Some(reason) = offer.find(command).and_then(|o| o.blocked.clone()) {
                    said = reason;
                    continue;
                }
                Input::Command(command)
            }
            None if offer.typing == Typing::No => continue,
            None => Input::Key(event),
        };
        said = outcome(form.update(input));
    }
    said
}

fn outcome(course: Course) -> String {
    let Course::Stay(wishes) = course else {
        return "review".into();
    };
    match wishes.as_slice() {
        [] => String::new(),
        [Wish::Say(sentence)] => sentence.clone(),
        [Wish::Ask(Request::ListFolder(path))] => format!("list {}", path.display()),
        [Wish::Ask(Request::ReadFile(path))] => {
            // Written as in these tests, whatever stands between names here.
            let names = path.to_str().expect("a name that is text");
            let names: Vec<_> = names.split(std::path::is_separator).collect();
            format!("read {}", names.join("/"))
        }
        [Wish::Ask(Request::Edit { text, ending })] => format!("edit .{ending} {text}"),
        other => panic!("{other:?}"),
    }
}

/// Picks a file with this content through the browser.
fn pick(form: &mut Form, name: &str, text: &str) {
    press(form, "f");
    form.answer(Answer::Folder(Ok(Folder {
        path: "/work/app".into(),
        entries: vec![FolderEntry {
            name: name.into(),
            is_folder: false,
            size: text.len() as u64,
        }],
    })));
    assert_eq!(press(form, "Enter"), format!("read /work/app/{name}"));
    form.answer(file(name, text));
}

fn file(name: &str, text: &str) -> Answer {
    Answer::File(Ok(TextFile {
        path: Path::new("/work/app").join(name),
        text: Secret::new(text),
        lasts: true,
    }))
}

fn paste(form: &mut Form, text: &str) -> String {
    outcome(form.update(Input::Paste(Secret::new(text))))
}

/// The page as lines of words; what stands beside it comes after `|`.
fn words(form: &Form) -> String {
    let zone = Zone::default();
    let page = form.page(&zone);
    let main = page.main.iter().flat_map(|block| match block {
        Block::Text(lines) => lines.iter().map(Line::words).collect(),
        Block::Editor(area) => area.lines().to_vec(),
        _ => Vec::new(),
    });
    let side = page.side.iter().map(|line| format!("| {}", line.words()));
    let note = std::iter::once(page.note.words());
    main.chain(side).chain(note).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn shows(form: &Form, expected: &[&str]) {
    let words = words(form);
    for part in expected {
        assert!(words.contains(part), "{part:?} is not in\n{words}");
    }
}

fn text(form: &Form) -> Option<&str> {
    form.compose.text().map(AsRef::as_ref)
}

#[test]
fn the_live_text_is_kept_unless_something_else_is_chosen() {
    let mut form = form();
    shows(
        &form,
        &[
            "-> 1 (*) keep the live one",
            "The same text means no new hash, and no compose transaction.",
            "web      nginx:1.27  80:80",
            "| What runs now",
        ],
    );
    assert_eq!(form.compose.effective(&form.facts), Some(LIVE));
    press(&mut form, "Enter");
    assert_eq!(form.at, Step::Env);
    assert_eq!(text(&form), None);
    assert_eq!(form.compose.source(), "as others");
}

#[test]
fn a_live_text_with_faults_is_not_judged() {
    let mut form = form();
    let about = form.facts.app.as_mut().unwrap();
    about.document = Load::Here(Arc::new(Document {
        compose: BUILD.into(),
        script: None,
        allowed_envs: None,
        stored: None,
    }));
    form.check();
    assert_eq!(form.problem(Step::Compose), None);
    assert!(form.compose.remarks().is_empty());
}

#[test]
fn a_file_goes_out_byte_for_byte() {
    let mut form = form();
    pick(&mut form, "docker-compose.yml", CRLF);
    assert_eq!(text(&form), Some(CRLF));
    assert_eq!(form.compose.source(), "./docker-compose.yml");
    assert_eq!(form.compose.path().as_deref(), Some("./docker-compose.yml"));
    shows(
        &form,
        &[
            "-> 2 (*) a file",
            "./docker-compose.yml",
            "ok YAML reads, 1 service",
            "has Windows line ends (CRLF)",
            "starts with a byte order mark",
            "| -     image: nginx:1.27",
            "| +     image: nginx:1.28",
            "the app's contract has to register it",
            "none of them stops you",
        ],
    );
    // Looked at in the text area and taken from there, it is still the same.
    press(&mut form, "3 ^S");
    assert_eq!(form.compose.source(), "written here");
    assert_eq!(text(&form), Some(CRLF));
    press(&mut form, "Enter");
    assert_eq!(form.at, Step::Env);
}

#[test]
fn a_text_that_is_not_yaml_stops_with_line_column_and_caret() {
    let mut form = form();
    pick(&mut form, "compose.yml", BROKEN);
    shows(
        &form,
        &[
            "This text cannot be sent yet: 1 error.",
            "X 1  line 4, column 12",
            "4 |     ports: ['80:80'",
            "  |            ^",
        ],
    );
    let said = press(&mut form, "Enter");
    assert!(
        said.starts_with("the compose file cannot be sent yet: ") && said.contains("(line 4)"),
        "{said}"
    );
    assert_eq!(form.at, Step::Compose);
    // The text area opens at the fault.
    press(&mut form, "3");
    shows(&form, &["line 4, column 12"]);
    press(&mut form, "Esc 1 Enter");
    assert_eq!(form.at, Step::Env);
}

#[test]
fn a_build_without_an_image_stops_with_a_remedy() {
    let mut form = form();
    pick(&mut form, "compose.yml", BUILD);
    shows(
        &form,
        &[
            "service 'worker' has 'build:' but no 'image:'",
            "push an image and name it",
        ],
    );
    assert!(form.problem(Step::Compose).is_some());
}

#[test]
fn remarks_do_not_stop_and_reach_the_review() {
    let mut form = form();
    pick(&mut form, "compose.yml", &LIVE.replace("1.27", "latest"));
    assert_eq!(form.problem(Step::Compose), None);
    let remarks: Vec<String> = form.compose.remarks().iter().map(Line::words).collect();
    assert_eq!(remarks, ["! compose: web: tag 'latest'"]);
}

#[test]
fn the_script_counts_against_the_common_limit() {
    let mut form = form();
    let about = form.facts.app.as_mut().unwrap();
    about.document = Load::Here(Arc::new(Document {
        compose: LIVE.into(),
        script: Some("x".repeat(204_800 - LIVE.len())),
        allowed_envs: None,
        stored: None,
    }));
    form.check();
    pick(&mut form, "a-compose.yml", LIVE);
    assert_eq!(form.problem(Step::Compose), None);
    pick(&mut form, "b-compose.yml", &format!("{LIVE}\n"));
    let problem = form.problem(Step::Compose).unwrap_or_default();
    assert!(
        problem.contains("204801 bytes together with the script"),
        "{problem}"
    );
}

#[test]
fn a_script_that_grows_is_noticed() {
    let mut form = form();
    pick(&mut form, "compose.yml", LIVE);
    form.compose.settle(&form.facts, 204_801 - LIVE.len());
    assert!(form.problem(Step::Compose).is_some());
    form.compose.settle(&form.facts, 204_800 - LIVE.len());
    assert_eq!(form.problem(Step::Compose), None);
}

#[test]
fn each_source_keeps_its_own_text() {
    let mut form = form();
    pick(&mut form, "compose.yml", CRLF);
    press(&mut form, "1 3 # ^S");
    let written = format!("#{LIVE}");
    assert_eq!(text(&form), Some(written.as_str()));
    press(&mut form, "2");
    assert_eq!(text(&form), Some(CRLF));
    press(&mut form, "1");
    assert_eq!(text(&form), None);
    press(&mut form, "Up Up Enter");
    assert_eq!(text(&form), Some(written.as_str()));
    press(&mut form, "Enter");
    assert_eq!(form.at, Step::Env);
    press(&mut form, "Esc 2");
    assert_eq!(text(&form), Some(CRLF));
}

#[test]
fn leaving_the_text_area_keeps_the_text_and_takes_nothing() {
    let mut form = form();
    press(&mut form, "3 # Esc");
    assert_eq!(text(&form), None);
    shows(&form, &["-> 1 (*) keep", "3 ( ) write it here"]);
    press(&mut form, "3");
    assert_eq!(text(&form), Some(format!("#{LIVE}").as_str()));
    // Open again, and left by Esc: it was the source already, so what was typed counts.
    press(&mut form, "3 ! Esc");
    assert_eq!(text(&form), Some(format!("#!{LIVE}").as_str()));
}

#[test]
fn an_untouched_copy_is_forgotten_so_that_the_next_begins_anew() {
    let mut form = form();
    press(&mut form, "3 Esc");
    pick(&mut form, "compose.yml", BUILD);
    press(&mut form, "3");
    shows(&form, &["build: ./worker"]);
}

#[test]
fn a_paste_that_is_too_large_is_refused_and_the_text_stays() {
    let mut form = form();
    assert!(paste(&mut form, LIVE).contains("choose 3 first"));
    press(&mut form, "3");
    let said = paste(&mut form, &"x".repeat(300 * 1024));
    assert!(said.starts_with("not pasted: 300 KB"), "{said}");
    press(&mut form, "^S");
    assert_eq!(text(&form), Some(LIVE));
}

#[test]
fn the_persons_editor_works_on_a_copy_of_what_is_chosen() {
    let mut form = form();
    pick(&mut form, "compose.yml", CRLF);
    assert_eq!(press(&mut form, "e"), format!("edit .yml {CRLF}"));
    form.answer(Answer::Edited(Ok(LIVE.into())));
    assert_eq!(text(&form), Some(LIVE));
    assert_eq!(form.compose.source(), "your editor");
    shows(&form, &["-> 4 (*) your editor", "Not one byte differs."]);
    press(&mut form, "2");
    assert_eq!(text(&form), Some(CRLF));
    // Its own text is what it opens from now on.
    assert_eq!(press(&mut form, "e"), format!("edit .yml {LIVE}"));
}

#[test]
fn an_editor_that_fails_or_changes_nothing_leaves_everything_as_it_was() {
    let mut form = form();
    pick(&mut form, "compose.yml", CRLF);
    press(&mut form, "e");
    let said = outcome(form.answer(Answer::Edited(Err("the editor ended with 1".into()))));
    assert_eq!(said, "the editor ended with 1; the text is as it was");
    press(&mut form, "e");
    let said = outcome(form.answer(Answer::Edited(Ok(CRLF.into()))));
    assert_eq!(said, "your editor changed nothing");
    assert_eq!(form.compose.source(), "./compose.yml");
    assert_eq!(text(&form), Some(CRLF));
}

#[test]
fn nothing_is_begun_while_the_live_text_may_still_come() {
    let mut form = form();
    form.facts.app.as_mut().unwrap().document = Load::Asked;
    form.check();
    shows(&form, &["The live compose file is being read."]);
    assert!(press(&mut form, "3").contains("still being read"));
    assert!(press(&mut form, "e").contains("still being read"));
    assert_eq!(form.problem(Step::Compose), None);
}

#[test]
fn a_file_is_read_again_on_a_key_and_a_vanished_one_stays_as_it_was_read() {
    let mut form = form();
    pick(&mut form, "compose.yml", LIVE);
    assert_eq!(press(&mut form, "r"), "read /work/app/compose.yml");
    let said = outcome(form.answer(file("compose.yml", CRLF)));
    assert_eq!(said, "read again: the text changed");
    assert_eq!(text(&form), Some(CRLF));
    press(&mut form, "r");
    let said = outcome(form.answer(Answer::File(Err("compose.yml does not exist".into()))));
    assert_eq!(
        said,
        "compose.yml does not exist; the text read before stays"
    );
    assert_eq!(text(&form), Some(CRLF));
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_the_browser_stays() {
    let mut form = form();
    assert_eq!(press(&mut form, "2"), "list /work/app");
    form.answer(Answer::Folder(Err("app may not be read by you".into())));
    shows(
        &form,
        &["Which compose file?", "app may not be read by you"],
    );
    press(&mut form, "Esc");
    shows(&form, &["-> 1 (*) keep"]);
}

#[test]
fn a_file_that_comes_late_goes_to_the_step_that_asked() {
    let mut form = form();
    pick(&mut form, "compose.yml", LIVE);
    press(&mut form, "r Esc");
    assert_eq!(form.at, Step::Node);
    form.answer(file("compose.yml", CRLF));
    assert_eq!(text(&form), Some(CRLF));
}

#[test]
fn the_whole_difference_and_the_whole_live_text_are_one_key_away() {
    let mut form = form();
    press(&mut form, "v");
    shows(&form, &["The live compose file", "    image: nginx:1.27"]);
    press(&mut form, "v");
    pick(
        &mut form,
        "compose.yml",
        &format!("{LIVE}    environment: ['TOKEN=${{TOKEN}}']\n"),
    );
    shows(&form, &["| new variables: TOKEN"]);
    press(&mut form, "v");
    shows(&form, &["1 line added, 0 removed", "          6 + "]);
    press(&mut form, "Esc");
    shows(&form, &["What should it run?"]);
    assert_eq!(form.at, Step::Compose);
}

#[test]
fn control_characters_of_a_text_are_shown_and_not_obeyed() {
    let mut form = form();
    let text = LIVE.replace("nginx", "ng\u{1b}[31minx");
    pick(&mut form, "compose.yml", &text);
    press(&mut form, "v");
    assert!(!words(&form).contains('\u{1b}'));
    shows(&form, &["ng\\u{1b}[31minx"]);
}

#[test]
fn a_long_image_shows_its_end_and_a_digest_its_beginning() {
    let mut form = form();
    let tag = "registry.example.com/a-team/long-name/orders-worker:2.8.1";
    pick(&mut form, "compose.yml", &LIVE.replace("nginx:1.27", tag));
    shows(&form, &["..am/long-name/orders-worker:2.8.1 "]);
    let digest = format!("ghcr.io/acme/api@sha256:{}", "0123456789abcdef".repeat(4));
    pick(
        &mut form,
        "compose.yml",
        &LIVE.replace("nginx:1.27", &digest),
    );
    shows(&form, &["ghcr.io/acme/api@01234567..  80:80"]);
}

#[test]
fn what_is_known_of_a_text_is_found_once() {
    let mut form = form();
    pick(&mut form, "compose.yml", BUILD);
    let found = |form: &Form| {
        let checked = &form.compose.checked;
        (
            checked.spans.as_ptr(),
            checked.report.findings.as_ptr(),
            checked.difference.as_ref().map(|it| it.lines.as_ptr()),
        )
    };
    let before = found(&form);
    press(&mut form, "Down Up v Esc Down Up");
    form.check();
    words(&form);
    assert_eq!(found(&form), before);
    pick(&mut form, "compose.yml", CRLF);
    assert_ne!(found(&form), before);
}
