//! What a screen says, as data: blocks of lines, and pieces of text with a meaning.
//!
//! A page knows neither colours nor sizes. The full-screen UI lays it out at any width, and a view that only prints
//! lines can read the same page.

use tui_textarea::TextArea;

use super::field::Field;

/// What a piece of text means; the theme knows how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Plain,
    /// The most important words of a line.
    Strong,
    /// Labels, units, explanations.
    Dim,
    /// Where the eye should go: the choice, the link, the key.
    Accent,
    /// An address, whole: it leads to what it says.
    Address,
    /// It is well.
    Good,
    /// Look at this.
    Warn,
    /// This stops you, or it failed.
    Bad,
    /// A heading.
    Title,
    /// A line that is new.
    Added,
    /// A line that goes.
    Removed,
    /// Comments in a text with syntax.
    Comment,
    /// Names in a text with syntax.
    Name,
    /// Literal values in a text with syntax.
    Literal,
    /// What was searched for.
    Match,
    /// What is pressed, or typed, to choose what follows on its line.
    Key,
}

/// A sign with a meaning; always beside a word that says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Done, fine.
    Ok,
    /// Look at this.
    Warn,
    /// Wrong, failed.
    Bad,
    /// Under way.
    Busy,
    /// Still to come.
    Todo,
    /// Chosen, of several.
    Chosen,
    /// Not chosen, of several.
    Free,
    /// Goes on to the right.
    Arrow,
    /// A point in a list.
    Dot,
    /// The app runs there already.
    Here,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Words.
    Text(Tone, String),
    /// A sign.
    Mark(Mark),
    /// Values of 0 to 100, the newest last, one column each. Where there is no room the oldest are left out.
    Graph(Tone, Vec<u8>),
    /// A bar of this many columns, of which a share of 0 to 100 is filled.
    Bar(Tone, u8, u16),
}

/// A line of pieces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Line(pub Vec<Piece>);

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds words of this tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.0.push(Piece::Text(tone, text.into()));
        self
    }

    /// Adds ordinary words.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Plain, text)
    }

    /// Adds important words.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Strong, text)
    }

    /// Adds words that explain.
    #[must_use]
    pub fn dim(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Dim, text)
    }

    /// Adds words for the eye.
    #[must_use]
    pub fn accent(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Accent, text)
    }

    /// Adds the key of what follows on this line.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.tone(Tone::Key, key)
    }

    /// Adds words that say it is well.
    #[must_use]
    pub fn good(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Good, text)
    }

    /// Adds words to look at.
    #[must_use]
    pub fn warn(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Warn, text)
    }

    /// Adds words that say it failed.
    #[must_use]
    pub fn bad(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Bad, text)
    }

    /// Adds a sign and a blank.
    #[must_use]
    pub fn mark(mut self, mark: Mark) -> Self {
        self.0.push(Piece::Mark(mark));
        self.plain(" ")
    }

    /// A line of values of 0 to 100, the newest last.
    pub fn graph(tone: Tone, values: impl Into<Vec<u8>>) -> Self {
        Self(vec![Piece::Graph(tone, values.into())])
    }

    /// A line with a bar of `width` columns, of which `share` of a hundred is filled.
    pub fn bar(tone: Tone, share: u8, width: u16) -> Self {
        Self(vec![Piece::Bar(tone, share, width)])
    }

    /// Adds all of another line.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A line of label and value, the label in a column of `width`.
    pub fn pair(label: &str, width: usize, value: impl Into<String>) -> Self {
        Self::label(label, width).plain(value)
    }

    /// A label in a column of `width`, for a value to follow.
    pub fn label(label: &str, width: usize) -> Self {
        Self::new().dim(format!("{label:width$}"))
    }

    /// The words alone, as a view without looks would print them.
    pub fn words(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(_, text) => text.clone(),
                Piece::Mark(mark) => mark.word().to_owned(),
                Piece::Graph(_, values) => values.last().copied().map(percent).unwrap_or_default(),
                Piece::Bar(_, share, _) => percent(*share),
            })
            .collect()
    }
}

fn percent(value: u8) -> String {
    format!("{}%", value.min(100))
}

