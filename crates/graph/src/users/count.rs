//! `GET /users/$count`: digits and nothing else.

use vestibule_model::Caller;
use vestibule_model::reading::Reading;
use vestibule_odata::{Advanced, filter};

use super::options;
use crate::Graph;
use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::schema::user::UserSchema;

pub(crate) async fn answer(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    query: &str,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before(caller, Reading::Users).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    if !facts.is_eventual {
        return Err(GraphError::request_bad_request("$count is not currently supported."));
    }
    let options = options(facts, query)?;
    if options.skiptoken.is_some() {
        return Err(GraphError::bad_page_token()); // A count has no pages, so the token is of another path.
    }
    let schema = UserSchema(facts.version);
    // On a count the header alone is the advanced pair.
    let filter =
        options.filter.as_deref().map(|text| filter::parse(text, &schema, Advanced::Yes)).transpose()?;

    let counted = graph.parts.directory.count_users(caller, filter, &facts.context).await;
    let count = counted.map_err(|error| GraphError::directory(error, facts.context.now))?;
    Ok(Answer::text(count.to_string()).costing(2))
}
