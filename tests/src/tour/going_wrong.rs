//! Every page that says why it cannot go on.

use anyhow::{Context, Result};
use serde_json::json;

use super::seed::{LIFETIME_DAYS, WITHOUT_CODES};
use super::{Tour, Visitor};
use crate::Mail;
use crate::database::sqlite_execute;

impl Tour<'_> {
    pub(super) async fn going_wrong(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.lost(visitor).await?;
        self.stale(visitor).await?;
        self.refused(visitor).await?;
        self.broken(visitor).await?;
        self.ended(visitor).await
    }

    /// Links and addresses that lead nowhere.
    async fn lost(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.forget().await?;
        self.open("/redeem?rd=https%3a%2f%2felsewhere.example%2f").await?;
        self.see(visitor, "S-E1", "S-E1").await?;
        self.open("/myapps/").await?;
        visitor.visit(self.browser, "myapps-without-session").await?;
        self.open("/no/such/page").await?;
        self.see(visitor, "404", "not-found").await?;
        self.open("/invitations/redeem/start").await?;
        self.see(visitor, "405", "not-that-way").await
    }

    /// S-E2 with and without a way to start again.
    async fn stale(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("chris@fabrikam.com").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.forget().await?;
        self.send_code().await?;
        self.see(visitor, "S-E2", "S-E2").await?;
        self.prove(&mail, "chris@fabrikam.com").await?;
        self.forget().await?;
        self.press("button[name=decision][value=accept]").await?;
        self.see(visitor, "S-E2", "S-E2-without-link").await
    }

    /// The organisation does not want this guest, or has no way for them.
    async fn refused(&self, visitor: &mut impl Visitor) -> Result<()> {
        let app = self.server.app_named(WITHOUT_CODES).await;
        let (_, mail) = self.invite_by(&app, "drew@fabrikam.com", "https://myapps.microsoft.com/").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E5", "S-E5").await?;

        let (id, mail) = self.invite("alex@fabrikam.com").await?;
        // What an administrator's policy will do: a seed never changes a tenant that is there.
        self.change(
            "UPDATE policy SET doc = json_set(doc, '$.domain_list', json('{\"deny\":[\"fabrikam.com\"]}'))",
        )?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E8", "S-E8").await?;
        self.change("UPDATE policy SET doc = json_set(doc, '$.domain_list', 'any')")?;

        let app = self.server.app().await;
        app.patch(&format!("/v1.0/users/{id}"), &json!({"accountEnabled": false})).await.expect(204);
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E9", "S-E9").await?;
        app.delete(&format!("/v1.0/users/{id}")).await.expect(204);
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E3", "S-E3-withdrawn").await
    }

    /// A store that does not answer, and one that holds what nobody can read.
    async fn broken(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("toni@fabrikam.com").await?;
        let bare = self.bare_link(&mail).await?;
        self.change("ALTER TABLE ticket RENAME TO ticket_away")?;
        self.browser.open_page(&bare).await?;
        self.see(visitor, "S-E12", "S-E12").await?;
        self.change("ALTER TABLE ticket_away RENAME TO ticket")?;
        self.press("main a.button").await?;
        self.browser.expect_screen("S1").await?;

        self.change("UPDATE invitation SET doc = 'x' || doc WHERE address_key = 'toni@fabrikam.com'")?;
        self.browser.open_page(&bare).await?;
        self.see(visitor, "S-E13", "S-E13").await
    }

    /// Time passes, and with it what was invited.
    async fn ended(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("max@fabrikam.com").await?;
        self.server.advance((LIFETIME_DAYS + 1) * 24 * 60 * 60).await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E3", "S-E3-expired").await
    }

    /// Where the wrapped link of `mail` leads.
    async fn bare_link(&self, mail: &Mail) -> Result<String> {
        let wrapped = self.server.http().get(mail.redeem_link()).await?.expect(302);
        let path = wrapped.header("location");
        anyhow::ensure!(path.starts_with('/'), "{path} is no path");
        Ok(format!("{}{path}", self.server.url()))
    }

    fn change(&self, sql: &str) -> Result<()> {
        sqlite_execute(&self.server.data(), sql).with_context(|| sql.to_owned())
    }
}
