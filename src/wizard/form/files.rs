//! A file browser: folders are walked, a text file is picked and read.
//!
//! It asks for folders and files and shows what comes back. What the file is for, it does not know; only which names
//! are likely to be meant, so that the cursor starts in the right place.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf, is_separator};

use super::editor::LIMIT;
use super::picker::Picker;
use crate::shown::Shown;
use crate::wizard::event::{Answer, Folder, FolderEntry, Request, TextFile};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Column, Line, List, Page, Row, title};
use crate::wizard::plan::bytes;
use crate::wizard::screen::{Input, Reaction};

/// A folder on screen, and the way to others.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    rows: Vec<FileRow>,
    picker: Picker,
    /// What was asked for and has not come yet.
    reading: Option<PathBuf>,
    /// Why the last thing was not opened.
    error: Option<Shown>,
    likely: fn(&str) -> bool,
}

/// What the person wants of the browser.
#[derive(Debug, PartialEq)]
pub enum Browsed {
    /// To go on looking.
    Stay(Reaction),
    /// This file.
    Took(TextFile),
    /// Nothing.
    Leave,
}

#[derive(Debug)]
enum FileRow {
    /// The folder above.
    Parent,
    /// Something in the folder, with its name as it may be shown.
    Entry(FolderEntry, Shown),
}

impl Files {
    /// Opens a folder. Names that are `likely` meant attract the cursor.
    pub fn open(folder: PathBuf, likely: fn(&str) -> bool) -> (Self, Reaction) {
        let mut files = Self {
            folder,
            rows: Vec::new(),
            picker: Picker::default(),
            reading: None,
            error: None,
            likely,
        };
        let reaction = files.list(files.folder.clone());
        (files, reaction)
    }

    /// The folder on screen, to begin there next time.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What can be done here now.
    pub fn offer(&self) -> Offer {
        let offer = self.picker.offer();
        if self.picker.is_filtering() {
            let label = if self.typed_path().is_some() {
                "open this path"
            } else {
                "open"
            };
            let has_target = self.picker.selected().is_some() || self.typed_path().is_some();
            return offer
                .with_if(has_target, Command::Next, label)
                .with(Command::Back, "clear the filter");
        }
        let offer = match self.selected() {
            Some(FileRow::Entry(entry, _)) if let Some(reason) = too_large(entry) => {
                offer.blocked(Command::Next, "open", reason)
            }
            Some(_) => offer.with(Command::Next, "open"),
            None => offer,
        };
        offer
            .with_if(self.parent().is_some(), Command::Left, "folder above")
            .with(Command::Filter, "filter, or type a path")
            .with(Command::Refresh, "read again")
            .with(Command::Back, "close")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input) -> Browsed {
        match input {
            Input::Answer(Answer::Folder(reply)) => self.listed(reply),
            Input::Answer(Answer::File(reply)) => {
                if self.reading.take().is_none() {
                    return Browsed::Stay(Reaction::none());
                }
                match reply {
                    Ok(file) => return Browsed::Took(file),
                    Err(why) => self.error = Some(why),
                }
            }
            Input::Command(command) => return self.command(command),
            Input::Key(key) => {
                if self.picker.key(key) {
                    self.rematch();
                }
            }
            Input::Paste(text) => {
                self.picker.paste(text.expose());
                self.rematch();
            }
            Input::Answer(_) | Input::Tick => (),
        }
        Browsed::Stay(Reaction::none())
    }

