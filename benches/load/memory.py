"""What connections cost that do nothing: idle ones, and transfers that nobody reads."""
import resource
import socket
import time

from stage import LOAD_CORE, SERVER_CORE, WORK, nginx, peer, proxying

STALLED = 100
LARGE = 256 * 1024 * 1024


def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(10_000, hard - 200)


def ask(server, path):
    stream = socket.create_connection(server.address)
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return stream


def idle(server, path, count):
    """KiB for each connection that has had one answer and is kept."""
    streams = [ask(server, path) for _ in range(50)]
    for stream in streams:
        stream.recv(65536)
        stream.close()
    before = server.rss()
    streams = []
    for _ in range(count):
        streams.append(ask(server, path))
        streams[-1].recv(65536)
    grown = server.rss() - before
    for stream in streams:
        stream.close()
    return grown * 1024 / count


def stalled(server, path):
    """MiB for each answer that nobody reads."""
    return held(server, lambda: [ask(server, path) for _ in range(STALLED)])


def stalled_http_2(server, path):
    """The same over one connection of HTTP/2, whose client never lets more come."""
    def start():
        stream = socket.create_connection(server.address)
        stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
        # GET, http, and two literals: :path and :authority.
        block = b"\x82\x86\x04" + bytes([len(path)]) + path.encode() + b"\x01\x01x"
        for number in range(STALLED):
            stream.sendall(frame(1, 5, 2 * number + 1, block))
        return [stream]
    return held(server, start)


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def held(server, start):
    before = server.rss()
    streams = start()
    last, since = 0, time.monotonic()
    while time.monotonic() - since < 2:
        time.sleep(0.1)
        if server.rss() > last + 0.05:
            last, since = server.rss(), time.monotonic()
    grown = server.rss() - before
    for stream in streams:
        stream.close()
    return grown / STALLED


def report():
    count = raise_limit()
    files = WORK / "large"
    (files / "public").mkdir(parents=True)
    (files / "1k").write_bytes(b"x" * 1024)
    with open(files / "public" / "large", "wb") as large:
        large.truncate(LARGE)
    app = nginx("large-files", LOAD_CORE, ("", f"root {files};"))
    # Each figure has a process of its own: memory that was given back would be used again.
    makers = {
        "vestibule": (lambda: proxying(app), "/_vestibule/livez"),
        "nginx": (lambda: nginx("nginx", SERVER_CORE, ("", f"location / {{ proxy_pass {app.url}; }}"), 16000), "/1k"),
        "bare poem": (lambda: peer("poem"), "/"),
        "bare hyper": (lambda: peer("hyper"), "/"),
    }
    print(f"\n{count} idle connections, KiB each; {STALLED} transfers that nobody reads, MiB each")
    print(f"{'':32}{'idle':>8}{'stalled':>12}{'over HTTP/2':>14}")
    try:
        for name, (make, path) in makers.items():
            figures = [fresh(make, lambda server: idle(server, path, count))]
            if not name.startswith("bare"):
                figures.append(fresh(make, lambda server: stalled(server, "/public/large")))
            if name == "vestibule":
                figures.append(fresh(make, lambda server: stalled_http_2(server, "/public/large")))
            widths = (8, 12, 14)
            print(f"{name:32}" + "".join(f"{it:{width}.2f}" for it, width in zip(figures, widths)))
    finally:
        app.stop()


def fresh(make, measure):
    server = make()
    try:
        time.sleep(0.5)
        return measure(server)
    finally:
        server.stop()
