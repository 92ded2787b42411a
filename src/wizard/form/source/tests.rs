use super::*;
use crate::secret::Secret;
use crate::wizard::screen::Wish;
use crossterm::event::{KeyCode, KeyEvent};

const LIVE: &str = "#!/bin/sh\necho live\n";

fn source() -> TextSource {
    TextSource::new(
        Kind {
            name: "The text",
            question: "Which text?",
            ending: "sh",
            likely: |_| false,
        },
        "/w".into(),
    )
}

fn take(source: &mut TextSource, input: Input) -> Reaction {
    source.update(input, Ok(LIVE), None)
}

fn press(source: &mut TextSource, command: Command) -> Reaction {
    take(source, Input::Command(command))
}

fn file(text: &str) -> Input {
    Input::Answer(Answer::File(Ok(TextFile {
        path: "/w/a.sh".into(),
        text: Secret::new(text),
        lasts: true,
    })))
}

fn said(reaction: &Reaction) -> &str {
    match reaction.wishes.as_slice() {
        [Wish::Say(sentence)] => sentence,
        _ => "",
    }
}

#[test]
fn what_is_written_here_begins_with_what_the_app_has() {
    let mut source = source();
    press(&mut source, Command::Choose(3));
    take(&mut source, Input::Key(KeyEvent::from(KeyCode::Char('#'))));
    press(&mut source, Command::Next);
    assert_eq!(
        source.text().map(|text| &**text),
        Some("##!/bin/sh\necho live\n")
    );
    assert_eq!(source.words(), "written here");
}

#[test]
fn leaving_an_untouched_text_area_changes_nothing() {
    let mut source = source();
    press(&mut source, Command::Choose(3));
    press(&mut source, Command::Back);
    assert_eq!(
        (source.source(), source.text(), source.written.is_none()),
        (Source::Keep, None, true)
    );
}

#[test]
fn the_editors_text_is_taken_and_each_source_keeps_its_own() {
    let mut source = source();
    let asked = press(&mut source, Command::Edit);
    assert!(
        matches!(asked.wishes.as_slice(), [Wish::Ask(Request::Edit { text, .. })] if text == LIVE)
    );
    take(
        &mut source,
        Input::Answer(Answer::Edited(Ok("mine".into()))),
    );
    assert_eq!(source.text().map(|text| &**text), Some("mine"));
    press(&mut source, Command::Choose(1));
    assert_eq!(source.text(), None);
    press(&mut source, Command::Choose(4));
    assert_eq!(source.text().map(|text| &**text), Some("mine"));
}

#[test]
fn an_editor_that_changed_nothing_or_failed_leaves_the_choice() {
    let mut source = source();
    press(&mut source, Command::Edit);
    let reaction = take(&mut source, Input::Answer(Answer::Edited(Ok(LIVE.into()))));
    assert_eq!(said(&reaction), "your editor changed nothing");
    press(&mut source, Command::Edit);
    take(
        &mut source,
        Input::Answer(Answer::Edited(Err(Shown::line("no editor")))),
    );
    assert_eq!(source.source(), Source::Keep);
}

#[test]
fn an_answer_nobody_asked_for_is_not_taken() {
    let mut source = source();
    take(&mut source, Input::Answer(Answer::Edited(Ok("x".into()))));
    assert_eq!(source.text(), None);
}

#[test]
fn a_file_is_taken_byte_for_byte_and_read_again_on_request() {
    let mut source = source();
    press(&mut source, Command::Files);
    let folder = crate::wizard::event::Folder {
        path: "/w".into(),
        entries: vec![crate::wizard::event::FolderEntry {
            name: "a.sh".into(),
            is_folder: false,
            size: 1,
        }],
    };
    take(&mut source, Input::Answer(Answer::Folder(Ok(folder))));
    press(&mut source, Command::Last);
    press(&mut source, Command::Next);
    take(&mut source, file("a\r\n"));
    assert_eq!(source.text().map(|text| &**text), Some("a\r\n"));
    assert_eq!(source.path().as_deref(), Some("./a.sh"));
    press(&mut source, Command::Refresh);
    assert_eq!(
        said(&take(&mut source, file("b"))),
        "read again: the text changed"
    );
    assert_eq!(source.text().map(|text| &**text), Some("b"));
}

#[test]
fn a_live_text_that_is_not_known_says_why_nothing_can_begin_with_it() {
    let mut source = source();
    let reaction = source.update(Input::Command(Command::Choose(3)), Err("not known"), None);
    assert_eq!(said(&reaction), "not known");
}