    /// The page, under this question.
    pub fn page(&self, question: &str) -> Page<'_> {
        let path = Shown::line(&self.folder.to_string_lossy());
        let mut main = vec![Block::Text(vec![
            title(question),
            Line::new().dim("in ").strong(path.as_str()),
        ])];
        if self.picker.is_filtering() || !self.picker.filter().is_empty() {
            main.push(Block::Field {
                label: "filter or path",
                field: self.picker.filter(),
            });
        }
        main.push(Block::List(self.table()));
        Page {
            main,
            note: self.note(),
            ..Page::default()
        }
    }

    fn command(&mut self, command: Command) -> Browsed {
        let reaction = match command {
            Command::Back if self.picker.is_filtering() || !self.picker.filter().is_empty() => {
                self.picker.close_filter(false);
                self.rematch();
                Reaction::none()
            }
            Command::Back => return Browsed::Leave,
            Command::Next => self.enter(),
            Command::Left => self.up(),
            Command::Refresh => self.list(self.folder.clone()),
            command => {
                self.picker.command(command);
                Reaction::none()
            }
        };
        Browsed::Stay(reaction)
    }

    /// Opens what the cursor stands on, or the path that was typed.
    fn enter(&mut self) -> Reaction {
        if let Some(path) = self.typed_path() {
            let is_folder = self.picker.filter().text().ends_with(is_separator);
            return if is_folder {
                self.list(path)
            } else {
                self.read(path)
            };
        }
        match self.selected() {
            Some(FileRow::Parent) => self.up(),
            Some(FileRow::Entry(entry, _)) => {
                let path = self.folder.join(&entry.name);
                match too_large(entry) {
                    Some(reason) => Reaction::say(reason),
                    None if entry.is_folder => self.list(path),
                    None => self.read(path),
                }
            }
            None => Reaction::none(),
        }
    }

    fn up(&mut self) -> Reaction {
        match self.parent() {
            Some(parent) => self.list(parent),
            None => Reaction::none(),
        }
    }

    fn list(&mut self, path: PathBuf) -> Reaction {
        self.error = None;
        self.reading = Some(path.clone());
        Reaction::ask(Request::ListFolder(path))
    }

    fn read(&mut self, path: PathBuf) -> Reaction {
        self.error = None;
        self.reading = Some(path.clone());
        Reaction::ask(Request::ReadFile(path))
    }

    fn listed(&mut self, reply: Result<Folder, Shown>) {
        if self.reading.take().is_none() {
            return;
        }
        let folder = match reply {
            Ok(folder) => folder,
            Err(why) => {
                self.error = Some(why);
                if self.rows.is_empty() {
                    self.rows.extend(self.parent().map(|_| FileRow::Parent));
                    self.rematch();
                }
                return;
            }
        };
        let came_from = self.folder.file_name().map(OsString::from);
        let went_up = self.folder.parent() == Some(&folder.path);
        let same = self.folder == folder.path;
        self.folder = folder.path;
        let before = self.picker.selected();
        let (hidden, open): (Vec<_>, Vec<_>) = folder
            .entries
            .into_iter()
            .map(|entry| {
                let name = Shown::line(&entry.name.to_string_lossy());
                (entry, name)
            })
            .partition(|(_, name)| name.as_str().starts_with('.'));
        self.rows = self
            .parent()
            .map(|_| FileRow::Parent)
            .into_iter()
            .chain(
                open.into_iter()
                    .chain(hidden)
                    .map(|(entry, name)| FileRow::Entry(entry, name)),
            )
            .collect();
        self.picker = Picker::default();
        self.rematch();
        let start = if went_up {
            self.find(|entry, _| Some(&entry.name) == came_from.as_ref())
        } else if same && before.is_some() {
            before
        } else {
            self.find(|entry, name| !entry.is_folder && (self.likely)(name))
        };
        if let Some(row) = start {
            self.picker.select(row);
        }
    }

    fn find(&self, wanted: impl Fn(&FolderEntry, &str) -> bool) -> Option<usize> {
        self.rows.iter().position(|row| match row {
            FileRow::Parent => false,
            FileRow::Entry(entry, name) => wanted(entry, name.as_str()),
        })
    }

    fn rematch(&mut self) {
        self.picker.refresh(self.rows.iter().map(|row| match row {
            FileRow::Parent => Cow::Borrowed(".."),
            FileRow::Entry(_, name) => Cow::Borrowed(name.as_str()),
        }));
    }

    fn selected(&self) -> Option<&FileRow> {
        self.rows.get(self.picker.selected()?)
    }

    fn parent(&self) -> Option<PathBuf> {
        self.folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .map(Path::to_owned)
    }

    /// The path in the filter's line: names hold no slash, so one that does is a path. `~` is left to the shell.
    fn typed_path(&self) -> Option<PathBuf> {
        let text = self.picker.filter().text().trim();
        text.contains(is_separator).then(|| {
            if text.starts_with('~') {
                PathBuf::from(text)
            } else {
                self.folder.join(text)
            }
        })
    }

    fn table(&self) -> List<'_> {
        const COLUMNS: &[Column] = &[Column::grow("Name", 20), Column::number("Size", 9, 1)];
        let empty = match (&self.reading, self.typed_path()) {
            (Some(_), _) if self.rows.is_empty() => "Reading the folder.",
            (_, Some(_)) => "Enter opens this path.",
            _ if self.picker.filter().is_empty() => "There is nothing in this folder.",
            _ => "No name matches the filter.",
        };
        List {
            columns: COLUMNS,
            len: self.picker.matches().len(),
            selected: self.picker.cursor(),
            row: Box::new(|place| {
                let index = self.picker.matches().get(place);
                index.map_or_else(Row::default, |index| row(&self.rows[*index]))
            }),
            empty: vec![Line::from(empty)],
        }
    }

    fn note(&self) -> Line {
        match (&self.error, &self.reading) {
            (Some(why), _) => Line::new().bad("Not opened: ").plain(why.as_str()),
            (None, Some(path)) => {
                Line::from(format!("Reading {}.", Shown::line(&path.to_string_lossy())))
            }
            (None, None) => Line::new()
                .dim("A file is read when it is opened, and once more before anything is sent."),
        }
    }
}

