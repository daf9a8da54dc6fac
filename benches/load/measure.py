"""The measuring part of benches/load/run: python3 measure.py FOLDER_OF_BINARIES EMPTY_FOLDER

WINDOWS windows of SECONDS seconds for each row, all rows in turn, so that a disturbance hits none alone.
"""
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
WINDOWS = int(os.environ.get("WINDOWS", "5"))
SECONDS = int(os.environ.get("SECONDS_PER_WINDOW", "2"))
CONNECTIONS = 32
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


def nginx(name, cores, lines):
    """nginx in one process, so that all its work is in one place. `lines` stand in its server block."""
    port = free_port()
    folder = WORK / name
    folder.mkdir(exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {lines[0]}
  server {{ listen 127.0.0.1:{port}; {lines[1]} }}
}}
""")
    return Server(name, ["nginx", "-p", str(folder), "-c", str(config)], port, "/1k", cores=cores)


def proxying(app):
    """The same program in front of an app, with sessions in a file, answering proxies as well."""
    port = free_port()
    (WORK / "proxy.toml").write_text(f"""
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
trusted_proxies = ["127.0.0.1"]
[backend]
builtin = {{ database = "proxy-users.db" }}
[token]
secret = "a-secret-of-more-than-thirty-two-bytes"
[session]
store = "sqlite"
database = "sessions.db"
[forward_auth]
proxies = ["nginx"]
[access]
public = ['/public/.*']
[[upstream]]
url = "{app.url}"
[rate_limit]
login = {{ limit = 100000, per = "1m" }}
""")
    command = [str(BINARIES / "vestibule"), "serve", "-c", "proxy.toml"]
    return Server("vestibule, proxying", command, port, "/_vestibule/livez")


def curl(server, path, *arguments):
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-c", str(WORK / "jar"), *arguments,
               server.url + path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def log_in(server):
    """Registers, logs in, and returns the Cookie header."""
    as_json = ["-H", "Content-Type: application/json", "-H", "Accept: application/json", "-d", json.dumps(USER)]
    status = curl(server, "/register", *as_json)
    if not status.startswith("2"):
        sys.exit(f"register answered {status}")
    status = curl(server, "/login", *as_json)
    if status != "200":
        sys.exit(f"login answered {status}")
    pairs = []
    for line in (WORK / "jar").read_text().splitlines():
        fields = line.removeprefix("#HttpOnly_").split("\t")
        if len(fields) == 7:
            pairs.append(f"{fields[5]}={fields[6]}")
    if not pairs:
        sys.exit("login set no cookie")
    return "; ".join(pairs)


class Row:
    def __init__(self, name, server, path, headers, status):
        self.name, self.server, self.path, self.headers = name, server, path, headers
        self.lowest = float("inf")
        got = curl(server, path, *[part for it in headers for part in ("-H", it)])
        if got != status:
            sys.exit(f"{name}: {path} answered {got}, not {status}")

    def window(self, seconds):
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for it in self.headers:
            command += ["-H", it]
        before = self.server.cpu()
        out = subprocess.run([*command, self.server.url + self.path], check=True, capture_output=True, text=True).stdout
        spent = self.server.cpu() - before
        requests = int(re.search(r"(\d+) requests in", out)[1])
        failed = re.search(r"Socket errors: (.*)", out)
        if failed or requests == 0:
            print(f"  {self.name}: {failed[1] if failed else 'no answers'}", file=sys.stderr)
            return
        self.lowest = min(self.lowest, spent / requests * 1e6)


def startup(make, times=5):
    lowest = float("inf")
    for _ in range(times):
        server = make()
        lowest = min(lowest, server.startup_ms)
        server.stop()
    return lowest


def main():
    starts = {"hyper": startup(lambda: peer("hyper")), "vestibule": startup(vestibule)}
    servers = []
    try:
        for make in (lambda: peer("hyper"), lambda: peer("poem"), vestibule):
            servers.append(make())
        hyper, poem, ours = servers
        # What is behind the proxies costs them no time: it stands where the load comes from.
        files = WORK / "files"
        (files / "public").mkdir(parents=True)
        for folder in (files, files / "public"):
            (folder / "1k").write_bytes(b"x" * 1024)
            (folder / "100k").write_bytes(b"x" * 100 * 1024)
        app = nginx("files", LOAD_CORE, ("", f"root {files};"))
        servers.append(app)
        keep = f"upstream app {{ server 127.0.0.1:{app.port}; keepalive 64; }}"
        pass_on = "location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ''; }"
        plain = nginx("nginx", SERVER_CORE, (keep, pass_on))
        servers.append(plain)
        proxy = proxying(app)
        servers.append(proxy)
        time.sleep(0.5)   # Idle is what remains once the start is over.
        idle = {server.name: server.rss() for server in servers}
        cookie = log_in(ours)
        # The same length and shape, one character in the middle of each value changed.
        forged = re.sub(r"=([^;]*)", lambda it: "=" + it[1][:len(it[1]) // 2] + "x" + it[1][len(it[1]) // 2 + 1:], cookie)
        page = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none"]
        proxy_cookie = log_in(proxy)
        original = f"http://127.0.0.1:{proxy.port}"
        verdict = ["X-Original-Method: GET", f"X-Original-URL: {original}/1k", f"Cookie: {proxy_cookie}"]
        rows = [
            Row("hello, bare hyper", hyper, "/", [], "200"),
            Row("hello, bare poem", poem, "/", [], "200"),
            Row("hello, vestibule (livez)", ours, "/_vestibule/livez", [], "200"),
            Row("session, JSON", ours, "/_vestibule/session", [f"Cookie: {cookie}"], "200"),
            Row("file behind the door", ours, "/_vestibule/docs/page.css", [*page, f"Cookie: {cookie}"], "200"),
            Row("welcome page", ours, "/welcome", [*page, f"Cookie: {cookie}"], "200"),
            Row("login page", ours, "/login", page, "200"),
            Row("no session: 303", ours, "/welcome", page, "303"),
            Row("forged cookie: 303", ours, "/welcome", [*page, f"Cookie: {forged}"], "303"),
            Row("verdict for nginx", proxy, "/_vestibule/verify/nginx", verdict, "200"),
            Row("1 KiB by nginx, no auth", plain, "/1k", [], "200"),
            Row("1 KiB, public", proxy, "/public/1k", [], "200"),
            Row("1 KiB, signed in", proxy, "/1k", [f"Cookie: {proxy_cookie}"], "200"),
            Row("100 KiB by nginx, no auth", plain, "/100k", [], "200"),
            Row("100 KiB, signed in", proxy, "/100k", [f"Cookie: {proxy_cookie}"], "200"),
        ]
        for row in rows:
            row.window(1)   # Warm up, not counted.
            row.lowest = float("inf")
        for _ in range(WINDOWS):
            for row in rows:
                row.window(SECONDS)

        base = rows[1].lowest
        print(f"\nCPU per request, lowest of {WINDOWS} windows of {SECONDS} s, {CONNECTIONS} connections, one core\n")
        print(f"{'':28}{'us':>8}{'poem/this':>12}{'hyper/this':>12}")
        for row in rows:
            print(f"{row.name:28}{row.lowest:8.1f}{base / row.lowest:12.2f}{rows[0].lowest / row.lowest:12.2f}")
        cost = {row.name: row.lowest for row in rows}
        for size in ("1 KiB", "100 KiB"):
            ratio = cost[f"{size} by nginx, no auth"] / cost[f"{size}, signed in"]
            print(f"{size}: nginx without auth / vestibule with a session = {ratio:.2f}")
        print(f"\n{'':28}{'idle':>8}{'after':>12}   MiB resident")
        for server in servers[:3]:
            print(f"{server.name:28}{idle[server.name]:8.1f}{server.rss():12.1f}")
        print(f"\nfirst answer after start: vestibule {starts['vestibule']:.1f} ms, bare hyper {starts['hyper']:.1f} ms")
    finally:
        for server in servers:
            server.stop()


main()
