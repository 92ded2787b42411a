//! A blob that was encrypted elsewhere: checked for its shape, which is all that can be checked.

use crossterm::event::KeyEvent;

use crate::trust::env_blob::{BlobError, BlobRemark, SealedEnv};
use crate::wizard::field::Field;
use crate::wizard::page::{Block, Line, Mark, title};
use crate::wizard::plan::bytes;

/// The pasted text, and what it was found to be. Hidden, for what is pasted here by mistake may be a value.
#[derive(Debug)]
pub struct Blob {
    field: Field,
    /// `None` while nothing was pasted.
    checked: Option<Result<SealedEnv, BlobError>>,
}

impl Default for Blob {
    fn default() -> Self {
        Self {
            field: Field::hidden(),
            checked: None,
        }
    }
}

impl Blob {
    /// The blob, if the text is one.
    pub fn sealed(&self) -> Option<&SealedEnv> {
        self.checked.as_ref()?.as_ref().ok()
    }

    /// Why it cannot be sent.
    pub fn problem(&self) -> Option<String> {
        match &self.checked {
            None => Some("paste the blob first".into()),
            Some(Err(error)) => Some(format!("this is not a blob: {error}")),
            Some(Ok(sealed)) => sealed
                .remarks()
                .iter()
                .find(|remark| matches!(remark, BlobRemark::OverHostLimit(_)))
                .map(ToString::to_string),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) {
        if self.field.key(key) {
            self.check();
        }
    }

    /// Takes pasted text, which may be broken over lines. It takes the place of what was there: two blobs in a row
    /// would have the shape of one.
    pub fn paste(&mut self, text: &str) {
        let joined: String = text.split_whitespace().collect();
        self.field.set(&joined);
        self.check();
    }

    /// What stands in the review.
    pub fn remarks(&self) -> Vec<Line> {
        let remarks = self.sealed().map_or(&[][..], SealedEnv::remarks);
        remarks
            .iter()
            .map(|remark| Line::new().mark(Mark::Warn).plain(remark.to_string()))
            .collect()
    }

    /// The blocks of its page.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let head = vec![
            title("A ready blob"),
            Line::new(),
            Line::from(
                "Paste the hex of values that were encrypted elsewhere, for this app's key.",
            ),
            Line::new(),
        ];
        let mut below = vec![Line::new()];
        match &self.checked {
            None => below.push(
                Line::new().dim("It is sent as it is. Values cannot be read out of it here."),
            ),
            Some(Err(error)) => {
                below.push(
                    Line::new()
                        .mark(Mark::Bad)
                        .bad(format!("Not a blob: {error}.")),
                );
            }
            Some(Ok(sealed)) => below.push(
                Line::new()
                    .mark(Mark::Ok)
                    .good("has the shape of a blob")
                    .dim(format!("   {}", bytes(sealed.bytes()))),
            ),
        }
        below.extend(self.remarks());
        vec![
            Block::Text(head),
            Block::Field {
                label: "blob, hex",
                field: &self.field,
            },
            Block::Text(below),
        ]
    }

    fn check(&mut self) {
        self.checked = (!self.field.is_empty()).then(|| SealedEnv::parse_hex(self.field.text()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 70 bytes: the least a blob has, behind a usable sender key.
    fn blob() -> String {
        format!("09{}", "11".repeat(69))
    }

    #[test]
    fn a_blob_over_several_lines_is_taken() {
        let mut field = Blob::default();
        let text = blob();
        field.paste(&format!("0x{}\r\n{}\n", &text[..64], &text[64..]));
        assert_eq!(field.sealed().map(SealedEnv::hex), Some(text.as_str()));
        assert_eq!(field.problem(), None);
        assert!(!field.remarks().is_empty());
    }

    #[test]
    fn what_is_no_blob_says_why_and_stays() {
        let mut field = Blob::default();
        assert!(field.problem().is_some());
        field.paste("zz");
        assert!(!format!("{field:?}").contains("zz"));
        let problem = field.problem();
        assert!(problem.is_some_and(|text| text.contains("character 1 is not a hex digit")));
        assert_eq!(field.field.text(), "zz");
    }
}
