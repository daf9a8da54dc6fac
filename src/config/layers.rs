//! The order of precedence: defaults, preset, file, environment, command line. The last one that speaks wins.

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::Config;
use super::suggest::{join, last};

/// One layer of values, looked through already.
pub(crate) struct Layer {
    /// What an operator would call it.
    pub(crate) name: &'static str,
    pub(crate) values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// Merges the layers, later over earlier, and fills in what nobody said from the `Default`s of the tables.
pub(crate) fn merge(layers: impl IntoIterator<Item = Layer>) -> Result<Config, Box<Error>> {
    layers.into_iter().fold(Figment::new(), Figment::merge).extract().map_err(Box::new)
}

/// Takes out of a preset what a later layer says in its place. Tables are merged key by key. In the file, `body`,
/// `take` and `backend.auth` are whole, since nobody could take a key out of the preset's otherwise; a variable
/// or a flag (`whole` is false) names one key and means that one.
pub(crate) fn give_way(preset: &mut Dict, later: &mut Dict, whole: bool) {
    give_way_at("", preset, later, whole);
}

fn give_way_at(path: &str, preset: &mut Dict, later: &mut Dict, whole: bool) {
    let mut no_news = Vec::new();
    for (key, said) in later.iter_mut() {
        let child = join(path, key);
        if last(path) == "headers" || path == "backend.auth" {
            // Names of headers are the same in any spelling.
            preset.retain(|known, _| !known.eq_ignore_ascii_case(key));
            continue;
        }
        match (preset.get_mut(key), said) {
            (None, _) => {}
            // A call is on already, and as the preset has it.
            (Some(Value::Dict(..)), Value::Bool(_, true)) => no_news.push(key.clone()),
            (Some(Value::Dict(_, preset)), Value::Dict(_, later))
                if !(whole && is_whole(&child)) =>
            {
                give_way_at(&child, preset, later, whole);
            }
            _ => {
                preset.remove(key);
            }
        }
    }
    later.retain(|key, _| !no_news.contains(key));
}

fn is_whole(path: &str) -> bool {
    path == "backend.auth" || ["body", "take"].contains(&last(path))
}