fn too_large(entry: &FolderEntry) -> Option<String> {
    let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
    (!entry.is_folder && size > LIMIT).then(|| {
        format!(
            "{} is too large: up to {} KB are read",
            bytes(size),
            LIMIT / 1024
        )
    })
}

fn row(row: &FileRow) -> Row {
    let FileRow::Entry(entry, name) = row else {
        return Row::new(vec![Line::from("../"), Line::new().dim("above")]);
    };
    let text = if entry.is_folder {
        format!("{name}/")
    } else {
        name.to_string()
    };
    let line = Line::new();
    let shown = match (name.as_str().starts_with('.'), entry.is_folder) {
        (true, _) => line.dim(text),
        (false, true) => line.accent(text),
        (false, false) => line.plain(text),
    };
    let size = if entry.is_folder {
        Line::new()
    } else {
        Line::from(bytes(entry.size).as_str())
    };
    Row {
        cells: vec![shown, size],
        usable: too_large(entry).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::wizard::screen::Wish;
    use crossterm::event::{KeyCode, KeyEvent};

    fn folder(path: &str, names: &[(&str, u64)]) -> Input {
        let entries = names
            .iter()
            .map(|(name, size)| FolderEntry {
                name: name.trim_end_matches('/').into(),
                is_folder: name.ends_with('/'),
                size: *size,
            })
            .collect();
        Input::Answer(Answer::Folder(Ok(Folder {
            path: path.into(),
            entries,
        })))
    }

    fn is_compose(name: &str) -> bool {
        name.contains("compose")
    }

    /// A browser in `/work/app`.
    fn browser() -> Files {
        let (mut files, reaction) = Files::open("/work/app".into(), is_compose);
        assert_eq!(asked(&reaction), "list /work/app");
        files.update(folder(
            "/work/app",
            &[
                ("deploy/", 0),
                (".env", 120),
                ("README.md", 900),
                ("docker-compose.yml", 1900),
                ("dump.sql", 4_000_000),
            ],
        ));
        files
    }

    fn press(files: &mut Files, command: Command) -> String {
        match files.update(Input::Command(command)) {
            Browsed::Stay(reaction) => asked(&reaction),
            Browsed::Took(file) => format!("took {}", file.path.display()),
            Browsed::Leave => "left".into(),
        }
    }

    fn typed(files: &mut Files, text: &str) {
        for c in text.chars() {
            files.update(Input::Key(KeyEvent::from(KeyCode::Char(c))));
        }
    }

    fn asked(reaction: &Reaction) -> String {
        match reaction.wishes.as_slice() {
            [Wish::Ask(Request::ListFolder(path))] => format!("list {}", slashed(path)),
            [Wish::Ask(Request::ReadFile(path))] => format!("read {}", slashed(path)),
            [Wish::Say(sentence)] => sentence.clone(),
            _ => String::new(),
        }
    }

    /// As it is written in these tests, whatever stands between names here.
    fn slashed(path: &Path) -> String {
        let names = path.to_str().expect("a name that is text");
        names.split(is_separator).collect::<Vec<_>>().join("/")
    }

    fn here(files: &Files) -> String {
        match files.selected() {
            Some(FileRow::Parent) => "..".into(),
            Some(FileRow::Entry(_, name)) => name.to_string(),
            None => String::new(),
        }
    }

    fn names(files: &Files) -> Vec<String> {
        let table = files.table();
        (0..table.len)
            .map(|place| (table.row)(place).cells[0].words())
            .collect()
    }

    #[test]
    fn the_cursor_starts_on_the_likely_file_and_hidden_names_come_last() {
        let mut files = browser();
        assert_eq!(here(&files), "docker-compose.yml");
        assert_eq!(
            names(&files),
            [
                "../",
                "deploy/",
                "README.md",
                "docker-compose.yml",
                "dump.sql",
                ".env"
            ]
        );
        assert_eq!(
            press(&mut files, Command::Next),
            "read /work/app/docker-compose.yml"
        );
    }

    #[test]
    fn folders_are_walked_down_and_up_and_the_way_back_is_marked() {
        let mut files = browser();
        press(&mut files, Command::First);
        press(&mut files, Command::Down);
        assert_eq!(press(&mut files, Command::Next), "list /work/app/deploy");
        files.update(folder("/work/app/deploy", &[]));
        assert_eq!(names(&files), ["../"]);
        assert_eq!(press(&mut files, Command::Next), "list /work/app");
        files.update(folder("/work/app", &[("aaa/", 0), ("deploy/", 0)]));
        assert_eq!(here(&files), "deploy");
        assert_eq!(press(&mut files, Command::Left), "list /work");
    }

    #[test]
    fn the_root_has_nothing_above() {
        let (mut files, _) = Files::open("/".into(), is_compose);
        files.update(folder("/", &[("etc/", 0)]));
        assert_eq!(names(&files), ["etc/"]);
        assert!(files.offer().find(Command::Left).is_none());
    }

    #[test]
    fn a_filter_narrows_while_typing_and_esc_brings_everything_back() {
        let mut files = browser();
        press(&mut files, Command::Filter);
        typed(&mut files, "readme");
        assert_eq!(names(&files), ["README.md"]);
        press(&mut files, Command::Back);
        assert_eq!(names(&files).len(), 6);
        assert_eq!(press(&mut files, Command::Back), "left");
    }

    #[test]
    fn a_pasted_path_is_opened_as_it_stands() {
        let mut files = browser();
        files.update(Input::Paste(Secret::new("/etc/app/compose.yaml\n")));
        assert_eq!(
            press(&mut files, Command::Next),
            "read /etc/app/compose.yaml"
        );
        press(&mut files, Command::Back);
        files.update(Input::Paste(Secret::new("../other/")));
        assert_eq!(press(&mut files, Command::Next), "list /work/app/../other/");
        press(&mut files, Command::Back);
        files.update(Input::Paste(Secret::new("~/x.yml")));
        assert_eq!(press(&mut files, Command::Next), "read ~/x.yml");
    }

    #[cfg(windows)]
    #[test]
    fn a_pasted_path_of_windows_is_one() {
        let mut files = browser();
        let path = r"C:\app\compose.yaml";
        files.update(Input::Paste(Secret::new(path)));
        assert_eq!(press(&mut files, Command::Next), "read C:/app/compose.yaml");
        press(&mut files, Command::Back);
        files.update(Input::Paste(Secret::new(r"deploy\")));
        assert_eq!(press(&mut files, Command::Next), "list /work/app/deploy/");
    }

    #[test]
    fn what_cannot_be_read_says_why_and_the_folder_stays() {
        let mut files = browser();
        press(&mut files, Command::Next);
        files.update(Input::Answer(Answer::File(Err(Shown::line(
            "docker-compose.yml may not be read by you",
        )))));
        assert_eq!(
            files.note().words(),
            "Not opened: docker-compose.yml may not be read by you"
        );
        assert_eq!(names(&files).len(), 6);
    }

    #[test]
    fn a_first_folder_that_cannot_be_read_leaves_the_way_up() {
        let (mut files, _) = Files::open("/root/x".into(), is_compose);
        files.update(Input::Answer(Answer::Folder(Err(Shown::line(
            "permission denied",
        )))));
        assert!(files.note().words().contains("permission denied"));
        assert_eq!(press(&mut files, Command::Next), "list /root");
    }

    #[test]
    fn a_file_that_is_too_large_is_shown_and_not_read() {
        let mut files = browser();
        press(&mut files, Command::Down);
        assert_eq!(here(&files), "dump.sql");
        let offer = files.offer();
        let reason = offer
            .find(Command::Next)
            .and_then(|next| next.blocked.clone());
        assert_eq!(
            reason.as_deref(),
            Some("3.8 MB is too large: up to 256 KB are read")
        );
        assert_eq!(press(&mut files, Command::Next), reason.unwrap());
    }

    #[test]
    fn a_file_that_came_is_handed_over_and_an_unasked_one_is_not() {
        let file = || TextFile {
            path: "/work/app/docker-compose.yml".into(),
            text: Secret::new("a\r\n"),
            lasts: true,
        };
        let mut files = browser();
        let reply = || Input::Answer(Answer::File(Ok(file())));
        assert_eq!(files.update(reply()), Browsed::Stay(Reaction::none()));
        press(&mut files, Command::Next);
        assert_eq!(files.update(reply()), Browsed::Took(file()));
    }

    #[test]
    fn a_name_with_an_escape_sequence_is_shown_and_not_obeyed() {
        let (mut files, _) = Files::open("/w".into(), is_compose);
        files.update(folder("/w", &[("a\u{1b}[31m.yml", 1)]));
        assert_eq!(names(&files), ["../", "a\\u{1b}[31m.yml"]);
    }
}
