//! How step 3 looks: the sources, what the checks say, and the difference to what runs now.

use super::{ComposeStep, live};
use crate::check::compose::{Service, counts};
use crate::check::diff::{DiffKind, DiffLine, DiffVerdict, Difference};
use crate::check::highlight::{Span, SpanKind};
use crate::check::{Finding, MAX_COMBINED_BYTES, excerpt};
use crate::shown::Shown;
use crate::wizard::facts::{AppFacts, Facts};
use crate::wizard::form::source::size_words;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::menu::Choice;
use crate::wizard::page::{Block, Line, Mark, Page, Tone, counted, title};
use crate::wizard::plan::bytes;
use crate::wizard::trouble;

/// Lines of a text or difference that stand beside the page; all of it is one key away.
const FOLDED: usize = 16;
/// Columns of an image in the table of services.
const IMAGE: usize = 34;

/// The sources, and what the checks say about the chosen one.
pub(super) fn menu<'a>(step: &'a ComposeStep, facts: &'a Facts) -> Page<'a> {
    let mut lines = vec![title("What should it run?"), Line::new()];
    lines.extend(
        step.source
            .menu()
            .ticked(&choices(step, facts), step.source.source() as usize),
    );
    lines.push(Line::new());
    let report = &step.checked.report;
    let (errors, remarks) = counts(&report.findings);
    let note = match (step.text(), errors, remarks) {
        (None, ..) if facts.is_new_app() => {
            Line::new().dim("It is sent byte for byte, and is part of what the app is measured by.")
        }
        (None, ..) => {
            Line::new().dim("The same text means no new hash, and no compose transaction.")
        }
        (Some(_), 0, 0) => Line::new().dim("It goes out byte for byte."),
        (Some(_), 0, _) => Line::new().dim(format!(
            "{}; none of them stops you. It goes out byte for byte.",
            counted(remarks, "remark")
        )),
        (Some(_), ..) => Line::from(format!(
            "3 edits it here, {} in your editor, {} picks another file, 1 keeps the live one.",
            hint(Command::Edit),
            hint(Command::Files),
        )),
    };
    match step.text() {
        None => lines.extend(kept(step, facts)),
        Some(text) if errors > 0 => lines.extend(wrong(text, &report.findings)),
        Some(text) => {
            lines.push(what(text));
            lines.push(Line::new());
            lines.extend(table(&report.services));
            lines.push(Line::new());
            lines.push(Line::new().mark(Mark::Ok).plain(format!(
                "YAML reads, {}",
                counted(report.services.len(), "service")
            )));
            lines.push(Line::new().mark(Mark::Ok).plain(format!(
                "size with script {} of {}",
                bytes(report.combined_bytes),
                bytes(MAX_COMBINED_BYTES)
            )));
            lines.extend(report.findings.iter().flat_map(remark));
        }
    }
    Page {
        main: vec![Block::Text(lines)],
        side: beside(step, facts),
        note,
    }
}

/// All of the difference, or of the live text where nothing is compared.
pub(super) fn whole(step: &ComposeStep) -> Page<'_> {
    let checked = &step.checked;
    let mut lines = Vec::new();
    match (&checked.difference, &checked.live) {
        (Some(difference), _) => {
            lines.push(
                title("From the live compose file to the new one").dim(format!(
                    "   {} added, {} removed",
                    difference.added, difference.removed
                )),
            );
            lines.push(Line::new());
            lines.push(verdict(difference));
            lines.extend(difference.lines.iter().map(numbered));
        }
        (None, Some(document)) => {
            lines.push(title("The live compose file"));
            lines.push(Line::new());
            lines.extend(coloured(&document.compose, &checked.spans));
        }
        (None, None) => lines.push(Line::from("The live compose file is not known.")),
    }
    Page {
        main: vec![Block::Text(lines)],
        ..Page::default()
    }
}

fn choices(step: &ComposeStep, facts: &Facts) -> [Choice; 4] {
    if facts.is_new_app() {
        return step
            .source
            .choices("none yet", "a new app needs one".to_owned());
    }
    let about = facts.app.as_ref();
    let revision = about.and_then(|about| about.revision);
    let keep = revision.map_or_else(
        || "the same text as the others".to_owned(),
        |hash| format!("{}, no new hash", hash.short()),
    );
    step.source.choices("keep the live one", keep)
}

