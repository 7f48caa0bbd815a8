//! What whoever develops against the server sees: the mailbox, and the page of an error number.

use anyhow::Result;
use thirtyfour::By;

use super::{Tour, Visitor};

impl Tour<'_> {
    pub(super) async fn developing(&self, visitor: &mut impl Visitor) -> Result<()> {
        let mailbox = &self.server.facts().mailbox_url;
        self.browser.open_page(mailbox).await?;
        visitor.visit(self.browser, "dev-mailbox-empty").await?;
        let (_, mail) = self.invite("pat@fabrikam.com").await?;
        self.browser.open_page(mailbox).await?;
        visitor.visit(self.browser, "dev-mailbox").await?;
        for disclosure in self.browser.driver().find_all(By::Tag("summary")).await? {
            disclosure.click().await?;
        }
        visitor.visit(self.browser, "dev-mailbox-opened").await?;
        self.ask(&mail).await?;
        self.server.mail("pat@fabrikam.com", "passcode").await?;
        self.browser.open_page(mailbox).await?;
        visitor.visit(self.browser, "dev-mailbox-passcode").await?;

        self.open("/error?code=7000215").await?;
        visitor.visit(self.browser, "aadsts").await?;
        self.open("/error?code=1").await?;
        visitor.visit(self.browser, "aadsts-unknown").await
    }
}
