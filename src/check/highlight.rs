//! Colours by meaning for the two editors, computed once per change.
//!
//! Gives byte ranges per line with a meaning; which colour that is, a theme decides. A text too large or too
//! tangled for a keystroke's time comes back plain.

mod bash;
mod yaml;

/// Bytes beyond which a text is left plain: no compose file or script may be larger.
pub const MAX_BYTES: usize = super::MAX_COMBINED_BYTES;

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A compose file.
    Yaml,
    /// A pre-launch script.
    Bash,
}

/// A coloured part of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte within its line.
    pub start: usize,
    /// Byte behind the last one.
    pub end: usize,
    /// What it means.
    pub kind: SpanKind,
}

/// What a part of a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A key of a mapping, a command or function name.
    Key,
    /// A piece of text.
    Text,
    /// A number, truth value or null.
    Number,
    /// A comment.
    Comment,
    /// A word of the language, a tag.
    Keyword,
    /// A variable, an anchor.
    Variable,
    /// Brackets, colons, operators.
    Punctuation,
}

/// Spans of every line of `text`, as `str::split('\n')` counts lines, in order and without overlap.
pub fn highlight(language: Language, text: &str) -> Vec<Vec<Span>> {
    if text.len() > MAX_BYTES {
        return vec![Vec::new(); text.split('\n').count()];
    }
    match language {
        Language::Yaml => yaml::highlight(text),
        Language::Bash => bash::highlight(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(language: Language, text: &str) -> Vec<Vec<(String, SpanKind)>> {
        let spans = highlight(language, text);
        let cut = |(line, spans): (&str, &Vec<Span>)| -> Vec<(String, SpanKind)> {
            spans
                .iter()
                .map(|s| (line[s.start..s.end].to_owned(), s.kind))
                .collect()
        };
        text.split('\n').zip(&spans).map(cut).collect()
    }

    fn word(text: &str, kind: SpanKind) -> (String, SpanKind) {
        (text.to_owned(), kind)
    }

    /// Words and the letters of their kinds: `web/K :/P`.
    fn drawn(language: Language, text: &str) -> Vec<String> {
        let letter = |kind| match kind {
            SpanKind::Key => 'K',
            SpanKind::Text => 'T',
            SpanKind::Number => 'N',
            SpanKind::Comment => 'C',
            SpanKind::Keyword => 'W',
            SpanKind::Variable => 'V',
            SpanKind::Punctuation => 'P',
        };
        let lines = words(language, text).into_iter();
        let draw = |(text, kind)| format!("{text}/{}", letter(kind));
        lines
            .map(|line| line.into_iter().map(draw).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn yaml_is_told_by_meaning() {
        let table = [
            ("web: # c", "web/K :/P # c/C"),
            ("  n: 12", "n/K :/P 12/N"),
            ("- true", "-/P true/N"),
            ("- a: ~", "-/P a/K :/P ~/N"),
            ("- - x", "-/P -/P x/T"),
            ("\"q k\": 'v # no'", "\"q k\"/K :/P 'v # no'/T"),
            ("u: https://h:1/p#f", "u/K :/P https://h:1/p#f/T"),
            (
                "l: [a, 1, {b: c}]",
                "l/K :/P [/P a/T ,/P 1/N ,/P {/P b/K :/P c/T }/P ]/P",
            ),
            ("x: &a !t v", "x/K :/P &a/V !t/W v/T"),
            ("y: *a", "y/K :/P *a/V"),
            ("<<: *a", "<</K :/P *a/V"),
            ("- A=${B:-x}/$C$$D", "-/P A=/T ${B:-x}/V //T $C/V $$D/T"),
            ("s: \"a ${B} b\"", "s/K :/P \"a /T ${B}/V  b\"/T"),
            ("---", "---/P"),
            ("plain words", "plain words/T"),
            ("é: ü", "é/K :/P ü/T"),
        ];
        for (text, wanted) in table {
            assert_eq!(drawn(Language::Yaml, text), [wanted], "{text}");
        }
    }

    #[test]
    fn yaml_blocks_and_open_quotes_go_over_lines() {
        let text = "a:\n  c: |-  # n\n    key: no\n\n    # text\n  d: \"x\n    y # no\" # c\n  e: >\n   z\nf: 1";
        assert_eq!(
            drawn(Language::Yaml, text),
            [
                "a/K :/P",
                "c/K :/P |-/P # n/C",
                "    key: no/T",
                "",
                "    # text/T",
                "d/K :/P \"x/T",
                "    y # no\"/T # c/C",
                "e/K :/P >/P",
                "   z/T",
                "f/K :/P 1/N",
            ]
        );
    }

    #[test]
    fn bash_is_told_by_meaning() {
        let lines = words(
            Language::Bash,
            "# c\nif test -n \"$A x\"; then\n  echo 'x' 2>&1\nfi\ncat <<E\nhi ${B}\nE\n",
        );
        assert_eq!(lines[0], [word("# c", SpanKind::Comment)]);
        let first = [word("if", SpanKind::Keyword), word("test", SpanKind::Key)];
        assert_eq!(lines[1][..2], first);
        assert!(
            lines[1].contains(&word("A", SpanKind::Variable)),
            "{:?}",
            lines[1]
        );
        assert!(
            lines[1].contains(&word(" x", SpanKind::Text)),
            "{:?}",
            lines[1]
        );
        assert!(lines[2].contains(&word("'x'", SpanKind::Text)));
        assert!(lines[2].contains(&word("2", SpanKind::Number)));
        assert_eq!(lines[3], [word("fi", SpanKind::Keyword)]);
        assert!(
            lines[5].contains(&word("B", SpanKind::Variable)),
            "{:?}",
            lines[5]
        );
        assert_eq!(lines[5][0], word("hi ", SpanKind::Text));
    }

    #[test]
    fn a_text_over_the_limit_or_too_tangled_stays_plain_and_keeps_its_lines() {
        let large = "a: 1\n".repeat(MAX_BYTES / 5 + 1);
        let tangled = "<<E\n".repeat(40_000);
        for (language, text) in [(Language::Yaml, large), (Language::Bash, tangled)] {
            let lines = highlight(language, &text);
            assert_eq!(lines.len(), text.split('\n').count());
            assert!(lines.iter().all(Vec::is_empty));
        }
    }

    #[test]
    fn deep_nesting_costs_nothing_but_colour() {
        for piece in ["- ", "[", "? ", "a: ", "&a ", "\"", "${"] {
            let text = piece.repeat(MAX_BYTES / piece.len());
            assert_eq!(highlight(Language::Yaml, &text).len(), 1, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn spans_of_any_text_are_ordered_and_on_letter_borders(
            text in "([a-z:#'\"$é{}\\[\\]|&*!>?, -]|\n|\r\n|\t|if |fi|<<E\n|: |- ){0,60}",
            yaml in any::<bool>(),
        ) {
            let language = if yaml { Language::Yaml } else { Language::Bash };
            let lines = highlight(language, &text);
            prop_assert_eq!(lines.len(), text.split('\n').count());
            for (line, spans) in text.split('\n').zip(lines) {
                let mut last = 0;
                for span in spans {
                    prop_assert!(last <= span.start && span.start < span.end);
                    prop_assert!(line.get(span.start..span.end).is_some());
                    last = span.end;
                }
            }
        }
    }
}
