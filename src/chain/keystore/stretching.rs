//! From a password to the key of a cipher: slow on purpose, and how slow the file says.
//!
//! A file may come from anybody, so what it may ask for has an end well above what honest files ask for.

use pbkdf2::pbkdf2_hmac;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{BadKeystore, bare};
use crate::secret::Secret;

/// Bytes that come out: half for the cipher, half for the MAC. Everybody writes 32, so nothing else is read.
const BYTES: u64 = 32;
const MIB: u128 = 1024 * 1024;
/// Most memory. Geth's own files take 256 MiB, and those of all others less.
const MOST_MIB: u128 = 512;
/// Most blocks of 128 bytes that are mixed: eight times as many as geth's own files take, some ten seconds.
const MOST_BLOCKS: u128 = 1 << 24;
/// Most rounds: forty times as many as geth's own files take.
const MOST_ROUNDS: u128 = 10_000_000;

/// How a password becomes a key.
pub(super) struct Stretching {
    salt: Vec<u8>,
    way: Way,
}

enum Way {
    Scrypt(scrypt::Params),
    /// PBKDF2 with HMAC-SHA-256, and its rounds.
    Pbkdf2(u32),
}

/// `kdfparams` of either way.
#[derive(Deserialize)]
pub(super) struct Parameters {
    dklen: u64,
    salt: String,
    n: Option<u64>,
    r: Option<u32>,
    p: Option<u32>,
    c: Option<u64>,
    prf: Option<String>,
}

impl Stretching {
    /// Reads how, and refuses what takes more than a keystore may.
    pub(super) fn read(name: &str, parameters: &Parameters) -> Result<Self, BadKeystore> {
        let salt = hex::decode(bare(&parameters.salt)).map_err(|_| BadKeystore::Digits("salt"))?;
        if parameters.dklen != BYTES {
            return Err(BadKeystore::Unknown("a dklen of 32"));
        }
        let way = match name {
            "scrypt" => Way::Scrypt(scrypt(parameters)?),
            "pbkdf2" => Way::Pbkdf2(pbkdf2(parameters)?),
            _ => return Err(BadKeystore::Unknown("scrypt or pbkdf2 as its kdf")),
        };
        Ok(Self { salt, way })
    }

    /// The key of this password.
    pub(super) fn of(&self, password: &Secret) -> Result<Zeroizing<[u8; 32]>, BadKeystore> {
        let password = password.expose().as_bytes();
        let mut key = Zeroizing::new([0; 32]);
        match &self.way {
            Way::Scrypt(parameters) => {
                scrypt::scrypt(password, &self.salt, parameters, key.as_mut_slice())
                    .map_err(|_| BadKeystore::Parameters("scrypt"))?;
            }
            Way::Pbkdf2(rounds) => {
                pbkdf2_hmac::<Sha256>(password, &self.salt, *rounds, key.as_mut_slice());
            }
        }
        Ok(key)
    }
}

fn scrypt(parameters: &Parameters) -> Result<scrypt::Params, BadKeystore> {
    let impossible = BadKeystore::Parameters("scrypt");
    let (Some(n), Some(r), Some(p)) = (parameters.n, parameters.r, parameters.p) else {
        return Err(impossible);
    };
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(impossible);
    }
    let (wide_n, wide_r, wide_p) = (u128::from(n), u128::from(r), u128::from(p));
    let bytes = wide_r * (wide_n + wide_p) * 128;
    within(bytes.div_ceil(MIB), MOST_MIB, |mib, most| {
        BadKeystore::Memory { mib, most }
    })?;
    within(wide_n * wide_r * wide_p, MOST_BLOCKS, work)?;
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| impossible.clone())?;
    scrypt::Params::new(log_n, r, p).map_err(|_| impossible)
}

fn pbkdf2(parameters: &Parameters) -> Result<u32, BadKeystore> {
    let impossible = BadKeystore::Parameters("pbkdf2");
    if parameters.prf.as_deref() != Some("hmac-sha256") {
        return Err(BadKeystore::Unknown("the prf hmac-sha256"));
    }
    let rounds = parameters.c.filter(|rounds| *rounds > 0);
    let rounds = rounds.ok_or(impossible.clone())?;
    within(rounds.into(), MOST_ROUNDS, work)?;
    u32::try_from(rounds).map_err(|_| impossible)
}

fn within(
    asked: u128,
    most: u128,
    dear: impl Fn(u128, u128) -> BadKeystore,
) -> Result<(), BadKeystore> {
    if asked > most {
        return Err(dear(asked, most));
    }
    Ok(())
}

fn work(steps: u128, most: u128) -> BadKeystore {
    BadKeystore::Work { steps, most }
}
