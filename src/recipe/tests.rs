use std::path::{Path, PathBuf};

use proptest::option::of;
use proptest::prelude::*;

use super::project::Project;
use super::*;

const FOLDER: &str = "/home/dana/orders";

fn told(text: &str) -> Result<Recipe, String> {
    read(text, Path::new(FOLDER)).map_err(|wrong| wrong.to_string())
}

fn below(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

#[test]
fn a_recipe_says_where_every_answer_comes_from() {
    let hash = "ab".repeat(32);
    let recipe = told(&format!(
        "# mine\nschema = 1\napp = 'orders-api'\nrevision = \"0x{hash}\"\nnode = 6\n\
         compose = {{ file = 'deploy/compose.yml' }}\nscript = 'keep'\n\
         registration = {{ hand_over = 'cast', file = '/tmp/cast.sh' }}\n\
         [variables]\nfile = '~/.env'\nnames = ['A', 'B']\n"
    ))
    .unwrap();
    assert_eq!(
        recipe,
        Recipe {
            app: Some("orders-api".to_owned()),
            revision: ComposeHash::parse(&hash),
            node: Some(Node::Named(vec!["6".to_owned()])),
            compose: Some(Text::File(below("deploy/compose.yml"))),
            variables: Some(Variables::File(
                "~/.env".into(),
                Some(vec!["A".to_owned(), "B".to_owned()])
            )),
            script: Some(Text::Keep),
            registration: Some(Registration::HandOver(
                HandOver::Cast,
                "/tmp/cast.sh".into()
            )),
        }
    );
    assert_eq!(told("schema = 1"), Ok(Recipe::default()));
    let few = told("schema = 1\nnode = 'auto'\nvariables = { names = [] }\nregistration = 'wait'");
    assert_eq!(
        few,
        Ok(Recipe {
            node: Some(Node::Auto),
            variables: Some(Variables::ByHand(Vec::new())),
            registration: Some(Registration::Wait),
            ..Recipe::default()
        })
    );
}

#[test]
fn a_list_of_nodes_has_names_and_numbers_and_nothing_else() {
    let nodes = |text| told(&format!("schema = 1\nnode = {text}")).map(|recipe| recipe.node);
    let named = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned());
        Ok(Some(Node::Named(names.collect())))
    };
    assert_eq!(nodes("['prod5', 9]"), named(&["prod5", "9"]));
    assert_eq!(nodes("['prod5']"), named(&["prod5"]));
    for wrong in ["[]", "['a', 'auto']", "['a', true]", "[' ']", "true"] {
        let why = nodes(wrong).unwrap_err();
        assert!(
            why.contains("a list of names and numbers"),
            "{wrong}: {why}"
        );
    }
}

