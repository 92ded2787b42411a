//! What a recipe says. Whatever is not understood is an error with its place, and no guess.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{Spot, Wrong, quoted};
use super::{HandOver, NAMES, Node, Recipe, Registration, SCHEMA, Text, Variables, from};
use crate::api::types::ComposeHash;
use crate::check::names::meant;

type Value<'t> = Spanned<DeValue<'t>>;

/// What a recipe in this folder says.
///
/// # Errors
///
/// The first thing in it that is not understood, with line and column. No value is quoted.
pub fn read(text: &str, folder: &Path) -> Result<Recipe, Wrong> {
    said(text, folder).map_err(|spot| spot.within(text))
}

fn said(text: &str, folder: &Path) -> Result<Recipe, Spot> {
    let file = parsed(text)?;
    let table = file.get_ref();
    schema(table)?;
    let mut recipe = Recipe::default();
    for (name, value) in table {
        match name.get_ref().as_ref() {
            "schema" => (),
            "app" => recipe.app = Some(word("app", value)?.to_owned()),
            "revision" => {
                let hash = ComposeHash::parse(word("revision", value)?);
                let why = "revision is a compose hash: 64 hex digits";
                recipe.revision = Some(hash.ok_or_else(|| Spot::new(value.span(), why))?);
            }
            "node" => recipe.node = Some(node(value)?),
            "compose" => recipe.compose = Some(source("compose", value, folder)?),
            "variables" => recipe.variables = Some(variables(value, folder)?),
            "script" => recipe.script = Some(source("script", value, folder)?),
            "registration" => recipe.registration = Some(registration(value, folder)?),
            other => return Err(unknown(name.span(), other, &NAMES)),
        }
    }
    Ok(recipe)
}

/// A text as TOML. The parser's own words may quote it, so they are left out.
pub(super) fn parsed(text: &str) -> Result<Spanned<DeTable<'_>>, Spot> {
    DeTable::parse(text).map_err(|error| {
        let why = match error.message().lines().next() {
            Some(what) if what.starts_with("duplicate key") => "this name was there before",
            _ => "this is no TOML",
        };
        Spot::new(error.span().unwrap_or_default(), why)
    })
}

fn schema(table: &DeTable<'_>) -> Result<(), Spot> {
    let Some((_, value)) = table.iter().find(|(name, _)| name.get_ref() == "schema") else {
        let why = format!("schema = {SCHEMA} is missing: it says that this is a recipe");
        return Err(Spot::new(0..0, why));
    };
    let number = match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    match number {
        Some(SCHEMA) => Ok(()),
        Some(newer) if newer > SCHEMA => Err(Spot::new(
            value.span(),
            format!("schema {newer} is of a newer phala-wizard; this one knows {SCHEMA}"),
        )),
        _ => Err(Spot::new(
            value.span(),
            format!("this schema is not known; it is {SCHEMA}"),
        )),
    }
}

fn node(value: &Value<'_>) -> Result<Node, Spot> {
    const USAGE: &str = "node is a name or number, \"auto\", or a list of names and numbers";
    let wrong = |value: &Value<'_>| Spot::new(value.span(), USAGE);
    let text = |value: &Value<'_>| match value.get_ref() {
        DeValue::Integer(number) => Ok(number.as_str().to_owned()),
        DeValue::String(name) if !name.trim().is_empty() => Ok(name.clone().into_owned()),
        _ => Err(wrong(value)),
    };
    if let Some(list) = value.get_ref().as_array() {
        let names: Vec<String> = list.iter().map(text).collect::<Result<_, _>>()?;
        // Whoever lists none, or lets the service choose one of them, means something that is not known here.
        let is_plain = !names.is_empty() && !names.iter().any(|name| name == "auto");
        return is_plain
            .then_some(Node::Named(names))
            .ok_or_else(|| wrong(value));
    }
    Ok(match text(value)? {
        name if name == "auto" => Node::Auto,
        name => Node::Named(vec![name]),
    })
}

fn source(name: &str, value: &Value<'_>, folder: &Path) -> Result<Text, Spot> {
    let usage = || format!("{name} is \"keep\" or {{ file = \"..\" }}");
    let table = match value.get_ref() {
        DeValue::String(word) if word == "keep" => return Ok(Text::Keep),
        DeValue::Table(table) => table,
        _ => return Err(Spot::new(value.span(), usage())),
    };
    let [file] = members(table, ["file"])?;
    let file = file.ok_or_else(|| Spot::new(value.span(), usage()))?;
    Ok(Text::File(path(file, folder)?))
}