impl Mark {
    /// The sign as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "!",
            Self::Bad => "X",
            Self::Busy => "..",
            Self::Todo => ".",
            Self::Chosen => "(*)",
            Self::Free => "( )",
            Self::Arrow => "->",
            Self::Dot => "-",
            Self::Here => "*",
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

/// A screen's content.
#[derive(Default)]
pub struct Page<'a> {
    /// From top to bottom.
    pub main: Vec<Block<'a>>,
    /// Facts beside it: a second column where there is room, behind Tab where there is not.
    pub side: Vec<Line>,
    /// One line below: what is at stake, or what happens next.
    pub note: Line,
}

/// A part of a page.
pub enum Block<'a> {
    /// Lines, wrapped at the width.
    Text(Vec<Line>),
    /// A list with a cursor; takes the room that is left.
    List(List<'a>),
    /// A text being edited; takes the room that is left.
    Editor(&'a TextArea<'static>),
    /// One line being typed.
    Field {
        /// What is asked for.
        label: &'static str,
        /// What was typed.
        field: &'a Field,
    },
    /// Buttons, one of them in focus.
    Buttons(&'static [&'static str], usize),
    /// The names of pages beside each other, one of them in front. They, and text above them, stay when the rest is
    /// scrolled.
    Tabs(&'static [&'static str], usize),
    /// A log; takes the room that is left.
    Log(LogView<'a>),
}

/// A log of which only the visible rows are ever made.
pub struct LogView<'a> {
    /// How many rows there are.
    pub len: usize,
    /// Makes a row, with all that stands in front of its text.
    pub row: Box<dyn Fn(usize) -> Line + 'a>,
    /// Which part of it is seen.
    pub anchor: Anchor,
    /// Long rows are wrapped; else they are cut at the right edge.
    pub wrap: bool,
    /// Where a wrapped row goes on, in columns.
    pub indent: u16,
    /// The row under the cursor.
    pub selected: Option<usize>,
    /// What to say instead when there are no rows.
    pub empty: Vec<Line>,
}

/// Which part of a log is seen. However it is anchored, no room is left empty as long as there are rows to fill it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// The end, also while it grows. The last row is seen whole.
    #[default]
    Bottom,
    /// What begins with this row.
    Top(usize),
    /// What is around this row.
    Show(usize),
}

/// A list of which only the visible rows are ever made.
pub struct List<'a> {
    /// The columns; none of them titled means no heading.
    pub columns: &'static [Column],
    /// How many rows there are.
    pub len: usize,
    /// The row under the cursor.
    pub selected: Option<usize>,
    /// Makes a row.
    pub row: Box<dyn Fn(usize) -> Row + 'a>,
    /// What to say instead when there are no rows.
    pub empty: Vec<Line>,
}

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Its least width.
    pub width: u16,
    /// Takes a share of the room that is left.
    pub grows: bool,
    /// Columns of high rank go first where the width does not suffice; rank 0 stays.
    pub rank: u8,
    /// Numbers stand right.
    pub right: bool,
}

impl Column {
    /// A column of this width.
    pub const fn new(title: &'static str, width: u16, rank: u8) -> Self {
        Self {
            title,
            width,
            grows: false,
            rank,
            right: false,
        }
    }

    /// The column that takes what is left.
    pub const fn grow(title: &'static str, width: u16) -> Self {
        Self {
            title,
            width,
            grows: true,
            rank: 0,
            right: false,
        }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str, width: u16, rank: u8) -> Self {
        Self {
            title,
            width,
            grows: false,
            rank,
            right: true,
        }
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// One line per column.
    pub cells: Vec<Line>,
    /// Whether it can be taken; a row that cannot stays visible, dim, with its reason.
    pub usable: bool,
}

impl Row {
    /// A row that can be taken.
    pub fn new(cells: Vec<Line>) -> Self {
        Self {
            cells,
            usable: true,
        }
    }
}

/// The lines of an unordered list of short sentences.
pub fn points<S: AsRef<str>>(sentences: &[S]) -> Vec<Line> {
    sentences
        .iter()
        .map(|sentence| Line::new().mark(Mark::Dot).plain(sentence.as_ref()))
        .collect()
}

/// A heading line.
pub fn title(text: impl Into<String>) -> Line {
    Line::new().tone(Tone::Title, text)
}

/// A number of things in words: `1 line`, `2 lines`.
pub fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        count => format!("{count} {thing}s"),
    }
}
