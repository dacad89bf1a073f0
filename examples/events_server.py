#!/usr/bin/python3
"""Shows in a browser what a mounted groovefs is doing.

    events_server.py ~/groovefs [PORT]     then open http://localhost:8000

The stream of MOUNT/.groovefs/events is what a browser's EventSource reads, so
it is passed on as it is. Each browser has a thread that waits in a read.
"""
import http.server
import os
import sys

PAGE = b"""<!DOCTYPE html>
<meta charset="utf-8">
<title>groovefs</title>
<style>
body { font: 1rem sans-serif; margin: 2rem }
td { padding: .2rem 1rem .2rem 0 }
.completed { color: green } .failed { color: firebrick }
.skipped { color: gray }
</style>
<h1>groovefs</h1>
<p id="state">connecting</p>
<table id="tasks"></table>
<script>
const state = document.getElementById("state");
const tasks = document.getElementById("tasks");
const source = new EventSource("/events");

function show(task) {
  let row = document.getElementById(task.task_id);
  if (!row) {
    row = tasks.insertRow(0);
    row.id = task.task_id;
    for (let i = 0; i < 4; i++) row.insertCell();
  }
  row.className = task.status;
  row.cells[0].textContent = task.step;
  row.cells[1].textContent = task.status;
  row.cells[2].textContent =
    task.current + (task.total ? " of " + task.total : "");
  row.cells[3].textContent = task.message;
}

source.onopen = () => { state.textContent = "connected"; };
source.onerror = () => { state.textContent = "connecting again"; };
source.onmessage = (event) => show(JSON.parse(event.data));
source.addEventListener("lost", (event) => {
  state.textContent = JSON.parse(event.data).lost + " events were lost";
});
</script>
"""


class Handler(http.server.BaseHTTPRequestHandler):
    mount = "."

    def do_GET(self):
        if self.path == "/":
            self.send_page(PAGE)
        elif self.path == "/events":
            self.send_events()
        else:
            self.send_error(404)

    def send_page(self, page):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def send_events(self):
        try:
            stream = os.open(os.path.join(self.mount, ".groovefs/events"),
                             os.O_RDONLY)
        except OSError as error:
            self.send_error(503, error.strerror)
            return
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-cache")
            self.end_headers()
            while data := os.read(stream, 65536):  # the end: unmounted
                self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the browser is gone; a keepalive noticed it at the latest
        finally:
            os.close(stream)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("Usage: events_server.py MOUNT [PORT]")
    Handler.mount = os.path.expanduser(sys.argv[1])
    port = int(sys.argv[2]) if len(sys.argv) == 3 else 8000
    if not os.path.exists(os.path.join(Handler.mount, ".groovefs/events")):
        sys.exit(f"no groovefs is mounted on '{Handler.mount}'")
    with Server(("127.0.0.1", port), Handler) as server:
        print(f"http://localhost:{server.server_address[1]}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
