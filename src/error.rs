//! The one error that leaves the library.

use std::fmt;

use crate::finding::Finding;

/// Why there is no site. What kind of reason it is can be asked; how it came about is in the text.
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Invalid(Vec<Finding>),
    Unavailable(String),
    Internal(String),
}

impl Error {
    pub(crate) fn invalid(findings: Vec<Finding>) -> Self {
        Self(Kind::Invalid(findings))
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self(Kind::Unavailable(reason.into()))
    }

    pub(crate) fn internal(reason: impl fmt::Display) -> Self {
        Self(Kind::Internal(reason.to_string()))
    }

    /// What is wrong with the configuration or the theme; empty for other errors.
    pub fn findings(&self) -> &[Finding] {
        match &self.0 {
            Kind::Invalid(findings) => findings,
            _ => &[],
        }
    }

    /// The configuration or the theme cannot be used.
    pub fn is_invalid(&self) -> bool {
        matches!(self.0, Kind::Invalid(_))
    }

    /// Something that is needed is not to be had: a port, a file, a database.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.0, Kind::Unavailable(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Invalid(findings) => {
                write!(f, "the configuration cannot be used: ")?;
                for (index, finding) in findings.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(f, "{separator}{}", finding.message)?;
                }
                Ok(())
            }
            Kind::Unavailable(reason) => f.write_str(reason),
            Kind::Internal(reason) => write!(f, "this should not have happened: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
