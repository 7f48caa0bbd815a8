use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use thiserror::Error;
use vestibule_wording::{Args, Catalogue, Language, escape_html};

/// A template and its facts did not fit together: a defect of ours, never of a mail.
#[derive(Debug, Error)]
#[error("a mail could not be rendered")]
pub struct RenderError(#[from] minijinja::Error);

/// The templates, compiled in.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the engine's own"));
        environment.set_formatter(|out, state, value| {
            // The engine's own escaper turns a slash into a reference, which makes URLs unreadable.
            match state.auto_escape() {
                AutoEscape::Html if !value.is_safe() => Ok(out.write_str(&escape_html(&value.to_string()))?),
                _ => Ok(out.write_str(&value.to_string())?),
            }
        });
        for (name, source) in [
            ("frame.html", include_str!("../../templates/frame.html")),
            ("invitation.html", include_str!("../../templates/invitation.html")),
            ("invitation.txt", include_str!("../../templates/invitation.txt")),
            ("passcode.html", include_str!("../../templates/passcode.html")),
            ("passcode.txt", include_str!("../../templates/passcode.txt")),
        ] {
            environment.add_template(name, source).expect("templates are compiled in, and tests render each");
        }

        Self(environment)
    }

    /// Renders one template. In it `say(id)` is the catalogue's text with the variables of `words`.
    pub(crate) fn render(
        &self,
        template: &str,
        words: &Words,
        facts: &BTreeMap<&'static str, Value>,
    ) -> Result<String, RenderError> {
        let words = words.clone();
        let say = if template.ends_with(".html") {
            Value::from_function(move |id: &str| Value::from_safe_string(words.html(id)))
        } else {
            Value::from_function(move |id: &str| words.text(id))
        };
        let mut context = facts.clone();
        context.insert("say", say);

        Ok(self.0.get_template(template)?.render(context)?)
    }
}

/// A language and the variables of all texts of one mail.
#[derive(Clone)]
pub(crate) struct Words {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) language: Language,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// A URL in three parts, the middle one to be found by the eye.
    pub(crate) url: Option<[String; 3]>,
}

impl Words {
    pub(crate) fn text(&self, id: &str) -> String {
        self.catalogue.text(self.language, id, &self.args())
    }

    fn html(&self, id: &str) -> String {
        self.catalogue.html(self.language, id, &self.args())
    }

    fn args(&self) -> Args<'_> {
        let args =
            self.variables.iter().fold(Args::new(), |args, (name, value)| args.with(name, value.as_str()));
        match &self.url {
            Some([before, core, after]) => args.with_core("url", before, core, after),
            None => args,
        }
    }
}
