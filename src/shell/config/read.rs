//! The reader of the file: strict, and of everything that is wrong it says where.
//!
//! It borrows from the text, so that wiping that wipes every address in it. Whose file it is, it does not know.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Config, settings};
use crate::http::Address;
use crate::secret::Secret;
use crate::shell::alert::{Alert, Note};
use crate::theme::Palette;
use crate::wizard::keymap::bound::{self, Wish};
use crate::wizard::keymap::{self, BINDINGS, Binding, Command, Key};

/// Most nodes of a chain: one, and one to compare it with.
const MOST: usize = 2;
/// Most characters of a name that is quoted.
const NAME: usize = 40;

/// Something in the file that is not understood.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) why: String,
}

impl Wrong {
    fn new(at: Range<usize>, why: impl Into<String>) -> Self {
        Self {
            at: at.start,
            why: why.into(),
        }
    }
}

type Value<'v, 't> = &'v Spanned<DeValue<'t>>;

/// What a text says, and what in it is wrong, from top to bottom.
pub(super) fn all(text: &str) -> (Config, Vec<Wrong>) {
    let mut config = Config::default();
    let mut wrong = Vec::new();
    match DeTable::parse(text) {
        // The parser's own words may quote the file.
        Err(error) => wrong.push(Wrong::new(
            error.span().unwrap_or_default(),
            "this is no TOML",
        )),
        Ok(file) => {
            for (name, value) in file.get_ref() {
                take(&mut config, name, value, &mut wrong);
            }
        }
    }
    wrong.sort_by_key(|wrong| wrong.at);
    (config, wrong)
}

/// The line of a place in a text, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

fn take(
    config: &mut Config,
    name: &Spanned<std::borrow::Cow<'_, str>>,
    value: Value<'_, '_>,
    wrong: &mut Vec<Wrong>,
) {
    let looks = &mut config.looks;
    let word = name.get_ref().as_ref();
    let done = match word {
        "theme" => theme(value).map(|it| looks.theme = Some(it)),
        "ascii" => or_auto(word, value).map(|it| looks.ascii = it),
        "alt_screen" => switch(word, value).map(|it| looks.alt_screen = Some(it)),
        "banner" => switch(word, value).map(|it| looks.banner = Some(it)),
        "footer" => switch(word, value).map(|it| looks.footer = Some(it)),
        "motion" => switch(word, value).map(|it| looks.motion = Some(it)),
        "links" => or_auto(word, value).map(|it| looks.links = it),
        "guide" => switch(word, value).map(|it| config.guide = Some(it)),
        "accessible" => switch(word, value).map(|it| config.accessible = Some(it)),
        "pccs" => address("PCCS", value).map(|it| config.pccs = Some(it)),
        "rpc_urls" => table(word, value).map(|it| config.rpc_urls.nodes = nodes(it, wrong)),
        "alert" => table(word, value).map(|it| config.alert = alert(it, wrong)),
        "keys" => table(word, value).map(|it| config.keys = keys(it, wrong)),
        other => Err(unknown(name.span(), other, &settings::names(None))),
    };
    wrong.extend(done.err());
}

fn table<'v, 't>(name: &str, value: Value<'v, 't>) -> Result<&'v DeTable<'t>, Wrong> {
    let table = value.get_ref().as_table();
    table.ok_or_else(|| Wrong::new(value.span(), format!("{name} is a table: [{name}]")))
}

fn switch(name: &str, value: Value<'_, '_>) -> Result<bool, Wrong> {
    let is_on = value.get_ref().as_bool();
    is_on.ok_or_else(|| Wrong::new(value.span(), format!("{name} is true or false")))
}

fn theme(value: Value<'_, '_>) -> Result<Palette, Wrong> {
    let word = value.get_ref().as_str();
    let named = Palette::WORDS.iter().find(|(name, _)| Some(*name) == word);
    let (_, palette) = named.ok_or_else(|| {
        let why = "theme is \"auto\", \"dark\", \"light\" or \"mono\"";
        Wrong::new(value.span(), why)
    })?;
    Ok(*palette)
}

fn or_auto(name: &str, value: Value<'_, '_>) -> Result<Option<bool>, Wrong> {
    match (value.get_ref().as_bool(), value.get_ref().as_str()) {
        (Some(is_on), _) => Ok(Some(is_on)),
        (None, Some("auto")) => Ok(None),
        _ => Err(Wrong::new(
            value.span(),
            format!("{name} is true, false or \"auto\""),
        )),
    }
}

fn nodes(chains: &DeTable<'_>, wrong: &mut Vec<Wrong>) -> BTreeMap<u64, Vec<Secret>> {
    let mut nodes = BTreeMap::new();
    for (chain, urls) in chains {
        let id = chain_id(chain.get_ref()).ok_or_else(|| {
            let why = "the names in rpc_urls are numbers of chains, such as 8453";
            Wrong::new(chain.span(), why)
        });
        match id.and_then(|id| Ok((id, addresses(urls)?))) {
            Ok((id, urls)) => drop(nodes.insert(id, urls)),
            Err(why) => wrong.push(why),
        }
    }
    nodes
}

