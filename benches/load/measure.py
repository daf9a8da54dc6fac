"""The measuring part of benches/load/run: python3 measure.py FOLDER_OF_BINARIES EMPTY_FOLDER

WINDOWS windows of SECONDS seconds for each row, all rows in turn, so that a disturbance hits none alone.
"""
import os
import re
import subprocess
import sys
import time

import memory
from stage import LOAD_CORE, SERVER_CORE, WORK, curl, log_in, log_in_often, nginx, peer, proxying, vestibule

WINDOWS = int(os.environ.get("WINDOWS", "5"))
SECONDS = int(os.environ.get("SECONDS_PER_WINDOW", "2"))
CONNECTIONS = 32
MANY = int(os.environ.get("MANY", "1000"))


class Row:
    """One request, again and again; with `cookies`, each time with the next of them."""

    def __init__(self, name, server, path, headers, status, cookies=()):
        self.name, self.server, self.path, self.headers = name, server, path, headers
        self.forget()
        self.script = []
        if cookies:
            script = WORK / f"{name}.lua"
            script.write_text(IN_TURN % (lua(cookies), lua(headers)))
            self.script = ["-s", str(script)]
            headers = [*headers, cookies[0]]
        got = curl(server, path, *[part for it in headers for part in ("-H", it)])
        if got != status:
            sys.exit(f"{name}: {path} answered {got}, not {status}")

    def forget(self):
        self.lowest = self.p99 = float("inf")

    def window(self, seconds):
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        for it in self.headers if not self.script else []:
            command += ["-H", it]
        command += self.script
        before = self.server.cpu()
        out = subprocess.run([*command, self.server.url + self.path], check=True, capture_output=True, text=True).stdout
        spent = self.server.cpu() - before
        requests = int(re.search(r"(\d+) requests in", out)[1])
        failed = re.search(r"Socket errors: (.*)", out)
        if failed or requests == 0:
            print(f"  {self.name}: {failed[1] if failed else 'no answers'}", file=sys.stderr)
            return
        self.lowest = min(self.lowest, spent / requests * 1e6)
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", out).groups()
        self.p99 = min(self.p99, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


IN_TURN = """
local requests, turn = {}, 0
init = function()
  for _, cookie in ipairs(%s) do
    local headers = {}
    for _, line in ipairs(%s) do
      local name, value = line:match("^(.-): (.*)$")
      headers[name] = value
    end
    headers["Cookie"] = cookie:match("^Cookie: (.*)$")
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
end
request = function()
  turn = turn %% #requests + 1
  return requests[turn]
end
"""


def lua(texts):
    return "{" + ", ".join('"' + it.replace("\\", "\\\\").replace('"', '\\"') + '"' for it in texts) + "}"


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
        patterned = proxying(app, "vestibule, patterns", MANY)
        servers.append(patterned)
        time.sleep(0.5)   # Idle is what remains once the start is over.
        idle = {server.name: server.rss() for server in servers}
        cookie = log_in(ours)
        # The same length and shape, one character in the middle of each value changed.
        forged = re.sub(r"=([^;]*)", lambda it: "=" + it[1][:len(it[1]) // 2] + "x" + it[1][len(it[1]) // 2 + 1:], cookie)
        page = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none"]
        proxy_cookie = log_in(proxy)
        original = f"http://127.0.0.1:{proxy.port}"
        asked = ["X-Original-Method: GET", f"X-Original-URL: {original}/1k"]
        verdict = [*asked, f"Cookie: {proxy_cookie}"]
        cookies = [f"Cookie: {it}" for it in log_in_often(proxy, MANY)]
        original = f"http://127.0.0.1:{patterned.port}"
        among = ["X-Original-Method: GET", f"X-Original-URL: {original}/1k", f"Cookie: {log_in(patterned)}"]
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
            Row(f"verdict, {MANY} sessions", proxy, "/_vestibule/verify/nginx", asked, "200", cookies),
            Row(f"verdict, {MANY} patterns", patterned, "/_vestibule/verify/nginx", among, "200"),
            Row("1 KiB by nginx, no auth", plain, "/1k", [], "200"),
            Row("1 KiB, public", proxy, "/public/1k", [], "200"),
            Row("1 KiB, signed in", proxy, "/1k", [f"Cookie: {proxy_cookie}"], "200"),
            Row("100 KiB by nginx, no auth", plain, "/100k", [], "200"),
            Row("100 KiB, signed in", proxy, "/100k", [f"Cookie: {proxy_cookie}"], "200"),
        ]
        for row in rows:
            row.window(1)   # Warm up, not counted.
            row.forget()
        for _ in range(WINDOWS):
            for row in rows:
                row.window(SECONDS)

        base = rows[1].lowest
        print(f"\nCPU per request, lowest of {WINDOWS} windows of {SECONDS} s, {CONNECTIONS} connections, one core\n")
        print(f"{'':32}{'us':>8}{'poem/this':>12}{'hyper/this':>12}{'p99, ms':>10}")
        for row in rows:
            print(f"{row.name:32}{row.lowest:8.1f}{base / row.lowest:12.2f}{rows[0].lowest / row.lowest:12.2f}"
                  f"{row.p99:10.2f}")
        cost = {row.name: row.lowest for row in rows}
        for size in ("1 KiB", "100 KiB"):
            ratio = cost[f"{size} by nginx, no auth"] / cost[f"{size}, signed in"]
            print(f"{size}: nginx without auth / vestibule with a session = {ratio:.2f}")
        for many in (f"{MANY} sessions", f"{MANY} patterns"):
            print(f"verdict: one / {many} = {cost['verdict for nginx'] / cost[f'verdict, {many}']:.2f}")
        print(f"\n{'':32}{'idle':>8}{'after':>12}   MiB resident")
        for server in servers:
            print(f"{server.name:32}{idle[server.name]:8.1f}{server.rss():12.1f}")
        print(f"\nfirst answer after start: vestibule {starts['vestibule']:.1f} ms, bare hyper {starts['hyper']:.1f} ms")
    finally:
        for server in servers:
            server.stop()
    memory.report()


main()
