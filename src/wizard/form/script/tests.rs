use crate::secret::Secret;
use crate::wizard::event::{Answer, Request, TextFile};
use crate::wizard::facts::Facts;
use crate::wizard::form::env::testing::{CANARY, facts, facts_with, typing, words, words_of};
use crate::wizard::form::{Course, Form, Step};
use crate::wizard::keymap::Command;
use crate::wizard::screen::{Input, Wish};
use crate::zone::Zone;

const LIVE: &str = "#!/bin/bash\necho live\n";

/// The form at step 5, with these facts.
fn form(facts: Facts) -> Form {
    let mut form = Form::new("/home/dana".into());
    form.facts = facts;
    form.at = Step::Script;
    form.seen = Step::Script;
    form.update(Input::Tick);
    form
}

/// A command, which the step has to offer.
fn press(form: &mut Form, command: Command) -> Course {
    assert!(
        form.offer().find(command).is_some(),
        "{command:?} is not offered"
    );
    form.update(Input::Command(command))
}

/// Takes this text as written in the person's editor.
fn write(form: &mut Form, text: &str) {
    press(form, Command::Edit);
    form.answer(Answer::Edited(Ok(text.into())));
}

fn problem(form: &Form) -> String {
    form.problem(Step::Script).unwrap_or_default()
}

/// Sets this variable by hand in step 4, and comes back.
fn set(form: &mut Form, name: &str, value: &str) {
    form.at = Step::Env;
    if form.offer().find(Command::Add).is_none() {
        press(form, Command::Choose(3));
    }
    press(form, Command::Add);
    typing(name).for_each(|key| {
        form.update(Input::Key(key));
    });
    press(form, Command::Next);
    typing(value).for_each(|key| {
        form.update(Input::Key(key));
    });
    press(form, Command::Next);
    form.at = Step::Script;
}

#[test]
fn keeping_sends_nothing_and_says_what_that_means() {
    let form = form(facts_with("services: {}\n", None, Some(LIVE)));
    assert_eq!((form.script.text(), problem(&form).as_str()), (None, ""));
    let text = words(&form.page(&Zone::default()));
    assert!(
        text.contains("(*) keep the app's script") && text.contains("unless another one is sent"),
        "{text}"
    );
}

#[test]
fn the_live_script_and_the_difference_to_it_can_be_seen() {
    let mut form = form(facts_with("services: {}\n", None, Some(LIVE)));
    press(&mut form, Command::Difference);
    assert!(words(&form.page(&Zone::default())).contains("echo live"));
    press(&mut form, Command::Back);
    write(&mut form, "#!/bin/bash\necho mine\n");
    press(&mut form, Command::Difference);
    let text = words(&form.page(&Zone::default()));
    assert!(
        text.contains("- echo live") && text.contains("+ echo mine"),
        "{text}"
    );
    press(&mut form, Command::Difference);
    assert!(form.at == Step::Script && words(&form.page(&Zone::default())).contains("your editor"));
}

#[test]
fn an_own_script_goes_out_byte_for_byte() {
    let mut form = form(facts(&[]));
    write(&mut form, "#!/bin/sh\necho 'a  b'");
    assert_eq!(
        form.script.text().map(|text| &**text),
        Some("#!/bin/sh\necho 'a  b'")
    );
    assert_eq!(
        (problem(&form).as_str(), form.script.source().as_str()),
        ("", "your editor")
    );
}

#[test]
fn a_script_no_shell_can_read_stops_at_its_line() {
    let mut form = form(facts(&[]));
    write(&mut form, "#!/bin/bash\nif true; then\n  echo a");
    assert!(problem(&form).contains("(line 2)"), "{}", problem(&form));
    assert!(
        words(&form.page(&Zone::default())).contains("2 | if true; then"),
        "{}",
        words(&form.page(&Zone::default()))
    );
    assert!(
        form.offer()
            .find(Command::Next)
            .is_some_and(|next| next.blocked.is_some())
    );
}

