use jiff::SignedDuration;
use url::Url;

/// What the operator decides about the pages, handed in by the binary.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An origin without a path: the only one that redeem links and forms may come from.
    pub public_url: Url,
    /// Whether cookies carry the `__Host-` prefix and `Secure`; off over plain http in dev mode only.
    pub has_secure_cookies: bool,
    /// `redemption.map_myapps`: guests sent to Microsoft's My Apps land on ours instead.
    pub map_myapps: bool,
    /// The address that mail comes from, named on the passcode page. `None`: no mail can leave, and a passcode is no
    /// method.
    pub sender: Option<String>,
    /// `passcode.lifetime_seconds`, which the passcode page names.
    pub passcode_lifetime: SignedDuration,
}
