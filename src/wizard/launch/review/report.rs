//! What is about to be sent, for a face without pages.

use super::{Review, Seal};
use crate::api::preview::RequestPreview;
use crate::wizard::page::Line;
use crate::wizard::status::{Overview, Reviewing};

impl Review {
    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Reviewing {
        match (&self.seal, &self.request) {
            (Seal::Failed(why), _) => Reviewing::Failed(why.clone()),
            (Seal::Waiting(_), _) | (Seal::Done, None) => Reviewing::Sealing,
            (Seal::Done, Some(request)) => Reviewing::Ready(Box::new(self.overview(request))),
        }
    }

    fn overview(&self, request: &RequestPreview) -> Overview {
        let brief = &self.brief;
        let words = |lines: &[Line]| {
            let lines = lines.iter().map(Line::words);
            lines.filter(|line| !line.is_empty()).collect()
        };
        Overview {
            on_chain: brief.on_chain,
            answers: brief.answers.clone(),
            request: request.clone(),
            hash: brief.foretold.as_ref().map_or_else(
                |why| Err(why.clone()),
                |foretold| Ok(hex::encode(foretold.likeliest())),
            ),
            changed: self.changed.iter().map(|of| of.file.clone()).collect(),
            remarks: words(&brief.remarks),
            cost: words(&brief.cost),
        }
    }
}
