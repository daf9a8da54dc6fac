//! A first theme: a few files that say what can be done with them.

use std::path::PathBuf;

use super::{Workshop, check_name, write_new};
use crate::finding::{Code, Finding, Place};
use crate::theme::files::{embedded_names, nearest};
use crate::theme::layers::{BASE, ThemeFiles};

impl Workshop {
    /// Writes a theme of that name that can be used as it is, and says which files it has. `from` is a
    /// layout, or a theme to stand on.
    pub(crate) fn create(
        &self,
        name: &str,
        from: Option<&str>,
    ) -> Result<Vec<PathBuf>, Vec<Finding>> {
        check_name(name)?;
        let folder = self.plan.path.join(name);
        if folder.exists() || embedded_names().iter().any(|known| known == name) {
            let finding =
                Finding::error(Code::Conflict, format!("there is a theme {name:?} already"))
                    .at(Some(Place::named(folder.display().to_string())));
            return Err(vec![finding.help("give the new one another name")]);
        }
        let (parent, layout) = self.start(from)?;
        let layouts = self.layouts(&parent)?;
        let mut written = Vec::new();
        for (path, text) in files(name, &parent, layout.as_deref(), &layouts) {
            let path = folder.join(path);
            write_new(&path, text.as_bytes())?;
            written.push(path);
        }
        Ok(written)
    }

    /// The theme to stand on, and the layout to begin with.
    fn start(&self, from: Option<&str>) -> Result<(String, Option<String>), Vec<Finding>> {
        let Some(from) = from else { return Ok((BASE.to_owned(), None)) };
        let layouts = self.layouts(BASE)?;
        if layouts.iter().any(|layout| layout == from) {
            return Ok((BASE.to_owned(), Some(from.to_owned())));
        }
        let themes = crate::theme::layers::known_themes(&self.plan.path);
        if themes.contains(from) {
            return Ok((from.to_owned(), None));
        }
        let known: Vec<&str> =
            layouts.iter().map(String::as_str).chain(themes.iter().map(String::as_str)).collect();
        let finding =
            Finding::error(Code::ThemeUnknown, format!("there is no layout and no theme {from:?}"));
        Err(vec![match nearest(from, known.iter().copied()) {
            Some(near) => finding.help(format!("did you mean {near:?}?")),
            None => finding.help(format!("begin with one of {}", known.join(", "))),
        }])
    }

    /// What the option `layout` of a theme can be.
    fn layouts(&self, theme: &str) -> Result<Vec<String>, Vec<Finding>> {
        let files = ThemeFiles::collect(&self.plan.path, theme)?;
        let mut manifests = files.layers().filter_map(|layer| layer.manifest.as_ref());
        let declared = manifests.find_map(|manifest| manifest.options.get("layout"));
        Ok(declared.map(|option| option.get_ref().values.clone()).unwrap_or_default())
    }
}

fn files(
    name: &str,
    parent: &str,
    layout: Option<&str>,
    layouts: &[String],
) -> [(&'static str, String); 4] {
    let choice = layouts.join(", ");
    let layout = match (layout, layouts.last()) {
        (Some(layout), _) => format!("layout = \"{layout}\"          # one of {choice}"),
        (None, Some(last)) => format!("# layout = \"{last}\"          # one of {choice}"),
        (None, None) => String::new(),
    };
    let manifest = format!(
        "# Who this theme is. What it does not have is taken from {parent}, file by file.\n\
         name = \"{name}\"\n\
         version = \"0.1.0\"\n\
         license = \"\"                # such as \"MIT\"; \"UNLICENSED\" if nobody else may use it\n\
         authors = []\n\
         extends = \"{parent}\"\n\
         contract = 1\n\
         \n\
         # What the options of {parent} are in this theme. A site may still set each of them in\n\
         # [theme.options] of its auth.toml. `vestibule theme explain` lists them all.\n\
         [defaults]\n\
         {layout}\n\
         # accent = \"#0b5fff\"          # or one for each mode: {{ light = \"#0b5fff\", dark = \"#8ab4ff\" }}\n\
         # radius = 0.25\n\
         # font = \"serif\"             # sans, serif, mono, or a .woff2 file in assets/\n\
         \n\
         # An option of your own: templates read it as theme.options.claim, and style sheets as var(--claim).\n\
         # [options.claim]\n\
         # type = \"color\"             # or text, url, select, range, bool, image, font\n\
         # default = \"#0b5fff\"\n\
         # css_vars = [\"--claim\"]\n\
         # label = \"Claim\"\n\
         # help = \"The colour of the claim.\"\n"
    );
    let sheet = "/* Your own rules. They come after those of the theme beneath, in the same file that browsers get:\n   \
                 nothing here is a request more, and nothing has to be forced. Pictures of assets/ are named as url(logo.svg).\n\n   \
                 Every page says which it is: body[data-page=\"login\"], body[data-state=\"idle\"]. */\n\n\
                 /*\n\
                 h1 {\n  \
                   letter-spacing: 0;\n\
                 }\n\
                 */\n"
        .to_owned();
    let logo = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\" viewBox=\"0 0 40 40\">\n\
         <rect x=\"1\" y=\"1\" width=\"38\" height=\"38\" rx=\"10\" fill=\"#ffffff\" stroke=\"#2f4cc4\" stroke-width=\"2\"/>\n\
         <text x=\"20\" y=\"27\" text-anchor=\"middle\" font-family=\"system-ui, sans-serif\" font-size=\"20\" \
         font-weight=\"700\" fill=\"#2f4cc4\">{}</text>\n</svg>\n",
        name.chars().find(|c| c.is_alphanumeric()).unwrap_or('a').to_uppercase()
    );
    let texts = "# Only the sentences that differ; `vestibule theme explain login` shows the keys of a page.\n\
                 # title-login = Welcome back\n"
        .to_owned();
    [
        ("theme.toml", manifest),
        ("theme.css", sheet),
        ("assets/logo.svg", logo),
        ("locales/en.ftl", texts),
    ]
}
