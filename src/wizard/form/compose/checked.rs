//! What is known about a compose text. Found once per change, because neither a key nor a frame should wait for it.

use std::sync::Arc;

use crate::api::types::Document;
use crate::check::compose::{ComposeReport, check};
use crate::check::diff::{Difference, diff};
use crate::check::highlight::{Language, Span, highlight};

/// What is known about the text, and about which text. Made anew when one of them changes, never while drawing.
#[derive(Debug, Default)]
pub(super) struct Checked {
    text: Option<Arc<str>>,
    pub(super) live: Option<Arc<Document>>,
    script_len: usize,
    /// About the new text, or else about the live one.
    pub(super) report: ComposeReport,
    /// Colours of the same text.
    pub(super) spans: Vec<Vec<Span>>,
    /// From the live text to the new one.
    pub(super) difference: Option<Difference>,
    /// Variables that only the new text uses.
    pub(super) new_names: Vec<String>,
}

impl Checked {
    /// Looks at the new text, or else at the live one, beside a script of this many bytes.
    pub(super) fn new(
        text: Option<Arc<str>>,
        live: Option<Arc<Document>>,
        script_len: usize,
    ) -> Self {
        let old = live.as_ref().map(|document| document.compose.as_str());
        let report = text
            .as_deref()
            .or(old)
            .map(|text| check(text, script_len))
            .unwrap_or_default();
        let spans = text
            .as_deref()
            .or(old)
            .map(|text| highlight(Language::Yaml, text))
            .unwrap_or_default();
        let pair = text.as_deref().zip(old);
        Self {
            difference: pair.map(|(new, old)| diff(old, new)),
            new_names: pair.map_or_else(Vec::new, |(_, old)| {
                let before = check(old, 0).names;
                let used = report.names.iter().map(|used| &used.name);
                used.filter(|name| before.iter().all(|known| known.name != **name))
                    .cloned()
                    .collect()
            }),
            report,
            spans,
            text,
            live,
            script_len,
        }
    }

    /// Whether this is about these very texts.
    pub(super) fn is_about(
        &self,
        text: Option<&Arc<str>>,
        live: Option<&Arc<Document>>,
        script_len: usize,
    ) -> bool {
        self.script_len == script_len
            && same(self.text.as_ref(), text)
            && same(self.live.as_ref(), live)
    }
}

/// Whether both are the very same thing, which is enough: nothing is changed in place.
pub(in crate::wizard::form) fn same<T: ?Sized>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}
