"""The fakes of mail providers' HTTP APIs: what they answer to a mail, and to one for nobody."""

from tests.contract.delivery.providers import Answer, Posted

OK = {
    "mailgun": Answer(status=200, body={"id": "<2025.1@mg.wallet.example>", "message": "Queued. Thank you."}),
    "sendgrid": Answer(status=202, raw=b""),
    "postmark": Answer(
        status=200,
        body={"To": "lin@customer.example", "MessageID": "b7bc2f4a-e38e", "ErrorCode": 0, "Message": "OK"},
    ),
    "brevo": Answer(status=201, body={"messageId": "<2025.2@smtp-relay.mailin.fr>"}),
    "resend": Answer(status=200, body={"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}),
    "mailjet": Answer(
        status=200,
        body={
            "Messages": [
                {
                    "Status": "success",
                    "To": [{"Email": "lin@customer.example", "MessageUUID": "u", "MessageID": 7209}],
                    "Cc": [],
                    "Bcc": [],
                }
            ]
        },
    ),
    "sparkpost": Answer(
        status=200,
        body={"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "4836"}},
    ),
}
NOBODY = {
    "mailgun": Answer(status=400, body={"message": "to parameter is not a valid address. please check"}),
    "sendgrid": Answer(
        status=400,
        body={"errors": [{"message": "Does not contain a valid address.", "field": "personalizations.0.to"}]},
    ),
    "postmark": Answer(
        status=422,
        body={
            "ErrorCode": 406,
            "Message": "You tried to send to recipient(s) that have been marked as inactive. "
            "Found inactive addresses: lin@customer.example. "
            "Inactive recipients are ones that have generated a hard bounce or a spam complaint.",
        },
    ),
    "brevo": Answer(status=400, body={"code": "invalid_parameter", "message": "email is not valid in to"}),
    "resend": Answer(
        status=422, body={"statusCode": 422, "name": "validation_error", "message": "Invalid `to` field."}
    ),
    "mailjet": Answer(
        status=400,
        body={
            "Messages": [
                {
                    "Status": "error",
                    "Errors": [
                        {
                            "ErrorCode": "mj-0013",
                            "StatusCode": 400,
                            "ErrorMessage": '"lin" is an invalid email address.',
                            "ErrorRelatedTo": ["To[0].Email"],
                        }
                    ],
                }
            ]
        },
    ),
    "sparkpost": Answer(
        status=400,
        body={"errors": [{"message": "At least one valid recipients is required", "code": "5001"}]},
    ),
}
SETTINGS = {
    "mailgun": {"api_key": "key-1", "sender_domain": "mg.wallet.example", "webhook_signing_key": "made-up"},
    "sendgrid": {"api_key": "SG.1"},
    "postmark": {"server_token": "token"},
    "brevo": {"api_key": "xkeysib-1"},
    "resend": {"api_key": "re_1", "signing_secret": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"},
    "mailjet": {"api_key": "k", "secret_key": "s"},
    "sparkpost": {"api_key": "k"},
}


def take(provider: str, posted: Posted) -> Answer:
    """What *provider* answers to a mail that it takes."""
    assert posted.body
    return OK[provider]
