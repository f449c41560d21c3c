"""Certificates, authorities and revocations are replaced under load, and no call is lost."""

import contextlib
import json
import shutil
import socket
import ssl
import threading
import time

from tests.e2e import harness
from tests.e2e.harness import NATIONAL, Client, Failure
from tests.e2e.pki import Pki
from tests.e2e.tls_calls import list_regions, refusal, until

# Ways to put a new certificate and key in the place of those in use.


def overwrite_slowly(live, new):
    """As a person might: one file, some time later the other."""
    (live / "server.crt").write_bytes((new / "server.crt").read_bytes())
    time.sleep(1.2)  # the server looks meanwhile, and must not take what does not fit
    (live / "server.key").write_bytes((new / "server.key").read_bytes())


def overwrite_in_pieces(live, new):
    """As a slow disk might."""
    for name in ("server.key", "server.crt"):
        content = (new / name).read_bytes()
        with open(live / name, "wb", buffering=0) as file:
            for start in range(0, len(content), 100):
                file.write(content[start : start + 100])
                time.sleep(0.02)


def rename_each(live, new):
    for name in ("server.key", "server.crt"):
        shutil.copy(new / name, live / f"{name}.new")
        (live / f"{name}.new").rename(live / name)


def swap_folder(live, new):
    """As Kubernetes does: the folder is a link, which is renamed over."""
    folder = live.parent / f"live-{time.monotonic_ns()}"
    shutil.copytree(live, folder)
    for name in ("server.crt", "server.key"):
        shutil.copy(new / name, folder / name)
    link = live.parent / "live.new"
    link.symlink_to(folder.name)
    link.rename(live)


class Load(threading.Thread):
    """Calls again and again; with `lasting`, all over one connection, else each over a new one.

    It reads its certificate only while it holds `renewing`.
    """

    def __init__(self, server, lasting, renewing):
        super().__init__(daemon=True)
        self.server, self.lasting, self.renewing = server, lasting, renewing
        self.calls, self.failures = 0, []
        self.ending = threading.Event()

    def connect(self):
        with self.renewing:
            return self.server.client(NATIONAL)

    def run(self):
        client = self.connect()
        while not self.ending.is_set():
            try:
                list_regions(client)
                self.calls += 1
            except Failure as failure:
                self.failures.append(str(failure))
            if not self.lasting:
                client.channel.close()
                client = self.connect()


def shown(server):
    """The certificate that the server shows to a new client, in PEM."""
    context = ssl.create_default_context(cafile=server.tls.ca)
    key, certificate = server.tls.client(NATIONAL)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    host, port = server.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True))


@contextlib.contextmanager
def under_load(server):
    """Calls all the while; none of them may fail."""
    server.client(NATIONAL)  # makes the certificate before the threads need it
    renewing = threading.Lock()
    load = [Load(server, n == 0, renewing) for n in range(4)]
    for thread in load:
        thread.start()
    try:
        yield renewing
    finally:
        for thread in load:
            thread.ending.set()
            thread.join()
    calls = [thread.calls for thread in load]
    print(json.dumps({"calls": calls}))
    assert [thread.failures for thread in load] == [[], [], [], []]
    assert min(calls) > 100, calls


def test_rotating_the_certificate_under_load_loses_no_call(tmp_path):
    pki = Pki(tmp_path / "pki")
    (tmp_path / "live-0").mkdir()
    live = tmp_path / "live"
    live.symlink_to("live-0")
    rename_each(live, pki.folder)
    pki.certificate, pki.key = live / "server.crt", live / "server.key"
    server = harness.Server(tmp_path / "server", harness.UNLIMITED, tls=pki).start()
    ways = [swap_folder, rename_each, overwrite_slowly, overwrite_in_pieces]
    with under_load(server):
        for turn in range(20):
            pki.run("renew", "server")
            wanted = (pki.folder / "server.crt").read_text()
            ways[turn % len(ways)](live, pki.folder)
            until(lambda: shown(server) == wanted, f"rotation {turn} is shown")
    server.stop()


def put(file, *parts):
    """The content of `parts` in the place of `file`, at once."""
    new = file.with_name(file.name + ".new")
    new.write_bytes(b"".join(part.read_bytes() for part in parts))
    new.rename(file)


def test_rotating_authorities_and_revocations_under_load_loses_no_call(tmp_path):
    pki, second = Pki(tmp_path / "pki"), Pki(tmp_path / "second")
    own_ca, own_crl = pki.folder / "ca.crt", pki.folder / "ca.crl"
    live_ca, live_crl = tmp_path / "clients.crt", tmp_path / "clients.crl"
    put(live_ca, own_ca)
    put(live_crl, own_crl)
    pki.server_flags = lambda: [f"--tls-certificate={pki.certificate}", f"--tls-key={pki.key}",
                                f"--tls-client-ca={live_ca}", f"--tls-crl={live_crl}"]
    server = harness.Server(tmp_path / "server", harness.UNLIMITED, tls=pki).start()
    newcomer = second.client("national::newcomer")

    def refused(files):
        client = Client(server.address, None, pki.credentials(files))
        try:
            return refusal(lambda: list_regions(client))
        finally:
            client.channel.close()

    with under_load(server) as renewing:
        for turn in range(5):
            put(live_crl, own_crl, second.crl)
            put(live_ca, own_ca, second.ca)
            until(lambda: refused(newcomer) == "", f"the second authority is known, {turn}")
            with renewing:
                pki.run("renew", "c0")  # the clients'
            leaver = f"national::leaver{turn}"
            assert refused(pki.client(leaver)) == ""
            pki.revoke(leaver)
            put(live_crl, own_crl, second.crl)
            until(lambda: refused(pki.client(leaver)) == "INVALID_CERTIFICATE", f"revoked, {turn}")
            put(live_ca, own_ca)
            put(live_crl, own_crl)
            until(lambda: refused(newcomer) != "", f"the second authority is gone, {turn}")
    server.stop()
