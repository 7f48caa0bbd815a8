//! Reading the forms of a page, for a client without a browser.

/// A form of a page.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// `get` or `post`, lower case.
    pub method: String,
    /// Its named inputs and buttons with their values, in order.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The first form of `html` whose action contains `part`.
    ///
    /// # Panics
    ///
    /// When there is none; the panic shows the page.
    pub fn find(html: &str, part: &str) -> Self {
        let forms = Self::all(html);
        let found = forms.into_iter().find(|form| form.action.contains(part));
        found.unwrap_or_else(|| panic!("no form for {part} in {html}"))
    }

    /// Every form of `html`, in order.
    pub fn all(html: &str) -> Vec<Self> {
        let mut forms: Vec<Self> = Vec::new();
        let mut is_open = false;
        for tag in tags(html) {
            match tag.name.as_str() {
                "form" => {
                    is_open = true;
                    let method = tag.attribute("method").unwrap_or_else(|| "get".into()).to_lowercase();
                    forms.push(Self {
                        action: tag.attribute("action").unwrap_or_default(),
                        method,
                        fields: vec![],
                    });
                }
                "/form" => is_open = false,
                "input" | "button" | "select" | "textarea" if is_open => {
                    if let (Some(form), Some(name)) = (forms.last_mut(), tag.attribute("name")) {
                        form.fields.push((name, tag.attribute("value").unwrap_or_default()));
                    }
                }
                _ => {}
            }
        }
        forms
    }

    /// The value of the field `name`; empty when it has none.
    pub fn value(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The fields with `name` set to `value`: chosen among the buttons, or typed.
    pub fn with(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let mut fields: Vec<_> = self.fields.iter().filter(|(field, _)| field != name).cloned().collect();
        fields.push((name.to_owned(), value.to_owned()));
        fields
    }
}

/// Every `href` of a link in `html`.
pub fn links(html: &str) -> Vec<String> {
    tags(html).into_iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.attribute("href")).collect()
}

struct Tag {
    name: String,
    rest: String,
}

impl Tag {
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.rest.as_str();
        while let Some((name, after)) = rest.split_once('=') {
            let name = name.split_ascii_whitespace().last().unwrap_or_default();
            let quote = after.chars().next()?;
            let (value, remaining) = if quote == '"' || quote == '\'' {
                after[1..].split_once(quote)?
            } else {
                after.split_once(char::is_whitespace).unwrap_or((after, ""))
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescape(value));
            }
            rest = remaining;
        }
        None
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let pieces = html.split('<').skip(1).filter_map(|piece| piece.split_once('>'));
    pieces
        .map(|(inside, _)| {
            let (name, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
            Tag { name: name.to_lowercase(), rest: rest.to_owned() }
        })
        .collect()
}

fn unescape(value: &str) -> String {
    let mut text = value.to_owned();
    for (entity, symbol) in
        [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#x2f;", "/"), ("&#x3d;", "=")]
    {
        text = text.replace(entity, symbol);
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{Form, links};

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_buttons() {
        let html = r#"<a href="/x?a=1&amp;b=2">x</a><form method="post" action="/start"><input type="hidden"
            name="csrf" value="a&#x2f;b"><button name="method" value="otp">Send</button></form><input name="no">"#;

        let form = Form::find(html, "start");

        assert_eq!(form.method, "post");
        assert_eq!(form.fields, [("csrf".into(), "a/b".into()), ("method".into(), "otp".into())]);
        assert_eq!(links(html), ["/x?a=1&b=2"]);
    }
}
