//! Lines as people count them.
//!
//! For YAML a carriage return alone ends a line; in an editor, and everywhere else in this program, only a line feed
//! does. Knows nothing of what stands at a place.

/// For each line as YAML counts it, from 1: the line it is part of, from 1, and the characters of it before.
pub(super) struct Places(Vec<(usize, usize)>);

impl Places {
    /// Nothing where both ways of counting are one, which is almost always.
    pub(super) fn of(text: &str) -> Option<Self> {
        let ends_alone = |(at, _): (usize, &str)| !text[at + 1..].starts_with('\n');
        text.match_indices('\r').find(|found| ends_alone(*found))?;
        let (mut line, mut column) = (1, 0);
        let mut places = vec![(line, column)];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            (line, column) = match c {
                '\n' => (line + 1, 0),
                _ => (line, column + 1),
            };
            if c == '\n' || (c == '\r' && chars.peek() != Some(&'\n')) {
                places.push((line, column));
            }
        }
        Some(Self(places))
    }

    /// Line and column, counted from 1, of what YAML has there.
    pub(super) fn place(&self, line: usize, column: usize) -> (usize, usize) {
        let last = self.0.last().copied().unwrap_or((1, 0));
        let (line, before) = self.0.get(line - 1).copied().unwrap_or(last);
        (line, before + column)
    }
}
