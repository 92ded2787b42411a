//! Questions about one instance that is there, and the two things that can be done to it.
//!
//! Both of those are sent once. What their answers mean for the person is not decided here.

use serde_json::json;

use super::{Client, LARGE_BYTES};
use crate::api::client::question::Question;
use crate::api::decode;
use crate::api::error::Error;
use crate::api::types::{CvmName, CvmUuid, Found, Operation, State, Stats};
use crate::http::Method;

/// How many operations are asked for: a person looks for the last one, and for what came before it.
const OPERATIONS: &str = "20";

impl Client {
    /// `GET /cvms/{id}` (5.4), by whatever names the instance.
    pub async fn find(&self, cvm: &CvmName) -> Result<Found, Error> {
        let mut question = self.get(["cvms", cvm.as_str()]);
        // The compose file stands in it.
        question.most = LARGE_BYTES;
        self.0.read(question, decode::found).await
    }

    /// `POST /status/batch` (8.3), in the order asked; who is not known there is left out. It only reads, but it is a
    /// POST: sent once.
    pub async fn states(&self, cvms: &[CvmUuid]) -> Result<Vec<(CvmUuid, State)>, Error> {
        if cvms.is_empty() {
            return Ok(Vec::new());
        }
        let uuids: Vec<String> = cvms.iter().map(ToString::to_string).collect();
        let body = json!({ "vm_uuids": uuids });
        let mut question = self.post(["status", "batch"], body.to_string());
        question.most = LARGE_BYTES;
        let answer = self.0.ask_once(&question).await?;
        let states = |bytes: &[u8]| decode::states(&decode::json(bytes)?, cvms);
        self.0.accept(&question, answer, states, &[])
    }

    /// `GET /cvms/{id}/stats` (9.4).
    pub async fn stats(&self, cvm: &CvmUuid) -> Result<Stats, Error> {
        let question = self.get(["cvms", &cvm.in_path(), "stats"]);
        self.0.read(question, decode::stats).await
    }

    /// `GET /cvms/{id}/operations` (9.8), the last ones, newest first.
    pub async fn operations(&self, cvm: &CvmUuid) -> Result<Vec<Operation>, Error> {
        let mut question = self.get(["cvms", &cvm.in_path(), "operations"]);
        question.query = vec![("limit", OPERATIONS.to_owned())];
        self.0.read(question, decode::operations).await
    }

    /// `POST /cvms/{id}/restart` (9.8), and gently. Sent once.
    pub async fn restart(&self, cvm: &CvmUuid) -> Result<(), Error> {
        let body = json!({ "force": false });
        let question = self.post(["cvms", &cvm.in_path(), "restart"], body.to_string());
        self.act(question).await
    }

    /// `DELETE /cvms/{id}` (9.8), with its disk. Sent once. That there is none is an error, with its status 404.
    pub async fn delete(&self, cvm: &CvmUuid) -> Result<(), Error> {
        let question = Question {
            method: Method::DELETE,
            ..self.get(["cvms", &cvm.in_path()])
        };
        self.act(question).await
    }

    /// Sends what changes something, once. A yes is a yes, whatever is told with it.
    async fn act(&self, mut question: Question) -> Result<(), Error> {
        question.limit = self.0.limits.creating;
        let answer = self.0.ask_once(&question).await?;
        if answer.is_success() {
            return Ok(());
        }
        self.0.accept(&question, answer, |_| Ok(()), &[])
    }
}