fn alert(ways: &DeTable<'_>, wrong: &mut Vec<Wrong>) -> Alert {
    let mut alert = Alert::default();
    for (name, value) in ways {
        let word = name.get_ref().as_ref();
        let done = match word {
            "bell" => switch(word, value).map(|it| alert.bell = it),
            "title" => switch(word, value).map(|it| alert.title = it),
            "note" => note(value).map(|it| alert.note = it),
            other => Err(unknown(name.span(), other, &settings::names(Some("alert")))),
        };
        wrong.extend(done.err());
    }
    alert
}

fn note(value: Value<'_, '_>) -> Result<Note, Wrong> {
    let word = value.get_ref().as_str();
    let named = Note::WORDS.iter().find(|(name, _)| Some(*name) == word);
    let (_, note) = named.ok_or_else(|| {
        let why = "note is \"off\", \"osc9\" or \"osc777\"";
        Wrong::new(value.span(), why)
    })?;
    Ok(*note)
}

/// The table of keys, where other keys are wished for. Whether they collide is only asked once each is a key.
fn keys(rows: &DeTable<'_>, wrong: &mut Vec<Wrong>) -> Option<Vec<Binding>> {
    let mut wishes = Vec::new();
    let mut places = Vec::new();
    let mut flaws = Vec::new();
    for (name, value) in rows {
        match wish(name, value) {
            Ok(wish) => {
                wishes.push(wish);
                places.push(value.span());
            }
            Err(flaw) => flaws.push(flaw),
        }
    }
    if !flaws.is_empty() {
        wrong.append(&mut flaws);
        return None;
    }
    match bound::table(&wishes) {
        Ok(rows) => (!wishes.is_empty()).then_some(rows),
        Err(conflict) => {
            let at = places.get(conflict.wish).cloned().unwrap_or_default();
            wrong.push(Wrong::new(at, conflict.why));
            None
        }
    }
}

fn wish(name: &Spanned<std::borrow::Cow<'_, str>>, value: Value<'_, '_>) -> Result<Wish, Wrong> {
    let word = name.get_ref().as_ref();
    let command = command(word).ok_or_else(|| {
        let words: Vec<String> = BINDINGS
            .iter()
            .filter_map(|row| keymap::word(row.command))
            .collect();
        match nearest(word, words.iter().map(String::as_str)) {
            Some(_) => unknown(name.span(), word, &words),
            // All fifty are no help.
            None => nameless(
                name.span(),
                word,
                "the README's table of keys names them all",
            ),
        }
    })?;
    let texts = match value.get_ref() {
        DeValue::Array(list) => list.iter().collect(),
        _ => vec![value],
    };
    let key = |text: Value<'_, '_>| -> Result<Key, Wrong> {
        let Some(name) = text.get_ref().as_str() else {
            let why = format!("{word} has keys in quotes: \"x\", or [\"x\", \"F5\"]");
            return Err(Wrong::new(text.span(), why));
        };
        keymap::read(name).map_err(|why| {
            let short: String = name.chars().take(NAME).collect();
            Wrong::new(text.span(), format!("{short} is no key for {word}: {why}"))
        })
    };
    Ok(Wish {
        command,
        keys: texts.into_iter().map(key).collect::<Result<_, _>>()?,
    })
}

fn command(word: &str) -> Option<Command> {
    let mut commands = BINDINGS.iter().map(|row| row.command);
    commands.find(|command| keymap::word(*command).as_deref() == Some(word))
}

/// One address, or a list of them.
fn addresses(value: Value<'_, '_>) -> Result<Vec<Secret>, Wrong> {
    match value.get_ref() {
        DeValue::Array(list) if list.is_empty() || list.len() > MOST => {
            let why = format!("a chain has one or two nodes, and here are {}", list.len());
            Err(Wrong::new(value.span(), why))
        }
        DeValue::Array(list) => list.iter().map(|it| address("node", it)).collect(),
        _ => Ok(vec![address("node", value)?]),
    }
}

fn address(whose: &str, value: Value<'_, '_>) -> Result<Secret, Wrong> {
    let Some(text) = value.get_ref().as_str() else {
        let why = format!("the address of a {whose} is text in quotes");
        return Err(Wrong::new(value.span(), why));
    };
    match Address::endpoint(text) {
        Ok(_) => Ok(Secret::new(text)),
        Err(why) => Err(Wrong::new(value.span(), why)),
    }
}

/// Each number has one way to be written: a second one would be a second entry.
fn chain_id(name: &str) -> Option<u64> {
    let id: u64 = name.parse().ok()?;
    (id.to_string() == name).then_some(id)
}

/// A name that is not known, with the one that may be meant, or else with all that are known.
fn unknown(at: Range<usize>, name: &str, known: &[impl AsRef<str>]) -> Wrong {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let more = match (nearest(name, known.iter().copied()), &known[..]) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, [first @ .., last]) => format!("{} and {last} are", first.join(", ")),
        (None, []) => String::new(),
    };
    nameless(at, name, &more)
}

/// Names are quoted if they look like one: somebody may have put an address where a name belongs.
fn nameless(at: Range<usize>, name: &str, more: &str) -> Wrong {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let quoted = if name.len() > NAME || !name.bytes().all(is_word) {
        "this name"
    } else {
        name
    };
    Wrong::new(at, format!("{quoted} is not known here; {more}"))
}

/// The known name that is so near that it must be meant.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let near = |word: &&str| strsim::osa_distance(name, word) <= if word.len() < 5 { 1 } else { 2 };
    known
        .filter(near)
        .min_by_key(|word| strsim::osa_distance(name, word))
}
