//! `vestibule users`: the directory's users, over HTTP.

use clap::Args;
use serde_json::Value;

use super::Failure;
use super::output::{self, Format, Object};
use crate::client::{Client, Reach, Session};

#[derive(Args, Debug)]
pub(super) struct Users {
    /// Only these, such as "externalUserState eq 'PendingAcceptance'"
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Which properties to show, with commas between
    #[arg(long, value_name = "PROPERTIES", value_delimiter = ',', default_values_t = COLUMNS.map(String::from))]
    select: Vec<String>,
    /// Sort by a property, such as "displayName desc"
    #[arg(long, value_name = "PROPERTY")]
    orderby: Option<String>,
    /// Every page, not only the first
    #[arg(long)]
    all: bool,
    /// Print how many there are instead
    #[arg(long, conflicts_with_all = ["all", "orderby"])]
    count: bool,
    /// How to print them [default: table on a terminal, json in a pipe]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    reach: Reach,
}

const COLUMNS: [&str; 6] =
    ["displayName", "userPrincipalName", "mail", "userType", "externalUserState", "id"];

impl Users {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        let session = client.sign_in().await?;
        if self.count {
            let path = format!("/v1.0/users/$count{}", self.query(&[]));
            return output::print(&format!("{}\n", session.get_text(&path).await?.trim()));
        }

        let users = self.pages(&session).await?;
        let columns: Vec<&str> = self.select.iter().map(|name| name.trim()).collect();
        let format = self.format.unwrap_or_else(Format::of_stdout);
        output::print(&output::render(&users, &columns, format))
    }

    async fn pages(&self, session: &Session<'_>) -> Result<Vec<Object>, Failure> {
        let select = self.select.join(",");
        // What asks for a count is an advanced query (`graph.md` 2.2): `--filter` and `--orderby` then go together.
        let mut next =
            Some(format!("/v1.0/users{}", self.query(&[("$select", &select), ("$count", "true")])));
        let mut users = Vec::new();
        while let Some(path) = next {
            let mut page = session.get(&path).await?;
            if let Value::Array(objects) = page["value"].take() {
                users.extend(objects.into_iter().filter_map(|object| match object {
                    Value::Object(object) => Some(object),
                    _ => None,
                }));
            }
            let link = page["@odata.nextLink"].as_str().map(str::to_owned);
            next = link.filter(|_| self.all);
        }
        Ok(users)
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let mut pairs: Vec<(&str, &str)> = more.to_vec();
        pairs.extend(self.filter.as_deref().map(|filter| ("$filter", filter)));
        pairs.extend(self.orderby.as_deref().map(|orderby| ("$orderby", orderby)));
        if pairs.is_empty() {
            return String::new();
        }
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("?{encoded}")
    }
}