#[test]
fn what_is_not_understood_is_told_with_its_place_and_no_value() {
    for (text, place, why) in [
        ("", "1, column 1", "schema = 1 is missing"),
        ("app = 'a'\n", "1, column 1", "schema = 1 is missing"),
        (
            "schema = 2",
            "1, column 10",
            "schema 2 is of a newer phala-wizard",
        ),
        ("schema = '1'", "1, column 10", "this schema is not known"),
        ("schema = 0", "1, column 10", "this schema is not known"),
        (
            "schema = 1\nschema = 1",
            "2, column 1",
            "this name was there before",
        ),
        ("schema = 1\nnode =", "2, column 7", "this is no TOML"),
        (
            "schema = 1\n# \u{e9}\nnodes = 'a'",
            "3, column 1",
            "did you mean node?",
        ),
        (
            "schema = 1\nsignign = 'canary'",
            "2, column 1",
            "signign is not known here; schema, app, revision, node, compose, variables, script and registration are",
        ),
        (
            "schema = 1\n'can ary' = 'a'",
            "2, column 1",
            "this name is not known here",
        ),
        (
            "schema = 1\napp = 7",
            "2, column 7",
            "app is text in quotes",
        ),
        (
            "schema = 1\napp = ' '",
            "2, column 7",
            "app is text in quotes",
        ),
        (
            "schema = 1\nrevision = 'canary'",
            "2, column 12",
            "64 hex digits",
        ),
        (
            "schema = 1\ncompose = 'canary.yml'",
            "2, column 11",
            "compose is \"keep\" or { file",
        ),
        (
            "schema = 1\ncompose = {}",
            "2, column 11",
            "compose is \"keep\" or { file",
        ),
        (
            "schema = 1\nscript = { flie = 'x' }",
            "2, column 12",
            "did you mean file?",
        ),
        (
            "schema = 1\nscript = { file = '-' }",
            "2, column 19",
            "not standard input",
        ),
        (
            "schema = 1\n[variables]\nTOKEN = 'canary'",
            "3, column 1",
            "a recipe holds no values",
        ),
        (
            "schema = 1\nvariables = { file = 'a', blob = 'b' }",
            "2, column 13",
            "variables is \"inherit\"",
        ),
        (
            "schema = 1\nvariables = { names = ['A', 7] }",
            "2, column 29",
            "names is a list",
        ),
        (
            "schema = 1\nregistration = 'sign'",
            "2, column 16",
            "a recipe opens no key",
        ),
        (
            "schema = 1\nregistration = { hand_over = 'mail', file = 'x' }",
            "2, column 30",
            "\"calldata\"",
        ),
    ] {
        let error = told(text).unwrap_err();
        assert!(
            error.starts_with(&format!("line {place}: ")),
            "{text}: {error}"
        );
        assert!(error.contains(why), "{text}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn a_recipe_is_read_as_it_was_written_and_says_where_answers_came_from() {
    let noted = Noted {
        recipe: Recipe {
            app: Some("3f91deaf16ff7c823ee65081d6bafa1ceea05ffc".to_owned()),
            node: Some(Node::Named(vec!["prod6".to_owned()])),
            compose: Some(Text::File(below("compose.yml"))),
            variables: Some(Variables::File(
                "/etc/api.env".into(),
                Some(vec!["A".to_owned()]),
            )),
            ..Recipe::default()
        },
        remarks: vec![("app", "orders-api\nevil = 1".to_owned())],
    };
    let text = noted.text(Path::new(FOLDER)).unwrap();
    let answers: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        answers,
        [
            "schema = 1",
            "app = \"3f91deaf16ff7c823ee65081d6bafa1ceea05ffc\"  # orders-api\\u{a}evil = 1",
            "node = \"prod6\"",
            "compose = { file = \"compose.yml\" }",
            "variables = { file = \"/etc/api.env\", names = [\"A\"] }",
        ]
    );
    assert_eq!(told(&text), Ok(noted.recipe));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_not_written_as_another() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', 0xff]));
    let noted = Noted {
        recipe: Recipe {
            script: Some(Text::File(path)),
            ..Recipe::default()
        },
        remarks: Vec::new(),
    };
    let error = noted.text(Path::new(FOLDER)).unwrap_err().to_string();
    assert!(error.contains("is no text"), "{error}");
}

fn project(text: &str) -> Result<Project, String> {
    Project::read(text, Path::new(FOLDER)).map_err(|wrong| wrong.to_string())
}

#[test]
fn a_project_names_its_app_its_instance_and_its_files() {
    let id = "3f91deaf16ff7c823ee65081d6bafa1ceea05ffc";
    let all = project(&format!(
        "name = 'orders-api'\nid = 'cvm_x'\napp_id = '0x{id}'\nuuid = 'u'\ninstance_id = '{id}'\n\
         profile = 'acme'\ncompose_file = 'c.yml'\nenv_file = '/e'\n[later]\nx = 1\n"
    ))
    .unwrap();
    assert_eq!(
        all,
        Project {
            app: Some(format!("0x{id}")),
            instance: Some("u".to_owned()),
            compose: Some(below("c.yml")),
            env: Some("/e".into()),
        }
    );
    assert_eq!(project("profile = 'acme'"), Ok(Project::default()));
    for (text, app, instance) in [
        ("name = 'a'", Some("a"), Some("a")),
        ("app_id = 'a'\nname = 'b'", Some("a"), Some("b")),
        ("instance_id = 'instance_1'", None, Some("instance_1")),
        ("app_id = 'a'", Some("a"), Some("a")),
    ] {
        let project = project(text).unwrap();
        let named = (project.app.as_deref(), project.instance.as_deref());
        assert_eq!(named, (app, instance), "{text}");
    }
    let bare = project(&format!("instance_id = '{id}'")).unwrap();
    assert_eq!(bare.instance, Some(format!("instance_{id}")));
}

#[test]
fn a_project_that_is_not_understood_says_where() {
    for (text, expected) in [
        ("name = 'a'\nname", "line 2, column 5: this is no TOML"),
        (
            "\napp_id = 7",
            "line 2, column 10: app_id is text in quotes",
        ),
        (
            "env_file = ['canary']",
            "line 1, column 12: the path of a file is text in quotes",
        ),
    ] {
        assert_eq!(project(text), Err(expected.to_owned()));
    }
}

fn any_text() -> impl Strategy<Value = String> {
    "\\PC{1,12}|[\\x00-\\x7f]{1,12}".prop_filter("says something", |text| !text.trim().is_empty())
}

fn any_path() -> impl Strategy<Value = PathBuf> {
    any_text().prop_filter_map("is a path of its own", |text| {
        let path = Path::new(text.trim_start_matches('/'));
        path.file_name()?;
        Some(below(path.to_str()?))
    })
}

fn any_source() -> impl Strategy<Value = Text> {
    prop_oneof![Just(Text::Keep), any_path().prop_map(Text::File)]
}

fn any_recipe() -> impl Strategy<Value = Recipe> {
    let names = || prop::collection::vec(any_text(), 0..3);
    let node = prop_oneof![
        Just(Node::Auto),
        prop::collection::vec(
            any_text().prop_filter("is a name", |name| name != "auto"),
            1..4
        )
        .prop_map(Node::Named)
    ];
    let variables = prop_oneof![
        Just(Variables::Inherit),
        (any_path(), of(names())).prop_map(|(path, names)| Variables::File(path, names)),
        any_path().prop_map(Variables::Blob),
        names().prop_map(Variables::ByHand),
    ];
    let registration = prop_oneof![
        Just(Registration::Wait),
        (prop::sample::select(HandOver::WORDS.to_vec()), any_path())
            .prop_map(|((_, what), path)| Registration::HandOver(what, path)),
    ];
    let revision = any::<[u8; 32]>().prop_map(ComposeHash::from);
    (
        of(any_text()),
        of(revision),
        of(node),
        of(any_source()),
        of(variables),
        of(any_source()),
        of(registration),
    )
        .prop_map(
            |(app, revision, node, compose, variables, script, registration)| Recipe {
                app,
                revision,
                node,
                compose,
                variables,
                script,
                registration,
            },
        )
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(recipe in any_recipe(), remark in "\\PC{0,20}|[\\x00-\\x7f]{0,9}") {
        let noted = Noted { recipe, remarks: vec![("app", remark.clone()), ("script", remark)] };
        let text = noted.text(Path::new(FOLDER)).unwrap();
        prop_assert_eq!(told(&text), Ok(noted.recipe));
    }

    #[test]
    fn no_text_is_too_much(text in "\\PC{0,80}|(schema = 1\n)?[a-z]{1,9} = [{'\\[a-z =}]{0,30}") {
        let _ = told(&text);
        let _ = project(&text);
    }
}
