//! The command about the configuration file: writes it, says where it is, and what in it is not understood.
//!
//! What can be set in it is not known here.

use phala_wizard::shell::config::settings::template;
use phala_wizard::shell::config::{Place, init};

use crate::cli::Settings;

/// How the command came out: lines for whoever asked, lines about what is the matter, and the exit code.
pub(crate) struct Told {
    pub(crate) out: Vec<String>,
    pub(crate) wrong: Vec<String>,
    pub(crate) code: u8,
}

/// Does it.
pub(crate) fn act(wanted: &Settings) -> Told {
    if matches!(wanted, Settings::Init(init) if init.print) {
        return well(template().trim_end());
    }
    let Some(place) = Place::here() else {
        return bad(
            2,
            "no home folder is known, so there is no place for the file",
        );
    };
    match wanted {
        Settings::Init(_) => match init(&place) {
            Ok(()) => well(&format!("Written: {}", place.path.display())),
            Err(why) => bad(2, why.as_str()),
        },
        Settings::Path(_) => well(&place.path.display().to_string()),
        Settings::Check(_) => check(&place),
    }
}

fn check(place: &Place) -> Told {
    let name = place.name();
    if !place.is_there() {
        return well(&format!(
            "{name} is not there, so everything is as usual. `phala-wizard config init` writes it."
        ));
    }
    match place.read() {
        Err(why) => bad(2, why.as_str()),
        Ok((config, wrong)) if wrong.is_empty() => {
            let mut told = well(&format!("{name} is understood."));
            let remark = config.rpc_urls.remark();
            told.wrong.extend(remark.map(|it| format!("note: {it}")));
            told
        }
        Ok((_, wrong)) => Told {
            out: Vec::new(),
            wrong: wrong.iter().map(ToString::to_string).collect(),
            code: 1,
        },
    }
}

fn well(line: &str) -> Told {
    Told {
        out: vec![line.to_owned()],
        wrong: Vec::new(),
        code: 0,
    }
}

fn bad(code: u8, why: &str) -> Told {
    Told {
        out: Vec::new(),
        wrong: vec![why.to_owned()],
        code,
    }
}
