//! What differs from the live revision, and what stands behind the hash.

use crate::wizard::difference::diff_lines;
use crate::wizard::launch::brief::Brief;
use crate::wizard::page::{Line, title};

/// The page of differences.
pub(super) fn lines(brief: &Brief) -> Vec<Line> {
    if brief.plan.is_new_app() {
        let mut lines = vec![
            Line::new().dim("The app is new, so there is nothing to compare with."),
            Line::new(),
        ];
        lines.extend(brief.hash_details(None));
        return lines;
    }
    let Some(live) = &brief.live else {
        let mut lines =
            vec![Line::new().dim(
                "What the live revision runs is not known, so there is nothing to compare with.",
            )];
        lines.push(Line::new());
        lines.extend(brief.hash_details(None));
        return lines;
    };
    let mut lines = Vec::new();
    let mut part = |what: &str, old: &str, new: Option<&String>| {
        lines.push(title(what));
        match new {
            None => lines.push(Line::new().dim("as the live revision")),
            Some(new) => lines.extend(diff_lines(old, new)),
        }
        lines.push(Line::new());
    };
    part("Compose file", &live.compose, brief.plan.compose.as_ref());
    part(
        "Pre-launch script",
        live.script.as_deref().unwrap_or_default(),
        brief.plan.script.as_ref(),
    );
    lines.extend(brief.hash_details(None));
    lines
}
