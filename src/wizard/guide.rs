//! Terms of the field, explained in one line each where they first matter.
//!
//! A line is there until the screen it stands on was seen once; the help of a screen has its terms always. Which terms
//! were seen is kept on this machine; the sandbox keeps nothing, so that trying it teaches each time.

use super::page::{Block, Line, Page};

/// A term that not everybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// What an instance is.
    Cvm,
    /// Where it runs.
    Node,
    /// What stands for its content.
    ComposeHash,
    /// Who keeps its keys.
    Kms,
    /// What stands for a preparation.
    CommitToken,
    /// What proves what runs.
    Attestation,
}

impl Term {
    /// Every term.
    pub const ALL: [Self; 6] = [
        Self::Cvm,
        Self::Node,
        Self::ComposeHash,
        Self::Kms,
        Self::CommitToken,
        Self::Attestation,
    ];

    /// Its name in files; it never changes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cvm => "cvm",
            Self::Node => "node",
            Self::ComposeHash => "compose_hash",
            Self::Kms => "kms",
            Self::CommitToken => "commit_token",
            Self::Attestation => "attestation",
        }
    }

    /// The term of this name.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|term| term.word() == word)
    }

    /// How people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cvm => "CVM",
            Self::Node => "Node",
            Self::ComposeHash => "Compose hash",
            Self::Kms => "KMS",
            Self::CommitToken => "Commit token",
            Self::Attestation => "Attestation",
        }
    }

    /// What it is, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Cvm => "a virtual machine whose memory not even its host can read",
            Self::Node => "a host with such processors; contracts know it by its device id",
            Self::ComposeHash => "stands for all that runs; one changed byte, another hash",
            Self::Kms => "keeps the app's keys, and gives them only to a CVM with an allowed hash",
            Self::CommitToken => "stands for what was prepared; who has it can finish that",
            Self::Attestation => "the processor signs what was started, for anybody to check",
        }
    }

    /// As it stands on a page.
    pub fn line(self) -> Line {
        Line::new().dim(format!("{}: {}.", self.name(), self.meaning()))
    }
}

/// What is explained, and what was.
#[derive(Debug, Default)]
pub struct Guide {
    /// What was seen; `None` where nothing is explained, or not yet known.
    seen: Option<Vec<Term>>,
    /// Whether what was seen is kept.
    keeps: bool,
    /// The terms of the screen.
    here: &'static [Term],
    /// Those of them that are explained on it.
    fresh: Vec<Term>,
}

impl Guide {
    /// These were seen on this machine before.
    pub fn read(&mut self, seen: Vec<Term>) {
        self.seen = Some(seen);
        self.keeps = true;
    }

    /// This is the sandbox: what was seen outside of it does not count, and what is seen in it is not kept.
    pub fn in_sandbox(&mut self) {
        *self = Self {
            seen: Some(Vec::new()),
            ..Self::default()
        };
    }

    /// The screen has these terms. Says what was seen by now, where it is to be kept.
    pub fn arrive(&mut self, here: &'static [Term]) -> Option<Vec<Term>> {
        let seen = self.seen.as_mut()?;
        if self.here == here {
            return None;
        }
        self.here = here;
        self.fresh = here
            .iter()
            .copied()
            .filter(|term| !seen.contains(term))
            .collect();
        seen.extend(&self.fresh);
        (self.keeps && !self.fresh.is_empty()).then(|| seen.clone())
    }

    /// Puts what is new on this page, where it is one of text.
    pub fn explain(&self, page: &mut Page<'_>) {
        let is_text = |block: &Block<'_>| {
            matches!(
                block,
                Block::Text(_)
                    | Block::List(_)
                    | Block::Field { .. }
                    | Block::Buttons(..)
                    | Block::Tabs(..)
            )
        };
        if self.fresh.is_empty() || !page.main.iter().all(is_text) {
            return;
        }
        let mut lines = vec![Line::new()];
        lines.extend(self.fresh.iter().map(|term| term.line()));
        page.main.push(Block::Text(lines));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[Term] = &[Term::Cvm, Term::Kms];
    const SECOND: &[Term] = &[Term::Kms, Term::Node];

    fn words(guide: &Guide) -> String {
        let mut page = Page::default();
        guide.explain(&mut page);
        let texts = page.main.iter().flat_map(|block| match block {
            Block::Text(lines) => lines.iter().map(Line::words).collect(),
            _ => Vec::new(),
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_term_is_explained_on_the_first_screen_that_has_it() {
        let mut guide = Guide::default();
        assert_eq!(guide.arrive(FIRST), None, "nothing is known yet");
        assert_eq!(words(&guide), "");
        guide.read(vec![Term::Cvm]);
        assert_eq!(guide.arrive(FIRST), Some(vec![Term::Cvm, Term::Kms]));
        assert!(words(&guide).contains("KMS: keeps") && !words(&guide).contains("CVM: a"));
        assert_eq!(guide.arrive(FIRST), None, "still the same screen");
        assert!(
            words(&guide).contains("KMS: keeps"),
            "as long as it is there"
        );
        assert_eq!(
            guide.arrive(SECOND),
            Some(vec![Term::Cvm, Term::Kms, Term::Node])
        );
        assert!(
            !words(&guide).contains("KMS: keeps"),
            "off after it was seen"
        );
        assert_eq!(guide.arrive(FIRST), None);
        assert_eq!(words(&guide), "");
    }

    #[test]
    fn the_sandbox_explains_everything_and_keeps_nothing() {
        let mut guide = Guide::default();
        guide.read(Term::ALL.to_vec());
        guide.in_sandbox();
        assert_eq!(guide.arrive(FIRST), None);
        assert!(words(&guide).contains("CVM: a virtual machine"));
        guide.arrive(SECOND);
        guide.arrive(FIRST);
        assert_eq!(words(&guide), "", "once per run");
    }

    #[test]
    fn every_term_is_one_short_line_and_found_by_its_word() {
        for term in Term::ALL {
            assert_eq!(Term::of(term.word()), Some(term));
            let line = term.line().words();
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert_eq!(Term::of("token"), None);
    }

    #[test]
    fn a_text_that_is_written_is_not_disturbed() {
        let mut guide = Guide::default();
        guide.in_sandbox();
        guide.arrive(FIRST);
        let field = crate::wizard::field::Field::open("x");
        let mut page = Page {
            main: vec![Block::Field {
                label: "name",
                field: &field,
            }],
            ..Page::default()
        };
        guide.explain(&mut page);
        assert_eq!(page.main.len(), 2);
        let mut empty = Page::default();
        Guide::default().explain(&mut empty);
        assert!(empty.main.is_empty());
    }
}
