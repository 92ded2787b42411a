//! What a terminal sends that no key was pressed for, and sequences that came in two pieces.
//!
//! crossterm takes an Escape that comes alone for the key, at once. Over a slow line it may be the first byte of
//! another key, so whoever reads waits a moment for more, and here the pieces are put together again. It also takes the
//! answer to a question about colours for keys; those are found here, and nobody else sees them. What a key means, or a
//! colour, is not known here.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::background;
use super::as_text;
use crate::theme::Colours;

/// The rest of a sequence comes within this time, even over a slow line.
pub(super) const REST: Duration = Duration::from_millis(50);
/// An answer whose beginning is there is waited for so long.
const LONGEST: Duration = Duration::from_secs(1);
/// No answer is longer.
const MOST: usize = 64;

/// Takes answers out of what is typed.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// What came of an answer, and since when.
    heard: Option<(String, Instant)>,
    /// What the answer said.
    pub(super) colours: Option<Colours>,
}

impl Answers {
    /// The events of a batch that a person is behind.
    pub(super) fn sift(&mut self, batch: Vec<Event>, now: Instant) -> Vec<Event> {
        let mut kept = Vec::with_capacity(batch.len());
        self.heard = self
            .heard
            .take()
            .filter(|(_, since)| now.duration_since(*since) < LONGEST);
        for event in whole(batch) {
            if !self.hears(&event, now) {
                kept.push(event);
            }
        }
        // Whoever pressed the key that answers begin with, and waits, is no terminal.
        self.heard = self.heard.take().filter(|(text, _)| {
            let answer = background::ANSWER;
            !text.is_empty() && (text.starts_with(answer) || answer.starts_with(text.as_str()))
        });
        kept
    }

    /// Whether this belongs to an answer.
    fn hears(&mut self, event: &Event, now: Instant) -> bool {
        let Some((mut text, since)) = self.heard.take() else {
            let begins = is_with_alt(event, ']');
            self.heard = begins.then(|| (String::new(), now));
            return begins;
        };
        if is_end(event) {
            self.colours = background::read(&text).or(self.colours);
            return true;
        }
        let letter = as_text(event).filter(|letter| *letter == ' ' || letter.is_ascii_graphic());
        match letter {
            Some(letter) if text.len() < MOST => {
                text.push(letter);
                self.heard = Some((text, since));
                true
            }
            // Nobody loses a key to an answer that never ends.
            _ => false,
        }
    }
}

/// Whether a batch ends where a sequence may go on.
pub(super) fn is_unfinished(batch: &[Event]) -> bool {
    let begun = batch.iter().rposition(|event| is_with_alt(event, ']'));
    let has_begun = begun.is_some_and(|begun| !batch[begun..].iter().any(is_end));
    has_begun || batch.last().is_some_and(is_escape)
}

/// Puts pieces of sequences together. In one batch an Escape is followed by something only where that came within
/// [`REST`], which is faster than fingers are.
fn whole(batch: Vec<Event>) -> Vec<Event> {
    if !batch.iter().any(is_escape) {
        return batch;
    }
    let mut out = Vec::with_capacity(batch.len());
    let mut rest = &batch[..];
    while let Some((event, after)) = rest.split_first() {
        rest = after;
        let next = after.first().and_then(as_text).filter(|_| is_escape(event));
        match next {
            Some('[') => rest = numbered(&after[1..], &mut out),
            Some('O') => match after.get(1).and_then(as_text).and_then(lettered) {
                Some(code) => {
                    out.push(Event::Key(code.into()));
                    rest = &after[2..];
                }
                None => out.push(event.clone()),
            },
            Some(letter) if letter.is_ascii_graphic() => {
                let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT);
                out.push(Event::Key(key));
                rest = &after[1..];
            }
            _ => out.push(event.clone()),
        }
    }
    out
}

