//! The addresses a page shows, so that the terminal can be told where they lead. Where they stand, their cells say.

use crate::theme::address::Links;
use crate::wizard::page::{Block, Line, Page, Piece, Tone};

/// Adds the addresses of a page: those in its lines, in the facts beside it, and in the line below.
pub fn gather(page: &Page, links: &mut Links) {
    for block in &page.main {
        if let Block::Text(lines) = block {
            of(lines, links);
        }
    }
    of(&page.side, links);
    of([&page.note], links);
}

fn of<'a>(shown: impl IntoIterator<Item = &'a Line>, links: &mut Links) {
    for piece in shown.into_iter().flat_map(|line| &line.0) {
        if let Piece::Text(Tone::Address, text) = piece {
            links.add(text);
        }
    }
}
