"""The servers that benches/load/run measures: vestibule, and what stands beside it."""
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BINARIES, WORK = Path(sys.argv[1]), Path(sys.argv[2])
TICK = os.sysconf("SC_CLK_TCK")
SERVER_CORE, LOAD_CORE = "0", "1"
USER = {"email": "bench@example.com", "password": "Corr3ct-horse-battery"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


class Server:
    def __init__(self, name, command, port, probe, cwd=WORK, cores=SERVER_CORE):
        self.name, self.port = name, port
        self.address = ("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        started = time.perf_counter()
        with open(WORK / f"{name}.log", "ab") as log:
            self.process = subprocess.Popen(["taskset", "-c", cores, *command], cwd=cwd, stdout=log, stderr=log)
        while not self.listens():
            if self.process.poll() is not None or time.perf_counter() - started > 20:
                self.stop()
                sys.exit(f"{name} does not answer: {(WORK / f'{name}.log').read_text()[-2000:]}")
            time.sleep(0.0005)
        if not answers(self.url + probe):
            self.stop()
            sys.exit(f"{name}: {probe} is not answered with 200")
        self.startup_ms = (time.perf_counter() - started) * 1000

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            return True
        except OSError:
            return False

    def cpu(self):
        """User and system time of the process so far, in seconds."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / TICK

    def rss(self):
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def peer(kind):
    port = free_port()
    return Server(kind, [str(BINARIES / "examples/peer"), kind, str(port)], port, "/")


def vestibule():
    port = free_port()
    (WORK / "auth.toml").write_text(f"""
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[backend]
builtin = {{ database = "users.db" }}
[token]
secret = "a-secret-of-more-than-thirty-two-bytes"
[docs]
access = "user"
[rate_limit]
login = {{ limit = 100000, per = "1m" }}
""")
    command = [str(BINARIES / "vestibule"), "serve", "-c", "auth.toml"]
    return Server("vestibule", command, port, "/_vestibule/livez")


def nginx(name, cores, lines, connections=1024):
    """nginx in one process, so that all its work is in one place. `lines` stand in its server block."""
    port = free_port()
    folder = WORK / name
    folder.mkdir(exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections {connections}; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {lines[0]}
  server {{ listen 127.0.0.1:{port}; {lines[1]} }}
}}
""")
    return Server(name, ["nginx", "-p", str(folder), "-c", str(config)], port, "/1k", cores=cores)


def proxying(app, name="vestibule, proxying", patterns=0):
    """The same program in front of an app, with sessions in a file, answering proxies as well. So many
    more patterns are public."""
    port = free_port()
    folder = WORK / name.replace(" ", "-")
    folder.mkdir(exist_ok=True)
    public = ", ".join(f"'/part{number}/[a-z]+/.*'" for number in range(patterns)) + ", '/public/.*'"
    (folder / "auth.toml").write_text(f"""
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
trusted_proxies = ["127.0.0.1"]
[backend]
builtin = {{ database = "users.db" }}
[token]
secret = "a-secret-of-more-than-thirty-two-bytes"
[session]
store = "sqlite"
database = "sessions.db"
[forward_auth]
proxies = ["nginx"]
[access]
public = [{public.removeprefix(", ")}]
[[upstream]]
url = "{app.url}"
[rate_limit]
login = {{ limit = 100000, per = "1m" }}
""")
    command = [str(BINARIES / "vestibule"), "serve", "-c", "auth.toml"]
    return Server(name, command, port, "/_vestibule/livez", cwd=folder)


def curl(server, path, *arguments):
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *arguments, server.url + path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def log_in(server):
    """Registers, logs in, and returns the Cookie header."""
    as_json = ["-H", "Content-Type: application/json", "-H", "Accept: application/json", "-d", json.dumps(USER)]
    status = curl(server, "/register", *as_json)
    if not status.startswith("2"):
        sys.exit(f"register answered {status}")
    return next(log_in_often(server, 1))


def log_in_often(server, times):
    """Logs in so many times, and yields a Cookie header for each session."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    for _ in range(times):
        request = urllib.request.Request(server.url + "/login", json.dumps(USER).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            pairs = [it.split(";")[0] for it in answer.headers.get_all("Set-Cookie") or []]
        if not pairs:
            sys.exit("login set no cookie")
        yield "; ".join(pairs)