/// Reads on after `ESC [`. What is no key, nobody pressed. Gives back what follows.
fn numbered<'e>(events: &'e [Event], out: &mut Vec<Event>) -> &'e [Event] {
    let is_parameter = |letter: &char| matches!(letter, '0'..='9' | ';' | '<' | '?');
    let letters = || events.iter().map_while(as_text);
    let parameters: String = letters().take_while(is_parameter).collect();
    let end = letters().nth(parameters.len());
    let rest = events.get(parameters.len() + 1..).unwrap_or_default();
    let mut numbers = parameters.split(';').map(|it| it.parse::<u8>().ok());
    let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
    let code = match (end, first) {
        (Some('~'), Some(200)) => {
            // The mark at its end was taken for nothing, so everything that came at once is the text.
            let text = rest.iter().filter_map(as_text).collect();
            out.push(Event::Paste(text));
            return &[];
        }
        (Some('~'), Some(number)) => tilde(number),
        (Some('I'), None) => return and(out, Event::FocusGained, rest),
        (Some('O'), None) => return and(out, Event::FocusLost, rest),
        (Some('Z'), _) => Some(KeyCode::BackTab),
        (Some(letter), _) => lettered(letter),
        (None, _) => None,
    };
    out.extend(code.map(|code| Event::Key(KeyEvent::new(code, modifiers(second)))));
    rest
}

fn and<'e>(out: &mut Vec<Event>, event: Event, rest: &'e [Event]) -> &'e [Event] {
    out.push(event);
    rest
}

fn lettered(letter: char) -> Option<KeyCode> {
    Some(match letter {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'F' => KeyCode::End,
        'H' => KeyCode::Home,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        _ => return None,
    })
}

fn tilde(number: u8) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23 | 24 => KeyCode::F(number - 12),
        _ => return None,
    })
}

/// What is held down, as terminals number it: one more than the sum.
fn modifiers(number: Option<u8>) -> KeyModifiers {
    let held = number.unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, held & 1 != 0);
    modifiers.set(KeyModifiers::ALT, held & 2 != 0);
    modifiers.set(KeyModifiers::CONTROL, held & 4 != 0);
    modifiers
}

fn is_escape(event: &Event) -> bool {
    matches!(event, Event::Key(key) if *key == KeyEvent::from(KeyCode::Esc))
}

fn is_with_alt(event: &Event, letter: char) -> bool {
    let expected = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT);
    matches!(event, Event::Key(key) if *key == expected)
}

