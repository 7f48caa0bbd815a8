//! A web site of somebody else: where a guest lands after accepting, or where an attack comes from.

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A plain HTTP site on loopback that answers every request with one page.
#[derive(Debug)]
pub struct Site {
    origin: String,
    serving: JoinHandle<()>,
}

impl Site {
    /// A site whose every page is `html`.
    ///
    /// # Errors
    ///
    /// No port can be bound.
    pub async fn start(html: &str) -> Result<Self> {
        let page = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{html}",
            html.len()
        );
        Self::answering(page).await
    }

    /// A site that answers 204 to everything: a browser that is sent there stays where it is.
    ///
    /// # Errors
    ///
    /// No port can be bound.
    pub async fn without_content() -> Result<Self> {
        Self::answering("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned()).await
    }

    async fn answering(page: String) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, page.clone()));
            }
        });
        Ok(Self { origin, serving })
    }

    /// Its origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut stream: TcpStream, page: String) {
    let mut request = [0; 8192];
    if stream.read(&mut request).await.is_ok() {
        let _ = stream.write_all(page.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}