/// What is known about the live text that is kept.
fn kept(step: &ComposeStep, facts: &Facts) -> Vec<Line> {
    if facts.is_new_app() {
        return vec![
            Line::from("Which containers run, from which images, and which ports they open."),
            Line::new(),
            Line::new()
                .mark(Mark::Dot)
                .plain("none at hand? 3 begins with a web server that can be seen at once"),
            Line::new()
                .mark(Mark::Dot)
                .plain("an image is pulled by the machine: a local build has to be pushed first"),
        ];
    }
    let document = facts.app.as_ref().map(|about| &about.document);
    match (live(facts), document.and_then(|document| document.error())) {
        (Some(document), _) => {
            let mut lines = vec![what(&document.compose), Line::new()];
            lines.extend(table(&step.checked.report.services));
            lines
        }
        (None, Some(error)) => vec![
            trouble::brief(error),
            Line::new().dim("Keeping it works without reading it."),
        ],
        (None, None) => vec![Line::new().dim("The live compose file is being read.")],
    }
}

fn what(text: &str) -> Line {
    Line::pair("text", 6, size_words(text))
}

fn table(services: &[Service]) -> Vec<Line> {
    if services.is_empty() {
        return Vec::new();
    }
    let image = |service: &Service| short_image(service.image.as_deref().unwrap_or("-"));
    let width = |title: &str, of: &dyn Fn(&Service) -> Shown, most: usize| {
        let longest = services
            .iter()
            .map(|s| of(s).as_str().chars().count())
            .max();
        longest.unwrap_or(0).max(title.len()).min(most)
    };
    let name = |service: &Service| Shown::line(&service.name);
    let (names, images) = (width("service", &name, 18), width("image", &image, IMAGE));
    let heading = format!("{:names$}  {:images$}  ports", "service", "image");
    let mut lines = vec![Line::new().dim(heading)];
    lines.extend(services.iter().map(|service| {
        let ports = match service.ports.as_slice() {
            [] => "-".to_owned(),
            ports => Shown::line(&ports.join(", ")).to_string(),
        };
        Line::new()
            .strong(format!("{:names$}  ", name(service)))
            .plain(format!("{:images$}  ", image(service)))
            .plain(ports)
    }));
    lines
}

/// The end of an image's name, which tells most; a digest by its beginning.
fn short_image(image: &str) -> Shown {
    let (name, digest) = image.split_once("@sha256:").unwrap_or((image, ""));
    let digest = match digest.get(..8) {
        Some(start) => format!("@{start}.."),
        None => String::new(),
    };
    let room = IMAGE - digest.len();
    let length = name.chars().count();
    let name = if length > room {
        let end: String = name.chars().skip(length + 2 - room).collect();
        format!("..{end}")
    } else {
        name.to_owned()
    };
    Shown::line(&format!("{name}{digest}"))
}

/// What stops the person, each with its place in the text and a remedy; then the remarks.
pub(in crate::wizard::form) fn wrong(text: &str, findings: &[Finding]) -> Vec<Line> {
    let (errors, remarks) = counts(findings);
    let mut sum = counted(errors, "error");
    if remarks > 0 {
        sum = format!("{sum}, {}", counted(remarks, "remark"));
    }
    let mut lines = vec![Line::new().bad(format!("This text cannot be sent yet: {sum}."))];
    for (index, finding) in findings.iter().enumerate() {
        lines.push(Line::new());
        if finding.is_error() {
            lines.push(
                Line::new()
                    .mark(Mark::Bad)
                    .bad(format!("{}  {}", index + 1, place(finding)))
                    .strong(&finding.what),
            );
            for row in excerpt(text, finding) {
                let number = row.number.map(|number| number.to_string());
                let line = Line::new().dim(format!("{:>8} | ", number.unwrap_or_default()));
                lines.push(match row.number {
                    Some(_) => line.plain(row.text.as_str()),
                    None => line.bad(row.text.as_str()),
                });
            }
            lines.push(Line::new().dim(format!("{:>8} | ", "")).plain(&finding.why));
        } else {
            lines.extend(remark(finding));
        }
    }
    lines
}

pub(in crate::wizard::form) fn remark(finding: &Finding) -> [Line; 2] {
    [
        Line::new()
            .mark(Mark::Warn)
            .dim(place(finding))
            .plain(&finding.what),
        Line::new().dim(format!("    {}", finding.why)),
    ]
}

fn place(finding: &Finding) -> String {
    match (finding.line, finding.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}  "),
        (Some(line), None) => format!("line {line}  "),
        (None, _) => String::new(),
    }
}