/// BEL, or ESC and a backslash.
fn is_end(event: &Event) -> bool {
    let bell = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL);
    is_with_alt(event, '\\')
        || matches!(event, Event::Key(key) if key.kind == KeyEventKind::Press && *key == bell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(code.into())
    }

    fn alt(letter: char) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT))
    }

    fn control(letter: char) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
    }

    fn letters(text: &str) -> Vec<Event> {
        text.chars()
            .map(|letter| key(KeyCode::Char(letter)))
            .collect()
    }

    /// An answer as crossterm reads it.
    fn answer(text: &str, end: Event) -> Vec<Event> {
        [vec![alt(']')], letters(text), vec![end]].concat()
    }

    fn sifted(batches: Vec<Vec<Event>>) -> (Vec<Event>, Option<Colours>) {
        let mut answers = Answers::default();
        let now = Instant::now();
        let sift = |batch| answers.sift(batch, now);
        let kept = batches.into_iter().flat_map(sift).collect();
        (kept, answers.colours)
    }

    #[test]
    fn an_answer_is_heard_and_is_no_key() {
        for end in [control('g'), alt('\\')] {
            let batch = [
                letters("a"),
                answer("11;rgb:ffff/ffff/ffff", end),
                letters("b"),
            ];
            let (kept, colours) = sifted(vec![batch.concat()]);
            assert_eq!(kept, letters("ab"));
            assert_eq!(colours, Some(Colours::Light));
        }
    }

    #[test]
    fn nonsense_is_swallowed_and_says_nothing() {
        for text in ["11;what do you mean", "11;", "4;1;?", ""] {
            let (kept, colours) = sifted(vec![answer(text, control('g'))]);
            assert_eq!((kept, colours), (Vec::new(), None), "{text}");
        }
    }

    #[test]
    fn an_answer_in_pieces_is_one() {
        let whole = answer("11;rgb:ffff/ffff/ffff", alt('\\'));
        for cut in 2..whole.len() {
            let (one, two) = whole.split_at(cut);
            let (kept, colours) = sifted(vec![one.to_vec(), two.to_vec()]);
            assert_eq!((kept, colours), (Vec::new(), Some(Colours::Light)), "{cut}");
        }
        // Cut after its first byte, which looks like the key.
        let cut = [
            vec![key(KeyCode::Esc)],
            letters("]11;rgb:f/f/f"),
            vec![control('g')],
        ];
        let (kept, colours) = sifted(vec![cut.concat()]);
        assert_eq!((kept, colours), (Vec::new(), Some(Colours::Light)));
    }

    #[test]
    fn whoever_presses_a_key_that_answers_begin_with_loses_nothing_after_it() {
        let (kept, _) = sifted(vec![vec![alt(']')], letters("q")]);
        assert_eq!(kept, letters("q"));
        let (kept, _) = sifted(vec![vec![alt(']')], letters("1"), letters("1;")]);
        assert_eq!(kept, letters("11;"));
    }

    #[test]
    fn an_answer_that_never_ends_holds_no_key_back() {
        let begun = [vec![alt(']')], letters("11;rgb:")].concat();
        for stop in [
            control('c'),
            key(KeyCode::Enter),
            key(KeyCode::Up),
            key(KeyCode::Esc),
        ] {
            let (kept, colours) = sifted(vec![begun.clone(), vec![stop.clone()], letters("q")]);
            let then = [vec![stop.clone()], letters("q")].concat();
            assert_eq!((kept, colours), (then, None), "{stop:?}");
        }
        let mut answers = Answers::default();
        let start = Instant::now();
        assert_eq!(answers.sift(begun.clone(), start), []);
        assert_eq!(answers.sift(letters("ff"), start + LONGEST / 2), []);
        assert_eq!(answers.sift(letters("q"), start + LONGEST), letters("q"));
        let long = [begun, letters(&"f".repeat(MOST))].concat();
        let (kept, _) = sifted(vec![long]);
        assert_eq!(kept.len(), "11;rgb:".len());
    }

    #[test]
    fn an_escape_that_came_alone_is_the_key_and_one_with_more_is_not() {
        assert_eq!(whole(vec![key(KeyCode::Esc)]), [key(KeyCode::Esc)]);
        let escaped = |text: &str| whole([vec![key(KeyCode::Esc)], letters(text)].concat());
        for (text, code) in [
            ("[A", KeyCode::Up),
            ("OB", KeyCode::Down),
            ("[H", KeyCode::Home),
            ("[6~", KeyCode::PageDown),
            ("[15~", KeyCode::F(5)),
            ("[24~", KeyCode::F(12)),
            ("OP", KeyCode::F(1)),
            ("[Z", KeyCode::BackTab),
        ] {
            assert_eq!(escaped(text), [key(code)], "{text}");
            assert_eq!(escaped(&format!("{text}x"))[1..], letters("x"), "{text}");
        }
        let left = KeyEvent::new(KeyCode::Left, KeyModifiers::CONTROL);
        assert_eq!(escaped("[1;5D"), [Event::Key(left)]);
        assert_eq!(escaped("b"), [alt('b')]);
        assert_eq!(escaped("[I"), [Event::FocusGained]);
        assert_eq!(escaped("[?62;22c"), [], "what is no key");
        assert_eq!(escaped("[200~a b"), [Event::Paste("a b".into())]);
        let twice = vec![key(KeyCode::Esc), key(KeyCode::Esc)];
        assert_eq!(whole(twice.clone()), twice);
        let entered = vec![key(KeyCode::Esc), key(KeyCode::Enter)];
        assert_eq!(
            whole(entered.clone()),
            entered,
            "no button is pressed with Alt"
        );
    }

    #[test]
    fn more_is_waited_for_only_where_more_may_come() {
        assert!(is_unfinished(&[key(KeyCode::Esc)]));
        assert!(is_unfinished(&[key(KeyCode::Up), alt(']')]));
        assert!(is_unfinished(&[alt(']'), key(KeyCode::Char('1'))]));
        assert!(!is_unfinished(&answer("11;rgb:f/f/f", control('g'))));
        assert!(!is_unfinished(&letters("a")));
        assert!(!is_unfinished(&[key(KeyCode::Esc), key(KeyCode::Up)]));
        assert!(!is_unfinished(&[]));
    }
}
