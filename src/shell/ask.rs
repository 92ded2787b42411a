//! Every question of the wizard, put to whoever can answer it: the service, the sandbox, the disk.
//!
//! It remembers whom the wizard talks to and with which key, and nothing else.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};

use super::credentials::Environment;
use super::questions::Ask;
use super::{demo, files};
use crate::shown::Shown;
use crate::wizard::event::{Answer, Request};

/// Asks on behalf of the wizard.
#[derive(Debug)]
pub struct Asker {
    environment: Environment,
    demo: demo::Options,
}

impl Asker {
    /// One that has asked nothing yet, and knows where a key could be found.
    pub fn new(environment: Environment, demo: demo::Options) -> Self {
        Self { environment, demo }
    }

    async fn answer(&self, request: Request) -> Answer {
        let home = self.environment.home.clone();
        match request {
            Request::ListFolder(path) => {
                Answer::Folder(on_disk(path, move |path| files::list(path, home.as_deref())).await)
            }
            Request::ReadFile(path) => {
                Answer::File(on_disk(path, move |path| files::read(path, home.as_deref())).await)
            }
            _ => {
                let _ = (self.demo, self.environment.find());
                Answer::Sandbox(Err("not built yet".into()))
            }
        }
    }
}

impl Ask for Asker {
    fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer> {
        stream::once(async move { self.answer(request).await }).boxed()
    }
}

/// Disks can be slow, so they are waited for on a thread of their own.
async fn on_disk<T: Send + 'static>(
    path: PathBuf,
    act: impl FnOnce(&std::path::Path) -> Result<T, Shown> + Send + 'static,
) -> Result<T, Shown> {
    tokio::task::spawn_blocking(move || act(&path))
        .await
        .unwrap_or_else(|_| Err("the disk could not be asked".into()))
}