#[test]
fn windows_line_ends_stop_and_say_what_they_break() {
    let mut form = form(facts(&[]));
    write(&mut form, "#!/bin/bash\r\necho a\r\n");
    assert!(problem(&form).contains("Windows line ends"));
    assert!(
        words(&form.page(&Zone::default())).contains("carriage return as part of each command")
    );
}

#[test]
fn a_value_in_the_script_stops_and_is_not_repeated() {
    let mut form = form(facts(&[]));
    set(&mut form, "TOKEN", CANARY);
    write(&mut form, &format!("#!/bin/bash\ncurl -H {CANARY}\n"));
    assert!(
        problem(&form).contains("a value of your variables stands in it (line 2)"),
        "{}",
        problem(&form)
    );
    assert!(!problem(&form).contains(CANARY));
    assert!(!format!("{form:?}").contains(CANARY));
}

#[test]
fn a_value_set_later_is_looked_for_too() {
    let mut form = form(facts(&["TOKEN"]));
    set(&mut form, "TOKEN", "another value");
    write(&mut form, &format!("#!/bin/bash\ncurl -H {CANARY}\n"));
    assert_eq!(problem(&form), "");
    set(&mut form, "TOKEN", CANARY);
    assert!(problem(&form).contains("a value of your variables"));
}

#[test]
fn an_own_script_lists_the_registry_login_it_switches_off() {
    let compose =
        "services:\n  api:\n    image: a\n    environment:\n      - HOST=${DSTACK_APP_DOMAIN}\n";
    let allowed = ["DSTACK_DOCKER_USERNAME", "DSTACK_DOCKER_PASSWORD"];
    let mut form = form(facts_with(compose, Some(&allowed), Some(LIVE)));
    assert!(!words(&form.page(&Zone::default())).contains("nobody would sign in"));
    write(&mut form, "#!/bin/bash\necho mine\n");
    let text = words(&form.page(&Zone::default()));
    assert!(
        text.contains("DSTACK_DOCKER_USERNAME, DSTACK_DOCKER_PASSWORD"),
        "{text}"
    );
    assert!(
        text.contains("nobody would sign in to the registry"),
        "{text}"
    );
    assert!(
        text.contains("${DSTACK_APP_DOMAIN} in api (line 5)"),
        "{text}"
    );
    let remarks = words_of(&form.script.remarks(&form.facts, &form.compose, &form.env));
    assert!(remarks.contains("nobody would sign in"), "{remarks}");
    // The script that runs now switches nothing off.
    write(&mut form, LIVE);
    assert!(!words(&form.page(&Zone::default())).contains("nobody would sign in"));
}

#[test]
fn walking_away_and_back_keeps_the_script() {
    let mut form = form(facts(&[]));
    write(&mut form, "#!/bin/sh\n:\n");
    press(&mut form, Command::Back);
    assert_eq!(form.at, Step::Env);
    form.jump(Step::Script);
    assert_eq!(
        form.script.text().map(|text| &**text),
        Some("#!/bin/sh\n:\n")
    );
}

#[test]
fn a_script_is_written_here_from_a_first_line_where_there_is_no_live_one() {
    let mut form = form(facts(&[]));
    press(&mut form, Command::Choose(3));
    assert!(words(&form.page(&Zone::default())).contains("#!/bin/bash"));
}

#[test]
fn a_file_is_read_and_its_path_kept_for_the_review() {
    let mut form = form(facts(&[]));
    press(&mut form, Command::Files);
    let asked = form.update(Input::Paste(Secret::new("/home/dana/init.sh")));
    assert_eq!(asked, Course::Stay(Vec::new()));
    let Course::Stay(wishes) = press(&mut form, Command::Next) else {
        panic!("left the step")
    };
    assert!(matches!(
        wishes.as_slice(),
        [Wish::Ask(Request::ReadFile(_))]
    ));
    let file = TextFile {
        path: "/home/dana/init.sh".into(),
        text: Secret::new("#!/bin/sh\n"),
        lasts: true,
    };
    form.answer(Answer::File(Ok(file)));
    assert_eq!(form.script.path().as_deref(), Some("./init.sh"));
}