fn variables(value: &Value<'_>, folder: &Path) -> Result<Variables, Spot> {
    const USAGE: &str = "variables is \"inherit\", { file = \"..\" }, { file = \"..\", names = [..] }, { blob = \"..\" } or { names = [..] }";
    let table = match value.get_ref() {
        DeValue::String(word) if word == "inherit" => return Ok(Variables::Inherit),
        DeValue::Table(table) => table,
        _ => return Err(Spot::new(value.span(), USAGE)),
    };
    let [file, names, blob] = members(table, ["file", "names", "blob"]).map_err(|spot| Spot {
        why: format!("{}; a recipe holds no values", spot.why),
        ..spot
    })?;
    let names = names.map(list).transpose()?;
    match (file, names, blob) {
        (Some(file), names, None) => Ok(Variables::File(path(file, folder)?, names)),
        (None, None, Some(blob)) => Ok(Variables::Blob(path(blob, folder)?)),
        (None, Some(names), None) => Ok(Variables::ByHand(names)),
        _ => Err(Spot::new(value.span(), USAGE)),
    }
}

fn registration(value: &Value<'_>, folder: &Path) -> Result<Registration, Spot> {
    const USAGE: &str = "registration is \"wait\" or { hand_over = \"safe\", file = \"..\" }, with \"safe\", \"cast\" or \
                         \"calldata\"; who signs is said by options, as a recipe opens no key";
    let table = match value.get_ref() {
        DeValue::String(word) if word == "wait" => return Ok(Registration::Wait),
        DeValue::Table(table) => table,
        _ => return Err(Spot::new(value.span(), USAGE)),
    };
    let [what, file] = members(table, ["hand_over", "file"])?;
    let (Some(what), Some(file)) = (what, file) else {
        return Err(Spot::new(value.span(), USAGE));
    };
    let word = what.get_ref().as_str();
    let known = HandOver::WORDS.iter().find(|(name, _)| Some(*name) == word);
    let (_, what) = known.ok_or_else(|| Spot::new(what.span(), USAGE))?;
    Ok(Registration::HandOver(*what, path(file, folder)?))
}

/// The members of a table, in the order of their names.
fn members<'v, 't, const COUNT: usize>(
    table: &'v DeTable<'t>,
    names: [&str; COUNT],
) -> Result<[Option<&'v Value<'t>>; COUNT], Spot> {
    let mut found = [None; COUNT];
    for (name, value) in table {
        let place = names.iter().position(|known| known == name.get_ref());
        match place {
            Some(place) => found[place] = Some(value),
            None => return Err(unknown(name.span(), name.get_ref(), &names)),
        }
    }
    Ok(found)
}

/// Text in quotes that says something.
pub(super) fn word<'v>(name: &str, value: &'v Value<'_>) -> Result<&'v str, Spot> {
    let text = value.get_ref().as_str();
    let text = text.filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| Spot::new(value.span(), format!("{name} is text in quotes")))
}

pub(super) fn path(value: &Value<'_>, folder: &Path) -> Result<PathBuf, Spot> {
    match word("the path of a file", value)? {
        "-" => Err(Spot::new(
            value.span(),
            "a recipe names files, not standard input",
        )),
        written => Ok(from(folder, written)),
    }
}

fn list(value: &Value<'_>) -> Result<Vec<String>, Spot> {
    let why = "names is a list of names in quotes";
    let items = value.get_ref().as_array();
    let items = items.ok_or_else(|| Spot::new(value.span(), why))?;
    items
        .iter()
        .map(|item| {
            let name = item.get_ref().as_str().filter(|name| !name.is_empty());
            name.map(ToOwned::to_owned)
                .ok_or_else(|| Spot::new(item.span(), why))
        })
        .collect()
}

fn unknown(at: Range<usize>, name: &str, known: &[&str]) -> Spot {
    let subject: Cow<'_, str> = quoted(name).map_or("this name".into(), Cow::Borrowed);
    let all = match known {
        [] => String::new(),
        [only] => format!("{only} is"),
        [more @ .., last] => format!("{} and {last} are", more.join(", ")),
    };
    let hint = match meant(name, known) {
        Some(meant) => format!("; did you mean {meant}?"),
        None => String::new(),
    };
    Spot::new(at, format!("{subject} is not known here; {all}{hint}"))
}
