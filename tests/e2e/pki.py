"""Certificates for the black-box tests: tools/certificates, and what it does not make."""

import pathlib
import subprocess

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "certificates"


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **more)


class Pki:
    """A folder of tools/certificates, with a server's certificate from the start."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.run("server")
        # What the server is told to use.
        self.certificate, self.key = self.folder / "server.crt", self.folder / "server.key"
        self._names = {}

    def run(self, *words):
        subprocess.run([SCRIPT, self.folder, *words], check=True, capture_output=True)

    @property
    def ca(self):
        return self.folder / "ca.crt"

    @property
    def crl(self):
        return self.folder / "ca.crl"

    def server_flags(self, crl=True):
        flags = [
            f"--tls-certificate={self.certificate}",
            f"--tls-key={self.key}",
            f"--tls-client-ca={self.ca}",
        ]
        return flags + ([f"--tls-crl={self.crl}"] if crl else [])

    def client(self, principal):
        """Paths of key and certificate of `principal`, made at the first call."""
        if principal not in self._names:
            self._names[principal] = f"c{len(self._names)}"
            self.run("client", principal, self._names[principal])
        base = self.folder / "clients" / self._names[principal]
        return base.with_suffix(".key"), base.with_suffix(".crt")

    def revoke(self, principal):
        self.client(principal)
        self.run("revoke", self._names[principal])

    def odd_client(self, name, uris=(), usage="clientAuth", dates=()):
        """A client's certificate that tools/certificates would not make."""
        base = self.folder / "clients" / name
        names = "".join(f"URI.{i} = {uri}\n" for i, uri in enumerate(uris, 1)) or "DNS = odd.example\n"
        extensions = base.with_suffix(".cnf")
        extensions.write_text(
            f"extendedKeyUsage = {usage}\nsubjectAltName = @names\n[names]\n{names}"
        )
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-out", base.with_suffix(".key"))
        request = base.with_suffix(".csr")
        openssl("req", "-new", "-key", base.with_suffix(".key"), "-subj", "/CN=odd", "-out", request)
        openssl("ca", "-batch", "-config", "authority/openssl.cnf", "-notext", "-in", request,
                "-extfile", extensions, "-out", base.with_suffix(".crt"), *dates, cwd=self.folder)
        return base.with_suffix(".key"), base.with_suffix(".crt")

    def credentials(self, files=None):
        """For a gRPC channel; `files` as client() gives them, or None for no certificate."""
        key, certificate = (f.read_bytes() for f in files) if files else (None, None)
        return grpc.ssl_channel_credentials(self.ca.read_bytes(), key, certificate)
