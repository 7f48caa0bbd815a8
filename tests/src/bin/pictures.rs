//! Every screen and mail as a picture: both languages, 390 and 1180 pixels wide, light and dark.
//!
//! `cargo xtask pictures` runs it; the pictures are saved in `pictures/`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::server::Server;
use vestibule_tests::tour::{Tour, Visitor};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../pictures");
    for language in ["en-US", "ko-KR"] {
        let server = Server::dev().await.context("run cargo xtask pictures")?;
        let browser = Browser::start(&server.ca(), Scripts::On).await.context("run cargo xtask pictures")?;
        let mut camera = Camera { folder: folder.join(&language[..2]) };
        fs::create_dir_all(&camera.folder)?;
        Tour::new(&server, &browser, language).await?.walk(&mut camera).await?;
        eprintln!("pictures in {}", camera.folder.display());
    }
    Ok(())
}

struct Camera {
    folder: PathBuf,
}

impl Visitor for Camera {
    async fn visit(&mut self, browser: &Browser, name: &str) -> Result<()> {
        for width in [390, 1180] {
            for scheme in ["light", "dark"] {
                browser.pretend(width, scheme).await?;
                let file = self.folder.join(format!("{name}-{width}-{scheme}.png"));
                fs::write(file, browser.picture().await?)?;
            }
        }
        Ok(())
    }
}
