//! `dev.json`: what a script or a test needs to know of a running dev server, and the same for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::setup::{AppPlan, TenantPlan};

/// Where `dev.json` stands when nobody says otherwise.
pub(crate) const DEFAULT_DATA: &str = "./vestibule-data";

/// The content of `dev.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct DevFacts {
    pub(crate) url: String,
    /// Absent when the operator's own certificate is served.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) tenant_id: String,
    pub(crate) tenant_domain: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// By the local part of their names: admin, inviter, member.
    pub(crate) users: BTreeMap<String, UserFacts>,
    /// By their names; contoso's own app too.
    pub(crate) apps: BTreeMap<String, AppFacts>,
    pub(crate) mailbox_url: String,
    pub(crate) invite_example: String,
    pub(crate) pid: u32,
    /// Only with `dev.allow_remote`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dev_token: Option<String>,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct UserFacts {
    pub(crate) upn: String,
    pub(crate) password: String,
}

/// An app that can get tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AppFacts {
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl DevFacts {
    /// Of a server at `url` with its store in `data` that began with `plans`, contoso first.
    pub(crate) fn of(
        url: &str,
        data: &Path,
        ca: Option<PathBuf>,
        plans: &[TenantPlan],
        dev_token: Option<String>,
    ) -> Self {
        let contoso = &plans[0];
        let own_app = app_facts(contoso, &contoso.apps[0]);
        let users = contoso.users.iter().filter_map(|user| {
            let local = user.user_principal_name.split('@').next()?;
            let password = user.password.as_ref()?.expose_secret().to_owned();
            Some((local.to_owned(), UserFacts { upn: user.user_principal_name.clone(), password }))
        });
        let apps = plans.iter().flat_map(|plan| plan.apps.iter().map(move |app| (plan, app)));

        Self {
            url: url.to_owned(),
            ca,
            tenant_id: own_app.tenant_id,
            tenant_domain: contoso.domain.to_string(),
            client_id: own_app.client_id,
            client_secret: own_app.client_secret,
            users: users.collect(),
            apps: apps.map(|(plan, app)| (app.name.clone(), app_facts(plan, app))).collect(),
            mailbox_url: format!("{url}/_dev/mailbox"),
            invite_example: invite_example(&called(), data),
            pid: std::process::id(),
            dev_token,
        }
    }

    /// The `dev.json` in `folder`; none when it is missing or unreadable.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join("dev.json")).ok()?).ok()
    }

    /// Writes `dev.json` into `folder`, whole, for its owner alone.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let beside = folder.join("dev.json.new");
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        fs::rename(beside, folder.join("dev.json"))
    }

    /// Removes it, at a clean stop.
    pub(crate) fn remove(folder: &Path) {
        let _ = fs::remove_file(folder.join("dev.json"));
    }

    /// The same facts to be read and copied.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("vestibule is ready at {}\n\n", self.url);
        let ca = self.ca.as_ref().map(|ca| ca.display().to_string());
        for (label, fact) in [
            ("tenant", format!("{} ({})", self.tenant_id, self.tenant_domain)),
            ("client id", self.client_id.clone()),
            ("client secret", self.client_secret.clone()),
            ("CA", ca.clone().unwrap_or_else(|| "your own".into())),
            ("mailbox", self.mailbox_url.clone()),
        ] {
            let _ = writeln!(text, "  {label:<14} {fact}");
        }
        for user in self.users.values() {
            let _ = writeln!(text, "  {:<14} {}", user.upn.split('@').next().unwrap_or(""), user.password);
        }
        let ca = ca.map(|ca| format!(" --cacert {ca}")).unwrap_or_default();
        let _ = write!(
            text,
            "\nA token:\n\n  curl{ca} {url}/{tenant}/oauth2/v2.0/token -d grant_type=client_credentials \\\n    \
             -d client_id={id} -d client_secret={secret} -d scope={url}/.default\n\nAn invitation:\n\n  {example}\n\n",
            url = self.url,
            tenant = self.tenant_id,
            id = self.client_id,
            secret = self.client_secret,
            example = self.invite_example,
        );
        text
    }
}

/// A command to paste into another shell: the program as it was called here, and the folder if that is not the default.
fn invite_example(program: &Path, data: &Path) -> String {
    let mut example = quoted(program);
    example.push_str(" invite taylor@fabrikam.com --send-message --message \"Hello Taylor\"");
    if data.components().ne(Path::new(DEFAULT_DATA).components()) && !Path::new(DEFAULT_DATA).ends_with(data)
    {
        example.push_str(" --data ");
        example.push_str(&quoted(&std::path::absolute(data).unwrap_or_else(|_| data.to_owned())));
    }
    example
}

/// Found by the shell: its name. Called by a path: that path, from wherever one stands.
fn called() -> PathBuf {
    let called = PathBuf::from(std::env::args_os().next().unwrap_or_else(|| "vestibule".into()));
    if called.components().count() == 1 { called } else { std::path::absolute(&called).unwrap_or(called) }
}

/// `path` as one word of a shell.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@,".contains(c);
    if path.chars().all(is_plain) { path.into_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn app_facts(plan: &TenantPlan, app: &AppPlan) -> AppFacts {
    AppFacts {
        tenant_id: plan.id.to_string(),
        client_id: app.app.to_string(),
        client_secret: app.secret.expose_secret().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_works_where_it_is_pasted() {
        const INVITE: &str = "invite taylor@fabrikam.com --send-message --message \"Hello Taylor\"";
        for (program, data, wanted) in [
            ("vestibule", "./vestibule-data", format!("vestibule {INVITE}")),
            ("vestibule", "vestibule-data", format!("vestibule {INVITE}")),
            ("/opt/v/vestibule", "/tmp/x", format!("/opt/v/vestibule {INVITE} --data /tmp/x")),
            ("/my own/v", "/tmp/it's", format!("'/my own/v' {INVITE} --data '/tmp/it'\\''s'")),
        ] {
            assert_eq!(invite_example(Path::new(program), Path::new(data)), wanted);
        }
        assert!(
            invite_example(Path::new("vestibule"), Path::new("x")).ends_with("/x"),
            "from wherever one stands"
        );
    }
}
