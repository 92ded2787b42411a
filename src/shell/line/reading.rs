//! Answers like the screen's asker, and reads whatever a script calls a file: a pipe and standard input too.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};

use crate::shell::ask::Asker;
use crate::shell::blocking::blocking;
use crate::shell::input;
use crate::shell::questions::Ask;
use crate::wizard::event::{Answer, Request};

/// Reads files for scripts; everything else is asked as ever.
pub(super) struct Reader(Arc<Asker>);

impl Reader {
    pub(super) fn new(asker: Asker) -> Self {
        Self(Arc::new(asker))
    }
}

impl Ask for Reader {
    fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer> {
        match request {
            Request::ReadFile(path) => stream::once(read(path)).boxed(),
            request => Arc::clone(&self.0).ask(request),
        }
    }
}

async fn read(path: PathBuf) -> Answer {
    let read = move || input::read(&path).map(|text| input::file(path, text));
    Answer::File(
        blocking(read)
            .await
            .unwrap_or_else(|| Err("the disk could not be asked".into())),
    )
}
