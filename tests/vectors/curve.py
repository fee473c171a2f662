"""Ed25519 for the vectors: keys and signatures by OpenSSL, and the curve by hand for what no honest program makes."""

import base64
import hashlib
import subprocess
import tempfile
from pathlib import Path

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410 section 7
SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410 section 4
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

scratch = tempfile.TemporaryDirectory()


def openssl(*arguments, **files):
    """Runs openssl; an argument that names a keyword is replaced by a file that holds its bytes."""
    for name, content in files.items():
        Path(scratch.name, name).write_bytes(content)
    arguments = [str(Path(scratch.name, a)) if a in files else a for a in arguments]
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


published = {}


class Key:
    """A private key of a fixed seed, so that the vectors come out the same each time. Whoever reads this can sign with it: it is published."""

    def __init__(self, seed, *, published=True):
        self.seed = seed
        self.pkcs8 = PKCS8 + seed
        self.spki = openssl("pkey", "-inform", "DER", "-in", "key", "-pubout", "-outform", "DER", key=self.pkcs8)
        self.raw = self.spki[-32:]
        assert self.spki == SPKI + self.raw
        self.public = text(self.spki)
        if published:
            globals()["published"][self.raw] = self.public
        self.private = text(self.pkcs8)
        self.pem = "-----BEGIN PRIVATE KEY-----\n" + self.private + "\n-----END PRIVATE KEY-----\n"

    def sign(self, message):
        return openssl(
            "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "key", "-in", "message", key=self.pkcs8, message=message
        )

    def scalar(self):
        """RFC 8032 section 5.1.5: the secret scalar."""
        half = bytearray(hashlib.sha512(self.seed).digest()[:32])
        half[0] &= 0xF8
        half[31] = half[31] & 0x7F | 0x40
        return int.from_bytes(half, "little")


def openssl_verifies(raw, message, signature):
    command = [
        "pkeyutl",
        "-verify",
        "-rawin",
        "-keyform",
        "DER",
        "-pubin",
        "-inkey",
        "key",
        "-in",
        "message",
        "-sigfile",
        "signature",
    ]
    try:
        openssl(*command, key=SPKI + raw, message=message, signature=signature)
    except subprocess.CalledProcessError:
        return False
    return True


def text(data):
    return base64.b64encode(data).decode()


def number(data):
    return int.from_bytes(data, "little")


def le(value):
    return value.to_bytes(32, "little")


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def multiply(scalar, point):
    result = (0, 1)
    for bit in bin(scalar)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point):
    x, y = point
    return le(y | (x & 1) << 255)


def decode(data):
    y = number(data) & (1 << 255) - 1
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    square = u * pow(v, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P:
        return None
    return (P - x if x & 1 != data[31] >> 7 else x) % P, y % P


BASE = decode(le(4 * pow(5, -1, P) % P))
NEUTRAL = (0, 1)
assert multiply(L, BASE) == NEUTRAL


def torsion():
    """The 8 points of small order, from multiples of one of order 8."""
    y = 2
    while True:
        point = decode(le(y))
        candidate = point and multiply(L, point)
        if candidate and multiply(4, candidate) != NEUTRAL:
            break
        y += 1
    points = [multiply(n, candidate) for n in range(8)]
    assert len(set(points)) == 8 and multiply(8, candidate) == NEUTRAL
    return points


def challenge(r, a, message, prefix=b""):
    return number(hashlib.sha512(prefix + r + a + message).digest()) % L


def signature_with_neutral_r(key, message):
    """A signature whose R is the neutral point: the equation holds, strict verification must refuse it all the same."""
    r = encode(NEUTRAL)
    return r + le(challenge(r, key.raw, message) * key.scalar() % L)


def signature_by_mixed_key(scalar, mixed, message, strict):
    """A signature for the key aB + T by the secret of aB: one that satisfies the equation as it stands, which takes 8 attempts, or only
    the equation multiplied by the cofactor."""
    nonce = 1
    while True:
        r = encode(multiply(nonce, BASE))
        k = challenge(r, mixed, message)
        if (k % 8 == 0) == strict:
            return r + le((nonce + k * scalar) % L)
        nonce += 1


def signature_with_mixed_r(key, message):
    """A signature whose R has a part of small order: only the equation multiplied by the cofactor holds."""
    nonce = 1
    r = encode(add(multiply(nonce, BASE), torsion()[1]))
    return r + le((nonce + challenge(r, key.raw, message) * key.scalar()) % L)


def signature_prehashed(key, message):
    """RFC 8032 section 5.1: Ed25519ph with an empty context."""
    prefix = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])
    digest = hashlib.sha512(message).digest()
    nonce = number(hashlib.sha512(prefix + b"a fixed nonce" + key.seed + digest).digest()) % L
    r = encode(multiply(nonce, BASE))
    return r + le((nonce + challenge(r, key.raw, digest, prefix) * key.scalar()) % L)