fn beside(step: &ComposeStep, facts: &Facts) -> Vec<Line> {
    let checked = &step.checked;
    let Some(difference) = &checked.difference else {
        return match (step.text(), &checked.live) {
            (None, Some(document)) => {
                let mut lines = vec![title("What runs now")];
                lines.extend(folded(coloured(&document.compose, &checked.spans)));
                lines
            }
            _ => Vec::new(),
        };
    };
    let mut lines = vec![title("Against the live revision"), verdict(difference)];
    if !checked.new_names.is_empty() {
        let names = Shown::line(&checked.new_names.join(", "));
        lines.push(Line::new().dim("new variables: ").plain(names.as_str()));
    }
    if difference.verdict == DiffVerdict::Same {
        return lines;
    }
    if facts.app.as_ref().is_some_and(AppFacts::is_on_chain) {
        lines.push(Line::new().mark(Mark::Warn).plain(
            "A new hash: the app's contract has to register it, one transaction in step 7.",
        ));
    }
    lines.push(Line::new().dim("The other instances keep their revision."));
    lines.push(Line::new());
    lines.extend(folded(difference.lines.iter().map(short)));
    lines
}

pub(in crate::wizard::form) fn verdict(difference: &Difference) -> Line {
    match difference.verdict {
        DiffVerdict::Same => Line::new().mark(Mark::Ok).plain("Not one byte differs."),
        DiffVerdict::LineEndsOnly => Line::new().mark(Mark::Warn).plain(
            "Only line ends or a byte order mark differ: it reads the same and has another hash.",
        ),
        DiffVerdict::Lines => Line::new().dim(format!(
            "{} added, {} removed",
            counted(difference.added, "line"),
            difference.removed
        )),
    }
}

/// The first lines, and how many are not among them.
pub(in crate::wizard::form) fn folded(lines: impl ExactSizeIterator<Item = Line>) -> Vec<Line> {
    let rest = lines.len().saturating_sub(FOLDED);
    let mut first: Vec<Line> = lines.take(FOLDED).collect();
    if rest > 0 {
        let key = hint(Command::Difference);
        first.push(Line::new().accent(key).dim(format!(" shows {rest} more")));
    }
    first
}

pub(in crate::wizard::form) fn short(line: &DiffLine) -> Line {
    let (tone, sign) = sign(line.kind);
    Line::new().tone(tone, format!("{sign} {}", line.text))
}

pub(in crate::wizard::form) fn numbered(line: &DiffLine) -> Line {
    let (tone, sign) = sign(line.kind);
    let number =
        |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    Line::new()
        .dim(format!("{:>5} {:>5} ", number(line.old), number(line.new)))
        .tone(tone, format!("{sign} {}", line.text))
}

fn sign(kind: DiffKind) -> (Tone, &'static str) {
    match kind {
        DiffKind::Same => (Tone::Plain, " "),
        DiffKind::Added => (Tone::Added, "+"),
        DiffKind::Removed => (Tone::Removed, "-"),
        DiffKind::Gap => (Tone::Dim, "..."),
    }
}

/// A text in the colours of its language.
pub(in crate::wizard::form) fn coloured<'a>(
    text: &'a str,
    spans: &'a [Vec<Span>],
) -> impl ExactSizeIterator<Item = Line> + 'a {
    let lines: Vec<&str> = text.lines().collect();
    lines.into_iter().enumerate().map(|(index, line)| {
        let spans = spans.get(index).map_or(&[][..], Vec::as_slice);
        coloured_line(line, spans)
    })
}

fn coloured_line(text: &str, spans: &[Span]) -> Line {
    // Cleaned piece by piece, because spans count the bytes of the text as it is.
    let piece = |from: usize, to: usize| {
        let piece = text.get(from..to.min(text.len())).unwrap_or_default();
        Shown::text(piece).to_string()
    };
    let mut line = Line::new();
    let mut at = 0;
    for span in spans {
        line = line
            .plain(piece(at, span.start))
            .tone(tone(span.kind), piece(span.start, span.end));
        at = span.end;
    }
    line.plain(piece(at, text.len()))
}

fn tone(kind: SpanKind) -> Tone {
    match kind {
        SpanKind::Key => Tone::Name,
        SpanKind::Text | SpanKind::Number => Tone::Literal,
        SpanKind::Comment => Tone::Comment,
        SpanKind::Keyword | SpanKind::Variable => Tone::Accent,
        SpanKind::Punctuation => Tone::Plain,
    }
}
