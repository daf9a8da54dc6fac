//! `[log]`: levels are checked here, so that a slip does not silence the log.

use super::Builder;
use crate::config::log::LogFormatName;
use crate::config::plan::{LogFormat, LogPlan};
use crate::config::suggest::did_you_mean;
use crate::finding::{Code, Finding};

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

impl Builder<'_> {
    pub(super) fn log(&mut self) -> LogPlan {
        let said = &self.said.log;
        for directive in said.level.split(',') {
            let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level).trim();
            if !LEVELS.contains(&level.to_lowercase().as_str()) {
                let finding =
                    Finding::error(Code::BadValue, format!("\"{level}\" is not a log level"));
                let finding = finding.help(did_you_mean(level, LEVELS).unwrap_or_else(|| {
                    "write \"info\", or per part \"info,vestibule::auth=debug\"; the levels are error, warn, info, debug, trace".to_owned()
                }));
                self.find("log.level", finding);
            }
        }
        LogPlan {
            level: said.level.clone(),
            format: match said.format {
                LogFormatName::Auto => LogFormat::Auto,
                LogFormatName::Pretty => LogFormat::Pretty,
                LogFormatName::Json => LogFormat::Json,
            },
        }
    }
}
