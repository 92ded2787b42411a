//! What the reader did to a line, and what other tools would have done, in words.

use std::fmt;

/// Something worth saying about an entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The word `export` stood before the name.
    ExportDropped,
    /// `NAME: value` instead of `NAME=value`.
    ColonForm,
    /// The value stood in quotes.
    QuotesRemoved,
    /// A comment followed the value.
    CommentRemoved,
    /// Escapes such as `\n` were read.
    EscapesRead,
    /// The value spans this many lines.
    MultiLine {
        /// Lines from the name to the closing quote.
        lines: usize,
    },
    /// `$NAME` in the value stays as it is.
    LiteralDollar,
    /// An official reader would have read something else.
    ReadOtherwise {
        /// Which one.
        by: OtherReader,
        /// What it would do.
        how: Vec<Misreading>,
    },
}

/// A reader of `.env` texts that people use today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherReader {
    /// `phala instances add -e` of CLI 1.1.18.
    InstancesAdd,
    /// `parseEnvVars` of @phala/cloud, used by `phala deploy`.
    ParseEnvVars,
}

/// What another reader does differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misreading {
    /// Makes `export ` part of the name.
    KeepsExport,
    /// Makes the quotes part of the value.
    KeepsQuotes,
    /// Makes the comment part of the value.
    KeepsComment,
    /// Makes an entry of every line.
    BreaksLines {
        /// How many.
        lines: usize,
    },
    /// Takes the whole line for a name.
    TakesLineForName,
    /// Ends the value at a `#` without a blank before it.
    CutsAtHash,
    /// Takes back quotes for quotes.
    RemovesBackQuotes,
    /// Knows only `\n` and `\r` as escapes.
    ReadsEscapesOtherwise,
    /// Drops the variable.
    Drops,
    /// Drops a line that we cannot read either.
    DropsLine,
    /// Makes a variable of a line that we cannot read.
    ReadsAnyway,
    /// Takes whatever stands before the `=` for a name.
    TakesAnyName,
    /// Takes the line for a part of a value that began before.
    PartOfValue,
    /// Keeps the last of several values.
    KeepsLast,
    /// Ends up with another value.
    Otherwise,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExportDropped => f.write_str("'export' dropped"),
            Self::ColonForm => f.write_str("written with ':' instead of '='"),
            Self::QuotesRemoved => f.write_str("quotes removed"),
            Self::CommentRemoved => f.write_str("comment removed"),
            Self::EscapesRead => f.write_str("escapes read"),
            Self::MultiLine { lines } => write!(f, "multi-line value in quotes ({lines} lines)"),
            Self::LiteralDollar => f.write_str("'$' is kept as written, nothing is filled in"),
            Self::ReadOtherwise { by, how } => {
                write!(f, "{by} would ")?;
                for (at, misreading) in how.iter().enumerate() {
                    let join = match at {
                        0 => "",
                        _ if at + 1 == how.len() => " and ",
                        _ => ", ",
                    };
                    write!(f, "{join}{misreading}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for OtherReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InstancesAdd => "phala 1.1.18 'instances add -e'",
            Self::ParseEnvVars => "parseEnvVars of @phala/cloud",
        })
    }
}

impl fmt::Display for Misreading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeepsExport => f.write_str("keep 'export' as part of the name"),
            Self::KeepsQuotes => f.write_str("keep the quotes"),
            Self::KeepsComment => f.write_str("keep the comment"),
            Self::BreaksLines { lines } => write!(f, "break it into {lines} entries"),
            Self::TakesLineForName => f.write_str("take the whole line for a name"),
            Self::CutsAtHash => f.write_str("cut the value at '#'"),
            Self::RemovesBackQuotes => f.write_str("remove the back quotes"),
            Self::ReadsEscapesOtherwise => f.write_str("read only \\n and \\r of the escapes"),
            Self::Drops => f.write_str("drop the variable"),
            Self::DropsLine => f.write_str("drop the line"),
            Self::ReadsAnyway => f.write_str("read a variable from it all the same"),
            Self::TakesAnyName => f.write_str("take what stands before the '=' for a name"),
            Self::PartOfValue => f.write_str("take it for a part of the value before"),
            Self::KeepsLast => f.write_str("let the last value count"),
            Self::Otherwise => f.write_str("read another value"),
        }
    }
}
