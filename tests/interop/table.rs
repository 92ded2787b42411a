//! `tests/interop/README.md`: one section per client, one row per call, one column per version of the API.
//!
//! A run compares the sections it made and leaves the others alone, so a machine without Python still checks the rest.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use crate::line::Judged;

/// The tests run side by side, and each writes into the same file.
static FILE: Mutex<()> = Mutex::new(());

/// The section of a client: compared, or written anew where `UPDATE_INTEROP` is set.
pub fn write(client: &str, judged: &[Judged]) {
    section(client, &drawn(judged));
}

/// A section by its name, whatever stands in it.
pub fn section(name: &str, text: &str) {
    let _guard = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = crate::ours("README.md");
    let mut readme = fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = readme.find(&open).expect("a place for the section") + open.len();
    let end = start
        + readme[start..]
            .find(&close)
            .expect("the end of the section");
    if env::var_os("UPDATE_INTEROP").is_some() {
        readme.replace_range(start..end, text);
        fs::write(&path, readme).unwrap();
    } else {
        let current = "run `UPDATE_INTEROP=1 cargo test --test interop`";
        assert_eq!(&readme[start..end], text, "{current}");
    }
}

fn drawn(judged: &[Judged]) -> String {
    let versions: BTreeSet<&str> = judged
        .iter()
        .filter_map(|it| it.version.as_deref())
        .collect();
    let columns: Vec<Option<&str>> = match versions.len() {
        0 => vec![None],
        _ => versions.into_iter().map(Some).collect(),
    };
    let mut calls: Vec<&str> = Vec::new();
    for it in judged {
        if !calls.contains(&it.call.as_str()) {
            calls.push(&it.call);
        }
    }
    // Writing to a String cannot fail.
    let mut text = String::from("| call |");
    for column in &columns {
        let _ = write!(text, " {} |", column.unwrap_or("verdict"));
    }
    text.push_str("\n| --- |");
    text.push_str(&" --- |".repeat(columns.len()));
    text.push('\n');
    for call in calls {
        let _ = write!(text, "| {call} |");
        for column in &columns {
            let found = judged.iter().find(|it| {
                it.call == call && (it.version.is_none() || it.version.as_deref() == *column)
            });
            let _ = write!(text, " {} |", found.map_or("", |it| &it.verdict));
        }
        text.push('\n');
    }
    text
}
