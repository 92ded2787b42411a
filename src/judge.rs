//! Reads what the commands for scripts are about, and has it judged.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use phala_wizard::inspect::{
    Report, attestation, chain, compose_hash, encrypt, env_file, env_key, unfinished,
};
use phala_wizard::secret::Secret;
use phala_wizard::shell::{build, input, journals, reading};
use phala_wizard::shown::Shown;
use phala_wizard::trust::attestation::{Collateral, Expected};
use phala_wizard::trust::env_key_signature::Claim;
use serde_json::json;

use crate::cli::{ChainQuestion, Check, Encrypt, EnvFile, Evidence, HashQuestion, KeyClaim, Print};

/// Why there is no report.
pub(crate) enum Failed {
    /// A file that cannot be read.
    Unreadable(Shown),
    /// What was to be made is refused.
    Refused(Shown),
}

/// Seals the values of a file.
pub(crate) fn encrypt(wanted: &Encrypt) -> Result<Report, Failed> {
    let text = read(&wanted.env_file)?;
    encrypt::report(&wanted.pubkey, text.expose()).map_err(|why| Failed::Refused(Shown::line(&why)))
}

/// The deployments of this machine that are not done.
pub(crate) fn list() -> Result<Report, Failed> {
    let found = journals::unfinished().map_err(Failed::Unreadable)?;
    Ok(unfinished::report(&found))
}

/// Which program this is.
pub(crate) fn version() -> Report {
    let (version, target, api) = (build::VERSION, build::target(), build::API);
    let commit = build::COMMIT.unwrap_or("not known: built from sources, not by a release");
    Report {
        json: json!({
            "version": version,
            "commit": build::COMMIT,
            "target": target,
            "api_version": api,
        }),
        lines: vec![
            format!("phala-wizard {version}"),
            format!("commit  {commit}"),
            format!("target  {target}"),
            format!("API     {api}"),
        ],
        is_good: true,
    }
}

/// Judges, and says how that is printed.
pub(crate) fn check(wanted: &Check) -> (Print, Result<Report, Failed>) {
    match wanted {
        Check::EnvFile(file) => (file.print, check_env_file(file)),
        Check::EnvKey(claim) => (claim.print, Ok(check_env_key(claim))),
        Check::ComposeHash(question) => (question.print, check_compose_hash(question)),
        Check::Attestation(evidence) => (evidence.print, check_attestation(evidence)),
        Check::Chain(question) => (question.print, check_chain(question)),
    }
}

fn check_env_file(wanted: &EnvFile) -> Result<Report, Failed> {
    let text = read(&wanted.file)?;
    let compose = wanted.compose.as_deref().map(read).transpose()?;
    let compose = compose.as_ref().map(Secret::expose);
    Ok(env_file::report(
        text.expose(),
        compose,
        wanted.allowed.as_deref(),
    ))
}

fn check_env_key(wanted: &KeyClaim) -> Report {
    let claim = Claim {
        app_id: &wanted.app_id,
        public_key: &wanted.pubkey,
        signature: Some(&wanted.signature),
        timestamp: wanted.timestamp,
    };
    env_key::report(&claim, wanted.signer, wanted.now.unwrap_or_else(clock))
}

fn check_compose_hash(wanted: &HashQuestion) -> Result<Report, Failed> {
    let document = read(&wanted.document)?;
    let compose = wanted.compose.as_deref().map(read).transpose()?;
    let script = wanted.script.as_deref().map(read).transpose()?;
    Ok(compose_hash::report(&compose_hash::Question {
        document: document.expose(),
        compose: compose.as_ref().map(Secret::expose),
        script: script.as_ref().map(Secret::expose),
        live: wanted.live_hash,
        expected: wanted.expect,
    }))
}

fn check_attestation(wanted: &Evidence) -> Result<Report, Failed> {
    let bundle = read(&wanted.bundle)?;
    let collateral = wanted.collateral.as_deref().map(|path| {
        let text = read(path)?;
        Collateral::parse(text.expose().as_bytes())
            .map_err(|why| Failed::Unreadable(Shown::line(&format!("the collateral: {why}"))))
    });
    let certificate_key = wanted.certificate.as_deref().map(|path| {
        let file = input::read_bytes(path).map_err(Failed::Unreadable)?;
        Expected::read_certificate(&file)
            .map_err(|why| Failed::Unreadable(Shown::line(&format!("the certificate: {why}"))))
    });
    let expected = Expected {
        compose_hash: wanted.compose_hash,
        app_id: wanted.app_id,
        instance_id: wanted.instance_id,
        os_image_hash: wanted.os_image_hash,
        certificate_key: certificate_key.transpose()?,
        ..Expected::default()
    };
    Ok(attestation::report(
        bundle.expose().as_bytes(),
        &expected,
        collateral.transpose()?.as_ref(),
        wanted.at.unwrap_or_else(clock),
    ))
}

fn check_chain(wanted: &ChainQuestion) -> Result<Report, Failed> {
    let question = reading::Question {
        app: wanted.app_id,
        contract: wanted.contract,
        chain_id: wanted.chain,
        hash: wanted.compose_hash,
        device: wanted.device,
    };
    let answer = reading::read(wanted.rpc_url.clone(), &question).map_err(Failed::Unreadable)?;
    Ok(match &answer.said {
        Ok((subject, reading)) => chain::report(&answer.host, subject, reading, clock()),
        Err(error) => chain::unreadable(error),
    })
}

/// Unix seconds.
fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn read(path: &Path) -> Result<Secret, Failed> {
    input::read(path).map_err(Failed::Unreadable)
}
