//! Every screen and mail as a picture: both languages, 390 and 1180 pixels wide, light and dark.
//!
//! `cargo xtask pictures` runs it; the pictures are saved in `pictures/`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::tour::{Tour, Visitor};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../pictures");
    let mut seen = Vec::new();
    for language in ["en-US", "ko-KR"] {
        let server = Tour::server(language).await?.context("run cargo xtask pictures")?;
        let browser = Browser::start(&server.ca(), Scripts::On).await.context("run cargo xtask pictures")?;
        let mut camera = Camera { folder: folder.join(&language[..2]), names: Vec::new() };
        fs::create_dir_all(&camera.folder)?;
        Tour::new(&server, &browser, language).await?.walk(&mut camera).await?;
        seen = camera.names;
    }
    let index = folder.join("index.html");
    fs::write(&index, side_by_side(&seen))?;
    eprintln!("pictures to look at: {}", index.display());
    Ok(())
}

const WIDTHS: [u32; 2] = [390, 1180];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// A page that shows each screen's pictures in a row.
fn side_by_side(names: &[String]) -> String {
    let mut page = String::from("<!doctype html><meta charset=utf-8><title>Pictures</title>");
    page += "<style>body{font:16px system-ui;background:#888}figure{display:inline-block;margin:4px}\
        img{display:block;height:480px}</style>";
    for name in names {
        let _ = write!(page, "<h2>{name}</h2>");
        for width in WIDTHS {
            for (language, scheme) in [("en", "light"), ("ko", "light"), ("en", "dark"), ("ko", "dark")] {
                let file = format!("{language}/{name}-{width}-{scheme}.png");
                let _ = write!(page, "<figure><img src=\"{file}\" alt=\"{file}\"></figure>");
            }
        }
    }
    page
}

struct Camera {
    folder: PathBuf,
    names: Vec<String>,
}

impl Visitor for Camera {
    async fn visit(&mut self, browser: &Browser, name: &str) -> Result<()> {
        self.names.push(name.to_owned());
        // A frame within the page is painted only after it was asked for.
        browser.picture().await?;
        for width in WIDTHS {
            for scheme in SCHEMES {
                browser.pretend(width, scheme).await?;
                let file = self.folder.join(format!("{name}-{width}-{scheme}.png"));
                fs::write(file, browser.picture().await?)?;
            }
        }
        Ok(())
    }
}
