//! Docker compose's `$NAME` and `${NAME}` in one value.

/// How badly a name is needed, from least to most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Has a default, or only switches something on: `${A:-x}`, `${A:+x}`.
    Optional,
    /// Stands in a default, so it matters only while the other name is not given: `${A:-${B}}`.
    FallbackFor(String),
    /// Blank when missing: `$A`, `${A}`, a passed-through name.
    Expected,
    /// The boot fails when missing: `${A:?message}`.
    Required,
}

/// What a value uses.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) uses: Vec<(String, Need)>,
    /// A `$` that is neither `$$` nor in front of a name; compose refuses the whole text for it.
    pub(super) bad_dollar: bool,
}

/// How deep defaults may stand in defaults; deeper ones are not looked into.
const MAX_DEPTH: usize = 32;

/// Finds every use in a value.
pub(super) fn scan(text: &str) -> Found {
    let mut found = Found::default();
    scan_into(text, &Need::Expected, MAX_DEPTH, &mut found);
    found
}

/// `plain` is the need of a name without an operator at this depth.
fn scan_into(text: &str, plain: &Need, depth: usize, found: &mut Found) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('{') {
            let Some(end) = closing_brace(inside) else {
                found.bad_dollar = true;
                return;
            };
            braced(&inside[..end], plain, depth, found);
            rest = &inside[end + 1..];
        } else {
            let name = name_at(rest);
            if name.is_empty() {
                found.bad_dollar = true;
            } else {
                found.uses.push((name.to_owned(), plain.clone()));
            }
            rest = &rest[name.len()..];
        }
    }
}

/// The inside of `${...}`.
fn braced(inside: &str, plain: &Need, depth: usize, found: &mut Found) {
    let name = name_at(inside);
    let operator = &inside[name.len()..];
    if name.is_empty() {
        found.bad_dollar = true;
        return;
    }
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    let (need, nested) = match operator.chars().next() {
        None if inside.len() == name.len() => (plain.clone(), None),
        Some('-') => (Need::Optional, Some(fallback(name, plain))),
        Some('+') => (Need::Optional, Some(Need::Optional)),
        Some('?') => (
            if *plain == Need::Expected {
                Need::Required
            } else {
                plain.clone()
            },
            None,
        ),
        _ => {
            found.bad_dollar = true;
            return;
        }
    };
    found.uses.push((name.to_owned(), need));
    if let Some(nested) = nested.filter(|_| depth > 0) {
        scan_into(&operator[1..], &nested, depth - 1, found);
    }
}

fn fallback(name: &str, plain: &Need) -> Need {
    if *plain == Need::Expected {
        Need::FallbackFor(name.to_owned())
    } else {
        plain.clone()
    }
}

/// The longest variable name at the start of `text`; empty when there is none.
pub(super) fn name_at(text: &str) -> &str {
    let end = text
        .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let starts_well = !text.starts_with(|c: char| c.is_ascii_digit());
    if starts_well { &text[..end] } else { "" }
}

/// Place of the `}` that closes a brace opened just before `text`.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if previous == '$' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}
