//! S2 in every mood: before a code, with one that does not help, and when none can be had.

use anyhow::Result;
use serde_json::json;

use super::{Tour, Visitor, wrong};

const MINUTE: i64 = 60;

impl Tour<'_> {
    pub(super) async fn asking(&self, visitor: &mut impl Visitor) -> Result<()> {
        self.without_a_code(visitor).await?;
        self.with_codes_that_do_not_help(visitor).await
    }

    async fn without_a_code(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("jo@fabrikam.com").await?;
        self.forget().await?;
        for (intent, name) in [("decline", "S2-before-declining"), ("block", "S2-before-blocking")] {
            self.browser.open_page(mail.redeem_link()).await?;
            self.press(&format!("main a[href$='intent={intent}']")).await?;
            self.see(visitor, "S2", name).await?;
        }

        self.relay("down").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.send_code().await?;
        self.see(visitor, "S2", "S2-unsent").await?;
        self.relay("up").await?;
        self.press("main form[action*='/code/resend'] button").await?;
        self.browser.expect_screen("S2").await?;
        self.server.mail("jo@fabrikam.com", "passcode").await?;
        self.press("main form[action*='/code/resend'] button").await?;
        self.see(visitor, "S2", "S2-too-soon").await
    }

    async fn with_codes_that_do_not_help(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("lee@fabrikam.com").await?;
        self.ask(&mail).await?;
        let passcode = self.server.mail("lee@fabrikam.com", "passcode").await?;
        self.server.advance(31 * MINUTE).await?;
        self.enter(&passcode.code()).await?;
        self.see(visitor, "S2", "S2-expired").await?;

        self.press("main form[action*='/code/resend'] button").await?;
        for _ in 0..5 {
            self.browser.expect_screen("S2").await?;
            self.enter(wrong(&passcode)).await?;
        }
        self.see(visitor, "S2", "S2-dead").await?;
        self.server.advance(2 * MINUTE).await?;
        self.press("main form[action*='/code/resend'] button").await?;
        for _ in 0..5 {
            self.browser.expect_screen("S2").await?;
            self.enter(wrong(&passcode)).await?;
        }
        self.see(visitor, "S2", "S2-locked").await?;
        self.server.advance(16 * MINUTE).await.map(drop)
    }

    async fn relay(&self, state: &str) -> Result<()> {
        self.server.http().post_json("/_dev/faults", &json!({"smtp": state})).await?.expect(204);
        Ok(())
    }
}
