//! Cancelling, declining and blocking.

use anyhow::{Context, Result};

use super::{Tour, Visitor};

impl Tour<'_> {
    pub(super) async fn declining(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("sam@fabrikam.com").await?;
        self.prove(&mail, "sam@fabrikam.com").await?;
        self.press("button[name=decision][value=cancel]").await?;
        self.see(visitor, "S8", "S8").await?;
        self.press("main form[action$='/redeem/decline'] button").await?;
        self.see(visitor, "S8D", "S8D").await?;
        self.press("main form[method=post][action$='/redeem/decline'] button").await?;
        self.see(visitor, "S8D", "S8D-declined").await?;
        self.press("main a[href$='/redeem/block']").await?;
        self.see(visitor, "S13", "S13-after-declining").await?;
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S-E3", "S-E3-declined").await
    }

    pub(super) async fn blocking(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("kim@fabrikam.com").await?;
        let header = mail.header("List-Unsubscribe");
        let link =
            header.split(['<', '>']).find(|part| part.starts_with("http")).context("no link to block by")?;
        self.forget().await?;
        self.browser.open_page(link).await?;
        self.see(visitor, "S13", "S13").await?;
        self.press("main form[method=post] button").await?;
        self.see(visitor, "S13", "S13-blocked").await?;
        self.press("main form[method=post] button").await?;
        self.see(visitor, "S13", "S13-lifted").await?;

        // Ten changes of mind are enough.
        for _ in 0..10 {
            self.browser.open_page(link).await?;
            self.browser.expect_screen("S13").await?;
            for button in ["main form[action$='/unsubscribe'] button", "main form[action$='/undo'] button"] {
                self.press(button).await?;
            }
        }
        self.see(visitor, "S-E11", "S-E11").await
    }
}
