"""The one form of a signature: what it proves, written down in the only way that we accept.

A signature does not cover all of its own bytes: algorithms can be named in two ways, certificates added, attributes
hung on unsigned, an elliptic-curve value turned into its twin. Every CMS therefore has one form here; what we make
has it, and a file that holds another was changed (RFC 5652 §5, RFC 3161 §2.4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from asn1crypto import cms, core as asn1, x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

STAMP = "signature_time_stamp_token"

# The order of each curve's group: with s, n - s signs as well.
_ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
    "secp521r1": int("1FF" + "F" * 63 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
}


def one_form(message: cms.ContentInfo) -> bytes:
    """The only bytes that we accept for this signature; raises ValueError when it cannot have that form.

    A signature over a file may carry one time-stamp, in its own one form, and no other attribute that it does not cover;
    what a time-stamp carries so, and certificates that belong to nobody, are left out.
    """
    signed: Any = message["content"]
    (info,) = signed["signer_infos"]
    kind = signed["encap_content_info"]["content_type"].native
    digest = {"algorithm": info["digest_algorithm"]["algorithm"].native, "parameters": asn1.Null()}
    own, *issuers = _chain(signed, info["sid"])
    parts = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number}),
        ),
        "digest_algorithm": digest,
        "signed_attrs": info["signed_attrs"],
        "signature_algorithm": _algorithm(info),
        "signature": low_value(own, info["signature"].native),
    }
    if kind == "data" and info["unsigned_attrs"].native:
        parts["unsigned_attrs"] = [_stamp(list(info["unsigned_attrs"]))]
    whole = {
        "version": "v1" if kind == "data" else "v3",
        "digest_algorithms": [digest],
        "encap_content_info": _content(signed["encap_content_info"], kind),
        "certificates": [cms.CertificateChoices("certificate", one) for one in (own, *issuers)],
        "signer_infos": [parts],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(whole)}).dump()


def low_value(certificate: asn1_x509.Certificate, signature: bytes) -> bytes:
    """The signature itself or, of the two values that an elliptic-curve key proves alike, the lower one."""
    if certificate.public_key.algorithm != "ec":
        return signature
    order = _ORDERS[certificate.public_key.curve[1]]
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, order - s))


def chain_of(own: x509.Certificate, others: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Those of `others` that issued `own`, and those that issued them: nearest first, each once."""
    waiting, found, level = list(dict.fromkeys(others)), [], [own]
    while level:
        level = [one for one in waiting if one != own and any(_issued(one, child) for child in level)]
        waiting = [one for one in waiting if one not in level]
        found += level
    return tuple(found)


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate in the form pyHanko works with."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def as_x509(certificate: asn1_x509.Certificate) -> x509.Certificate:
    """The certificate in the form `cryptography` works with."""
    return x509.load_der_x509_certificate(certificate.dump())


def _chain(signed: Any, sid: Any) -> Sequence[asn1_x509.Certificate]:
    """The signer's certificate and those above it that are not roots: a root proves nothing by being there."""
    carried = [choice.chosen for choice in signed["certificates"] if choice.name == "certificate"]
    own = next(one for one in carried if _names(sid, one))
    above = chain_of(as_x509(own), (as_x509(one) for one in carried))
    return [own, *(as_asn1(one) for one in above if one.issuer != one.subject)]


def _names(sid: Any, certificate: asn1_x509.Certificate) -> bool:
    if sid.name == "subject_key_identifier":
        return sid.chosen.native == certificate.key_identifier
    return (sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native) == (
        certificate.issuer.dump(),
        certificate.serial_number,
    )


def _issued(parent: x509.Certificate, child: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _algorithm(info: Any) -> cms.SignedDigestAlgorithm:
    """The long name of the algorithm (RSA and ECDSA have a short one too), unless signed words name it otherwise."""
    for attribute in info["signed_attrs"]:
        if attribute["type"].native == "cms_algorithm_protection":
            return attribute["values"][0]["signature_algorithm"]
    said, digest = info["signature_algorithm"], info["digest_algorithm"]["algorithm"].native
    if said.signature_algo == "rsassa_pkcs1v15":
        return cms.SignedDigestAlgorithm({"algorithm": f"{digest}_rsa", "parameters": asn1.Null()})
    if said.signature_algo == "ecdsa":
        return cms.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"})
    return said


def _content(said: Any, kind: str) -> asn1.Sequence:
    """Nothing inside a signature over a file; inside a time-stamp the words that it signs."""
    if kind == "data":
        return cms.ContentInfo({"content_type": kind})  # as version 1 writes it
    words = asn1.ParsableOctetString(bytes(said["content"]))
    return cms.EncapsulatedContentInfo({"content_type": kind, "content": words})


def _stamp(unsigned: Sequence[Any]) -> cms.CMSAttribute:
    (attribute,) = unsigned
    (token,) = attribute["values"]
    if attribute["type"].native != STAMP:
        raise ValueError("an attribute that nothing covers")
    if token["content"]["encap_content_info"]["content_type"].native != "tst_info":
        raise ValueError("not a time-stamp")
    return cms.CMSAttribute({"type": STAMP, "values": [cms.ContentInfo.load(one_form(token))]})
