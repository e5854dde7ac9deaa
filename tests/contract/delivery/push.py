"""The fakes of push: tokens, cids and answers as Google, Apple and JPush document them."""

import json
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.contract.delivery.providers import Answer, Posted

FCM_TOKEN = "cXyz123:APA91bMadeUpTokenOfNobody_-0123456789"
APNS_TOKEN = "ab" * 32
JPUSH_ID = "13165ffa4e3c1b0a123"


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def service_account() -> str:
    """The JSON file of a service account, with a made-up key."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "spruce-wallet",
            "private_key_id": "k1",
            "private_key": _pem(rsa_key()),
            "client_email": "sender@spruce-wallet.iam.example",
            "token_uri": "{url}/token",
        }
    )


@cache
def p8() -> str:
    """A signing key as Apple gives it out."""
    return _pem(ec_key())


def fcm_ok(posted: Posted) -> Answer:
    """Google gives out a token, and takes the message."""
    if posted.path == "/token":
        return Answer(
            status=200, body={"access_token": "ya29.one", "expires_in": 3599, "token_type": "Bearer"}
        )
    name = "projects/spruce-wallet/messages/0:1500415314455276%31bd1c96"
    return Answer(status=200, body={"name": name})


def fcm_says(status: int, word: str, told: str) -> Answer:
    """An error of FCM, with its own code beside that of the frame."""
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": told}
    error = {"code": status, "message": "…", "status": word, "details": [detail] if told else []}
    return Answer(status=status, body={"error": error})


def apns_ok(posted: Posted) -> Answer:
    """Apple takes the notification: an empty body and the id that we gave."""
    return Answer(status=200, headers={"apns-id": posted.headers["apns-id"]})


def jpush_ok(posted: Posted) -> Answer:
    """JPush gives out cids, and takes the push."""
    if posted.path.startswith("/v3/push/cid"):
        return Answer(status=200, body={"cidlist": [f"8103a4c628a0b98974ec1949-{n}" for n in range(50)]})
    return Answer(status=200, body={"sendno": "0", "msg_id": "18100287008546643"})


def jpush_says(status: int, code: int) -> Answer:
    """An error of JPush."""
    return Answer(status=status, body={"msg_id": "1", "error": {"code": code, "message": "…"}})
