//! The least that a program can be which lists 5,000 rows: the same crates and nothing else. Whole programs are measured
//! against it, as turns are against its list.

#![allow(clippy::print_stdout, missing_docs, reason = "a program for us")]

mod list;

use std::env;
use std::io;

use crossterm::event::{Event, KeyCode, read};
use list::Floor;

fn main() -> io::Result<()> {
    // Cargo starts every bench; only who asks for the list has a terminal for it.
    if env::args().nth(1).as_deref() != Some("list") {
        println!("the floor is started by the speed bench");
        return Ok(());
    }
    let mut floor = Floor::new(5_000);
    let mut terminal = ratatui::init();
    let end = loop {
        if let Err(error) = terminal.draw(|frame| floor.draw(frame)) {
            break Err(error);
        }
        match read() {
            Ok(Event::Key(key)) if key.code == KeyCode::Char('q') => break Ok(()),
            Ok(Event::Key(key)) => floor.key(key),
            Ok(_) => (),
            Err(error) => break Err(error),
        }
    };
    ratatui::restore();
    end
}
