//! The server that a tour looks at: organisations with long names, without a method, and invitations that end.

use anyhow::Result;
use tempfile::TempDir;

use crate::Server;
use crate::server::Setup;

/// How long its invitations last.
pub(super) const LIFETIME_DAYS: i64 = 30;

/// The app of an organisation whose every name is long.
pub(super) const LONG: &str = "Guest access portal of the department for projects and partners";

/// The app of an organisation that sends no passcodes.
pub(super) const WITHOUT_CODES: &str = "no codes";

/// A domain of that organisation.
pub(super) const ELSEWHERE: &str = "no-codes.example";

/// Somebody with a long address.
pub(super) const LONG_ADDRESS: &str =
    "maximiliane.hohenstein-wittgenstein@applied-research.nordwind-international-logistics.example";

/// Where the long organisation sends its guests.
pub(super) const LONG_REDIRECT: &str =
    "https://collaboration.projects.nordwind-international-logistics.example/start/here?project=2026";

pub(super) async fn server(language: &str) -> Result<Option<Server>> {
    let folder = TempDir::new()?;
    let file = folder.path().join("seed.toml");
    std::fs::write(&file, seed(language))?;
    let setup = Setup::new()
        .argument("--seed")
        .argument(file.display().to_string())
        .variable("VESTIBULE_INVITATIONS_LIFETIME_DAYS", LIFETIME_DAYS.to_string());
    Ok(Server::dev_with(setup).await)
}

/// What the inviter says, in `language`.
pub(super) fn message(language: &str) -> &'static str {
    if is_korean(language) {
        "안녕하세요.\n함께 일하게 되어 반갑습니다. 일정표는 로그인한 뒤에 보실 수 있습니다."
    } else {
        "Hello!\nWe are glad to work with you. The schedule is there once you have signed in."
    }
}

fn seed(language: &str) -> String {
    let name = if is_korean(language) {
        "한국국제물류운송협력재단 해외사업본부 파트너지원센터(주)"
    } else {
        "Nordwind International Logistics and Shipping Holding Company of the North, Limited"
    };
    format!(
        r#"
[[tenants]]
domain = "partners.nordwind-international-logistics.example"
name = "{name}"
privacy_statement_url = "https://nordwind-international-logistics.example/privacy"
privacy_contact = "data-protection-office@nordwind-international-logistics.example"
apps = [{{ name = "{LONG}", permissions = ["User.Invite.All"] }}]

[[tenants]]
domain = "{ELSEWHERE}"
policy = {{ passcodes = false }}
apps = [{{ name = "{WITHOUT_CODES}", permissions = ["User.Invite.All"] }}]
"#
    )
}

fn is_korean(language: &str) -> bool {
    language.starts_with("ko")
}
