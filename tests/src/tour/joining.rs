//! From the mail to S7, and coming back.

use anyhow::Result;

use super::seed::{ELSEWHERE, LONG, LONG_ADDRESS, LONG_REDIRECT};
use super::{Tour, Visitor, wrong};

impl Tour<'_> {
    pub(super) async fn joining(&self, visitor: &mut impl Visitor) -> Result<()> {
        let (_, mail) = self.invite("taylor@fabrikam.com").await?;
        self.mail(visitor, &mail, "mail-invitation").await?;
        let copy = self.server.mail("boss@contoso.example", "invitation").await?;
        self.mail(visitor, &copy, "mail-invitation-copy").await?;

        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1").await?;
        self.open("/invitations/redeem/consent").await?;
        self.see(visitor, "S1", "S1-without-proof").await?;
        self.send_code().await?;
        self.see(visitor, "S2", "S2").await?;
        let passcode = self.server.mail("taylor@fabrikam.com", "passcode").await?;
        self.enter("").await?;
        self.see(visitor, "S2", "S2-empty").await?;
        self.enter(wrong(&passcode)).await?;
        self.see(visitor, "S2", "S2-wrong").await?;
        self.enter(&passcode.code()).await?;
        self.see(visitor, "S5", "S5").await?;
        self.press("button[name=decision][value=accept]").await?;
        self.see(visitor, "S7", "S7").await?;

        self.open("/myapps/").await?;
        self.see(visitor, "S9", "S9").await?;
        self.open(&format!("/myapps/{ELSEWHERE}")).await?;
        self.see(visitor, "S-E4", "S-E4").await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1-signed-in").await?;
        self.press("button[value=session]").await?;
        self.see(visitor, "S7", "S7-again").await?;
        let (_, of_somebody_else) = self.invite("robin@fabrikam.com").await?;
        self.browser.open_page(of_somebody_else.redeem_link()).await?;
        self.see(visitor, "S1", "S1-somebody-else").await?;
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1-welcome-back").await?;
        self.mail(visitor, &passcode, "mail-passcode").await
    }

    pub(super) async fn joining_with_long_names(&self, visitor: &mut impl Visitor) -> Result<()> {
        let app = self.server.app_named(LONG).await;
        let (_, mail) = self.invite_by(&app, LONG_ADDRESS, LONG_REDIRECT).await?;
        self.mail(visitor, &mail, "mail-invitation-long").await?;
        self.forget().await?;
        self.browser.open_page(mail.redeem_link()).await?;
        self.see(visitor, "S1", "S1-long").await?;
        self.send_code().await?;
        self.see(visitor, "S2", "S2-long").await?;
        let passcode = self.server.mail(LONG_ADDRESS, "passcode").await?;
        self.enter(&passcode.code()).await?;
        self.see(visitor, "S5", "S5-long").await?;
        self.press("button[name=decision][value=cancel]").await?;
        self.see(visitor, "S8", "S8-long").await?;
        self.press("main a[href$='/redeem/block']").await?;
        self.see(visitor, "S13", "S13-long").await
    }
}
