//! nginx and Caddy, from the packages of the system.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use tokio::net::TcpStream;

use super::eventually;
use super::process::Process;

/// `nginx` or `caddy` on this port of the loopback, with the block that `vestibule snippet` printed. What it writes
/// goes to the folder.
pub(crate) async fn start(proxy: &str, snippet: &str, port: u16, folder: &Path) -> Process {
    let mut command = if proxy == "nginx" {
        let file = folder.join("nginx.conf");
        let mut temp = String::new();
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(temp, "{kind}_temp_path {}/{kind};", folder.display());
        }
        let config = format!(
            "daemon off; master_process off; pid {0}/nginx.pid; error_log stderr;\nevents {{}}\n\
             http {{ access_log off;\n{temp}server {{ listen 127.0.0.1:{port};\n{snippet}\n}} }}\n",
            folder.display(),
        );
        fs::write(&file, config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(file);
        command
    } else {
        let file = folder.join("Caddyfile");
        fs::write(&file, format!("{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}}\n{snippet}"))
            .unwrap();
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
        command
    };
    let mut process = Process::start(&mut command);
    eventually(&format!("{proxy} on its port"), async || {
        assert!(process.ended().is_none(), "{}\n{snippet}", process.said());
        TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;
    process
}
